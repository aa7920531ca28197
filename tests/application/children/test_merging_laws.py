"""Laws of merging: whatever two files tell, the kept one has it once, and undoing gives both back."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from application.system import System
from domain.child import Child, comes_of_age
from domain.left_behind import whereabouts_unknown
from domain.refusal import Conflict, Unknown
from domain.status import status_of
from tests.application.children.test_merging import merge, undo
from tests.application.test_laws import FIRST, SLOW, STORY, Step, another_system, carers, system, told
from tests.support.actions import Desk
from tests.support.status_rows import without_searched

__all__ = ("another_system", "carers", "system")
PLAIN = {
    "home_visit_made",
    "call_made",
    "talk_held",
    "gift_received",
}
DAYS = [FIRST + timedelta(days=n) for n in range(-3, 130)]


def told_plainly(child: Child) -> Counter[tuple[str, Any, str]]:
    return Counter((f.type, f.occurred, repr(f.details)) for f in child.facts if f.type in PLAIN)


def days_in_care(child: Child) -> set[date]:
    return {day for day in DAYS if child.in_care(day)}


def carers_on(child: Child, day: date) -> set[UUID]:
    return {p.carer for p in child.pairings if p.holds(day)}


def slots_of(system: System, carers: list[UUID], *children: UUID) -> set[tuple[Any, ...]]:
    return {
        (c, slot.child, slot.pairing, slot.start, slot.end)
        for c in carers
        for slot in system.carers.load(c).slots.values()
        if slot.child in children
    }


def as_it_stands(child: Child) -> tuple[Any, ...]:
    entries = [f for f in child.facts if f.type != "event_voided"]
    views = (child.profile, child.spans, child.pairings, child.moves, child.parents_told, child.tags_said)
    return (*[(f.event_id, f.occurred, f.details) for f in entries], *views, child.anchor)


@settings(deadline=None, suppress_health_check=SLOW, max_examples=40)
@given(kept_story=STORY, other_story=STORY, later=st.integers(0, 60))
def test_a_merge_keeps_everything_once_and_its_undoing_gives_both_files_back(
    system: System, carers: list[UUID], kept_story: list[Step], other_story: list[Step], later: int
) -> None:
    desk = Desk(system)
    kept, other = desk.enrol(str(FIRST)), desk.enrol(str(FIRST + timedelta(days=later)))
    for child, story in ((kept, kept_story), (other, other_story)):
        told(desk, story, carers, child=child)
    here, there = desk.child(kept), desk.child(other)
    slots, head = slots_of(system, carers, kept, other), system.log.head()

    try:
        merge(desk, other, kept)
    except (Conflict, Unknown):
        assert system.log.head() == head
        return

    child, closed = desk.child(kept), desk.child(other)
    assert told_plainly(child) == told_plainly(here) | told_plainly(there)
    for day in DAYS:
        assert {*whereabouts_unknown(child, day)} <= {*whereabouts_unknown(here, day)}
    assert here.profile is not None
    of_age = comes_of_age(here.profile.birth_date)
    assert days_in_care(child) == {d for d in days_in_care(here) | days_in_care(there) if d < of_age}
    assert days_in_care(closed) == set()
    for day in DAYS:
        assert carers_on(child, day) >= carers_on(here, day)
    assert slots_of(system, carers, kept, other) == {
        (p.carer, kept, p.event_id, p.start, p.end) for p in child.pairings
    }
    for each in (child, closed):
        row = system.database.one("SELECT * FROM child_status WHERE child_id = :id", id=each.child_id)
        assert row is not None
        assert without_searched([row]) == [structs.asdict(status_of(each))]

    undo(desk, other)

    assert as_it_stands(desk.child(kept)) == as_it_stands(here)
    assert as_it_stands(desk.child(other)) == as_it_stands(there)
    assert slots_of(system, carers, kept, other) == slots
