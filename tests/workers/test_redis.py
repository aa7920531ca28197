"""The same walk over a real Redis, which is a doorbell and no more."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import redis
from dramatiq import Worker

from projections.compliance import of_child
from projections.outbox import deliveries, recomputing
from tests.support.world import World, eventually
from workers.broker import BrokerUnavailable

CANARY = "Canary-Wang-Xiaoming"


@contextmanager
def working(world: World) -> Iterator[None]:
    """Actors at work in this process, as in the worker process."""
    worker = Worker(world.watch.broker, worker_timeout=50, worker_threads=2)
    worker.start()
    try:
        yield
    finally:
        worker.stop(timeout=5_000)


def walked(world: World) -> None:
    """Relay and sweep, without the actors."""
    while sum(step() for step in world.watch.steps.values()):
        pass


def walked_without_redis(world: World) -> None:
    for _ in range(3):
        for step in world.watch.steps.values():
            with suppress(BrokerUnavailable):
                step()


def test_notices_and_recomputes_are_done_by_way_of_redis(tmp_path: Path, redis_db_url: str) -> None:
    with World(tmp_path, redis_url=redis_db_url) as world:
        head, hook = world.recipient("Head teacher"), world.recipient("Hook", channel="webhook")
        child = world.enrol("T1", on="2026-03-01")
        world.pair(child, on="2026-03-01")
        world.bind("C39", effective_from="2026-03-01")
        walked(world)
        world._now = world.now.replace(day=20)
        walked(world)

        with working(world):
            eventually(lambda: deliveries.counts(world.database) == {"accepted": 2})
            eventually(lambda: recomputing.outstanding(world.database) == 0)

        assert [item.step for item in world.inbox(head)] == ["info"]
        assert [request.headers["webhook-id"] for request in world.posted] == [
            str(delivery.delivery_id)
            for delivery in deliveries.of_alert(world.database, world.alerts(child)[0].alert_id)
            if delivery.recipient_id == hook
        ]
        assert [row.period for row in of_child(world.database, child_id=child, now=world.now)] == ["2026-03"]


def test_rings_that_redis_forgets_are_rung_again(tmp_path: Path, redis_db_url: str) -> None:
    with World(tmp_path, redis_url=redis_db_url) as world, redis.Redis.from_url(redis_db_url) as client:
        world.recipient("Head teacher")
        world.enrol("T1", on="2026-03-01")
        walked(world)
        world._now = world.now.replace(day=20)
        walked(world)
        client.flushdb()

        with working(world):
            world._now = world.now.replace(second=31)
            walked(world)
            eventually(lambda: deliveries.counts(world.database) == {"accepted": 1})


def test_while_redis_is_gone_nothing_is_lost(tmp_path: Path) -> None:
    with World(tmp_path, redis_url="redis://127.0.0.1:1/0") as world:
        world.recipient("Head teacher")
        world.enrol("T1", on="2026-03-01")
        walked_without_redis(world)
        world._now = world.now.replace(day=20)
        walked_without_redis(world)

        assert deliveries.counts(world.database) == {"pending": 1}
        assert recomputing.outstanding(world.database) == 1


def test_what_could_not_be_rung_for_is_offered_again_as_soon_as_redis_is_back(tmp_path: Path) -> None:
    with World(tmp_path, redis_url="redis://127.0.0.1:1/0") as world:
        world.enrol("T1", on="2026-03-01")
        world.watch.relay.step()

        for _ in range(2):
            with pytest.raises(BrokerUnavailable):
                world.watch.recomputes.step()


def test_messages_hold_ids_only(tmp_path: Path, redis_db_url: str) -> None:
    with World(tmp_path, redis_url=redis_db_url) as world, redis.Redis.from_url(redis_db_url) as client:
        world.answer = lambda _: httpx.Response(503)
        world.recipient(CANARY, channel="webhook")
        world.enrol("T1", on="2026-03-01", name=CANARY)
        walked(world)
        world._now = world.now.replace(day=20)
        walked(world)

        held = b"".join(_contents(client, key) for key in client.scan_iter())
        assert b"recipient_id" in held
        assert CANARY.encode() not in held
        assert b"hooks.example" not in held


def _contents(client: "redis.Redis", key: bytes) -> bytes:
    kind = client.type(key)
    if kind == b"hash":
        return b"".join(k + v for k, v in client.hgetall(key).items())  # type: ignore[union-attr]
    if kind == b"list":
        return b"".join(client.lrange(key, 0, -1))  # type: ignore[arg-type]
    if kind in {b"set", b"zset"}:
        members = client.smembers(key) if kind == b"set" else client.zrange(key, 0, -1)
        return b"".join(members)  # type: ignore[arg-type]
    return client.get(key) or b""  # type: ignore[return-value]
