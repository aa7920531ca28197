"""What the watch decides of one child, and that deciding twice is deciding once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Actor, Role
from application.alerts.cases import Alerts
from application.organisations.governance import Governing
from application.system import System
from domain.event import Channel
from domain.org import Step
from domain.policy import default_policy
from domain.refusal import Conflict, Unknown
from domain.streams.alerts.case import AlertResolved, Ending
from tests.support.actions import Desk
from tests.support.builders import an_id
from tests.support.systems import StandingClock


def at(day: str, hour: int = 8) -> datetime:
    """A Shanghai hour of a day in 2026, "03-15"."""
    return datetime.fromisoformat(f"2026-{day}T{hour:02}:00:00+08:00").astimezone(UTC)


@pytest.fixture
def child(desk: Desk, clock: StandingClock) -> UUID:
    clock.now = at("03-01")
    return desk.enrol("2026-03-01")


def watched(system: System, child: UUID) -> list[tuple[Step | None, bool]]:
    system.alerts.watch(child, actor=SYSTEM)
    return [(case.step, case.open) for case in system.alerts.cases_of(child)]


def test_a_silence_climbs_the_ladder_at_eight(system: System, child: UUID, clock: StandingClock) -> None:
    seen = []
    for day, hour in (("03-15", 7), ("03-15", 8), ("03-31", 7), ("03-31", 8), ("04-15", 8), ("04-30", 8)):
        clock.now = at(day, hour)
        seen.append(watched(system, child))

    assert seen == [
        [],
        [(Step.INFO, True)],
        [(Step.INFO, True)],
        [(Step.WARNING, True)],
        [(Step.HIGH, True)],
        [(Step.CRITICAL, True)],
    ]


def test_looking_twice_says_nothing_new(system: System, child: UUID, clock: StandingClock) -> None:
    clock.now = at("03-15")
    watched(system, child)
    head = system.log.head()

    watched(system, child)

    assert system.log.head() == head


def test_a_step_that_meets_an_answer_is_decided_once_more_beside_it(
    system: System, child: UUID, clock: StandingClock
) -> None:
    clock.now = at("03-15")
    watched(system, child)
    (case,) = system.alerts.cases_of(child)
    clock.now = at("03-31")

    def answered(_orgs: object) -> Governing:
        """Somebody is quicker, after the case was read."""
        if system.alerts.load(case.alert_id).acknowledged_by is None:
            system.alerts.acknowledge(case.alert_id, by="值班员", note=None, actor=SYSTEM)
        return Governing(0, (), (), ())

    slow = Alerts(
        log=system.log,
        database=system.database,
        now=system.now,
        policy=default_policy(),
        watching=answered,
    )
    slow.watch(child, actor=SYSTEM)

    events = system.log.stream(case.alert_id)
    assert [e.type for e in events] == ["alert_raised", "alert_acknowledged", "alert_escalated"]


def test_a_contact_ends_the_alert_and_names_itself(
    system: System, desk: Desk, child: UUID, clock: StandingClock
) -> None:
    clock.now = at("03-20")
    watched(system, child)

    visit = desk.visit(child, desk.carer(), "2026-03-20")

    assert watched(system, child) == [(Step.INFO, False)]
    (case,) = system.alerts.cases_of(child)
    last = system.log.stream(case.alert_id)[-1].details
    assert last == AlertResolved(ending=Ending.CONTACT, by_event=visit.event_id)


def test_a_child_found_silent_gets_one_alert_at_its_present_step(
    system: System, child: UUID, clock: StandingClock
) -> None:
    clock.now = at("05-20")

    assert watched(system, child) == [(Step.CRITICAL, True)]
    assert [e.type for e in system.log.stream(system.alerts.cases_of(child)[0].alert_id)] == ["alert_raised"]


def test_voiding_the_contact_reopens_the_earlier_case(
    system: System, desk: Desk, child: UUID, clock: StandingClock
) -> None:
    clock.now = at("03-20")
    watched(system, child)
    visit = desk.visit(child, desk.carer(), "2026-03-20")
    watched(system, child)

    desk.void(child, visit.event_id)

    assert watched(system, child) == [(Step.INFO, True)]
    (case,) = system.alerts.cases_of(child)
    assert [e.type for e in system.log.stream(case.alert_id)] == [
        "alert_raised",
        "alert_resolved",
        "alert_reopened",
    ]


def test_an_exit_ends_the_alert(system: System, desk: Desk, child: UUID, clock: StandingClock) -> None:
    clock.now = at("03-20")
    watched(system, child)
    desk.submit("child_exited", "2026-03-20", child=child, reason="moved", based_on=1)
    clock.now = at("03-21")

    assert watched(system, child) == [(Step.INFO, False)]


def test_people_acknowledge_and_snooze_and_only_a_fact_ends_it(
    system: System, child: UUID, clock: StandingClock
) -> None:
    clock.now = at("03-15")
    watched(system, child)
    alert = system.alerts.cases_of(child)[0].alert_id

    system.alerts.acknowledge(alert, by="值班员", note=None, actor=SYSTEM)
    case = system.alerts.snooze(
        alert, until=date(2026, 3, 20), reason="住院", approved_by="王校长", actor=SYSTEM
    )

    assert (case.acknowledged_by, case.open) == ("值班员", True)
    assert case.muted(at("03-20", 23))
    assert not case.muted(at("03-21", 0))
    clock.now = at("03-31")
    assert watched(system, child) == [(Step.WARNING, True)]
    assert system.alerts.load(alert).acknowledged_by is None


def test_an_alert_that_is_over_or_unknown_takes_no_answer(
    system: System, desk: Desk, child: UUID, clock: StandingClock
) -> None:
    clock.now = at("03-15")
    watched(system, child)
    alert = system.alerts.cases_of(child)[0].alert_id
    desk.visit(child, desk.carer(), "2026-03-15")
    watched(system, child)

    with pytest.raises(Conflict):
        system.alerts.acknowledge(alert, by="值班员", note=None, actor=SYSTEM)
    with pytest.raises(Unknown):
        system.alerts.acknowledge(an_id("no case"), by="值班员", note=None, actor=SYSTEM)


def test_alerts_are_found_by_child_answer_and_moment(
    desk: Desk, system: System, child: UUID, clock: StandingClock
) -> None:
    clock.now = at("03-20")
    other = desk.enrol("2026-03-02")
    for each in (child, other):
        watched(system, each)
    (first,) = system.alerts.cases_of(child)
    system.alerts.acknowledge(first.alert_id, by="王老师", note=None, actor=SYSTEM)

    def found(**wanted: Any) -> set[UUID | None]:
        return {alert.child_id for alert in system.alerts.listed(actor=SYSTEM, **wanted)}

    assert found() == {child, other}
    assert found(child_id=other) == {other}
    assert found(acknowledged=True) == {child}
    assert found(acknowledged=False) == {other}
    assert found(raised_since=clock.now) == {child, other}
    assert found(raised_since=clock.now + timedelta(minutes=1)) == set()
    assert found(child_id=other, acknowledged=True) == set()


def test_an_alert_is_read_by_whoever_may_know_of_the_child(
    system: System, child: UUID, clock: StandingClock
) -> None:
    clock.now = at("03-20")
    watched(system, child)
    (case,) = system.alerts.cases_of(child)
    other = Actor(name="other", role=Role.MANAGER, channel=Channel.API, org="another county")

    assert system.alerts.read(case.alert_id, actor=SYSTEM).child == child
    for alert, actor in ((case.alert_id, other), (uuid4(), SYSTEM)):
        with pytest.raises(Unknown):
            system.alerts.read(alert, actor=actor)
