"""When each loop of the watch last completed a round: a loop that stops is seen by its silence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from projections.database import Database, Transaction

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
LOOPS = ("runner", "relay", "sweep", "fanout")
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
    """Give the last heartbeat of every loop."""
    rows = database.all("SELECT loop, completed_at, lag_seconds, pending FROM heartbeat ORDER BY loop")
    return tuple(Heartbeat(**row) for row in rows)


def silent_loops(database: Database, *, now: datetime) -> tuple[str, ...]:
    """Name the loops that have not completed a round for too long, or never."""
    alive = {h.loop for h in heartbeats(database) if now - h.completed_at <= TOO_LONG}
    return tuple(loop for loop in LOOPS if loop not in alive)
