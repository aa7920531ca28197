"""Gauges of the watch, read from the database at a scrape: the same from every process, so never summed."""

import math
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from application.system import System
from domain.streams.canary.ring import CANARY_ID
from projections import watch
from projections.database import Database
from projections.following import FOLLOWERS, followers
from projections.outbox import dead_letters, due, keyless, recomputing, summary
from projections.outbox.heartbeat import LOOPS, heartbeats

KEEP_SECONDS = 5.0

_log = structlog.get_logger("careledger.api")


class WatchCollector(Collector):
    """Reads the watch at most once in `KEEP_SECONDS`, however often it is scraped."""

    def __init__(self, system: System, *, keep_seconds: float = KEEP_SECONDS) -> None:
        self._system = system
        self._keep_seconds = keep_seconds
        self._lock = threading.Lock()
        self._read_at = -math.inf
        self._read: list[GaugeMetricFamily] = []

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Name nothing ahead: to be registered costs no look at the database."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the gauges as they are now, or were a moment ago."""
        with self._lock:
            if time.monotonic() - self._read_at >= self._keep_seconds:
                self._read = _gauges(self._system)
                self._read_at = time.monotonic()
            return self._read


def _gauges(system: System) -> list[GaugeMetricFamily]:
    try:
        found, readable = _read(system), 1
    except Exception as error:  # noqa: BLE001  # the counts of the service are worth a scrape without these
        _log.warning("watch_unreadable", kind=type(error).__name__)
        found, readable = [], 0
    return [_gauge("watch_readable", "Whether the gauges of the watch could be read.", readable), *found]


def _read(system: System) -> list[GaugeMetricFamily]:
    database, now = system.database, system.now()
    # What never happened is older than anything: an alert on age needs no second rule.
    beaten: dict[str, float] = dict.fromkeys(LOOPS, math.inf)
    beaten |= {h.loop: _age(h.completed_at, now) for h in heartbeats(database)}
    found = summary.kept(database) or summary.NOTHING_YET
    unsent = {step: _age(since, now) for step, since in found.oldest_unsent.items()}
    behind = followers(database, system.log, now=now)
    next_due = due.next_due(database)
    return [
        _by("loop", "loop_age_seconds", "Since a loop last completed a round.", beaten),
        _by("follower", "follower_behind", "Positions behind the log.", {f.name: f.pending for f in behind}),
        _by(
            "follower",
            "follower_age_seconds",
            "Age of the oldest event not worked off.",
            {f.name: 0.0 if f.oldest_at is None else _age(f.oldest_at, now) for f in behind},
        ),
        _by("follower", "dead_letters", "What a follower could not work off.", _letters(database)),
        _by("check", "watch_ok", "Whether a part of the watch is well.", _flags(system, now)),
        _by("state", "deliveries", "Notices that no channel has accepted.", found.unaccepted),
        _by("step", "unsent_notice_age_seconds", "Age of the oldest notice not accepted.", unsent),
        _gauge(
            "timer_overdue_seconds",
            "How long the oldest due timer has waited.",
            0.0 if next_due is None else _age(next_due, now),
        ),
        _gauge(
            "recomputes_outstanding",
            "Children yet to be judged anew.",
            recomputing.outstanding(database),
        ),
        _gauge(
            "participations_due",
            "Participants of activities whose files are yet to be written.",
            system.fan_outs.due(),
        ),
        _gauge("keys_missing", "Files that are known to have lost their keys.", keyless.count(database)),
        *_canary(database, now),
    ]


def _letters(database: Database) -> dict[str, int]:
    return dict.fromkeys((*FOLLOWERS, recomputing.FOLLOWER), 0) | dict(dead_letters.waiting(database))


def _canary(database: Database, now: datetime) -> list[GaugeMetricFamily]:
    """Nothing where no monitor is to hear of a canary."""
    if due.timer_of(database, kind=due.CANARY, key=CANARY_ID) is None:
        return []
    told_at = watch.canary_told_at(database)
    text = "Since the outside monitor last took a canary."
    return [_gauge("canary_age_seconds", text, math.inf if told_at is None else _age(told_at, now))]


def _flags(system: System, now: datetime) -> dict[str, int]:
    return {name: int(ok) for name, ok in watch.checks(system.database, system.log, now=now).items()}


def _age(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"careledger_{name}", text, value=value)


def _by(label: str, name: str, text: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"careledger_{name}", text, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family
