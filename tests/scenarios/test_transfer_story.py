"""A child in silence goes to another school: who is told, whose rules judge it, whose sums it counts in."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from application.access import SYSTEM, Actor, Role
from application.reports.reporting import Reports
from application.system import reports_of
from domain.refusal import Unknown
from projections import compliance, status
from projections.outbox import deliveries
from tests.support.actions import Desk
from tests.support.builders import ORG, OTHER_CARER
from tests.support.world import SCHOOL, World

OTHER = "county/township/other school"
CLASS = f"{OTHER}/class 1"
TOWNSHIP = "county/township"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def test_a_child_in_silence_goes_to_another_school(world: World) -> None:
    world.system.organisations.ensure(CLASS, actor=SYSTEM)
    heads = {org: world.recipient(org, org=org) for org in (SCHOOL, OTHER)}
    supervisor = world.recipient("Supervisor", org=TOWNSHIP, catch_all=True)
    world.bind("C39", effective_from="2026-03-01", org=SCHOOL)
    world.carer(OTHER_CARER, org=OTHER)
    child, classmate = world.enrol("T1", on="2026-03-01"), world.enrol("T2", on="2026-03-01")
    for each in (child, classmate):
        world.pair(each, on="2026-03-01")
    for day in ("2026-03-04", "2026-03-05"):
        world.advance_to(f"{day} 18:00")
        for each in (child, classmate):
            world.visit(each, on=day)
    # April comes, and nobody goes there any more: the alert rings at the school on the 19th of March.
    world.advance_to("2026-04-08 09:00")
    (alert,) = world.alerts(child)
    assert (alert.open, alert.org) == (True, ORG)
    told_before = len(world.inbox(heads[SCHOOL]))
    assert world.inbox(heads[OTHER]) == []

    giver, taker = (
        Desk(world.system, actor=Actor(name=org, role=Role.CLIENT, org=org)) for org in (SCHOOL, OTHER)
    )
    transfer = giver.propose(child, OTHER, "2026-04-08", duties=["April visits are still due"]).event_id
    (waiting,) = world.system.transfers.undecided(actor=taker.actor)
    assert waiting.open_alerts == (alert.alert_id,)
    assert len(waiting.pairings) == 1
    world.advance_to("2026-04-10 09:00")
    taker.accept(child, transfer, "2026-04-10", org=CLASS)
    world.settle()

    # The case goes with the child: the new school is told at once, and nobody is told twice.
    (alert,) = world.alerts(child)
    assert (alert.open, alert.org) == (True, CLASS)
    of_child = [item for item in world.inbox(heads[OTHER]) if item.child_id == child]
    assert [item.step for item in of_child] == ["warning"]
    assert len(world.inbox(heads[SCHOOL])) == told_before
    assert len({(i.alert_id, i.step) for i in world.inbox(supervisor)}) == len(world.inbox(supervisor))
    with pytest.raises(Unknown):
        world.system.record.stream(child, actor=giver.actor)

    # The high step rings at the new school alone; a visit by its carer ends the case.
    world.advance_to("2026-04-20 09:00")
    assert [i.step for i in world.inbox(heads[OTHER]) if i.child_id == child] == ["warning", "high"]
    assert [i.step for i in world.inbox(heads[SCHOOL]) if i.child_id == child] == ["info", "warning"]
    world.pair(child, on="2026-04-20", carer=OTHER_CARER)
    world.visit(child, on="2026-04-20", details={"carers": [str(OTHER_CARER)]})
    world.settle()
    assert not world.alerts(child)[0].open

    # March and April began at the former school: they are judged by its rule, and count there.
    world.bind("C39", effective_from="2026-05-01", org=OTHER)
    world.advance_to("2026-06-02 09:00")
    assert rows(world, child) == {"2026-03": ORG, "2026-04": ORG, "2026-05": CLASS, "2026-06": CLASS}
    reports = reports_of(world.system)
    for period, theirs in (("2026-03", (2, 0, 2)), ("2026-04", (2, 0, 2)), ("2026-05", (1, 1, 2))):
        assert due(reports, period) == theirs
        stored = [
            sum((s.met, len(s.short), s.pending))
            for s in (of_org(world, org, period) for org in (SCHOOL, OTHER, TOWNSHIP))
        ]
        assert tuple(stored) == theirs
    assert of_org(world, SCHOOL, "2026-03").met == 2, "what was met before the transfer stays met"

    before = rows(world, child)
    status.rebuild(world.database, world.system.log)
    assert list(status.differences(world.database, world.system.log)) == []
    assert rows(world, child) == before


def test_whom_no_notice_has_reached_is_told_when_the_alert_goes_on(world: World) -> None:
    world.system.organisations.ensure(CLASS, actor=SYSTEM)
    head = world.recipient("Head", org=OTHER)
    reached, missed = (
        world.recipient(name, org=TOWNSHIP, channel="webhook", address=f"https://{name}.example/")
        for name in ("reached", "missed")
    )
    child = world.enrol("T1", on="2026-03-01")

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(410 if "missed" in request.headers["host"] else 204)

    world.answer = answer
    world.advance_to("2026-03-16 09:00")
    world.answer = lambda _: httpx.Response(204)
    desk = Desk(world.system)
    desk.accept(child, desk.propose(child, CLASS, "2026-03-16").event_id, "2026-03-16")
    world.settle()

    (alert,) = world.alerts(child)
    told = [(d.recipient_id, d.state) for d in deliveries.of_alert(world.database, alert.alert_id)]
    assert sorted(told) == sorted(
        [(reached, "accepted"), (missed, "failed"), (missed, "accepted"), (head, "accepted")]
    )


def test_a_rule_bound_afterwards_reaches_those_who_have_left(world: World) -> None:
    world.system.organisations.ensure(CLASS, actor=SYSTEM)
    child = world.enrol("T1", on="2026-03-01")
    world.pair(child, on="2026-03-01")
    desk = Desk(world.system)
    world.asleep_until("2026-04-02 09:00")
    desk.accept(child, desk.propose(child, CLASS, "2026-04-01").event_id, "2026-04-01")
    world.settle()

    world.bind("C39", effective_from="2026-03-01", org=SCHOOL)
    world.settle()

    assert rows(world, child) == {"2026-03": ORG}, "April began on the day of the move"


def rows(world: World, child: UUID) -> dict[str, str]:
    found = world.database.all(
        "SELECT period, org FROM compliance WHERE child_id = :id ORDER BY period", id=child
    )
    return {row["period"]: row["org"] for row in found}


def of_org(world: World, org: str, period: str) -> compliance.OrgStanding:
    return compliance.of_org(world.database, org=org, rule_id="C39", period=period, now=world.now)


def due(reports: Reports, period: str) -> tuple[int, int, int]:
    """How many children are due in the former school, in the new one, and in the township as a whole."""
    found = [
        reports.org_compliance(org=org, rule_id="C39", period=period).due for org in (SCHOOL, OTHER, TOWNSHIP)
    ]
    return found[0], found[1], found[2]
