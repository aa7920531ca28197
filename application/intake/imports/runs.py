"""Imports as runs: each has an id that its events carry, and an interrupted one is gone on with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from application.eventstore.database import Database
from domain.refusal import Fault, Reason, Unknown

ROSTER, CARE_LOG = "roster", "care_log"
UNKNOWN_IMPORT = Reason(code="unknown_import", zh="没有这一次导入", en="No such import is known.")


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


class ImportRuns:
    """Keeps what was imported, when, into which school."""

    def __init__(self, *, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def begin(self, *, kind: str, org: str, file_sha256: str) -> UUID:
        """Begin an import of a file, or go on with the one that was interrupted; give its id."""
        with self._database.transaction() as tx:
            found = tx.one(
                "SELECT import_id FROM import_run WHERE kind = :kind AND org = :org AND file_sha256 = :sha256"
                " AND finished_at IS NULL AND undone_at IS NULL ORDER BY started_at LIMIT 1",
                kind=kind,
                org=org,
                sha256=file_sha256,
            )
            if found is not None:
                return UUID(str(found["import_id"]))
            import_id = uuid4()
            tx.run(
                "INSERT INTO import_run (import_id, kind, org, file_sha256, started_at)"
                " VALUES (:import_id, :kind, :org, :sha256, :now)",
                import_id=import_id,
                kind=kind,
                org=org,
                sha256=file_sha256,
                now=self._now(),
            )
        return import_id

    def finish(self, import_id: UUID) -> None:
        """Say that every line of an import was looked at."""
        self._mark("finished_at", import_id)

    def undone(self, import_id: UUID) -> None:
        """Say that an import was undone."""
        self._mark("undone_at", import_id)

    def find(self, import_id: UUID) -> ImportRun:
        """Give one import. Raises `Unknown`."""
        row = self._database.one("SELECT * FROM import_run WHERE import_id = :id", id=import_id)
        if row is None:
            raise Unknown(Fault(reason=UNKNOWN_IMPORT))
        return _run(row)

    def children(self, import_id: UUID) -> list[UUID]:
        """Return the streams that hold an event of an import, in order of their ids."""
        imported = (
            "json_extract(metadata, '$.import_id')"
            if self._database.dialect == "sqlite"
            else "metadata ->> 'import_id'"
        )
        rows = self._database.all(
            f"SELECT DISTINCT originator_id FROM events WHERE {imported} = :id"  # noqa: S608  a constant
            " ORDER BY originator_id",
            id=str(import_id),
        )
        return [row["originator_id"] for row in rows]

    def list(self) -> list[ImportRun]:
        """Give every import there was, oldest first."""
        rows = self._database.all("SELECT * FROM import_run ORDER BY started_at, import_id")
        return [_run(row) for row in rows]

    def running(self, *, since: datetime, until: datetime) -> tuple[ImportRun, ...]:
        """Give the imports that were begun between two moments and are neither finished nor undone."""
        rows = self._database.all(
            "SELECT * FROM import_run WHERE finished_at IS NULL AND undone_at IS NULL"
            " AND started_at > :since AND started_at < :until",
            since=since,
            until=until,
        )
        return tuple(_run(row) for row in rows)

    def _mark(self, column: str, import_id: UUID) -> None:
        with self._database.transaction() as tx:
            tx.run(
                f"UPDATE import_run SET {column} = :now WHERE import_id = :id AND {column} IS NULL",  # noqa: S608
                now=self._now(),
                id=import_id,
            )


def _run(row: dict[str, Any]) -> ImportRun:
    return ImportRun(**{name: row[name] for name in ImportRun.__slots__})
