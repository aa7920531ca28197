"""A backlog of children to be judged anew stays in the database; the broker gets a few at a time."""

from datetime import timedelta

import pytest
from dramatiq.brokers.stub import StubBroker

from projections.outbox.recomputing import OFFER_AGAIN_AFTER, outstanding
from tests.support.world import World, drain
from workers import recompute as recomputes

MOST = 4


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recomputes, "MOST_OFFERED", MOST)


def waiting(world: World) -> int:
    assert isinstance(world.watch.broker, StubBroker)
    return world.watch.broker.queues["recompute"].qsize()


def waited_for(world: World, children: int) -> None:
    for number in range(children):
        world.enrol(f"T{number}", on="2026-03-01")
    while world.watch.relay.step():
        pass


def test_no_more_than_a_few_children_are_in_the_broker_s_hands(world: World) -> None:
    waited_for(world, 10)

    offered = [world.watch.recomputes.step() for _ in range(3)]

    assert offered == [MOST, 0, 0]
    assert waiting(world) == MOST


def test_more_follow_when_these_are_judged(world: World) -> None:
    waited_for(world, 10)

    steps = []
    while outstanding(world.database):
        steps.append(world.watch.recomputes.step())
        drain(world.watch.broker)

    assert steps == [4, 4, 2]


def test_who_is_not_judged_in_time_is_offered_again_and_nobody_else(world: World) -> None:
    waited_for(world, 10)
    world.watch.recomputes.step()

    world._now += OFFER_AGAIN_AFTER - timedelta(seconds=1)
    early = world.watch.recomputes.step()
    world._now += timedelta(seconds=1)
    late = world.watch.recomputes.step()

    assert (early, late) == (0, MOST)
    assert waiting(world) == 2 * MOST
