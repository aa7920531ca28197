"""The tutorial, command by command as it is written, on an empty directory."""

import shlex
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cli.exits import PARTLY
from tests.cli.terminal import Terminal
from tests.cli.test_up import free_port, started
from tests.support.pages import DOCS, agrees, console

PATIENCE = 60.0


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    """What keeps running until the end of the test, which is in the folder of the project."""
    monkeypatch.chdir(DOCS.parent)
    with ExitStack() as stack:
        yield stack


def test_the_tutorial_says_what_the_commands_answer(tmp_path: Path, running: ExitStack) -> None:
    answered = follow(Terminal(tmp_path / "data", LANG="C.UTF-8"), running, tmp_path, until="up")

    assert answered == 8


@pytest.mark.slow
def test_the_tutorial_ends_with_a_first_alert(tmp_path: Path, running: ExitStack) -> None:
    assert follow(Terminal(tmp_path / "data", LANG="C.UTF-8"), running, tmp_path) == 10


def follow(terminal: Terminal, running: ExitStack, folder: Path, *, until: str = "") -> int:
    """Run the commands of the page up to the one named, and give how many were run."""
    commands = list(console((DOCS / "tutorial.md").read_text(encoding="utf-8")))
    number = 0
    for number, (command, shown) in enumerate(commands):
        careledger, *words = shlex.split(command)
        assert careledger == "careledger"
        if words[0] == until:
            return number
        if words[0] == "up":
            up = running.enter_context(started(folder, free_port(), *words[1:]))
            up.until_up()
            # Its log goes there too: the welcome is what is shown.
            assert agrees(shown, up.said())
            continue
        deadline = time.monotonic() + (PATIENCE if "inbox" in words else 0)
        while not agrees(shown, (answer := terminal.run(*words)).out):
            assert time.monotonic() < deadline, f"{command}\n{answer.out}{answer.err}"
            time.sleep(0.2)
        # The sample papers have lines that can't be read.
        assert answer.code == (PARTLY if words[0] == "import" else 0)
    return number + 1
