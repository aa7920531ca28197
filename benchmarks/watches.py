"""Judging a child anew against saving an event, and the sweep over many children against that over few."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from application.access import SYSTEM
from application.eventstore.database import Clock
from application.organisations.known_rules import known_rules
from application.system import System
from benchmarks.figures import Report
from benchmarks.places import on_postgres, opened, server
from benchmarks.rounds import Work, interleaved, ratio
from benchmarks.samples import CLASS, DAY, carer_of, enrolled, next_saves
from domain.days import SHANGHAI, local_day
from projections.outbox import recomputing
from projections.outbox.due import SILENCE
from projections.outbox.recomputing import Pending
from workers.broker import open_broker
from workers.composition import Watch, compose

# In the month of the visits: each of them changes the verdict of that month, which is the one to judge.
DAY_AFTER = datetime(2026, 3, 6, 9, tzinfo=SHANGHAI)
CHILDREN = 50
SWEEPS = 40


def measure(report: Report) -> None:
    """Measure one event's judgement, and sweeps with nothing due."""
    with server() as url:
        with _watch(url, clock=lambda: DAY_AFTER) as (system, watch):
            _recompute(report, system, watch)
        with _watch(url) as (one, few), _watch(url) as (other, many):
            _sleeping(one, children=1_000)
            _sleeping(other, children=100_000)
            sweeps = {"1,000 children": _sweep(few), "100,000 children": _sweep(many)}
            rounds = interleaved("sweeps", sweeps)
            report.rates("sweeps", rounds, units=SWEEPS)
            report.add("sweep_100000", ratio(rounds, "100,000 children", "1,000 children"), rounds=7)


@contextmanager
def _watch(url: str, *, clock: Clock | None = None) -> Iterator[tuple[System, Watch]]:
    with on_postgres(url) as place, opened(place, clock=clock) as system:
        yield system, compose(system, broker=open_broker(redis_url=None))


def _recompute(report: Report, system: System, watch: Watch) -> None:
    carer = carer_of(system)
    children = enrolled(system, CHILDREN)
    for rule in known_rules(system.settings).values():
        if rule.rule_id == "C39":
            begun = local_day(system.now()).replace(day=1)
            system.organisations.governance.bind_rule(CLASS, rule=rule, effective_from=begun, actor=SYSTEM)

    def save() -> Callable[[], object]:
        ready = list(next_saves(system, children, carer))
        return lambda: [system.log.append([event], rows=[row], keys=keys) for event, row, keys in ready]

    def recompute() -> Callable[[], object]:
        position, _ = system.log.head()
        with system.database.transaction() as tx:
            recomputing.request(tx, [Pending(child_id=c, from_day=DAY, position=position) for c in children])
        return lambda: [watch.recomputes.judge(child) for child in children]

    rounds = interleaved("recompute", {"save": save, "recompute": recompute})
    report.rates("recompute", rounds, units=CHILDREN)
    report.add("recompute", ratio(rounds, "recompute", "save"), rounds=len(rounds["save"]))


def _sleeping(system: System, *, children: int) -> None:
    """Put in children whom nobody has to look at for a year."""
    with system.database.transaction() as tx:
        tx.run(
            "INSERT INTO timer (kind, key, due_at, position) "
            "SELECT :kind, gen_random_uuid(), :due_at, n FROM generate_series(1, :children) AS n",
            kind=SILENCE,
            due_at=system.now() + timedelta(days=365),
            children=children,
        )
        tx.run(
            "INSERT INTO child_status (child_id, version, org) SELECT key, 1, :org FROM timer "
            "WHERE kind = :kind",
            org=CLASS,
            kind=SILENCE,
        )


def _sweep(watch: Watch) -> Work:
    def prepare() -> Callable[[], object]:
        return lambda: [watch.sweep.step() for _ in range(SWEEPS)]

    return prepare
