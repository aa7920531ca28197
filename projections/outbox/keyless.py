"""The streams that are known to have lost a key, and how far the log was looked through for them.

Who finds them is `workers.keys`: a row costs nothing to count, and to look through the log at each question
would cost the more the longer it is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from projections.database import Database, Transaction

DDL = (
    "CREATE TABLE key_missing (stream_id uuid PRIMARY KEY, found_at timestamptz NOT NULL)",
    """
    CREATE TABLE key_audit
    (one bigint PRIMARY KEY CHECK (one = 1), position bigint NOT NULL, audited_at timestamptz NOT NULL)
    """,
)
# Beyond so many the number says nothing more.
MOST_COUNTED = 10_000


def count(database: Database) -> int:
    """Count the streams that have lost a key, up to `MOST_COUNTED`."""
    row = database.one(
        "SELECT count(*) AS streams FROM (SELECT 1 FROM key_missing LIMIT :most) AS known", most=MOST_COUNTED
    )
    return int(row["streams"]) if row else 0


def any_missing(database: Database) -> bool:
    """Return whether a stream is known to have lost a key."""
    return database.one("SELECT 1 AS one FROM key_missing LIMIT 1") is not None


def listed(database: Database, *, limit: int) -> tuple[UUID, ...]:
    """Return streams that have lost a key, the ones looked at longest ago first."""
    rows = database.all(
        "SELECT stream_id FROM key_missing ORDER BY found_at, stream_id LIMIT :limit", limit=limit
    )
    return tuple(row["stream_id"] for row in rows)


def note(tx: Transaction, streams: Iterable[UUID], *, now: datetime) -> None:
    """Note streams that have lost a key."""
    tx.upsert(
        table="key_missing",
        key=("stream_id",),
        rows=[{"stream_id": stream_id, "found_at": now} for stream_id in sorted(streams)],
    )


def forget(tx: Transaction, streams: Sequence[UUID]) -> None:
    """Take away streams whose keys are back."""
    tx.run("DELETE FROM key_missing WHERE stream_id IN :streams", streams=tuple(streams))


def audited(database: Database) -> tuple[int, datetime | None]:
    """Return up to which position the log was looked through this time round, and when (UTC) it last was."""
    row = database.one("SELECT position, audited_at FROM key_audit")
    return (int(row["position"]), row["audited_at"]) if row else (0, None)


def note_audit(tx: Transaction, *, position: int, now: datetime) -> None:
    """Note how far the log was looked through."""
    tx.upsert(table="key_audit", key=("one",), rows=[{"one": 1, "position": position, "audited_at": now}])
