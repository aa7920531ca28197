"""Everything that follows from the log, made anew from it.

Deliveries and inboxes stay: what was sent and what was read is in no event, so nothing could bring it back.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

from domain.child import Child, fold
from domain.days import local_day
from domain.rules.binding import RuleBinding
from domain.rules.calendar import Calendar
from projections import compliance, status
from projections.database import Database, Log
from projections.recomputing import Pending, fulfil, pending_of, request
from projections.runner import Runner

Progress = Callable[[str, int], None]
Bindings = Callable[[Child], Sequence[RuleBinding]]


def rebuild(
    *,
    database: Database,
    log: Log,
    runner: Runner,
    bindings: Bindings,
    calendar: Calendar,
    now: datetime,
    progress: Progress | None = None,
) -> None:
    """Write status rows, the timeline and the compliance of every child anew.

    `bindings` gives the rule bindings that may concern a child. `progress` is told the part and how much of
    it was done. People may go on working meanwhile.
    """
    told = progress or _untold
    status.rebuild(database, log, progress=lambda done: told("status", done))
    runner.empty()
    runner.catch_up(progress=lambda done: told("timeline", done))
    for child_id in status.child_ids(log):
        _ask_for_all(database, child_id, position=log.head()[0])
        judge(database=database, log=log, child_id=child_id, bindings=bindings, calendar=calendar, now=now)
        told("compliance", 1)


def judge(
    *,
    database: Database,
    log: Log,
    child_id: UUID,
    bindings: Bindings,
    calendar: Calendar,
    now: datetime,
    at: Callable[[str], None] = lambda _: None,
) -> None:
    """Judge a child's periods anew as far as that is asked for. Twice is once.

    `at` is told the name of each point between two effects, for those who want to crash there.
    """
    wanted = pending_of(database, child_id)
    if wanted is None:
        return
    child = fold(child_id, log.streams([child_id])[child_id], as_of=local_day(now))
    rows = list(
        compliance.judged(
            child, bindings=bindings(child), calendar=calendar, from_day=wanted.from_day, now=now
        )
    )
    at("recompute.judged")
    with database.transaction() as tx:
        # First of all: who finds the request changed has judged by what is outdated.
        if fulfil(tx, wanted):
            compliance.replace(tx, child_id=child_id, from_day=wanted.from_day, rows=rows)
            at("recompute.replaced")
    at("recompute.kept")


def _ask_for_all(database: Database, child_id: UUID, *, position: int) -> None:
    with database.transaction() as tx:
        request(tx, [Pending(child_id=child_id, from_day=date.min, position=position)])


def _untold(_part: str, _done: int) -> None:
    return
