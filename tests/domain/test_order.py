"""The order of what happened on one day or at one moment, and what contradicts what."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace as restated

from domain.care_actions.guardian_designated import GuardianDesignated
from domain.care_actions.parent_work_recorded import ParentWorkRecorded
from domain.care_actions.profile_changed import ProfileChanged
from domain.child import Child, fold
from domain.choices import Parent
from domain.contradictions import contradicted_by, contradictions
from domain.event import Event
from tests.support.builders import CHILD, corrected, enrolled, event, stream, visit, voided

DAY = "2026-03-05"
NOON, ONE = (datetime(2026, 3, 5, hour, tzinfo=UTC) for hour in (4, 5))


def address(text: str, **envelope: Any) -> Event:
    return event(ProfileChanged(address=text), DAY, name=text, **envelope)


def folded(*events: Event) -> Child:
    return fold(CHILD, stream(enrolled("2026-03-01"), *events))


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_alike_the_one_recorded_later_stands_whatever_their_ids(turned: bool) -> None:
    old, new = address("old", known=NOON), address("new", known=ONE)
    if turned:
        old, new = restated(old, event_id=new.event_id), restated(new, event_id=old.event_id)

    child = folded(old, new)

    assert child.profile.address == "new"
    assert [f.event.originator_version for f in child.facts] == [1, 2, 3]


def test_of_two_recorded_at_one_moment_the_later_version_stands() -> None:
    assert folded(address("old", known=NOON), address("new", known=NOON)).profile.address == "new"


def test_what_was_noted_later_stands_though_it_came_first() -> None:
    new, old = address("new", known=NOON, noted_at=NOON.replace(hour=3)), address("old", known=ONE)

    assert folded(new, old).profile.address == "old"
    assert folded(new, restated(old, noted_at=NOON.replace(hour=2))).profile.address == "new"


def test_a_note_from_the_future_is_as_late_as_its_recording() -> None:
    ahead, after = address("ahead", known=NOON, noted_at=NOON.replace(day=9)), address("after", known=ONE)

    assert folded(ahead, after).profile.address == "after"


def test_a_bare_day_is_its_end() -> None:
    bare, evening = address("bare", known=NOON), address("evening", at="21:00", known=ONE)

    assert folded(bare, evening).profile.address == "bare"


def test_two_that_say_different_things_of_one_day_are_marked() -> None:
    one, other = address("one"), address("other")
    child = folded(one, other)

    assert [(c.field, c.earlier, c.later) for c in contradictions(child)] == [
        ("profile.address", one.event_id, other.event_id)
    ]
    assert contradicted_by(child) == {one.event_id: (other.event_id,), other.event_id: (one.event_id,)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (address("one", at="09:00"), address("other", at="10:00")),
        (address("one"), event(ProfileChanged(health="good"), DAY, name="health")),
        (address("one"), event(ProfileChanged(address="one"), DAY, name="again")),
        (
            event(ParentWorkRecorded(parent=Parent.FATHER, away=True), DAY, name="father"),
            event(ParentWorkRecorded(parent=Parent.MOTHER, away=False), DAY, name="mother"),
        ),
        (
            event(GuardianDesignated(name="Grandmother"), DAY, name="one"),
            event(GuardianDesignated(name="Grandmother", phone="1"), DAY, name="two"),
        ),
        (visit(DAY, name="one"), visit(DAY, name="two", record="Nobody spoke.")),
    ],
    ids=["moments", "other fields", "same value", "other parent", "more of the same", "two visits"],
)
def test_what_differs_and_contradicts_nothing(first: Event, second: Event) -> None:
    assert contradictions(folded(first, second)) == ()


@pytest.mark.parametrize("times", [(None, "10:00"), ("10:00", "10:00")])
def test_time_that_does_not_tell_them_apart_leaves_them_contradicting(times: tuple[str, str]) -> None:
    first, second = (address(str(n), at=at) for n, at in enumerate(times))

    assert len(contradictions(folded(first, second))) == 1


def test_what_is_void_corrected_or_erased_contradicts_nothing() -> None:
    one, other = address("one"), address("other")
    agreed = corrected("2026-03-06", other, fields={"details": {"address": "one"}})

    assert contradictions(folded(one, other, voided("2026-03-06", one))) == ()
    assert contradictions(folded(one, other, agreed)) == ()
    assert contradictions(folded(*(restated(e, erased=True) for e in (one, other)))) == ()
