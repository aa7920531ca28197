"""Timers that are due: how one is handled, when a child is looked at next, and whether all were handled."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from application.alerts.cases import Alerts
from application.eventstore.database import DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from domain.child import fold
from domain.event import Channel, Event
from domain.streams.alerts.case import AlertNotified
from domain.streams.canary.ring import CanaryRang
from projections.compliance import FOLLOWER
from projections.database import Database
from projections.outbox import due
from projections.outbox.due import SILENCE, SNOOZE, Timer
from projections.positions import position_of

IMPORT_SETTLES_IN = timedelta(seconds=60)
AGAIN_AFTER_FAILURE = timedelta(minutes=5)

log = logging.getLogger(__name__)


def handle(at: Callable[[Timer, datetime], None], timer: Timer, *, now: datetime, database: Database) -> None:
    """Look at a timer; where that fails, it waits a while. Raises DatabaseUnavailable."""
    try:
        at(timer, now)
    except DatabaseUnavailable:
        raise
    except KeysMissing:
        log.error("could not look at %s %s: a key is missing", timer.kind, timer.key)  # noqa: TRY400
        with database.transaction() as tx:
            due.settle(tx, timer, due_at=now + AGAIN_AFTER_FAILURE)
    except Exception:
        # One child's file must not keep the others from being watched.
        log.exception("could not look at %s %s", timer.kind, timer.key)
        with database.transaction() as tx:
            due.settle(tx, timer, due_at=now + AGAIN_AFTER_FAILURE)


def more_may_be_found(database: Database, *, now: datetime) -> bool:
    """Return whether the watch is still at work: then more may be found that belongs into the next digest.

    That a notice went out is no work for it, and a canary belongs into none. Types alone are looked at: an
    event that can't be read must not hold up those who tell and those who sweep.
    """
    if due.due_timers(database, now=now, limit=1, kinds=(SILENCE, SNOOZE)):
        return True
    row = database.one(
        "SELECT 1 AS one FROM events WHERE notification_id > :position AND topic NOT IN :idle LIMIT 1",
        position=position_of(database, FOLLOWER),
        idle=(AlertNotified.TYPE, CanaryRang.TYPE),
    )
    return row is not None


def next_due(alerts: Alerts, child_id: UUID, stream: Sequence[Event]) -> datetime | None:
    """Return when the child's silence has to be looked at next; None when never, as things stand.

    While papers of the child are still coming in by import, no alert is raised for a silence that the next
    line may end.
    """
    return next_dues(alerts, {child_id: stream})[child_id]


def next_dues(alerts: Alerts, streams: Mapping[UUID, Sequence[Event]]) -> dict[UUID, datetime | None]:
    """Return the same for many children at once, whose streams these are."""
    looks = alerts.next_looks([fold(child_id, stream) for child_id, stream in streams.items()])
    now = alerts.now()
    return {
        child_id: _after_imports(looks[child_id], stream, now=now) for child_id, stream in streams.items()
    }


def _after_imports(look: datetime | None, stream: Sequence[Event], *, now: datetime) -> datetime | None:
    imported = [e.recorded_at for e in stream if e.metadata.channel is Channel.IMPORT and e.recorded_at]
    if look is None or not imported:
        return look
    # What is dated in the future, by a clock that was set back since, came in just now at the latest.
    return max(look, min(max(imported), now) + IMPORT_SETTLES_IN)
