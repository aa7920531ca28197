"""How the followers stand: how far behind, how late, and whether they get on while their loops beat."""

from datetime import timedelta

from projections.following import STILL_AFTER, followers, heartbeat_of, standing_still
from projections.outbox.heartbeat import LOOPS, beat, silent_loops
from tests.support.world import World

SECOND = timedelta(seconds=1)


def test_a_follower_is_as_late_as_the_first_event_that_it_has_not_worked_off(world: World) -> None:
    world.settle()
    world.enrol("T1", on="2026-03-01")
    recorded = world.now
    world.asleep_until(recorded + 20 * SECOND)
    child = world.enrol("T2", on="2026-03-01")
    world.visit(child, on="2026-03-01")
    world.watch.relay.step()

    by_name = {f.name: f for f in followers(world.database, world.system.log, now=world.now)}
    timeline, relay = by_name["timeline"], by_name["relay"]
    assert (timeline.pending, timeline.oldest_at, timeline.lag_seconds) == (3, recorded, 20)
    assert (relay.pending, relay.oldest_at, relay.lag_seconds) == (0, None, 0)
    assert (relay.moved_at, timeline.moved_at) == (world.now, recorded)
    late = heartbeat_of(world.database, world.system.log, loop="runner", now=world.now)
    assert (late.lag_seconds, late.pending) == (20, 3)


def test_who_is_behind_and_does_not_move_stands_still_even_if_its_loop_beats(world: World) -> None:
    world.settle()
    world.asleep_until(world.now + timedelta(days=3))
    assert standing_still(world.database, world.system.log, now=world.now) == ()

    world.enrol("T1", on="2026-03-01")
    world.asleep_until(world.now + STILL_AFTER)
    assert standing_still(world.database, world.system.log, now=world.now) == ()
    world.asleep_until(world.now + SECOND)
    with world.database.transaction() as tx:
        for loop in ("runner", "relay"):
            beat(tx, heartbeat_of(world.database, world.system.log, loop=loop, now=world.now))

    assert standing_still(world.database, world.system.log, now=world.now) == (
        "timeline",
        "pairings",
        "relay",
    )
    assert set(silent_loops(world.database, now=world.now)) == set(LOOPS) - {"runner", "relay"}
    world.settle()
    assert standing_still(world.database, world.system.log, now=world.now) == ()


def test_who_never_began_stands_still_once_there_is_something_to_do(world: World) -> None:
    world.asleep_until(world.now + STILL_AFTER + SECOND)
    stood = followers(world.database, world.system.log, now=world.now)
    assert [(f.name, f.moved_at, f.still) for f in stood] == [
        (name, None, True) for name in ("timeline", "pairings", "relay")
    ]
