"""Which worker processes live: each counts its lease heartbeats here; one whose count stands still is gone.

Nothing here is a time: who watches measures the standing still by a clock of its own that only runs forward.
"""

from uuid import UUID

from projections.database import Database, Transaction

DDL = ("CREATE TABLE worker_presence (instance uuid PRIMARY KEY, beats bigint NOT NULL)",)


def beat(tx: Transaction, instance: UUID) -> None:
    """Count one more heartbeat of a process, by which it keeps the lease of the queues that it holds."""
    tx.run(
        "INSERT INTO worker_presence (instance, beats) VALUES (:instance, 1) "
        "ON CONFLICT (instance) DO UPDATE SET beats = worker_presence.beats + 1",
        instance=instance,
    )


def everybody(database: Database) -> dict[UUID, int]:
    """Return the heartbeats of every process that is known or holds a queue; 0 where it has left."""
    rows = database.all(
        "SELECT instance, beats FROM worker_presence UNION ALL "
        "SELECT DISTINCT holder AS instance, 0 AS beats FROM letterbox WHERE holder IS NOT NULL "
        "AND holder NOT IN (SELECT instance FROM worker_presence)"
    )
    return {row["instance"]: row["beats"] for row in rows}


def remove(tx: Transaction, instance: UUID, *, beats: int) -> bool:
    """Forget a process whose count is still this; False where it has moved on meanwhile."""
    if tx.run(
        "DELETE FROM worker_presence WHERE instance = :id AND beats = :beats", id=instance, beats=beats
    ):
        return True
    known = tx.one("SELECT beats FROM worker_presence WHERE instance = :id", id=instance)
    return known is None


def leave(tx: Transaction, instance: UUID) -> None:
    """Forget a process that ends in good order."""
    tx.run("DELETE FROM worker_presence WHERE instance = :id", id=instance)
