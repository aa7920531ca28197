"""The words that an option of a report knows stand in its help, and in the refusal of any other."""

from pathlib import Path

import pytest

from cli.reporting import MOST_NAMED
from reports.catalogue import reports
from reports.report import Filter
from tests.cli.terminal import Terminal

ASKED = [(report.name, each) for report in reports().values() for each in report.filters if each.words]


@pytest.mark.parametrize(("name", "asked"), ASKED, ids=lambda each: getattr(each, "name", each))
def test_a_word_that_an_option_does_not_know_is_refused_with_those_it_knows(
    tmp_path: Path, name: str, asked: Filter
) -> None:
    terminal = Terminal(tmp_path)
    refused = terminal.run(name, f"--{asked.name.replace('_', '-')}", "told_apart")
    shown = terminal.run("--lang", "en", name, "--help").out

    assert refused.code == 2
    assert ", ".join(asked.words) in refused.err
    assert all(word in shown for word in asked.words) or len(asked.words) > MOST_NAMED
