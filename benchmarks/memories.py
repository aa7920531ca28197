"""What an idle run takes: all processes of `careledger up`, in two web workers."""

import shutil
import signal
import sys
import time
from pathlib import Path

import psutil

from benchmarks.figures import Report
from benchmarks.places import answers, on_sqlite
from benchmarks.rounds import say
from tests.support.processes import Program, started

LOOKS = 5
SECONDS_BETWEEN = 4.0


def measure(report: Report) -> None:
    """Measure the proportional share of memory (PSS) of a run on SQLite that nobody asks anything of."""
    with on_sqlite() as place, started(lambda port: _up(place.folder, port)) as running:
        assert running.process is not None
        sizes: list[float] = []
        while len(sizes) < LOOKS or max(sizes[-LOOKS:]) - min(sizes[-LOOKS:]) > 1.0:
            # Until it neither grows nor shrinks any more.
            time.sleep(SECONDS_BETWEEN)
            sizes.append(_pss_mb(running.process.pid))
            say(f"memory: {sizes[-1]:.0f} MB")
    report.add("memory_idle_mb", max(sizes[-LOOKS:]), rounds=LOOKS)


def _up(folder: Path, port: int) -> tuple[str, Program]:
    env = shutil.which("env")
    assert env is not None
    url = f"http://127.0.0.1:{port}"
    variables = [f"CARELEDGER_DATA_DIR={folder}", "CARELEDGER_WEB_WORKERS=2", f"PORT={port}"]
    command = Path(sys.executable).with_name("careledger")
    return url, Program(
        arguments=[env, *variables, str(command), "up"],
        ready=lambda _: answers(f"{url}/readyz"),
        stop_signal=signal.SIGTERM,
        log=folder / "up.log",
    )


def _pss_mb(pid: int) -> float:
    """Return the memory of a process and its children, shared pages counted in parts."""
    top = psutil.Process(pid)
    return sum(p.memory_full_info().pss for p in (top, *top.children(recursive=True))) / 2**20
