"""The share of the slow tests that runs with every commit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.share import LONGEST_SECONDS, MOST_SECONDS, share_of

TREE = Path(__file__).parents[1]
SECONDS = {f"test {n}": float(n) for n in range(1, LONGEST_SECONDS + 20)} | {"test of unknown length": None}


@pytest.mark.parametrize("word", ["", "701f413", "4bf4831"])
def test_a_word_chooses_the_same_whatever_the_order_and_keeps_to_the_time(word: str) -> None:
    chosen = share_of(SECONDS, word=word)

    assert chosen == share_of(dict(reversed(SECONDS.items())), word=word)
    assert MOST_SECONDS - 5 < sum(SECONDS[name] or 0 for name in chosen) <= MOST_SECONDS


def test_in_time_every_test_is_chosen_that_is_short_enough_and_no_other() -> None:
    chosen = set().union(*(share_of(SECONDS, word=str(n)) for n in range(200)))

    assert chosen == {name for name, takes in SECONDS.items() if takes and takes <= LONGEST_SECONDS}


def test_a_run_takes_the_chosen_of_the_slow_tests_alone_and_says_how_to_repeat_it() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "--share=w"]

    told = subprocess.run(
        [*command, "tests/api/test_probes.py"],
        cwd=TREE,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout

    of_the_file = "tests/api/test_probes.py::test_probes_cost_the_same_with_thousands_of_open_critical_alerts"
    chosen = {line for line in told.splitlines() if "::" in line}
    assert chosen == {f"{of_the_file}[{engine}]" for engine in ("sqlite", "postgres")}
    assert "make test-share SHARE=w" in told
