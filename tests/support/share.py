"""Which of the slow tests run beside the quick ones: a share that another word chooses otherwise.

A slow test that says how long it takes, `@pytest.mark.slow(seconds=20)`, may be chosen.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

import pytest

MOST_SECONDS = 60
LONGEST_SECONDS = 40


def share_of(seconds: Mapping[str, float | None], *, word: str) -> set[str]:
    """Return the names of the tests that a word chooses, which take `MOST_SECONDS` one after the other.

    Each test has the same chance to come first. None that takes longer than `LONGEST_SECONDS`, or of which
    nobody has said how long it takes, is ever chosen.
    """
    chosen: set[str] = set()
    left = float(MOST_SECONDS)
    for name in sorted(seconds, key=lambda name: sha256(f"{word} {name}".encode()).digest()):
        takes = seconds[name]
        if takes is not None and takes <= min(left, LONGEST_SECONDS):
            chosen.add(name)
            left -= takes
    return chosen


def seconds_of(items: Iterable[pytest.Item]) -> dict[str, float | None]:
    """Return how long each of the slow tests takes as its mark says, by name; None where it does not say."""
    marks = {item.nodeid: item.get_closest_marker("slow") for item in items}
    return {name: mark.kwargs.get("seconds") for name, mark in marks.items() if mark is not None}
