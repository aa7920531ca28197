"""Everything that follows from the log, rebuilt from it.

Deliveries and inboxes stay: what was sent and what was read is in no event, so nothing could bring it back.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from domain.child import Child, fold
from domain.days import local_day
from domain.rules.binding import RuleBinding
from domain.rules.calendar import Calendar
from domain.streams.organisations.unit import Extension
from projections import compliance, status
from projections.database import Database, Log
from projections.outbox.recomputing import Pending, request
from projections.runner import MODELS, ReadModel
from projections.shadow import renew
from projections.status import Unreadable

_log = logging.getLogger(__name__)

Progress = Callable[[str, int], None]


class Governing(Protocol):
    """What holds for a child: rules, and whom its organisations watch."""

    @property
    def bindings(self) -> Sequence[RuleBinding]:
        """The bindings of all its organisations, former ones too, and of those above."""

    @property
    def extensions(self) -> Sequence[Extension]:
        """What these said of whom they watch."""


GoverningOf = Callable[[Child], Governing]


def rebuild(
    *,
    database: Database,
    log: Log,
    governing: GoverningOf,
    calendar: Calendar,
    now: Callable[[], datetime],
    models: Sequence[ReadModel] = MODELS,
    progress: Progress | None = None,
) -> tuple[Unreadable, ...]:
    """Rebuild status rows, read models and the compliance of every child; return what could not be.

    Status rows and compliance are written in their places, one stream after the other; read models are made
    beside the live ones and swapped. `governing` gives what may hold for a child. `progress`
    is told the part and how much of it was done. People may go on working meanwhile. Raises CatchUpTimeout
    and StandsStill.
    """
    report = progress or _untold
    unreadable = list(status.rebuild(database, log, progress=lambda done: report("status", done)))
    for model in models:
        renew(database=database, log=log, model=model, now=now, progress=partial(report, model.name))
    for child_id in status.child_ids(log):
        wanted = _asked_for_all(database, child_id, position=log.head()[0])
        try:
            judge(
                database=database, log=log, wanted=wanted, governing=governing, calendar=calendar, now=now()
            )
        except database.unavailable:
            raise
        except Exception as error:  # noqa: BLE001  it is given to the caller, and stays asked for
            unreadable.append(Unreadable(what="compliance", stream_id=child_id, reason=type(error).__name__))
        report("compliance", 1)
    return tuple(unreadable)


def size_of(database: Database, log: Log, *, beside: int = 0, models: Sequence[ReadModel] = MODELS) -> int:
    """Return how much `rebuild` will tell of in all; what is recorded meanwhile comes on top.

    `beside` is how many parts the caller rebuilds of every child after that.
    """
    row = database.one("SELECT count(*) AS events FROM events")
    events = int(row["events"]) if row else 0
    children, streams = status.counts(log)
    return streams + events * len(models) + children * (1 + beside)


def judge_all(
    child_ids: Sequence[UUID],
    *,
    database: Database,
    log: Log,
    governing: GoverningOf,
    calendar: Calendar,
    now: datetime,
) -> None:
    """Judge every period of some children again; one who can't be judged stays asked for."""
    position, _ = log.head()
    for child_id in child_ids:
        wanted = _asked_for_all(database, child_id, position=position)
        try:
            judge(database=database, log=log, wanted=wanted, governing=governing, calendar=calendar, now=now)
        except database.unavailable:
            raise
        except Exception as error:  # noqa: BLE001  it stays asked for: the worker tries again, and buries it
            _log.warning("could not judge %s: %s", child_id, type(error).__name__)


def judge(
    *,
    database: Database,
    log: Log,
    wanted: Pending,
    governing: GoverningOf,
    calendar: Calendar,
    now: datetime,
    at: Callable[[str], None] = lambda _: None,
) -> bool:
    """Judge a child's periods again as far as that was asked for. Twice is once.

    False where something new was asked for meanwhile: that is yet to do. `at` is told the name of each point
    between two effects, for those who want to crash there.
    """
    child = fold(wanted.child_id, log.streams([wanted.child_id])[wanted.child_id], as_of=local_day(now))
    governs = governing(child)
    rows = list(
        compliance.judged(
            child,
            bindings=governs.bindings,
            extensions=governs.extensions,
            calendar=calendar,
            from_day=wanted.from_day,
            now=now,
        )
    )
    at("recompute.judged")
    settled = compliance.settle(database, wanted, rows)
    at("recompute.kept")
    return settled


def _asked_for_all(database: Database, child_id: UUID, *, position: int) -> Pending:
    wanted = Pending(child_id=child_id, from_day=date.min, position=position)
    with database.transaction() as tx:
        request(tx, [wanted])
    return wanted


def _untold(_part: str, _done: int) -> None:
    return
