"""The watch put together: the same parts for the worker process and for a world under a simulated clock."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import dramatiq
import httpx

from application.system import System
from domain.rules.calendar import Calendar, default_calendar
from projections.outbox.deliveries import RecipientQueue
from projections.runner import Runner
from workers import actors, delivering
from workers.broker import bind
from workers.channel import Means
from workers.desk import Desk
from workers.keys import KeyWatch
from workers.outgoing import http_client, resolve
from workers.presence import Presence
from workers.recomputes import Recomputes
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
    keys: KeyWatch
    presence: Presence
    recomputes: Recomputes
    desk: Desk
    fan_out: Callable[[], int]

    @property
    def steps(self) -> Mapping[str, Callable[[], int]]:
        """Give the step of each loop by its name."""
        return {
            "presence": self.presence.step,
            "relay": self.relay.step,
            "sweep": lambda: self.keys.step() + self.sweep.step(),
            "runner": self.runner.step,
            "recomputes": self.recomputes.step,
            "fanout": self.fan_out,
        }


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
    ticks: Callable[[], float] = time.monotonic,
    at: Callable[[str], None] = nowhere,
) -> Works:
    """Build the watch around a system and bind its actors to a broker.

    Chance, network, names of hosts and the clock that only runs forward are arguments; so are the points at
    which a test may crash.
    """
    terms = calendar or default_calendar()
    means = Means(
        database=system.database,
        now=system.now,
        http=http_client(timeout_seconds=system.settings.webhook_timeout_seconds, transport=transport),
        resolve=resolved,
        allow_private=system.settings.webhook_allow_private,
        smtp=system.settings.smtp,
        ping_url=system.settings.ping_url,
        ping_seconds=system.settings.ping_seconds,
    )
    desk = Desk(system=system, means=means, calendar=terms, chance=chance, ticks=ticks, at=at)

    def serve(box: RecipientQueue) -> None:
        delivering.serve(box.channel, desk=desk)

    def recompute(child_id: UUID) -> None:
        actors.recompute(child_id, desk=desk)

    bells = bind(broker, serve=serve, recompute=recompute)
    return Works(
        system=system,
        broker=broker,
        runner=Runner(database=system.database, log=system.log, now=system.now),
        relay=Relay(system=system, at=at),
        sweep=Sweep(system=system, bells=bells, instance=desk.instance, ticks=ticks, at=at),
        keys=KeyWatch(system=system),
        presence=Presence(desk=desk),
        recomputes=Recomputes(system=system, bells=bells, calendar=terms, at=at),
        desk=desk,
        fan_out=partial(system.fanout.step, at=at),
    )
