"""The words of stories in a `World`: children by their student numbers, recipients by their names.

Days are written "2026-03-05", moments "2026-03-05 15:00", both in Shanghai.
"""

from typing import Any

from domain.streams.alerts.case import AlertCase
from tests.support.builders import an_id
from tests.support.given import Check, Step
from tests.support.world import World


def enrolled(student_no: str, *, on: str) -> Step[World]:
    """A child is in care from a day on."""
    return lambda world: world.enrol(student_no, on=on)


def told_of_alerts(name: str, *, from_step: str = "info") -> Step[World]:
    """Somebody at the school has an inbox for alerts, from a step on."""
    return lambda world: world.recipient(name, from_step=from_step)


def visited(student_no: str, *, on: str | None = None, at: str | None = None) -> Step[World]:
    """Somebody visited the child at home, met it and wrote a record."""
    return lambda world: world.visit(an_id(student_no), on=on, at=at)


def voided(student_no: str, visit: int = -1) -> Step[World]:
    """One of the child's visits was a mistake, the last unless said otherwise."""

    def void(world: World) -> object:
        child = world.child(an_id(student_no))
        visits = [fact for fact in child.facts if fact.type == "home_visit_made"]
        return world.void(child.child_id, visits[visit].event_id)

    return void


def it_is(moment: str) -> Step[World]:
    """Time passes until then, and everything happens that falls due."""
    return lambda world: world.advance_to(moment)


def alert(student_no: str, *, step: str) -> Check[World]:
    """The child has one open alert, at this step."""

    def check(world: World, _result: object) -> None:
        found = [case for case in world.alerts(an_id(student_no)) if case.open]
        steps = [_step_of(case) for case in found]
        assert steps == [step], steps

    return check


def no_alert(student_no: str) -> Check[World]:
    """No alert of the child is open."""

    def check(world: World, _result: object) -> None:
        found = [_step_of(case) for case in world.alerts(an_id(student_no)) if case.open]
        assert found == [], found

    return check


def inbox(name: str, *steps: str) -> Check[World]:
    """This is what somebody was told, in this order."""

    def check(world: World, _result: object) -> None:
        told = [item.step for item in world.inbox(an_id(name))]
        assert told == list(steps), told

    return check


def _step_of(case: AlertCase) -> Any:
    return None if case.step is None else case.step.value
