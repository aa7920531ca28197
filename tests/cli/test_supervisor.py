"""The supervisor: what ends is started again, what is told to end ends, and nothing outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.supervisor import NeverReady, Program, Supervisor
from domain.refusal import Text

PATIENCE = 20.0
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); {then}; time.sleep(60)"


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def stop_this() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_program_that_ends_is_started_again(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    told: list[Text] = []
    code = (
        f"mark = open({str(marks)!r}, 'a'); mark.write('x'); mark.close()\n"
        f"import time; time.sleep(0 if len(open({str(marks)!r}).read()) < 3 else 60)"
    )
    supervisor = Supervisor(programs=[Program(name="brief", arguments=python(code))], notify=told.append)

    supervisor.run(ready=lambda: marks.exists() and len(marks.read_text()) == 3, when_ready=stop_this)

    assert len(told) == 2
    assert "brief" in told[0].en


def test_a_program_that_never_stays_is_given_up_before_all_is_ready() -> None:
    supervisor = Supervisor(
        programs=[Program(name="broken", arguments=python("raise SystemExit(3)"), pause=0.05)],
        notify=lambda _: None,
    )

    with pytest.raises(NeverReady):
        supervisor.run(ready=lambda: False, when_ready=stop_this, tries=3)


def test_a_program_that_will_not_end_is_ended_with_its_group(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    born = (
        "import subprocess as s, sys; p = s.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        f"open({str(pids)!r}, 'w').write(str(p.pid))"
    )
    program = Program(name="stubborn", arguments=python(STUBBORN.format(then=born)))
    supervisor = Supervisor(programs=[program], notify=lambda _: None, grace_seconds=0.3)

    supervisor.run(ready=lambda: pids.exists() and pids.read_text() != "", when_ready=stop_this)

    until(lambda: not alive(int(pids.read_text())))
    assert program.process is not None
    assert program.process.returncode == -signal.SIGKILL


def test_programs_do_not_outlive_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    child = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    code = (
        "import sys\n"
        "from cli.supervisor import Program, Supervisor\n"
        f"p = Program(name='child', arguments=(sys.executable, '-c', {child!r}))\n"
        "Supervisor(programs=[p], notify=print).run(ready=lambda: False, when_ready=print)\n"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], cwd=Path.cwd())
    try:
        until(lambda: pid.exists() and pid.read_text() != "")
        assert alive(int(pid.read_text()))
    finally:
        supervisor.kill()
        supervisor.wait()

    until(lambda: not alive(int(pid.read_text())))
