"""Which log this is. A log that was restored goes on otherwise than the one that it is a copy of.

The copy hands out positions anew that the other log has used since: who follows by position has to be told.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from application.eventstore.database import Database

Cause = Literal["migrate", "restore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incarnation:
    """Since when (UTC) a log is another one, why, and up to which position it is as the one before."""

    incarnation: UUID
    begun_at: datetime
    cause: Cause
    position: int


def incarnation_of(db: Database) -> Incarnation:
    """The incarnation that the log is in now: each log has had one since its tables were made."""
    row = db.one(
        "SELECT incarnation, begun_at, cause, position FROM log_incarnation ORDER BY number DESC LIMIT 1"
    )
    assert row is not None
    return Incarnation(**row)


def begin_incarnation(db: Database, *, cause: Cause) -> Incarnation:
    """Begin a new one at the end of the log: every cursor that was given before is refused from now on."""
    incarnation, now = uuid4(), db.now()
    with db.transaction() as tx:
        tx.run(
            "INSERT INTO log_incarnation (number, incarnation, begun_at, cause, position) VALUES ("
            "(SELECT COALESCE(max(number), 0) + 1 FROM log_incarnation), :incarnation, :now, :cause, "
            "(SELECT COALESCE(max(notification_id), 0) FROM events))",
            incarnation=incarnation,
            now=now,
            cause=cause,
        )
    return incarnation_of(db)
