"""Compliance: judged anew from the day that an event touches, and when a period begins."""

from datetime import date

import pytest

from application.access import SYSTEM
from domain.rules.binding import RuleBinding
from domain.rules.calendar import default_calendar
from domain.rules.rule_files import presets
from projections import compliance
from projections.compliance import next_period, of_child
from projections.outbox import recomputing
from tests.support.actions import Desk
from tests.support.builders import an_id
from tests.support.world import SCHOOL, World
from workers import relay


def statuses(world: World, student_no: str = "T1") -> dict[str, str]:
    rows = of_child(world.database, child_id=an_id(student_no), now=world.now, rule_id="C39")
    return {row.period: row.status.value for row in rows}


@pytest.fixture
def visited(world: World) -> World:
    """A child with two visits in March, as of 20 April."""
    world.bind("C39", effective_from="2026-03-01")
    child = world.enrol("T1", on="2026-03-01")
    world.pair(child, on="2026-03-01")
    world.advance_to("2026-03-25 20:00")
    for day in ("2026-03-05", "2026-03-19"):
        world.visit(child, on=day, event_id=an_id(day))
    world.advance_to("2026-04-20 09:00")
    return world


def test_a_period_begins_for_every_child_without_any_event(visited: World) -> None:
    assert statuses(visited) == {"2026-03": "met", "2026-04": "pending"}

    visited.advance_to("2026-05-01 00:00")

    assert statuses(visited) == {"2026-03": "met", "2026-04": "short", "2026-05": "pending"}


def test_a_late_entry_changes_the_period_that_it_happened_in(visited: World) -> None:
    visited.advance_to("2026-05-02 09:00")
    for day in ("2026-04-05", "2026-04-06"):
        visited.visit(an_id("T1"), on=day)
    visited.settle()

    assert statuses(visited) == {"2026-03": "met", "2026-04": "met", "2026-05": "pending"}


def test_a_corrected_day_changes_both_periods(visited: World) -> None:
    visited.visit(an_id("T1"), on="2026-04-10")
    visited.settle()

    visited.correct(an_id("T1"), an_id("2026-03-05"), occurred_on="2026-04-05")
    visited.settle()

    assert statuses(visited) == {"2026-03": "short", "2026-04": "met"}


def test_voiding_a_correction_brings_back_what_was(visited: World) -> None:
    correction = visited.correct(an_id("T1"), an_id("2026-03-05"), occurred_on="2026-04-05")
    visited.settle()
    assert statuses(visited)["2026-03"] == "short"

    visited.void(an_id("T1"), correction.event_id)
    visited.settle()

    assert statuses(visited) == {"2026-03": "met", "2026-04": "pending"}


def test_a_voided_visit_counts_no_more(visited: World) -> None:
    visited.void(an_id("T1"), an_id("2026-03-19"))
    visited.settle()

    (march, _) = of_child(visited.database, child_id=an_id("T1"), now=visited.now)
    assert (march.status, march.achieved, march.counted, march.rejected) == (
        "short",
        1,
        (an_id("2026-03-05"),),
        ((an_id("2026-03-19"), "voided"),),
    )


def test_a_record_filed_later_counts_in_the_period_of_the_visit(visited: World) -> None:
    bare = visited.visit(an_id("T1"), on="2026-04-03", details={"record": None})
    visited.visit(an_id("T1"), on="2026-04-04")
    visited.settle()
    assert statuses(visited)["2026-04"] == "pending"

    visited.advance_to("2026-05-03 09:00")
    said = {"target": str(bare.event_id), "record": "All well."}
    visited.record(an_id("T1"), "record_filed", on="2026-05-03", details=said)
    visited.settle()

    assert statuses(visited)["2026-04"] == "met"


def test_a_rule_that_is_bound_is_judged_for_all_children_below(world: World) -> None:
    for number in ("T1", "T2"):
        world.enrol(number, on="2026-03-01")
    world.enrol("T3", on="2026-03-01", org="county/township/other school/class")
    world.advance_to("2026-04-20 09:00")
    assert statuses(world) == {}

    world.bind("C39", effective_from="2026-03-01")
    world.settle()

    assert [sorted(statuses(world, number)) for number in ("T1", "T2", "T3")] == [
        ["2026-03", "2026-04"],
        ["2026-03", "2026-04"],
        [],
    ]


def test_a_rule_bound_for_a_later_day_is_judged_from_then_on(world: World) -> None:
    world.enrol("T1", on="2026-03-01")
    world.bind("C39", effective_from="2026-05-01")

    world.advance_to("2026-04-30 23:00")
    assert statuses(world) == {}

    world.advance_to("2026-06-10 09:00")
    assert sorted(statuses(world)) == ["2026-05", "2026-06"]


def test_a_request_that_was_changed_meanwhile_is_not_taken_away(world: World) -> None:
    child = an_id("T1")
    with world.database.transaction() as tx:
        recomputing.request(tx, [recomputing.Pending(child_id=child, from_day=date(2026, 3, 5), position=5)])
    begun = recomputing.begin(world.database, child)
    with world.database.transaction() as tx:
        recomputing.request(tx, [recomputing.Pending(child_id=child, from_day=date(2026, 4, 1), position=9)])

    assert begun is not None
    assert not compliance.settle(world.database, begun[0], [])
    merged = recomputing.Pending(child_id=child, from_day=date(2026, 3, 5), position=9)
    assert recomputing.begin(world.database, child) == (merged, 2)
    assert compliance.settle(world.database, merged, [])
    assert recomputing.begin(world.database, child) is None


@pytest.mark.parametrize(
    ("rule_id", "effective_from", "after", "expected"),
    [
        ("C39", "2026-03-01", "2026-03-15", "2026-04-01"),
        ("C39", "2026-06-15", "2026-03-15", "2026-07-01"),
        ("C36", "2026-03-01", "2026-07-20", "2026-09-01"),
    ],
)
def test_when_the_next_period_begins(rule_id: str, effective_from: str, after: str, expected: str) -> None:
    binding = RuleBinding(
        rule=presets()[rule_id, 1],
        org=SCHOOL,
        effective_from=date.fromisoformat(effective_from),
        binding_event_id=an_id("binding"),
    )

    found = next_period(binding, calendar=default_calendar(), after=date.fromisoformat(after))

    assert str(found) == expected


def test_periods_that_went_by_while_nobody_was_sweeping_are_judged(world: World) -> None:
    world.bind("C39", effective_from="2026-03-01")
    world.pair(world.enrol("T1", on="2026-03-01"), on="2026-03-01")
    world.settle()

    world.asleep_until("2026-06-02 09:00")
    world.settle()

    assert set(statuses(world)) == {"2026-03", "2026-04", "2026-05", "2026-06"}


def test_a_filing_that_is_moved_to_another_visit_changes_the_period_of_that_one(visited: World) -> None:
    child = an_id("T1")
    visited.visit(child, on="2026-04-05")
    april = visited.visit(child, on="2026-04-10", details={"record": None})
    visited.advance_to("2026-05-10 09:00")
    may = visited.visit(child, on="2026-05-02", details={"record": None})
    said = {"target": str(may.event_id), "record": "All well."}
    filing = visited.record(child, "record_filed", on="2026-05-05", details=said)
    visited.settle()
    assert statuses(visited)["2026-04"] == "short"

    visited.correct(child, filing.event_id, details={"target": str(april.event_id)})
    visited.settle()

    assert statuses(visited)["2026-04"] == "met"


def test_an_overview_counts_by_rule_and_a_period_that_ends_makes_short_of_pending(visited: World) -> None:
    visited.bind("C36", effective_from="2026-03-01")
    visited.enrol("T2", on="2026-04-02")
    visited.settle()

    def april() -> list[tuple[str, int, int, int, int]]:
        found = compliance.overview(visited.database, org=SCHOOL, period="2026-04", now=visited.now)
        return [(one.rule_id, one.rule_version, one.due, one.short, one.pending) for one in found]

    assert april() == [("C39", 1, 1, 0, 1)]
    visited.asleep_until("2026-05-01 00:00")
    assert april() == [("C39", 1, 1, 1, 0)]
    assert compliance.overview(visited.database, org="county/townsh", period="2026-04", now=visited.now) == ()


def test_who_waits_counts_where_it_was_and_where_it_is(visited: World) -> None:
    child, other = an_id("T1"), f"{SCHOOL}2/class"

    def waiting(*orgs: str) -> list[int]:
        return [compliance.waiting(visited.database, org=org) for org in orgs]

    assert waiting("", SCHOOL, other) == [0, 0, 0]
    visited.system.organisations.ensure(other, actor=SYSTEM)
    desk = Desk(visited.system)
    desk.accept(child, desk.propose(child, other, "2026-04-18").event_id, "2026-04-19")
    # The relay asks; nobody judges yet.
    while visited.watch.relay.step():
        pass

    assert waiting("", SCHOOL, other, "county/townsh") == [1, 1, 1, 0]
    visited.settle()
    assert waiting("", SCHOOL, other) == [0, 0, 0]


def test_who_asks_for_children_to_be_judged_is_the_relay() -> None:
    assert compliance.FOLLOWER == relay.NAME
