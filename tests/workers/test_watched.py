"""Whose silence rings: those who are watched, as long as they are."""

from collections.abc import Sequence
from uuid import UUID

from application.access import SYSTEM
from application.system import reports_of
from domain.days import local_day
from domain.streams.alerts.case import AlertResolved, Ending
from projections import compliance
from tests.support.world import SCHOOL, World


def _parents(world: World, child: UUID, *, on: str, away: bool) -> None:
    for parent in ("father", "mother"):
        said = {"parent": parent, "away": away}
        world.record(child, "parent_work_recorded", on=on, details=said)


def _endings(world: World, child: UUID) -> Sequence[Ending]:
    events = [e for case in world.alerts(child) for e in world.system.log.stream(case.alert_id)]
    return [e.details.ending for e in events if isinstance(e.details, AlertResolved)]


def _extend(world: World, everybody: bool) -> None:
    world.system.organisations.governance.watch_everybody(
        SCHOOL, everybody=everybody, reason=None, actor=SYSTEM
    )
    world.settle()


def test_a_child_whose_parents_are_at_home_rings_for_nobody(world: World) -> None:
    head = world.recipient()
    home, unknown = (world.enrol(number, on="2026-03-01") for number in ("T1", "T2"))
    _parents(world, home, on="2026-03-01", away=False)

    world.advance_to("2026-05-10 09:00")

    assert {item.child_id for item in world.inbox(head)} == {unknown}
    assert world.alerts(home) == []


def test_an_alert_ends_when_the_child_is_no_longer_watched_and_goes_on_when_it_is_again(
    world: World,
) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    _parents(world, child, on="2026-03-01", away=True)
    world.advance_to("2026-03-20 10:00")

    _parents(world, child, on="2026-03-20", away=False)
    world.settle()
    assert [case.open for case in world.alerts(child)] == [False]
    assert _endings(world, child) == [Ending.NOT_WATCHED]

    world.advance_to("2026-04-05 10:00")
    _parents(world, child, on="2026-04-05", away=True)
    world.settle()
    (case,) = world.alerts(child)
    assert (case.open, case.step, str(case.silent_since)) == (True, "warning", "2026-03-01")


def test_an_organisation_may_have_all_its_children_watched(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    _parents(world, child, on="2026-03-01", away=False)
    world.advance_to("2026-03-20 10:00")
    assert world.alerts(child) == []

    _extend(world, everybody=True)
    assert [case.open for case in world.alerts(child)] == [True]

    _extend(world, everybody=False)
    assert [case.open for case in world.alerts(child)] == [False]
    assert _endings(world, child) == [Ending.NOT_WATCHED]


def test_silence_pairing_summary_and_compliance_count_the_same_children(world: World) -> None:
    world.bind("C39", effective_from="2026-03-01")
    children = [world.enrol(f"T{n}", on="2026-03-01") for n in range(4)]
    for child, away in zip(children, (True, False, False), strict=False):
        _parents(world, child, on="2026-03-01", away=away)
    for child in children[:2]:
        world.pair(child, on="2026-03-01")
    world.advance_to("2026-04-20 10:00")

    assert _counted(world) == (2, 1, 1, 2, 2, 2)

    _extend(world, everybody=True)
    assert _counted(world) == (4, 2, 2, 4, 4, 4)


def _counted(world: World) -> tuple[int, ...]:
    """Those watched; with, without a pairing; the silent; those counted by a rule and by the overview."""
    reports = reports_of(world.system)
    roster = reports.summary(SCHOOL).roster
    rule = reports.org_compliance(org=SCHOOL, rule_id="C39", period="2026-04")
    (line,) = compliance.overview(world.database, org=SCHOOL, period="2026-04", now=world.now)
    return (
        roster.watched,
        roster.paired,
        roster.unpaired,
        len(reports.children(org=SCHOOL, uncontacted_days=30)),
        rule.due + rule.not_applicable,
        line.due + line.not_applicable,
    )


def test_a_month_counts_who_was_watched_on_its_last_day_whatever_comes_later(world: World) -> None:
    world.bind("C39", effective_from="2026-03-01")
    child = world.enrol("T1", on="2026-03-01")
    world.pair(child, on="2026-03-01")
    _parents(world, child, on="2026-03-01", away=True)
    world.advance_to("2026-05-10 10:00")
    _parents(world, child, on="2026-05-02", away=False)
    world.settle()

    due = {
        month: [
            line.due for line in compliance.overview(world.database, org=SCHOOL, period=month, now=world.now)
        ]
        for month in ("2026-03", "2026-04", "2026-05")
    }

    assert due == {"2026-03": [1], "2026-04": [1], "2026-05": []}
    reports = reports_of(world.system)
    assert [reports.org_compliance(org=SCHOOL, rule_id="C39", period=month).due for month in due] == [1, 1, 0]
    (verdict,) = reports.child_compliance(child, period="2026-05").items
    assert (verdict.watched, local_day(world.now).isoformat()) == (False, "2026-05-10")
