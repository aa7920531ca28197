"""What must not happen at the worst moment: that nobody at all is told, and that nobody sees it."""

import threading
from datetime import date, timedelta
from uuid import UUID, uuid4

import dramatiq
import httpx
import pytest

from application.access import SYSTEM
from domain.org import Step, org_id
from projections import watch
from projections.outbox import deliveries
from tests.support.tampering import tamper
from tests.support.world import SCHOOL, World
from tests.workers.test_delivering import Killed, the_delivery
from tests.workers.test_routing import COUNTY, told
from tests.workers.test_starting import codes
from workers.offers import MOST_OFFERED


def critical_is_told(world: World) -> bool:
    return watch.checks(world.database, world.system.log, now=world.now)["critical_told"]


def test_an_alert_whose_file_cannot_be_read_is_told_of_and_holds_no_other_up(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    children = [world.enrol(f"T{number}", on="2026-03-01") for number in range(5)]
    world.still.add("actors")
    world.advance_to("2026-03-15 08:00")
    (case,) = world.alerts(children[0])
    tamper(world.database, world.system.log.stream(case.alert_id)[-1].position or 0)

    world.still.clear()
    world.settle()

    assert deliveries.counts(world.database) == {"accepted": 5}
    assert len(world.posted) == 1


def test_a_school_whose_file_cannot_be_read_keeps_nobody_else_from_being_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.recipient("Principal")
    world.recipient("Office", org=COUNTY, catch_all=True)
    world.enrol("T1", on="2026-03-01")
    world.enrol("T2", on="2026-03-01", org=f"{COUNTY}/other")
    world.still.add("actors")
    world.advance_to("2026-03-15 08:00")
    tamper(world.database, world.system.log.stream(org_id(SCHOOL))[-1].position or 0)

    world.still.clear()
    world.settle()

    assert told(world, "Office") == {"Office": ["info", "info"]}
    assert codes(world.system) == ["nobody_watches"]
    assert f"organisation {org_id(SCHOOL)}: Tampered" in caplog.text
    assert SCHOOL not in caplog.text


def test_the_last_who_can_be_told_is_tried_on_until_somebody_was(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    child = world.enrol("T1", on="2026-03-01")
    world.answer = lambda _: httpx.Response(404)
    world.advance_to("2026-03-15 20:30")
    assert (the_delivery(world, child).state, len(world.posted)) == ("pending", 13)

    world.answer = lambda _: httpx.Response(200)
    world.advance_to("2026-03-15 21:00")

    assert the_delivery(world, child).state == "accepted"
    assert len({request.headers["webhook-id"] for request in world.posted}) == 1


def test_who_is_tried_on_is_left_alone_when_the_alert_has_ended(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    child = world.enrol("T1", on="2026-03-01")
    world.answer = lambda _: httpx.Response(404)
    world.advance_to("2026-03-15 08:30")

    world.visit(child, on="2026-03-15")
    world.advance_to("2026-03-15 12:00")

    assert (the_delivery(world, child).last_reason, len(world.posted)) == ("alert_closed", 1)


def test_what_kills_every_sender_kills_no_more_than_one_an_hour_where_nobody_else_is(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    world.enrol("T1", on="2026-03-01")

    def die(_request: httpx.Request) -> httpx.Response:
        raise Killed

    world.answer = die
    for _ in range(20):
        try:
            world.advance_to("2026-03-15 08:50")
        except Killed:
            world.restart()

    assert len(world.posted) == 12


@pytest.mark.parametrize("status", [404, 503])
def test_who_is_registered_after_all_have_failed_is_told_at_once(status: int, world: World) -> None:
    world.recipient("Hook", channel="webhook")
    world.enrol("T1", on="2026-03-01")
    world.answer = lambda _: httpx.Response(status)
    world.advance_to("2026-03-15 12:30")

    world.recipient("Office", org=COUNTY, catch_all=True)
    world.settle()

    assert told(world, "Office") == {"Office": ["info"]}


def test_whose_address_was_mended_is_tried_at_once_under_the_same_id(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    world.enrol("T1", on="2026-03-01")
    world.answer = lambda request: httpx.Response(200 if request.url.path == "/new" else 404)
    world.advance_to("2026-03-15 12:30")

    world.recipient("Hook", channel="webhook", address="https://hooks.example/new")
    world.settle()

    assert deliveries.counts(world.database) == {"accepted": 1}
    assert len({request.headers["webhook-id"] for request in world.posted}) == 1


def test_of_two_who_fail_in_the_same_moment_neither_counts_on_the_other(world: World) -> None:
    hooks = [world.recipient(name, channel="webhook") for name in ("One", "Two")]
    world.recipient("Office", org=COUNTY, catch_all=True)
    world.enrol("T1", on="2026-03-01")
    world.still.add("actors")
    world.advance_to("2026-03-15 08:00")
    called, refused = (threading.Barrier(3, timeout=20) for _ in range(2))

    def refuse(_request: httpx.Request) -> httpx.Response:
        called.wait()
        refused.wait()
        return httpx.Response(410)

    world.answer = refuse
    threads = [threading.Thread(target=world.watch.sender.serve, args=("webhook",)) for _ in hooks]
    for thread in threads:
        thread.start()
    called.wait()
    with world.database.transaction() as tx:
        if tx.dialect == "postgres":
            tx.run("LOCK TABLE delivery IN EXCLUSIVE MODE")
        # Nobody can write now: both have time to look at what the other has written, which is nothing.
        refused.wait()
        threading.Event().wait(0.3)
    for thread in threads:
        thread.join()

    world.still.clear()
    world.settle()

    assert told(world, "Office") == {"Office": ["info"]}


def test_who_asks_for_a_day_does_not_keep_the_others_from_being_told(world: World) -> None:
    for name in ("One", "Two"):
        world.recipient(name, channel="webhook")
    world.recipient("Office", org=COUNTY, catch_all=True)
    world.enrol("T1", on="2026-03-01")
    world.answer = lambda _: httpx.Response(503, headers={"retry-after": "86400"})

    world.advance_to("2026-03-15 08:05")

    assert told(world, "Office") == {"Office": ["info"]}
    assert len(world.posted) == 2


def test_a_critical_alert_that_there_is_nobody_to_tell_of_is_seen(world: World) -> None:
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-04-30 07:00")
    assert critical_is_told(world)
    world.advance_to("2026-04-30 08:01")
    assert world.alerts(child)[0].step is Step.CRITICAL
    assert not critical_is_told(world)

    world.recipient()
    world.settle()

    assert critical_is_told(world)


def test_a_critical_alert_that_was_told_before_it_was_reopened_must_be_told_again(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    child = world.enrol("T1", on="2026-03-01")
    world.answer = lambda _: httpx.Response(200)
    world.advance_to("2026-05-02 09:00")
    visit = world.visit(child, on="2026-05-02")
    world.settle()
    world.answer = lambda _: httpx.Response(503)
    world.void(child, visit.event_id)

    world.advance_to("2026-05-02 09:30")

    assert not critical_is_told(world)
    world.answer = lambda _: httpx.Response(200)
    world.advance_to("2026-05-02 20:00")
    assert critical_is_told(world)


def test_what_became_critical_in_a_snooze_is_expected_to_be_told_in_the_morning_after(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-04-29 10:00")
    (case,) = world.alerts(child)
    until = date(2026, 5, 2)
    world.system.alerts.snooze(case.alert_id, until=until, reason="x", approved_by="y", actor=SYSTEM)

    for hour in ("2026-05-01 12:00", "2026-05-03 07:00", "2026-05-03 08:00"):
        world.advance_to(hour)
        assert critical_is_told(world)

    assert world.inbox(head)[-1].step == "critical"


def test_a_step_down_after_a_snooze_does_not_take_the_place_of_its_end(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    visit = world.visit(child, on="2026-03-01")
    world.advance_to("2026-04-10 10:00")
    (case,) = world.alerts(child)
    until = date(2026, 4, 12)
    world.system.alerts.snooze(case.alert_id, until=until, reason="x", approved_by="y", actor=SYSTEM)
    world.advance_to("2026-04-13 07:00")

    world.correct(child, visit.event_id, occurred_on="2026-03-20")
    world.advance_to("2026-04-13 08:00")

    assert [item.step for item in world.inbox(head)] == ["info", "warning", "info"]


def owe(world: World, *, step: str, channel: str = "webhook") -> UUID:
    """Owe somebody a notice."""
    owed = deliveries.Delivery(
        delivery_id=uuid4(),
        alert_id=uuid4(),
        child_id=uuid4(),
        org="",
        step=step,
        days_silent=60,
        cause=uuid4(),
        recipient_id=uuid4(),
        channel=channel,
        state=deliveries.PENDING,
        attempts=0,
        not_before=world.now,
        created_at=world.now,
        updated_at=world.now,
    )
    with world.database.transaction() as tx:
        deliveries.plan(tx, [owed])
    return owed.recipient_id


def test_what_is_worst_does_not_stand_behind_a_crowd_whom_nobody_gets_round_to(world: World) -> None:
    for _ in range(2 * MOST_OFFERED):
        owe(world, step="info")
    queue = world.watch.broker.queues["serve"]  # type: ignore[attr-defined]

    def swept(seconds: int) -> None:
        for _ in range(2 * seconds):
            world._now += timedelta(seconds=0.5)
            world.watch.sweep.step()

    swept(12)
    worst = owe(world, step="critical")
    swept(11)

    rung = [dramatiq.Message.decode(queue.get_nowait()).kwargs["recipient_id"] for _ in range(queue.qsize())]
    before = rung[: rung.index(str(worst))]
    assert len(set(before)) == MOST_OFFERED
    assert len(before) <= 3 * MOST_OFFERED


def test_of_two_channels_neither_crowd_takes_the_place_of_the_other(world: World) -> None:
    world.settle()
    for _ in range(2 * MOST_OFFERED):
        owe(world, step="critical", channel="email")
    one = owe(world, step="info")

    world.watch.sweep.step()

    queue = world.watch.broker.queues["serve"]  # type: ignore[attr-defined]
    rung = [dramatiq.Message.decode(queue.get_nowait()).kwargs for _ in range(queue.qsize())]
    assert [each["channel"] for each in rung].count("email") == MOST_OFFERED
    assert rung[-1]["recipient_id"] == str(one)
