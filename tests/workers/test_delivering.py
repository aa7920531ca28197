"""From a ring to a notice: tried until it is taken, counted before each call, others told when it fails."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import httpx
import pytest

from projections.outbox import deliveries
from projections.outbox.deliveries import Delivery
from tests.support.builders import an_id
from tests.support.world import SCHOOL, World, drain, moment
from workers.sender import WAITS


def the_delivery(world: World, child: UUID, channel: str = "webhook") -> Delivery:
    (case,) = world.alerts(child)
    (found,) = [d for d in deliveries.of_alert(world.database, case.alert_id) if d.channel == channel]
    return found


def test_a_notice_is_tried_again_after_growing_waits_under_the_same_id(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    child = world.enrol("T1", on="2026-03-01")
    tries: list[tuple[timedelta, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tries.append((world.now - moment("2026-03-15 08:00"), request.headers["webhook-id"]))
        return httpx.Response(503 if len(tries) < 4 else 204)

    world.answer = answer
    world.advance_to("2026-03-15 09:00")

    waits = [after - before for (before, _), (after, _) in pairwise(tries)]
    assert [wait <= real <= wait * 1.2 for wait, real in zip(WAITS, waits, strict=False)] == [True] * 3
    assert {webhook_id for _, webhook_id in tries} == {str(the_delivery(world, child).delivery_id)}
    assert (the_delivery(world, child).state, the_delivery(world, child).attempts) == ("accepted", 4)


def test_who_asks_for_time_gets_it(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    child = world.enrol("T1", on="2026-03-01")
    world.answer = lambda _: httpx.Response(429, headers={"retry-after": "1800"})

    world.advance_to("2026-03-15 08:29")
    assert len(world.posted) == 1

    world.answer = lambda _: httpx.Response(200)
    world.advance_to("2026-03-15 08:31")
    assert the_delivery(world, child).state == "accepted"


def test_a_notice_that_may_have_arrived_is_sent_again_under_the_same_id(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    child = world.enrol("T1", on="2026-03-01")

    def slow(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too slow", request=request)

    world.answer = slow
    world.advance_to("2026-03-15 08:00")
    assert the_delivery(world, child).state == "unknown"

    world.answer = lambda _: httpx.Response(200)
    world.advance_to("2026-03-15 08:01")
    assert the_delivery(world, child).state == "accepted"
    assert len({request.headers["webhook-id"] for request in world.posted}) == 1


def test_others_are_told_when_it_takes_too_long_and_in_the_end_it_is_given_up(world: World) -> None:
    world.answer = lambda _: httpx.Response(500)
    world.recipient("Hook", channel="webhook")
    office = world.recipient("Office", org=SCHOOL.split("/")[0], catch_all=True)
    child = world.enrol("T1", on="2026-03-01")

    world.advance_to("2026-03-15 08:15")
    assert [item.step for item in world.inbox(office)] == ["info"]

    world.advance_to("2026-03-18 08:00")
    assert (the_delivery(world, child).state, the_delivery(world, child).attempts) == ("failed", 12)
    assert [item.step for item in world.inbox(office)] == ["info"]


def test_a_poisonous_notice_is_counted_and_given_up_though_its_sender_dies_every_time(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    office = world.recipient("Office", org=SCHOOL.split("/")[0], catch_all=True)
    child = world.enrol("T1", on="2026-03-01")

    def die(_request: httpx.Request) -> httpx.Response:
        raise Killed

    world.answer = die
    for _ in range(30):
        try:
            world.advance_to("2026-03-18 08:00")
        except Killed:
            world.restart()
            world._now += timedelta(minutes=2)

    assert (the_delivery(world, child).state, len(world.posted)) == ("failed", 12)
    assert [item.step for item in world.inbox(office)] == ["info"]


def test_what_has_ended_meanwhile_is_not_sent_any_more(world: World) -> None:
    world.answer = lambda _: httpx.Response(503)
    world.recipient("Hook", channel="webhook")
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 08:10")
    tried = len(world.posted)

    world.visit(child, on="2026-03-15")
    world.advance_to("2026-03-16 08:00")

    delivery = the_delivery(world, child)
    assert (delivery.state, delivery.last_reason, len(world.posted)) == ("failed", "alert_closed", tried)


def test_an_acceptance_is_an_event_of_the_alert(world: World) -> None:
    world.recipient("Head teacher")
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 08:00")

    (case,) = world.alerts(child)
    said = [e.details for e in world.system.log.stream(case.alert_id) if e.type == "alert_notified"]
    delivery = the_delivery(world, child, "inbox")
    assert [(s.delivery, s.recipient, s.channel) for s in said] == [  # type: ignore[attr-defined]
        (delivery.delivery_id, an_id("Head teacher"), "inbox")
    ]


@pytest.mark.parametrize("times", [2, 5])
def test_a_bell_that_rings_many_times_sends_once(world: World, times: int) -> None:
    world.recipient("Hook", channel="webhook")
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 08:00")

    for _ in range(times):
        hook = str(the_delivery(world, child).recipient_id)
        world.watch.broker.get_actor("serve").send(recipient_id=hook, channel="webhook")
        world.watch.broker.get_actor("recompute").send(child_id=str(child))
        drain(world.watch.broker)

    assert len(world.posted) == 1


class Killed(BaseException):
    """The process is gone."""
