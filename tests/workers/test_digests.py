"""A crowd is told together, worst first, each alert once; what is held back is told later."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from application.access import SYSTEM
from domain.streams.organisations.unit import RecipientRegistered
from projections.outbox import deliveries
from tests.support.builders import ORG, an_id
from tests.support.world import SCHOOL, SECRET, World, drain, moment
from tests.workers.test_crashes import Fate
from tests.workers.test_delivering import Killed, the_delivery

COUNTY = SCHOOL.split("/")[0]
WORST_FIRST = ["critical", "high", "warning", "info"]


def bodies(world: World) -> list[dict[str, Any]]:
    return [json.loads(request.content) for request in world.posted]


def told(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The alerts of a body, of a single notice or of a digest."""
    return body["data"]["alerts"] if body["type"] == "alerts.uncontacted" else [body["data"]]


def messages(world: World) -> list[list[str]]:
    """The steps of each request."""
    return [[alert["step"] for alert in told(body)] for body in bodies(world)]


def hook(world: World, **words: Any) -> UUID:
    details = RecipientRegistered(
        recipient=an_id("Hook"),
        name="Hook",
        channel="webhook",
        address="https://hooks.example/care",
        secret=SECRET,
        **words,
    )
    world.system.organisations.recipients.register(SCHOOL, details=details, actor=SYSTEM)
    return details.recipient


def enrolled(world: World, days: Sequence[str], *, prefix: str = "T") -> list[UUID]:
    return [world.enrol(f"{prefix}{number}", on=day) for number, day in enumerate(days)]


def notified(world: World, child: UUID) -> list[str]:
    return [
        event.details.channel  # type: ignore[attr-defined]
        for case in world.alerts(child)
        for event in world.system.log.stream(case.alert_id)
        if event.type == "alert_notified"
    ]


def test_a_few_go_one_by_one_worst_first(world: World) -> None:
    hook(world)
    world.asleep_until("2026-05-10 09:00")
    enrolled(world, ["2026-04-20", "2026-03-01", "2026-04-05"])

    world.settle()

    assert messages(world) == [["critical"], ["warning"], ["info"]]
    assert [body["type"] for body in bodies(world)] == ["alert.uncontacted"] * 3


def test_more_go_together_by_step_and_organisation(world: World) -> None:
    hook(world)
    orgs = [f"{SCHOOL}/3/{number % 2}" for number in range(6)]
    world.asleep_until("2026-04-20 09:00")
    children = [
        world.enrol(f"T{number}", on=f"2026-{month}-0{number + 1}", org=org)
        for number, (org, month) in enumerate(zip(orgs, ["03", "03", "03", "04", "04", "04"], strict=True))
    ]

    world.settle()

    (body,) = bodies(world)
    order = [str(children[n]) for n in (0, 2, 1, 4, 3, 5)]
    assert body["data"]["counts"] == {"high": 3, "info": 3}
    assert [alert["child_id"] for alert in told(body)] == order
    (request,) = world.posted
    rows = world.database.all("SELECT delivery_id, parcel FROM delivery")
    assert {str(row["parcel"]) for row in rows} == {request.headers["webhook-id"]}
    assert SCHOOL.encode() not in request.content


def test_after_a_week_without_workers_each_case_is_told_once_worst_first_in_few_requests(
    world: World,
) -> None:
    head = world.recipient("Head teacher")
    hook(world)
    days = ["2026-01-05", "2026-01-20", "2026-02-03", "2026-02-22"]
    children = enrolled(world, [days[number % 4] for number in range(150)])

    world.asleep_until("2026-03-09 10:00")
    world.settle()

    requests = [told(body) for body in bodies(world)]
    assert [len(alerts) for alerts in requests] == [100, 50]
    in_order = [alert for alerts in requests for alert in alerts]
    assert sorted(alert["child_id"] for alert in in_order) == sorted(map(str, children))
    steps = [alert["step"] for alert in in_order]
    assert steps == sorted(steps, key=WORST_FIRST.index)
    assert {step: steps.count(step) for step in WORST_FIRST} == {
        "critical": 38,
        "high": 38,
        "warning": 37,
        "info": 37,
    }
    assert sorted(item.child_id for item in world.inbox(head)) == sorted(children)
    assert {tuple(sorted(notified(world, child))) for child in children} == {("inbox", "webhook")}


def test_while_the_watch_is_behind_only_what_is_critical_or_has_waited_goes_out(world: World) -> None:
    hook(world)
    world.asleep_until("2026-05-10 09:00")
    enrolled(world, ["2026-03-01", "2026-04-20"])
    world.watch.relay.step()
    world.watch.sweep.step()
    drain(world.watch.broker)
    assert world.posted == []
    world.watch.relay.step()
    enrolled(world, ["2026-05-01"], prefix="Later")

    def offered() -> list[list[str]]:
        world.watch.sweep.step()
        drain(world.watch.broker)
        return messages(world)

    assert offered() == [["critical"]]
    world._now += timedelta(seconds=9)
    assert offered() == [["critical"]]
    world._now += timedelta(seconds=1)
    assert offered() == [["critical"], ["info"]]


def test_that_a_notice_went_out_makes_no_other_wait(world: World) -> None:
    hook(world)
    world.asleep_until("2026-03-20 09:00")
    enrolled(world, ["2026-03-01"] * 3)
    for _ in range(2):
        world.watch.relay.step()
        world.watch.sweep.step()

    drain(world.watch.broker)

    assert messages(world) == [["info"]] * 3


def test_a_digest_that_fails_is_sent_again_under_its_id_without_what_has_ended(world: World) -> None:
    hook(world)
    world.asleep_until("2026-03-20 09:00")
    children = enrolled(world, ["2026-03-01"] * 5)
    world.answer = lambda _: httpx.Response(503)
    world.settle()
    world.visit(children[0], on="2026-03-20")
    world.enrol("Another", on="2026-03-01")
    world.watch.relay.step()
    world.watch.sweep.step()
    (other,) = world.alerts(children[1])
    world.system.alerts.snooze(
        other.alert_id, until=moment("2026-03-22 00:00").date(), reason="Away", approved_by="Li", actor=SYSTEM
    )
    world.answer = lambda _: httpx.Response(200)

    world.advance_to("2026-03-20 09:01")

    ids = [request.headers["webhook-id"] for request in world.posted]
    first, *_, last = (told(body) for body in bodies(world) if len(told(body)) > 1)
    assert [len(first), len(last)] == [5, 3]
    assert ids[0] == ids[-1]
    assert len(set(ids)) == 2
    ended = [the_delivery(world, child) for child in children[:2]]
    assert [(d.state, d.last_reason) for d in ended] == [
        ("failed", "alert_closed"),
        ("failed", "alert_snoozed"),
    ]
    assert [notified(world, child) for child in children] == [[], [], ["webhook"], ["webhook"], ["webhook"]]


@pytest.mark.parametrize("point", ["deliver.claimed", "deliver.sent", "deliver.kept"])
def test_a_digest_in_a_crash_keeps_its_id_and_its_members(point: str, tmp_path: Path) -> None:
    with World(tmp_path, at=Fate(point, 1)) as world:
        hook(world)
        world.asleep_until("2026-03-20 09:00")
        children = enrolled(world, ["2026-03-01"] * 5)
        with pytest.raises(Killed):
            world.settle()
        world.restart()
        enrolled(world, ["2026-03-01"] * 5, prefix="Later")

        world.advance_to("2026-03-20 09:02")

        sent: dict[str, set[bytes]] = {}
        for request in world.posted:
            sent.setdefault(request.headers["webhook-id"], set()).add(request.content)
        assert [len(contents) for contents in sent.values()] == [1, 1]
        assert len(world.posted) == (3 if point == "deliver.sent" else 2)
        assert [notified(world, child) for child in children] == [["webhook"]] * 5


def test_where_a_digest_is_refused_for_good_the_next_is_told_of_each_alert(world: World) -> None:
    hook(world)
    office = world.recipient("Office", org=COUNTY, catch_all=True)
    world.asleep_until("2026-03-20 09:00")
    children = enrolled(world, ["2026-03-01"] * 5)
    world.answer = lambda _: httpx.Response(410)

    world.settle()

    assert sorted(item.child_id for item in world.inbox(office)) == sorted(children)
    assert deliveries.counts(world.database) == {"accepted": 5, "failed": 5}
    assert len(world.posted) == 1


def test_an_alert_whose_key_is_gone_keeps_nobody_from_being_told_of_the_others(world: World) -> None:
    hook(world)
    world.asleep_until("2026-03-20 09:00")
    children = enrolled(world, ["2026-03-01"] * 5)
    world.answer = lambda _: httpx.Response(503)
    world.settle()
    (erased,) = world.alerts(children[0])
    world.system.keyring.destroy(erased.alert_id)
    world.answer = lambda _: httpx.Response(200)

    world.advance_to("2026-03-20 09:01")

    assert deliveries.counts(world.database) == {"accepted": 4, "failed": 1}


def test_quiet_hours_hold_back_what_is_not_critical_and_then_it_goes_together(world: World) -> None:
    hook(world, quiet_from=7, quiet_until=12)
    world.asleep_until("2026-05-10 06:00")
    children = enrolled(world, ["2026-03-01", "2026-04-20", "2026-04-21"])
    world.asleep_until("2026-05-10 08:00")

    world.advance_to("2026-05-10 11:59")
    assert messages(world) == [["critical"]]

    world.advance_to("2026-05-10 12:00")
    assert messages(world) == [["critical"], ["info", "info"]]
    assert [notified(world, child) for child in children] == [["webhook"]] * 3
    assert {the_delivery(world, child).attempts for child in children} == {1}


@pytest.mark.parametrize(
    ("at", "quiet"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("06:59", True), ("07:00", False)],
)
def test_quiet_hours_span_midnight(at: str, *, quiet: bool, tmp_path: Path) -> None:
    with World(tmp_path) as world:
        hook(world, quiet_from=22, quiet_until=7)
        world.asleep_until(f"2026-03-20 {at}")
        (child,) = enrolled(world, ["2026-03-01"])

        world.settle()
        assert messages(world) == ([] if quiet else [["info"]])

        end = "2026-03-21 07:00" if at > "21:00" else "2026-03-20 07:00"
        world.advance_to(moment(end) - timedelta(minutes=1) if quiet else end)
        assert bool(world.posted) is not quiet
        world.advance_to(end)
        assert notified(world, child) == ["webhook"]


def test_what_fails_waits_for_the_end_of_quiet_hours_as_well(world: World) -> None:
    hook(world, quiet_from=9, quiet_until=17)
    world.asleep_until("2026-03-20 08:59")
    (child,) = enrolled(world, ["2026-03-01"])
    world.answer = lambda _: httpx.Response(429, headers={"retry-after": "120"})
    world.settle()

    world.answer = lambda _: httpx.Response(200)
    world.advance_to("2026-03-20 16:59")
    assert len(world.posted) == 1
    world.advance_to("2026-03-20 17:00")
    assert (notified(world, child), the_delivery(world, child).attempts) == (["webhook"], 2)


def test_beyond_so_many_an_hour_what_is_due_waits_and_goes_as_one(world: World) -> None:
    hook(world, most_per_hour=2)
    world.asleep_until("2026-05-10 09:00")
    children = []
    for minute in range(5):
        world.advance_to(f"2026-05-10 09:0{minute}")
        children += enrolled(world, ["2026-04-20"], prefix=f"M{minute}-")
    children += enrolled(world, ["2026-03-01"], prefix="Critical")

    world.advance_to("2026-05-10 09:59")
    assert messages(world) == [["info"], ["info"], ["critical"]]

    world.advance_to("2026-05-10 10:59")
    assert messages(world) == [["info"], ["info"], ["critical"], ["info"] * 3]
    assert [notified(world, child) for child in children] == [["webhook"]] * 6
    assert deliveries.counts(world.database) == {"accepted": 6}


def test_a_held_back_notice_of_what_has_ended_meanwhile_is_not_sent(world: World) -> None:
    hook(world, quiet_from=7, quiet_until=12)
    world.advance_to("2026-03-15 07:30")
    (child,) = enrolled(world, ["2026-03-01"])
    world.advance_to("2026-03-15 09:00")
    world.visit(child, on="2026-03-15")

    world.advance_to("2026-03-15 13:00")

    assert (the_delivery(world, child).last_reason, world.posted) == ("alert_closed", [])


def test_who_is_left_alone_in_quiet_hours_is_of_one_school_and_others_are_told(world: World) -> None:
    hook(world, quiet_from=0, quiet_until=23)
    other = world.recipient("Class teacher", org=ORG)
    world.asleep_until("2026-03-20 09:00")
    enrolled(world, ["2026-03-01"])

    world.settle()

    assert ([item.step for item in world.inbox(other)], world.posted) == (["info"], [])
