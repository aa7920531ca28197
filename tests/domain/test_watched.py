"""Who is watched, on which day, and why."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.care_actions.parent_work_recorded import ParentWorkRecorded
from domain.care_actions.profile_changed import ProfileChanged
from domain.child import Child, fold
from domain.choices import Parent, Tag
from domain.event import Event
from domain.left_behind import Away, is_left_behind, parents_away, whereabouts_unknown
from domain.streams.organisations.unit import Extension
from domain.watched import Ground, ground_on
from tests.support.builders import (
    CHILD,
    ORG,
    enrolled,
    event,
    stream,
    transfer_accepted,
    transfer_proposed,
    voided,
)

DAY = date(2026, 6, 30)
SCHOOL = "county/township/school"


def parent(which: Parent, away: bool | None, day: str = "2026-03-01", **more: Any) -> Event:
    return event(ParentWorkRecorded(parent=which, away=away), day, name=which.value, **more)


def tagged(*tags: Tag, day: str = "2026-03-01") -> Event:
    return event(ProfileChanged(tags=tags), day, name=str(tags))


def folded(*events: Event) -> Child:
    return fold(CHILD, stream(enrolled("2026-03-01"), *events))


HOME = (parent(Parent.FATHER, False), parent(Parent.MOTHER, False))


@pytest.mark.parametrize(
    ("events", "away", "ground"),
    [
        ((), Away.UNKNOWN, Ground.WHEREABOUTS_UNKNOWN),
        (HOME, Away.NONE, None),
        (HOME[:1], Away.UNKNOWN, Ground.WHEREABOUTS_UNKNOWN),
        ((HOME[0], parent(Parent.MOTHER, None)), Away.UNKNOWN, Ground.WHEREABOUTS_UNKNOWN),
        ((HOME[0], parent(Parent.MOTHER, True)), Away.ONE, Ground.LEFT_BEHIND),
        ((parent(Parent.FATHER, True),), Away.ONE, Ground.LEFT_BEHIND),
        ((parent(Parent.FATHER, True), parent(Parent.MOTHER, True)), Away.BOTH, Ground.LEFT_BEHIND),
        *(((*HOME, tagged(tag)), Away.NONE, Ground.TAG) for tag in Tag),
        ((*HOME, tagged(Tag.POOR), tagged(day="2026-04-01")), Away.NONE, None),
    ],
)
def test_who_is_watched(events: tuple[Event, ...], away: Away, ground: Ground | None) -> None:
    child = folded(*events)

    assert (parents_away(child, DAY), ground_on(child, DAY)) == (away, ground)
    known = {Away.NONE: False, Away.ONE: True, Away.BOTH: True, Away.UNKNOWN: None}
    assert is_left_behind(child, DAY) is known[away]


def test_the_parents_of_whom_nobody_said_are_named() -> None:
    assert whereabouts_unknown(folded(HOME[0]), DAY) == (Parent.MOTHER,)
    assert whereabouts_unknown(folded(*HOME), DAY) == ()


def test_what_changes_later_leaves_an_earlier_day_as_it_was() -> None:
    child = folded(
        parent(Parent.FATHER, True),
        parent(Parent.MOTHER, False),
        event(ParentWorkRecorded(parent=Parent.FATHER, away=False), "2026-05-10", name="back"),
        tagged(Tag.POOR, day="2026-06-01"),
    )

    found = [ground_on(child, date(2026, *day)) for day in ((5, 9), (5, 10), (5, 31), (6, 1))]

    assert found == [Ground.LEFT_BEHIND, None, None, Ground.TAG]


def test_a_tag_that_never_was_watches_nobody() -> None:
    tag = tagged(Tag.POOR)

    assert ground_on(folded(*HOME, tag, voided("2026-03-02", tag)), DAY) is None


def test_the_groups_of_an_enrolment_count_from_its_day_on() -> None:
    profile = replace(enrolled("2026-03-01").details, tags=(Tag.POOR,))
    child = fold(CHILD, stream(event(profile, "2026-03-01"), *_at_home("2026-02-01")))

    assert [ground_on(child, date(2026, *day)) for day in ((2, 28), (3, 1))] == [None, Ground.TAG]


def _at_home(day: str) -> tuple[Event, ...]:
    return tuple(parent(which, False, day) for which in Parent)


def _said(org: str, day: date, everybody: bool, hour: int = 0) -> Extension:
    return Extension(
        org=org,
        day=day,
        known_at=datetime(day.year, day.month, day.day, hour, tzinfo=UTC),
        everybody=everybody,
    )


@pytest.mark.parametrize(
    ("org", "watched"),
    [("county", True), (SCHOOL, True), (ORG, True), ("county/township/school 2", False), (f"{ORG}/x", False)],
)
def test_an_organisation_extends_the_watch_to_all_below_it(org: str, watched: bool) -> None:
    found = ground_on(folded(*HOME), DAY, extensions=[_said(org, DAY, True)])

    assert found is (Ground.EXTENDED if watched else None)


def test_what_one_organisation_takes_back_another_above_it_still_says() -> None:
    first, second = date(2026, 4, 1), date(2026, 5, 1)
    said = [_said("county", first, True), _said(SCHOOL, first, True), _said(SCHOOL, second, False)]
    child = folded(*HOME)

    assert ground_on(child, DAY, extensions=said) is Ground.EXTENDED
    assert ground_on(child, DAY, extensions=said[1:]) is None
    assert ground_on(child, date(2026, 4, 30), extensions=said[1:]) is Ground.EXTENDED
    assert ground_on(child, date(2026, 3, 31), extensions=said) is None


def test_what_was_not_known_yet_extends_nothing() -> None:
    said = [_said(SCHOOL, DAY, True, hour=9)]
    before, after = (datetime(2026, 6, 30, hour, tzinfo=UTC) for hour in (8, 10))

    found = [ground_on(folded(*HOME), DAY, extensions=said, known_at=at) for at in (before, after)]

    assert found == [None, Ground.EXTENDED]


def test_it_is_the_organisation_of_that_day_that_counts() -> None:
    proposal = transfer_proposed("2026-05-01")
    child = folded(*HOME, proposal, transfer_accepted("2026-05-01", proposal, org="county/township/other"))
    said = [_said(SCHOOL, date(2026, 3, 1), True)]

    found = [ground_on(child, date(2026, *day), extensions=said) for day in ((4, 30), (5, 1))]

    assert found == [Ground.EXTENDED, None]
