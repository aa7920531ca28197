"""The brokers, and how the actors are bound to one: nothing here happens at import.

The broker is a doorbell. It retries nothing, keeps no result, and may forget every message: what waits is
offered again out of the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import BrokerConnectionError
from dramatiq.middleware import CurrentMessage, Middleware, ShutdownNotifications, TimeLimit

from projections.outbox.deliveries import RecipientQueue

NAMESPACE = "careledger"
SERVE, RECOMPUTE = "serve", "recompute"
# More than a turn at a recipient queue and the longest call that it may end with; for what never ends.
SERVE_MS = 90_000
RECOMPUTE_MS = 600_000
HEARTBEAT_MS = 15_000
ALWAYS = 1_000_000
SOCKET_SECONDS = 10.0
CONNECT_SECONDS = 3.0


class BrokerUnavailable(Exception):
    """The broker can't be reached: this ring was not heard, and the next would not be either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """Notifies the actors: `serve` of a recipient queue with something due, `recompute` of a child to judge.

    A worker that is notified of a queue serves the worst of that channel first. A notification may be lost.
    Both raise `BrokerUnavailable`.
    """

    serve: Callable[[RecipientQueue], None]
    recompute: Callable[[UUID], None]


def open_broker(*, redis_url: str | None) -> dramatiq.Broker:
    """Make the broker: Redis where there is one, else one that lives in this process."""
    if redis_url is None:
        broker = StubBroker(middleware=_middleware())
        broker.emit_after("process_boot")
        return broker
    client = redis.Redis.from_url(
        redis_url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=CONNECT_SECONDS
    )
    return RedisBroker(  # type: ignore[no-untyped-call]
        client=client,
        middleware=_middleware(),
        namespace=NAMESPACE,
        # By default a killed worker's messages come back after many minutes, or not at all.
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=ALWAYS,
    )


def bind(
    broker: dramatiq.Broker, *, serve: Callable[[RecipientQueue], None], recompute: Callable[[UUID], None]
) -> Notifier:
    """Bind the actors to a broker and return the notifier that calls them. A message holds ids only."""

    def serve_one(*, recipient_id: str, channel: str) -> None:
        serve(RecipientQueue(recipient_id=UUID(recipient_id), channel=channel))

    def recompute_one(*, child_id: str) -> None:
        recompute(UUID(child_id))

    bound = dramatiq.actor(actor_name=SERVE, queue_name=SERVE, broker=broker, time_limit=SERVE_MS)
    queues = bound(serve_one)
    bound = dramatiq.actor(actor_name=RECOMPUTE, queue_name=RECOMPUTE, broker=broker, time_limit=RECOMPUTE_MS)
    children = bound(recompute_one)
    return Notifier(
        serve=lambda queue: _ring(
            lambda: queues.send(recipient_id=str(queue.recipient_id), channel=queue.channel)
        ),
        recompute=lambda child_id: _ring(lambda: children.send(child_id=str(child_id))),
    )


def _middleware() -> list[Middleware]:
    """No retries and no age limit: the database says what is still to do, and never forgets it."""
    return [TimeLimit(), ShutdownNotifications(), CurrentMessage()]


def _ring(send: Callable[[], object]) -> None:
    try:
        send()
    except (BrokerConnectionError, redis.RedisError) as error:
        raise BrokerUnavailable from error
