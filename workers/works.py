"""The watch put together: the same parts for the worker process and for a world under a simulated clock."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import dramatiq
import httpx

from application.system import System
from domain.rules.calendar import Calendar, default_calendar
from projections.runner import Runner
from workers import actors
from workers.actors import Desk
from workers.broker import bind
from workers.channel import Means
from workers.outgoing import http_client, resolve
from workers.relay import Relay
from workers.sweep import Sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """The parts of the watch; each has a `step` that does a bit of work and tells how much."""

    system: System
    broker: dramatiq.Broker
    runner: Runner
    relay: Relay
    sweep: Sweep
    desk: Desk
    fan_out: Callable[[], int]


def nowhere(_point: str) -> None:
    """Crash at no point."""


def put_together(
    system: System,
    *,
    broker: dramatiq.Broker,
    chance: Callable[[], float] = random.random,
    transport: httpx.BaseTransport | None = None,
    resolved: Callable[[str, int], Sequence[str]] = resolve,
    calendar: Calendar | None = None,
    at: Callable[[str], None] = nowhere,
) -> Works:
    """Build the watch around a system and bind its actors to a broker.

    Chance, network and names of hosts are arguments; so are the points at which a test may crash.
    """
    terms = calendar or default_calendar()
    means = Means(
        database=system.database,
        now=system.now,
        http=http_client(timeout_seconds=system.settings.webhook_timeout_seconds, transport=transport),
        resolve=resolved,
        allow_private=system.settings.webhook_allow_private,
        smtp=system.settings.smtp,
    )
    desk = Desk(system=system, means=means, calendar=terms, chance=chance, at=at)

    def deliver(delivery_id: UUID) -> None:
        actors.deliver(delivery_id, desk=desk)

    def recompute(child_id: UUID) -> None:
        actors.recompute(child_id, desk=desk)

    bells = bind(broker, deliver=deliver, recompute=recompute)
    return Works(
        system=system,
        broker=broker,
        runner=Runner(database=system.database, log=system.log, now=system.now),
        relay=Relay(system=system, at=at),
        sweep=Sweep(system=system, bells=bells, calendar=terms, at=at),
        desk=desk,
        fan_out=partial(system.fanout.step, at=at),
    )
