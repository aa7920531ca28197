"""Tests that read given, when, then, at every level.

    given(world, enrolled("T1", on="2026-03-01"))
        .when(it_is("2026-03-15 08:00"))
        .then(alert("T1", step="info"))

A step does one thing to what the test works on; a check asserts something about it and about what the last
step returned. Steps and checks are plain functions, made by words such as `enrolled` and `alert`: those of a
world stand in tests/support/world_steps.py, those of the API in tests/api/steps.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from domain.refusal import Refused

S = TypeVar("S")
Step = Callable[[S], object]
Check = Callable[[S, Any], None]


@dataclass(frozen=True, slots=True)
class Given(Generic[S]):
    """What a test works on, with everything done that it takes for granted."""

    on: S

    def when(self, *steps: Step[S]) -> "When[S]":
        """Do what the test is about; a refusal is kept for `refused`."""
        result: object = None
        try:
            for step in steps:
                result = step(self.on)
        except Refused as refused:
            return When(self.on, None, refused)
        return When(self.on, result, None)


@dataclass(frozen=True, slots=True)
class When(Generic[S]):
    """What came of it: what the last step returned, or why one was refused."""

    on: S
    result: Any
    refusal: Refused | None

    def then(self, *checks: Check[S]) -> Given[S]:
        """Assert each of the checks; the story may go on from there."""
        if self.refusal is not None:
            raise self.refusal
        for check in checks:
            check(self.on, self.result)
        return Given(self.on)

    def refused(self, code: str, *, at: str = "") -> Given[S]:
        """Assert that it was refused for one reason, with the JSON pointer of what is wrong."""
        assert self.refusal is not None, f"not refused, but {self.result!r}"
        found = [(fault.reason.code, fault.pointer) for fault in self.refusal.faults]
        assert found == [(code, at)], found
        return Given(self.on)


def given(on: S, *steps: Step[S]) -> Given[S]:
    """Begin a story: `on` is a world, the API of a school, or the events of one child."""
    for step in steps:
        step(on)
    return Given(on)
