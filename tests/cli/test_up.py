"""One command on a bare machine: it answers, it ends in good order, and a second start finds its data."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.terminal import SCHOOL, Terminal

PATIENCE = 60.0
CODE = "import sys; from cli.main import main; sys.exit(main())"
# Told to end in a finalizer, as may happen wherever modules are imported: what is raised there is dropped.
DROPPED = """
import os, signal, sys
from cli.main import main
from cli.session import Session

class Finalized:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

migrate = Session.migrate
Session.migrate = lambda self, **more: (Finalized(), migrate(self, **more))[1]
sys.exit(main())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running `careledger up` with what it has said so far."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.said()
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)

    def until_up(self) -> None:
        self.until(lambda: "CareLedger" in self.said() and f":{self.port}" in self.said())

    def status(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def servers(self, program: str = "gunicorn") -> list[int]:
        """Return the processes of a program that this one started itself."""
        mine = []
        for found in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parent = int(found.joinpath("stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid and program.encode() in found.joinpath("cmdline").read_bytes():
                    mine.append(int(found.name))
        return mine

    def end(self, number: signal.Signals) -> tuple[int, float]:
        """Send a signal; give the exit code and how long it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(timeout=30), time.monotonic() - began


@pytest.fixture
def port() -> int:
    return free_port()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        # This tree, whichever the environment was installed from.
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "CARELEDGER_DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "CARELEDGER_WEB_WORKERS": "1",
    }


@contextmanager
def started(folder: Path, port: int, *words: str, code: str = CODE) -> Iterator[Running]:
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "up", *words],
            env=environment(folder, port),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield Running(process=process, port=port, log=log)
    finally:
        process.kill()
        process.wait()


def test_a_newcomer_sees_everything_after_one_command(tmp_path: Path, port: int) -> None:
    terminal = Terminal(tmp_path / "data")
    with started(tmp_path, port) as first:
        first.until_up()

        assert first.status("/readyz") == 200
        assert "keys create" in first.said()
        assert "Alerts reach nobody outside" in first.said()
        assert "recipients add" in first.said()
        assert "CARELEDGER_PING_URL=" in first.said()
        for words in re.findall(r"  .*careledger.* ((?:children|alerts|compliance) .*)", first.said()):
            assert terminal.run(*words.split()).code == 0, words
        assert len(terminal.json("children", "--uncontacted-days", 30, "--on", "2026-06-30")["items"]) == 3
        assert terminal.json("summary", "--org", SCHOOL)["care_log"]["recorded"] == 931
        assert [r["channel"] for r in terminal.json("recipients", "list")] == ["inbox"]
        first.until(lambda: terminal.run("worker", "--healthy").code == 0)
        code, seconds = first.end(signal.SIGTERM)

    assert (code, seconds < 10) == (0, True)
    with started(tmp_path, port) as second:
        second.until_up()
        imports = terminal.json("import", "list")
        code, seconds = second.end(signal.SIGINT)

    assert len(imports) == 2
    assert (code, seconds < 10) == (0, True)


def test_a_second_start_says_who_runs_already(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port, "--no-sample") as first:
        first.until_up()
        same = Terminal(tmp_path / "data", PORT=str(port)).run("up", "--json")
        other = Terminal(tmp_path / "other", PORT=str(port)).run("up")

        assert same.code == 2
        same = Terminal(tmp_path / "data", PORT=str(port)).run("up")
        assert same.code == other.code == 1
        assert f"pid {first.process.pid}, http://127.0.0.1:{port}" in same.err
        assert "port_taken" in other.err
        assert first.status("/readyz") == 200


def test_what_dies_is_started_again_and_outlives_nobody(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port, "--no-sample") as running:
        running.until_up()
        killed = {program: running.servers(program) for program in ("gunicorn", "workers")}
        for (pid,) in killed.values():
            os.kill(pid, signal.SIGKILL)

        for program, before in killed.items():
            running.until(lambda program=program, before=before: running.servers(program) not in ([], before))
        running.until(lambda: running.status("/readyz") == 200)
        assert running.said().count("starting it again") == 2
        again = [pid for program in killed for pid in running.servers(program)]
        assert len(again) == 2

        running.process.kill()
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in again):
            assert time.monotonic() < deadline, "an orphan stays"
            time.sleep(0.05)


def test_a_stop_that_python_has_dropped_is_heeded_before_the_programs_start(
    tmp_path: Path, port: int
) -> None:
    with started(tmp_path, port, code=DROPPED) as running:
        assert running.process.wait(timeout=60) == 0
    assert "Exception ignored" in running.said()
    assert running.servers() == []


def test_an_interrupted_first_start_is_gone_on_with(tmp_path: Path, port: int) -> None:
    terminal = Terminal(tmp_path / "data")
    with started(tmp_path, port) as first:
        first.until((tmp_path / "data" / "up.lock").exists)
        code, _ = first.end(signal.SIGTERM)
    assert code == 0

    with started(tmp_path, port) as second:
        second.until_up()
        assert terminal.json("summary", "--org", SCHOOL)["care_log"]["recorded"] == 931
