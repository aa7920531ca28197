"""The watch put together: the same parts for the worker process and for a world under a simulated clock."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

import dramatiq
import httpx

from application.system import System
from domain.rules.calendar import Calendar, default_calendar
from projections.runner import Runner
from workers.broker import Notifier, bind
from workers.canary import Canary
from workers.channel import Resources
from workers.heartbeats import Heartbeats
from workers.keys import KeyWatch
from workers.offers import Offers
from workers.outcomes import Outcomes
from workers.outgoing import http_client, resolve
from workers.papers import PaperWork
from workers.planning import Planner
from workers.presence import Presence
from workers.recompute import Recompute
from workers.relay import Relay
from workers.sender import Sender
from workers.sweep import Sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The parts of the watch; each has a `step` that does a bit of work and tells how much."""

    broker: dramatiq.Broker
    runner: Runner
    keepers: Sequence[Callable[[], int]]
    relay: Relay
    sweep: Sweep
    keys: KeyWatch
    presence: Presence
    recomputes: Recompute
    sender: Sender
    fan_out: Callable[[], int]
    papers: PaperWork
    heartbeats: Heartbeats

    @property
    def steps(self) -> Mapping[str, Callable[[], int]]:
        """Return the step of each loop by its name."""
        return {
            "presence": self.presence.step,
            "relay": self.relay.step,
            "sweep": lambda: self.keys.step() + self.sweep.step(),
            # What is kept beside files comes when the read models are at the end of the log.
            "runner": lambda: self.runner.step() or next((n for keep in self.keepers if (n := keep())), 0),
            "recomputes": self.recomputes.step,
            "fanout": lambda: self.fan_out() + self.papers.step(),
        }


def nowhere(_point: str) -> None:
    """Crash at no point."""


def compose(
    system: System,
    *,
    broker: dramatiq.Broker,
    chance: Callable[[], float] = random.random,
    transport: httpx.BaseTransport | None = None,
    resolved: Callable[[str, int], Sequence[str]] = resolve,
    calendar: Calendar | None = None,
    ticks: Callable[[], float] = time.monotonic,
    at: Callable[[str], None] = nowhere,
) -> Watch:
    """Build the watch around a system and bind its actors to a broker.

    Chance, network, names of hosts and the clock that only runs forward are arguments; so are the points at
    which a test may crash.
    """
    resources = _resources(system, transport=transport, resolved=resolved)
    sender = _sender(system, resources=resources, chance=chance, ticks=ticks, at=at)
    notifier = bind(
        broker,
        serve=lambda queue: sender.serve(queue.channel),
        recompute=lambda child_id: recomputes.judge(child_id),  # noqa: PLW0108  it is made below
    )
    recomputes = _recompute(system, notifier=notifier, calendar=calendar or default_calendar(), at=at)
    database, log, now = system.database, system.log, system.now
    return Watch(
        broker=broker,
        runner=Runner(database=database, log=log, now=now),
        keepers=_keepers(system),
        relay=_relay(system, at=at),
        sweep=_sweep(system, notifier=notifier, instance=sender.instance, ticks=ticks, at=at),
        keys=KeyWatch(database=database, log=log, now=now),
        presence=Presence(sender=sender),
        recomputes=recomputes,
        sender=sender,
        fan_out=partial(system.fan_outs.step, at=at),
        papers=PaperWork(due=system.uploaded_papers.due, work=system.uploaded_papers.step),
        heartbeats=Heartbeats(database=database, log=log, now=now),
    )


def _keepers(system: System) -> Sequence[Callable[[], int]]:
    """Return what keeps that which lies beside the files of children."""
    kept = (system.cards, system.record.likenesses, system.record.name_digests, system.lookups)
    return (*(each.keep for each in kept), system.evidence.tidy)


def _relay(system: System, *, at: Callable[[str], None]) -> Relay:
    planner = Planner(
        database=system.database,
        log=system.log,
        organisations=system.organisations,
        alerts=system.alerts,
        now=system.now,
    )
    return Relay(database=system.database, log=system.log, planner=planner, now=system.now, at=at)


def _sweep(
    system: System,
    *,
    notifier: Notifier,
    instance: UUID,
    ticks: Callable[[], float],
    at: Callable[[str], None],
) -> Sweep:
    settings = system.settings
    database, now = system.database, system.now
    canary = Canary(
        database=database,
        log=system.log,
        alerts=system.alerts,
        now=now,
        every=timedelta(seconds=settings.ping_seconds) if settings.ping_url is not None else None,
    )
    return Sweep(
        database=database,
        log=system.log,
        organisations=system.organisations,
        alerts=system.alerts,
        canary=canary,
        offers=Offers(database=database, notifier=notifier, instance=instance, ticks=ticks, at=at),
        now=now,
        at=at,
    )


def _recompute(
    system: System, *, notifier: Notifier, calendar: Calendar, at: Callable[[str], None]
) -> Recompute:
    return Recompute(
        database=system.database,
        log=system.log,
        governance=system.organisations.governance,
        notifier=notifier,
        calendar=calendar,
        now=system.now,
        at=at,
    )


def _resources(
    system: System, *, transport: httpx.BaseTransport | None, resolved: Callable[[str, int], Sequence[str]]
) -> Resources:
    settings = system.settings
    return Resources(
        database=system.database,
        now=system.now,
        http=http_client(timeout_seconds=settings.webhook_timeout_seconds, transport=transport),
        resolve=resolved,
        allow_private=settings.webhook_allow_private,
        smtp=settings.smtp,
        ping_url=settings.ping_url,
        ping_seconds=settings.ping_seconds,
    )


def _sender(
    system: System,
    *,
    resources: Resources,
    chance: Callable[[], float],
    ticks: Callable[[], float],
    at: Callable[[str], None],
) -> Sender:
    outcomes = Outcomes(
        database=system.database,
        log=system.log,
        organisations=system.organisations,
        alerts=system.alerts,
        now=system.now,
        chance=chance,
    )
    return Sender(
        database=system.database,
        organisations=system.organisations,
        outcomes=outcomes,
        resources=resources,
        now=system.now,
        ticks=ticks,
        at=at,
    )
