"""Starting a server on a free port, waiting until it answers, ending it whatever happens to its parent."""

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60
_STOP_SECONDS = 15
_TRIES = 5


class NoServer(Exception):
    """Nothing to start a server from, or it did not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start, and how to see that it answers; `ready` is given the process id."""

    arguments: Sequence[str]
    ready: Callable[[int], bool]
    stop_signal: signal.Signals
    log: Path
    account: pwd.struct_passwd | None = None


@dataclass(slots=True, kw_only=True)
class Server:
    """A running server; `process` and `program` are None where it was there before us."""

    url: str
    process: subprocess.Popen[bytes] | None = None
    program: Program | None = None

    def end(self, number: signal.Signals) -> None:
        """This will end the server by a signal."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(timeout=_STOP_SECONDS)

    def start_again(self) -> None:
        """This will start the server that has ended once more, on its port and on what it has left behind."""
        assert self.program is not None
        self.process = _start(self.program)
        if not _awaited(self.process, ready=self.program.ready):
            raise NoServer(f"the server did not come back:\n{_end_of(self.program.log)}")


@contextlib.contextmanager
def started(program: Callable[[int], tuple[str, Program]]) -> Iterator[Server]:
    """This will start a program on a free port; it ends with the block, with this thread at the latest."""
    # Between the choice of a free port and the start somebody else may take it: then another one.
    problem = ""
    for _ in range(_TRIES):
        url, chosen = program(_free_port())
        process = _start(chosen)
        server = Server(url=url, process=process, program=chosen)
        try:
            if _awaited(process, ready=chosen.ready):
                yield server
                return
        finally:
            _stop(server.process or process, stop_signal=chosen.stop_signal)
        problem = _end_of(chosen.log)
    raise NoServer(f"the server did not start:\n{problem}")


def _start(program: Program) -> subprocess.Popen[bytes]:
    with program.log.open("ab") as log:
        return subprocess.Popen(
            launched(program.arguments, stop_signal=program.stop_signal, account=program.account),
            cwd=program.log.parent,
            env=environment(program.log.parent),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A Ctrl-C in the terminal is for pytest, which then stops the server in good order.
            start_new_session=True,
        )


def launched(
    arguments: Sequence[str], *, stop_signal: signal.Signals, account: pwd.struct_passwd | None
) -> list[str]:
    """This will give the arguments that start a program tied to this process, as the user given if any."""
    launcher = Path(__file__).with_name("launch.py")
    user = [] if account is None else ["--uid", str(account.pw_uid), "--gid", str(account.pw_gid)]
    tie = ["--parent", str(os.getpid()), "--signal", str(int(stop_signal))]
    return [sys.executable, "-I", "-S", str(launcher), *tie, *user, "--", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """This will give the little that a server needs to know of its surroundings."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C", "TZ": "UTC"}


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _awaited(process: subprocess.Popen[bytes], *, ready: Callable[[int], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if ready(process.pid):
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.02)
            return False
    return False


def _stop(process: subprocess.Popen[bytes], *, stop_signal: signal.Signals) -> None:
    for chosen in (stop_signal, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(chosen)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_STOP_SECONDS)
            return
