"""Keeps a few programs running: starts them again when they end, and ends them all when told to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from domain.refusal import Text

LOOK_SECONDS = 0.1
GRACE_SECONDS = 9.0
STEADY_SECONDS = 30.0
LONGEST_PAUSE = 30.0

Notify = Callable[[Text], None]


class NeverReady(Exception):
    """A program ended again and again before everything answered."""


@dataclass(slots=True, kw_only=True)
class Program:
    """A program that is to run, and how it fares. Times are of the monotonic clock."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = 0.5
    ends: int = 0

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Runs programs as its children, each in a group of its own, until SIGTERM or Ctrl-C."""

    def __init__(
        self, *, programs: Sequence[Program], notify: Notify, grace_seconds: float = GRACE_SECONDS
    ) -> None:
        self._programs = programs
        self._grace_seconds = grace_seconds
        self._notify = notify
        self._stopping = False

    def run(self, *, ready: Callable[[], bool], when_ready: Callable[[], None], tries: int = 5) -> None:
        """Start the programs, call `when_ready` once `ready` says so, keep them running until told to end.

        Raises NeverReady where one of them ends `tries` times before that.
        """
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        answering = False
        try:
            while not self._stopping:
                for program in self._programs:
                    self._look_after(program)
                    if not answering and program.ends >= tries:
                        raise NeverReady(program.name)
                if not answering and ready():
                    answering = True
                    when_ready()
                time.sleep(LOOK_SECONDS)
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _look_after(self, program: Program) -> None:
        if program.running:
            return
        now = time.monotonic()
        if program.process is not None:
            self._note_end(program, now)
        if now >= program.start_at:
            program.process = self._started(program)
            program.started_at = now

    def _note_end(self, program: Program, now: float) -> None:
        assert program.process is not None
        code = program.process.returncode
        # What a crashed master leaves behind would hold the port.
        _signal_group(program.process.pid, signal.SIGKILL)
        if now - program.started_at > STEADY_SECONDS:
            program.pause = 0.5
        program.process = None
        program.ends += 1
        program.start_at = now + program.pause
        again = Text(
            zh=f"{program.name} 已退出（{code}），{program.pause:g} 秒后重新启动",
            en=f"{program.name} ended with {code}: starting it again in {program.pause:g} s",
        )
        self._notify(again)
        program.pause = min(program.pause * 2, LONGEST_PAUSE)

    def _started(self, program: Program) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  our own programs
            [sys.executable, "-m", "cli.parent_death_signal", str(os.getpid()), *program.arguments],
            stdin=subprocess.DEVNULL,
            # A Ctrl-C in the terminal is for the supervisor, which then ends its children in good order.
            start_new_session=True,
        )

    def _end_all(self) -> None:
        """Ask the masters to end; whoever has not within the grace is ended with its group."""
        running = [p.process for p in self._programs if p.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + self._grace_seconds
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.0, until - time.monotonic()))
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
