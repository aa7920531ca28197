"""When each loop of the watch last completed a round: a loop that stops is seen by its silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from projections.database import Database, Transaction, made

DDL = (
    """
    CREATE TABLE heartbeat (
        loop text PRIMARY KEY,
        completed_at timestamptz NOT NULL,
        lag_seconds bigint NOT NULL,
        pending bigint NOT NULL
    )
    """,
)
# The loops of each part of the watch. One process does all of it, or each part has processes of its own.
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"alerts": ("presence", "relay", "sweep"), "records": ("runner", "recomputes", "fanout")}
)
LOOPS = tuple(loop for loops in PARTS.values() for loop in loops)
TOO_LONG = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A loop's last completed round: how late its oldest due work was, and how much was waiting."""

    loop: str
    completed_at: datetime
    lag_seconds: int = 0
    pending: int = 0


def beat(tx: Transaction, heartbeat: Heartbeat) -> None:
    """Write a heartbeat in the transaction of the work that it speaks of."""
    tx.run(
        "INSERT INTO heartbeat (loop, completed_at, lag_seconds, pending) "
        "VALUES (:loop, :completed_at, :lag_seconds, :pending) ON CONFLICT (loop) DO UPDATE "
        "SET completed_at = excluded.completed_at, lag_seconds = excluded.lag_seconds, "
        "pending = excluded.pending",
        loop=heartbeat.loop,
        completed_at=heartbeat.completed_at,
        lag_seconds=heartbeat.lag_seconds,
        pending=heartbeat.pending,
    )


def heartbeats(database: Database) -> tuple[Heartbeat, ...]:
    """Return the last heartbeat of every loop."""
    rows = database.all("SELECT loop, completed_at, lag_seconds, pending FROM heartbeat ORDER BY loop")
    return made(Heartbeat, rows)


def last_beat(database: Database, loop: str) -> datetime | None:
    """Return when a loop last completed a round, or None."""
    row = database.one("SELECT completed_at FROM heartbeat WHERE loop = :loop", loop=loop)
    return row["completed_at"] if row else None


def silent_loops(database: Database, *, now: datetime, loops: Sequence[str] = LOOPS) -> tuple[str, ...]:
    """Name those of the loops that have not completed a round for too long, or never.

    A round of the future says nothing: the clock was set back since.
    """
    alive = {h.loop for h in heartbeats(database) if abs(now - h.completed_at) <= TOO_LONG}
    return tuple(loop for loop in loops if loop not in alive)
