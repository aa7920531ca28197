"""The first page of the command: what it lists, and that it is shown without loading what commands need."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli import start
from cli.commands import as_text, listed
from cli.main import main

HEAVY = ("application.system", "domain.catalogue", "eventsourcing", "psycopg", "reports.catalogue")
LOADED = (
    "import sys; from cli.start import main; main(); "
    f"print(*(name for name in {HEAVY} if name in sys.modules), file=sys.stderr)"
)


def test_what_is_listed_is_what_there_is() -> None:
    kept = Path(start.__file__).with_name("commands.json").read_text(encoding="utf-8")

    assert kept == as_text(), "run: python -m cli.commands > cli/commands.json"


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("words", [("--help",), ("--lang", "zh", "--help"), ("--lang=en", "--help")])
def test_it_is_the_page_that_the_whole_command_shows(
    words: tuple[str, ...],
    columns: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "argv", ["careledger", *words])
    main(words)
    whole = capsys.readouterr().out

    code = start.main()

    assert (code, capsys.readouterr().out) == (0, whole)
    assert "doctor" in whole


def test_nothing_that_commands_need_is_loaded_for_it() -> None:
    command = [sys.executable, "-c", LOADED, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert (done.stderr.split(), "doctor" in done.stdout) == ([], True)


def test_a_report_that_is_not_listed_yet_is_shown_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.commands._declared", lambda: ["silence.py", "new.py"])

    assert listed() is None
