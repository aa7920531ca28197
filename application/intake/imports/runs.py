"""Imports that there were, and those that are at work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from application.eventstore.database import Database
from application.intake.batches import COMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """One import of one file. `finished_at` is None where it was interrupted or still runs."""

    import_id: UUID
    kind: str
    org: str
    file_sha256: str
    started_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


def imports_of(database: Database) -> list[ImportRun]:
    """Return every import there was, oldest first."""
    rows = database.all(
        "SELECT * FROM batch WHERE file_sha256 IS NOT NULL ORDER BY begun_at, batch_id",
    )
    return [_run(row) for row in rows]


def running_imports(database: Database, *, since: datetime, until: datetime) -> tuple[ImportRun, ...]:
    """Return the imports that were begun between two moments and are neither finished nor undone."""
    rows = database.all(
        "SELECT * FROM batch WHERE file_sha256 IS NOT NULL AND begun_at > :since AND begun_at < :until"
        " AND state <> :complete AND undone_at IS NULL",
        since=since,
        until=until,
        complete=COMPLETE,
    )
    return tuple(_run(row) for row in rows)


def _run(row: dict[str, Any]) -> ImportRun:
    return ImportRun(
        import_id=row["batch_id"],
        kind=row["source"],
        org=row["org"],
        file_sha256=row["file_sha256"],
        started_at=row["begun_at"],
        finished_at=row["ended_at"] if row["state"] == COMPLETE else None,
        undone_at=row["undone_at"],
    )
