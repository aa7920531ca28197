"""A terminal on an empty directory, and one on a school with one child."""

from pathlib import Path

import pytest

from tests.application.papers import form, log
from tests.cli.terminal import SCHOOL, Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "data")


@pytest.fixture
def school(terminal: Terminal, tmp_path: Path) -> Terminal:
    """A school with one child and one visit."""
    (tmp_path / "form.xlsx").write_bytes(form({}))
    (tmp_path / "log.csv").write_bytes(log({}))
    terminal.json("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes")
    terminal.json("import", "care-log", tmp_path / "log.csv", "--org", SCHOOL, "--yes")
    return terminal
