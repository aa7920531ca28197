"""The list of children: who is on it, page by page, and who can't be read."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from application.access import SYSTEM, Actor, Role
from application.children.listing import ChildFilter, ChildListed
from application.system import System
from domain.event import Channel
from domain.refusal import Unknown
from tests.support.actions import CLASS, SCHOOL, Desk
from tests.support.systems import StandingClock

OTHER = "county/township/other school/grade 3/class 1"
FIRST = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def then(clock: StandingClock) -> None:
    clock.now = FIRST


def listed(system: System, *, org: str = SCHOOL, limit: int = 100, **wanted: Any) -> list[ChildListed]:
    """Go through all pages."""
    found: list[ChildListed] = []
    after = None
    while True:
        page = system.children.page(ChildFilter(**wanted), actor=SYSTEM, org=org, after=after, limit=limit)
        assert len(page.items) <= limit
        found += page.items
        if page.next is None:
            return found
        after = page.next


def ids(system: System, **more: Any) -> set[UUID]:
    found = [child.child_id for child in listed(system, **more)]
    assert len(found) == len(set(found))
    return set(found)


def test_a_child_is_listed_as_it_stands_today(desk: Desk, system: System) -> None:
    child = desk.enrol("2026-03-01", org=CLASS, student_no="T1", name="林小禾")
    carer = desk.carer("卢老师")
    desk.pair(child, carer)
    desk.visit(child, carer, "2026-03-04")

    (found,) = listed(system)

    assert (found.child_id, found.org, found.student_no, found.name) == (child, CLASS, "T1", "林小禾")
    assert [(c.carer_id, c.name) for c in found.carers] == [(carer, "卢老师")]
    assert (found.in_care, found.enrolled_on, found.care_ends_on) == (
        True,
        date(2026, 3, 1),
        date(2034, 5, 19),
    )
    assert (found.last_contact_on, found.days_silent) == (date(2026, 3, 4), 6)
    assert (found.last_seen_on, found.days_child_unseen) == (None, 9)
    assert found.silence_rests_on is not None
    assert found.unseen_rests_on is not None
    assert (found.silence_rests_on.type, found.unseen_rests_on.type) == ("home_visit_made", "child_enrolled")
    assert (found.version, found.updated_at) == (3, FIRST)


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_lose_nobody_and_list_nobody_twice(desk: Desk, system: System, limit: int) -> None:
    here = {desk.enrol(org=org) for org in (CLASS, CLASS, SCHOOL, f"{SCHOOL}/grade 1")}
    desk.enrol(org=OTHER)

    assert ids(system, limit=limit) == here
    assert ids(system, org=CLASS, limit=limit) < here


def test_a_page_in_which_few_are_wanted_says_where_to_go_on(desk: Desk, system: System) -> None:
    children = sorted(desk.enrol() for _ in range(15))
    desk.pair(children[-1], desk.carer())

    first = system.children.page(ChildFilter(paired=True), actor=SYSTEM, org=SCHOOL, limit=1)

    assert first.items == ()
    assert first.next is not None
    assert ids(system, paired=True, limit=1) == {children[-1]}
    assert ids(system, paired=False, limit=1) == set(children[:-1])


def test_who_is_in_care_is_told_by_today(desk: Desk, system: System, clock: StandingClock) -> None:
    here, left = desk.enrol(), desk.enrol()
    desk.submit("child_exited", "2026-03-05", child=left, reason="moved", based_on=1)

    assert ids(system, in_care=True) == {here}
    assert ids(system, in_care=False) == {left}
    assert ids(system) == {here, left}


def test_a_pairing_that_ends_is_none_from_that_day_on(
    desk: Desk, system: System, clock: StandingClock
) -> None:
    child, carer = desk.enrol(), desk.carer()
    pairing = desk.pair(child, carer)
    assert ids(system, paired=True) == {child}

    desk.submit("pairing_ended", "2026-03-08", child=child, pairing=str(pairing.event_id))

    assert ids(system, paired=True) == set()


def test_what_was_updated_since_a_moment(desk: Desk, system: System, clock: StandingClock) -> None:
    old, touched = desk.enrol(), desk.enrol()
    carer = desk.carer()
    clock.now = FIRST + timedelta(hours=1)
    desk.visit(touched, carer, "2026-03-05")

    assert ids(system, updated_since=FIRST + timedelta(minutes=1)) == {touched}
    assert ids(system, updated_since=FIRST) == {old, touched}


def test_a_file_that_can_not_be_read_is_told_beside_the_others(desk: Desk, system: System) -> None:
    lost, here = desk.enrol(), desk.enrol()
    with system.keys_database.transaction() as tx:
        tx.run("DELETE FROM stream_key WHERE stream_id = :id", id=lost)

    page = system.children.page(ChildFilter(), actor=SYSTEM, org=SCHOOL)

    assert [child.child_id for child in page.items] == [here]
    assert page.unreadable == {lost: "KeysMissing"}


def test_who_was_erased_is_listed_without_a_name(desk: Desk, system: System) -> None:
    child = desk.enrol()
    system.keyring.destroy(child)

    (found,) = listed(system)

    assert (found.child_id, found.erased, found.name, found.student_no) == (child, True, None, None)


def test_nobody_lists_the_children_of_others(desk: Desk, system: System) -> None:
    desk.enrol()
    actor = Actor(name="clerk", role=Role.CLIENT, channel=Channel.API, org=OTHER)

    with pytest.raises(Unknown):
        system.children.page(ChildFilter(), actor=actor, org=SCHOOL)
