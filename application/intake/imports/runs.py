"""Imports that there were, and those that are at work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from application.eventstore.database import Database
from application.intake.batch_lines import LINE_STATES
from application.intake.batches import COMPLETE, UNCOMMITTED, Batch, Batches, state_of
from domain.subtree import WITHIN, below

_AFTER_ALL = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """One import of one file. `finished_at` is None where it was interrupted or still runs.

    `state` tells these two apart. `counts` are how many of its `lines` became what; None where what became of
    lines is not kept any more.
    """

    import_id: UUID
    kind: str
    org: str
    file_sha256: str
    started_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    state: str
    lines: int
    counts: Mapping[str, int] | None


def imports_of(database: Database, *, now: datetime | None = None) -> list[ImportRun]:
    """Return every import there was, oldest first; a paper of which nothing was recorded yet is none.

    `now` is the time of the system, where that isn't the database's.
    """
    rows = database.all(
        "SELECT * FROM batch WHERE file_sha256 IS NOT NULL AND state NOT IN :uncommitted"
        " ORDER BY begun_at, batch_id",
        uncommitted=UNCOMMITTED,
    )
    counted: dict[UUID, dict[str, int]] = {}
    for found in database.all(
        "SELECT upload, state, count(*) AS number FROM batch_line"
        " WHERE upload IN (SELECT upload FROM batch WHERE file_sha256 IS NOT NULL) GROUP BY upload, state"
    ):
        counted.setdefault(found["upload"], {})[found["state"]] = found["number"]
    now = now or database.now()
    return [_run(row, now=now, counts=counted.get(row["upload"], {})) for row in rows]


def imports_within(
    batches: Batches,
    database: Database,
    *,
    org: str,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> list[Batch]:
    """Return the imports of an organisation and all below it, the newest first; also those not made yet."""
    at, last = before or (_AFTER_ALL, UUID(int=2**128 - 1))
    rows = database.tuples(
        f"SELECT batch_id FROM batch WHERE file_sha256 IS NOT NULL AND {WITHIN}"  # noqa: S608  a constant
        " AND (begun_at, batch_id) < (:at, :last) ORDER BY begun_at DESC, batch_id DESC LIMIT :limit",
        **below(org),
        at=at,
        last=last,
        limit=limit,
    )
    return [batches.find(batch_id) for (batch_id,) in rows]


def running_imports(database: Database, *, since: datetime, until: datetime) -> tuple[ImportRun, ...]:
    """Return the imports that were begun between two moments and are neither finished nor undone."""
    rows = database.all(
        "SELECT * FROM batch WHERE file_sha256 IS NOT NULL AND begun_at > :since AND begun_at < :until"
        " AND state NOT IN :others AND undone_at IS NULL",
        since=since,
        until=until,
        others=(COMPLETE, *UNCOMMITTED),
    )
    return tuple(_run(row, now=until, counts={}) for row in rows)


def _run(row: dict[str, Any], *, now: datetime, counts: Mapping[str, int]) -> ImportRun:
    return ImportRun(
        import_id=row["batch_id"],
        kind=row["source"],
        org=row["org"],
        file_sha256=row["file_sha256"],
        started_at=row["begun_at"],
        finished_at=row["ended_at"] if row["state"] == COMPLETE else None,
        undone_at=row["undone_at"],
        state=state_of(row, now=now),
        lines=row["lines"],
        counts=None if row["lines_gone_at"] is not None else dict.fromkeys(LINE_STATES, 0) | {**counts},
    )
