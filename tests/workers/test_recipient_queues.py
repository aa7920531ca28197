"""One call to a recipient at a time: who holds a queue, how long, and what a death leaves of it."""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import httpx
import pytest

from application.access import SYSTEM
from projections.outbox import deliveries, presence, recipient_queues
from projections.outbox.deliveries import RecipientQueue
from tests.support.world import World, drain
from tests.workers.test_delivering import Killed, the_delivery
from workers.presence import EXPIRED_AFTER_SECONDS, LONGEST_LOOK_SECONDS, Leases
from workers.sender import THREADS_A_CHANNEL, Sender


def another_worker(world: World) -> Sender:
    one = world.watch.sender
    return Sender(
        database=one.database,
        organisations=one.organisations,
        outcomes=one.outcomes,
        resources=one.resources,
        now=one.now,
        ticks=one.ticks,
        at=one.at,
    )


def silent(world: World, number: int) -> list[UUID]:
    return [world.enrol(f"T{n}", on="2026-03-01") for n in range(number)]


def holders(world: World) -> list[UUID]:
    rows = world.database.all("SELECT holder FROM letterbox WHERE holder IS NOT NULL")
    return [row["holder"] for row in rows]


def looked(world: World, *, seconds: float) -> None:
    """Let the time pass in which the sweep looks, as often as it does."""
    for _ in range(int(seconds / LONGEST_LOOK_SECONDS)):
        world._now += timedelta(seconds=LONGEST_LOOK_SECONDS)
        world.settle()


def test_while_one_call_is_on_its_way_nobody_else_begins_another(world: World) -> None:
    box = RecipientQueue(recipient_id=world.recipient("Hook", channel="webhook"), channel="webhook")
    silent(world, 3)
    on_their_way = 0

    def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal on_their_way
        on_their_way += 1
        assert on_their_way == 1
        for sender in (world.watch.sender, another_worker(world)):
            sender.serve(box.channel)
        assert holders(world) == [world.watch.sender.instance]
        on_their_way -= 1
        return httpx.Response(200)

    world.answer = answer
    world.advance_to("2026-03-15 08:00")

    assert deliveries.counts(world.database) == {"accepted": 3}
    assert (len(world.posted), holders(world)) == (3, [])


def test_what_a_dead_worker_was_sending_is_sent_again_once_its_beats_stand_still(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    (child,) = silent(world, 1)

    def die(_request: httpx.Request) -> httpx.Response:
        raise Killed

    world.answer = die
    with pytest.raises(Killed):
        world.advance_to("2026-03-15 08:00")
    dead = world.watch.sender.instance
    world.restart()
    world.answer = lambda _: httpx.Response(200)

    looked(world, seconds=EXPIRED_AFTER_SECONDS - LONGEST_LOOK_SECONDS)
    assert (the_delivery(world, child).state, holders(world)) == ("sending", [dead])

    looked(world, seconds=2 * LONGEST_LOOK_SECONDS)
    assert (the_delivery(world, child).state, holders(world)) == ("accepted", [])
    assert [len(world.posted), len({r.headers["webhook-id"] for r in world.posted})] == [2, 1]
    assert dead not in presence.everybody(world.database)


def test_a_living_worker_keeps_its_queue_however_far_a_clock_jumps(world: World) -> None:
    hook = world.recipient("Hook", channel="webhook")
    (child,) = silent(world, 1)
    world.advance_to("2026-03-15 07:59")
    living = uuid4()
    with world.database.transaction() as tx:
        presence.beat(tx, living)
        recipient_queues.take(
            tx, RecipientQueue(recipient_id=hook, channel="webhook"), holder=living, now=world.now
        )

    for jump in (timedelta(hours=1), timedelta(hours=-1), timedelta(days=2)):
        world._now += jump
        for _ in range(5):
            world.settle()
            with world.database.transaction() as tx:
                presence.beat(tx, living)

    assert holders(world) == [living]
    assert (the_delivery(world, child).state, world.posted) == ("pending", [])


def test_stillness_is_counted_only_while_somebody_looks() -> None:
    ticks, one = [0.0], uuid4()
    leases = Leases(ticks=lambda: ticks[0], own=uuid4())

    def expired_after(seconds: float, *, beats: int = 1) -> bool:
        ticks[0] += seconds
        return one in leases.expired({one: beats})

    assert not expired_after(100)
    assert [expired_after(0.5) for _ in range(30)] == [False] * 29 + [True]
    assert [expired_after(3600, beats=2) for _ in range(4)] == [False, False, False, True]
    assert not expired_after(3600, beats=3)


def test_a_process_never_takes_itself_for_dead() -> None:
    ticks, own = [0.0], uuid4()
    leases = Leases(ticks=lambda: ticks[0], own=own)

    for _ in range(100):
        ticks[0] += 1
        assert leases.expired({own: 1}) == {}


def test_who_was_away_for_too_long_finds_its_queue_taken_and_claims_nothing_more(world: World) -> None:
    box = RecipientQueue(recipient_id=world.recipient("Hook", channel="webhook"), channel="webhook")
    children = silent(world, 2)

    def freeze(_request: httpx.Request) -> httpx.Response:
        world.answer = lambda _: httpx.Response(200)
        (held,) = recipient_queues.held_by(world.database, world.watch.sender.instance)
        with world.database.transaction() as tx:
            assert recipient_queues.let_go(tx, held, now=world.now)
        another_worker(world).serve(box.channel)
        return httpx.Response(200)

    world.answer = freeze
    world.advance_to("2026-03-15 08:00")

    sent = Counter(request.headers["webhook-id"] for request in world.posted)
    assert sorted(sent.values()) == [1, 2]
    assert deliveries.counts(world.database) == {"accepted": 2}
    for child in children:
        (case,) = world.alerts(child)
        assert [e.type for e in world.system.log.stream(case.alert_id)].count("alert_notified") == 1


def test_who_has_lost_its_queue_begins_no_other_call(world: World) -> None:
    box = RecipientQueue(recipient_id=world.recipient("Hook", channel="webhook"), channel="webhook")
    silent(world, 2)
    another = uuid4()

    def freeze(_request: httpx.Request) -> httpx.Response:
        (held,) = recipient_queues.held_by(world.database, world.watch.sender.instance)
        with world.database.transaction() as tx:
            assert recipient_queues.let_go(tx, held, now=world.now)
            assert recipient_queues.take(tx, box, holder=another, now=world.now)
        return httpx.Response(200)

    world.answer = freeze
    world.advance_to("2026-03-15 08:00")

    assert (len(world.posted), holders(world)) == (1, [another])
    assert deliveries.counts(world.database) == {"accepted": 1, "pending": 1}


def test_a_queue_that_a_thread_has_dropped_is_let_go_of_by_its_own_process(world: World) -> None:
    world.recipient("Hook", channel="webhook")
    (child,) = silent(world, 1)

    def interrupted(_request: httpx.Request) -> httpx.Response:
        world.answer = lambda _: httpx.Response(200)
        raise Killed

    world.answer = interrupted
    with pytest.raises(Killed):
        world.advance_to("2026-03-15 08:00")
    assert holders(world) == [world.watch.sender.instance]

    world.settle()

    assert (the_delivery(world, child).state, holders(world)) == ("accepted", [])


def test_a_fault_in_a_channel_is_an_open_outcome_and_names_no_address(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.recipient("Hook", channel="webhook")
    (child,) = silent(world, 1)

    def fault(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError(str(request.url))

    world.answer = fault
    world.advance_to("2026-03-15 08:00")

    delivery = the_delivery(world, child)
    assert (delivery.state, delivery.last_reason, delivery.attempts) == ("unknown", "channel_failed", 1)
    assert "ZeroDivisionError in webhook" in caplog.text
    assert "hooks.example" not in caplog.text


@pytest.mark.parametrize("column", ["offered_at", "updated_at"])
def test_what_a_clock_wrote_that_ran_ahead_does_not_sleep(column: str, world: World) -> None:
    world.recipient("Hook", channel="webhook")
    (child,) = silent(world, 1)
    world.advance_to("2026-03-15 07:59")
    ahead = timedelta(hours=1)
    world._now += ahead
    world.answer = lambda _: httpx.Response(503)
    if column == "updated_at":
        world.settle()
    else:
        while world.watch.relay.step() + world.watch.sweep.step():
            pass
        world.restart()
    world._now -= ahead - timedelta(minutes=1)
    world.answer = lambda _: httpx.Response(200)

    world.settle()

    assert the_delivery(world, child).state == "accepted"


def test_what_is_critical_goes_before_what_was_rung_for_earlier(world: World) -> None:
    for name in ("First", "Second"):
        world.recipient(name, channel="webhook", address=f"https://hooks.example/{name}")
    other = "county/township/other"
    world.system.organisations.ensure(other, actor=SYSTEM)
    world.recipient("Last", org=other, channel="webhook", address="https://hooks.example/Last")
    world.still.add("actors")
    world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 08:00")
    world.enrol("T2", on="2026-01-01", org=f"{other}/3/4")
    world.settle()

    drain(world.watch.broker)

    asked = [request.url.path for request in world.posted]
    assert (asked[0], sorted(asked[1:])) == ("/Last", ["/First", "/Second"])


def test_a_channel_whose_calls_hang_gets_no_more_threads_than_its_own(world: World) -> None:
    hooks = 2 * THREADS_A_CHANNEL
    for number in range(hooks):
        world.recipient(f"Hook {number}", channel="webhook")
    head = world.recipient("Head teacher")
    (child,) = silent(world, 1)
    world.still.add("actors")
    world.advance_to("2026-03-15 08:00")
    called, released = threading.Barrier(THREADS_A_CHANNEL + 1, timeout=20), threading.Event()

    def hang(_request: httpx.Request) -> httpx.Response:
        if not released.is_set():
            called.wait()
            released.wait(20)
        return httpx.Response(200)

    world.answer = hang
    ask = partial(world.watch.sender.serve, "webhook")
    threads = [threading.Thread(target=ask) for _ in range(THREADS_A_CHANNEL)]
    for thread in threads:
        thread.start()
    called.wait()
    # All threads of the channel are in a call now: whoever hears another ring is free for other channels.
    ask()
    world.watch.sender.serve("inbox")
    assert len(world.posted) == THREADS_A_CHANNEL
    assert [item.child_id for item in world.inbox(head)] == [child]

    released.set()
    for thread in threads:
        thread.join()

    # They went on with what was left.
    assert (len(world.posted), deliveries.counts(world.database)) == (hooks, {"accepted": hooks + 1})


def test_a_bell_for_a_queue_with_nothing_in_it_does_nothing(world: World) -> None:
    world.watch.broker.get_actor("serve").send(recipient_id=str(uuid4()), channel="inbox")

    assert drain(world.watch.broker) == 1
    assert holders(world) == []


def canary(world: World, channel: str) -> UUID:
    planned = deliveries.Delivery(
        delivery_id=uuid4(),
        alert_id=UUID(int=0),
        child_id=UUID(int=0),
        org="",
        step=deliveries.CANARY,
        days_silent=0,
        cause=uuid4(),
        recipient_id=UUID(int=0),
        channel=channel,
        state=deliveries.PENDING,
        attempts=0,
        not_before=world.now,
        created_at=world.now,
        updated_at=world.now,
    )
    with world.database.transaction() as tx:
        deliveries.plan(tx, [planned])
    return planned.delivery_id


def test_a_canary_is_sent_at_once_by_itself_and_no_alert_hears_of_it(world: World) -> None:
    head, before = world.system.log.head()[0], world.recipient()
    tried = [canary(world, "inbox") for _ in range(5)]
    world.watch.sweep.step()
    assert world.system.log.head()[0] > head

    drain(world.watch.broker)

    rows = world.database.all("SELECT delivery_id, parcel, state FROM delivery")
    assert {(row["delivery_id"], row["parcel"], row["state"]) for row in rows} == {
        (one, one, "accepted") for one in tried
    }
    assert not [e for e in world.system.log.after(0, limit=500) if e.type == "alert_notified"]
    assert world.inbox(before) == []


def test_a_canary_that_dies_is_tried_a_few_times_and_nobody_is_told_instead(world: World) -> None:
    world.recipient("Office", catch_all=True)
    dead = canary(world, "dodo")
    world.settle()
    assert deliveries.counts(world.database) == {"failed": 1}

    with world.database.transaction() as tx:
        tx.run("UPDATE delivery SET state = 'pending', attempts = 0 WHERE delivery_id = :id", id=dead)
    world.answer = lambda _: httpx.Response(500)
    world.advance_to("2026-03-02 09:00")
    assert deliveries.counts(world.database) == {"failed": 1}
