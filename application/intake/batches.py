"""Batches that were sent, and what became of each of their lines: ids, codes and places, never what was said.

Whatever brings many lines is a batch: JSON, lines over HTTP, and papers, each under the id of its import. A
batch belongs to the principal that sent it first, whatever its key; a paper is the operator's. Each time it
is sent is an upload of its own; what there is to be read is the newest one, and an older one that is still at
work stops when it sees that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from application.access import Action, Actor, require
from application.eventstore.database import Database, Transaction
from application.intake.batch_lines import (
    ALREADY_RECORDED,
    LINE_STATES,
    RECORDED,
    BatchLine,
    line_of,
    rows_of,
)
from application.reasons import NOT_FOUND
from domain.event import Event
from domain.refusal import Conflict, Fault, Reason, Unknown, refuses

KEPT = timedelta(days=30)
# A stalled sender is given up after a minute, a window takes seconds: whoever is silent for longer is gone.
GONE_AFTER = timedelta(minutes=5)
AT_ONCE, READ_AT_ONCE = 5000, 1000
# How long one import waits for another to begin.
_PAPER_SECONDS = 10.0
# Where the lines come from; unknown of what version 0.1 took over HTTP.
JSON, NDJSON, ROSTER, CARE_LOG = "json", "ndjson", "roster", "care_log"
RECEIVING, COMPLETE, CUT = "receiving", "complete", "cut"
# A paper that came over HTTP and of which nothing is recorded yet (ADR 49).
READING, PREVIEWED, UNREADABLE, COMMITTING = "reading", "previewed", "unreadable", "committing"
UNCOMMITTED = (READING, PREVIEWED, UNREADABLE, COMMITTING)
OTHERS_BATCH = Reason(
    code="batch_of_another",
    zh="该批次编号已由他人使用",
    en="Somebody else has already used this batch id.",
)
SENT_AGAIN = Reason(
    code="batch_sent_again",
    zh="同一批次正由另一次上传处理，以后一次为准",
    en="The same batch is being sent again. That upload continues; this one has ended.",
)
UNKNOWN_IMPORT = Reason(
    code="unknown_import", zh="没有这一次导入或批次", en="There is no such import or batch."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One sending of a batch."""

    batch_id: UUID
    upload_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as it was sent last. `lines` are those read, empty ones too; `counts` those of each state.

    `source` is where its lines come from, `file_sha256` the file of a paper. `lines_gone_at` is given where
    what became of its lines is not kept any more.
    """

    batch_id: UUID
    source: str | None
    org: str
    actor: str
    principal: UUID | None
    file_sha256: str | None
    upload_id: UUID
    state: str
    lines: int
    begun_at: datetime
    ended_at: datetime | None
    kept_until: datetime
    undone_at: datetime | None
    lines_gone_at: datetime | None
    counts: Mapping[str, int]


class Batches:
    """Keeps what became of batches: of their lines for thirty days, and so long those sent over HTTP."""

    def __init__(self, *, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    @refuses(OTHERS_BATCH, SENT_AGAIN)
    def begin(self, batch_id: UUID, *, actor: Actor, source: str) -> Upload:
        """Begin an upload; one of the same batch that is still at work ends.

        Raises `Conflict` where the batch is somebody else's.
        """
        self._forget_old()
        upload_id, now = uuid4(), self._now()
        with self._database.transaction() as tx:
            tx.run(
                "INSERT INTO batch"
                " (batch_id, org, actor, principal, upload, state, lines, begun_at, seen_at, source)"
                " VALUES (:batch_id, :org, :actor, :principal, :upload, :state, 0, :now, :now, :source)"
                " ON CONFLICT (batch_id) DO NOTHING",
                source=source,
                batch_id=batch_id,
                org=actor.org,
                actor=actor.name,
                principal=actor.principal,
                upload=upload_id,
                state=RECEIVING,
                now=now,
            )
            row = tx.one("SELECT * FROM batch WHERE batch_id = :batch_id", batch_id=batch_id)
            assert row is not None
            if not _is_of(row, actor):
                raise Conflict(Fault(reason=OTHERS_BATCH))
            _take_over(tx, batch_id, upload_id=upload_id, source=source, org=actor.org, now=now)
        if row["upload"] != upload_id:
            self._forget(row["upload"])
        return Upload(batch_id=batch_id, upload_id=upload_id)

    def begin_paper(
        self, *, source: str, org: str, file_sha256: str, actor: Actor, import_id: UUID | None = None
    ) -> Upload:
        """Begin the import of a file, or go on with the one that was interrupted, or with the one named."""
        self._forget_old()
        upload_id, now = uuid4(), self._now()
        # Of two that begin at once, one finds the other.
        with (
            self._database.advisory("paper", wait_seconds=_PAPER_SECONDS),
            self._database.transaction() as tx,
        ):
            found = (
                _interrupted(tx, source=source, org=org, file_sha256=file_sha256)
                if import_id is None
                else tx.one("SELECT batch_id, upload FROM batch WHERE batch_id = :id", id=import_id)
            )
            batch_id = import_id or (uuid4() if found is None else found["batch_id"])
            tx.run(
                "INSERT INTO batch (batch_id, org, actor, principal, upload, state, lines, begun_at, seen_at,"
                " source, file_sha256) VALUES (:batch_id, :org, :actor, :principal, :upload, :state, 0, :now,"
                " :now, :source, :sha256) ON CONFLICT (batch_id) DO UPDATE SET upload = excluded.upload,"
                " state = excluded.state, lines = 0, seen_at = excluded.seen_at, ended_at = NULL,"
                " lines_gone_at = NULL, actor = excluded.actor, principal = excluded.principal",
                batch_id=batch_id,
                org=org,
                actor=actor.name,
                principal=actor.principal,
                upload=upload_id,
                state=RECEIVING,
                now=now,
                source=source,
                sha256=file_sha256,
            )
        if found is not None:
            self._forget(found["upload"])
        return Upload(batch_id=batch_id, upload_id=upload_id)

    def store(self, upload: Upload, results: Sequence[BatchLine], *, lines: int | None = None) -> None:
        """Keep what became of some lines, and how many were read; the same line again takes its place.

        Raises `Conflict` where the batch is being sent again by now.
        """
        with self._database.transaction() as tx:
            ours = tx.run(
                "UPDATE batch SET lines = COALESCE(:lines, lines), seen_at = :now"
                " WHERE batch_id = :batch_id AND upload = :upload",
                lines=lines,
                now=self._now(),
                batch_id=upload.batch_id,
                upload=upload.upload_id,
            )
            if not ours:
                raise Conflict(Fault(reason=SENT_AGAIN))
            tx.upsert(
                table="batch_line",
                key=("upload", "line"),
                rows=rows_of(results, upload=upload.upload_id),
            )

    def end(self, upload: Upload, *, state: str) -> None:
        """Say how an upload has ended; one whose batch is being sent again says nothing more."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE batch SET state = :state, seen_at = :now, ended_at = :now"
                " WHERE batch_id = :batch_id AND upload = :upload",
                state=state,
                now=self._now(),
                batch_id=upload.batch_id,
                upload=upload.upload_id,
            )

    def undone(self, batch_id: UUID) -> None:
        """Say that what a batch recorded was voided."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE batch SET undone_at = :now WHERE batch_id = :batch_id AND undone_at IS NULL",
                now=self._now(),
                batch_id=batch_id,
            )

    def find(self, batch_id: UUID) -> Batch:
        """Return any batch, whoever asks, for as long as it is there. Raises `Unknown`."""
        row = self._database.one("SELECT * FROM batch WHERE batch_id = :batch_id", batch_id=batch_id)
        if row is None:
            raise Unknown(Fault(reason=UNKNOWN_IMPORT))
        return self._batch(row)

    def read(self, batch_id: UUID, *, actor: Actor) -> Batch:
        """Return a batch as it stands. Raises `Unknown` where there is none that the actor may know of."""
        row = self._database.one("SELECT * FROM batch WHERE batch_id = :batch_id", batch_id=batch_id)
        gone = row is None or row["lines_gone_at"] is not None or row["seen_at"] + KEPT <= self._now()
        if row is None or gone or row["state"] in UNCOMMITTED:
            raise Unknown(Fault(reason=NOT_FOUND))
        own = _is_of(row, actor)
        if not own and actor.types is not None:
            raise Unknown(Fault(reason=NOT_FOUND))
        if not own:
            require(actor, Action.READ, org=row["org"])
        return self._batch(row)

    def holding(self, batch: Batch) -> Callable[[Event], bool]:
        """Return what tells of an event whether a batch recorded it."""
        if batch.file_sha256 is not None:
            return lambda event: event.metadata.import_id == batch.batch_id
        # A client chooses the id of a batch, and may say the same of what belongs to none: the lines tell.
        rows = self._database.tuples(
            "SELECT event_id FROM batch_line WHERE upload = :upload AND state IN :states",
            upload=batch.upload_id,
            states=(RECORDED, ALREADY_RECORDED),
        )
        lines = {event_id for (event_id,) in rows}
        sent = batch.batch_id, batch.principal
        return lambda event: (
            (event.metadata.correlation_id, event.metadata.principal) == sent and event.event_id in lines
        )

    def streams(self, batch: Batch) -> list[UUID]:
        """Return the streams that hold an event which a batch recorded, in order of their ids."""
        name = "correlation_id" if batch.file_sha256 is None else "import_id"
        told = (
            f"json_extract(metadata, '$.{name}')"
            if self._database.dialect == "sqlite"
            else f"metadata ->> '{name}'"
        )
        rows = self._database.all(
            f"SELECT DISTINCT originator_id FROM events WHERE {told} = :id"  # noqa: S608  one of two names
            " ORDER BY originator_id",
            id=str(batch.batch_id),
        )
        return [row["originator_id"] for row in rows]

    def _batch(self, row: Mapping[str, Any]) -> Batch:
        counted = self._database.all(
            "SELECT state, count(*) AS number FROM batch_line WHERE upload = :upload GROUP BY state",
            upload=row["upload"],
        )
        state = state_of(row, now=self._now())
        gone = state != row["state"]
        return Batch(
            batch_id=row["batch_id"],
            source=row["source"],
            org=row["org"],
            actor=row["actor"],
            principal=row["principal"],
            file_sha256=row["file_sha256"],
            upload_id=row["upload"],
            state=state,
            lines=row["lines"],
            begun_at=row["begun_at"],
            ended_at=row["seen_at"] if gone else row["ended_at"],
            kept_until=row["seen_at"] + KEPT,
            undone_at=row["undone_at"],
            lines_gone_at=row["lines_gone_at"],
            counts=dict.fromkeys(LINE_STATES, 0) | {r["state"]: r["number"] for r in counted},
        )

    def lines(
        self, upload_id: UUID, *, state: str | None = None, after: int = 0, limit: int
    ) -> list[BatchLine]:
        """Return the outcomes of the lines after a line, in order; of one state if one is named."""
        rows = self._database.all(
            "SELECT * FROM batch_line WHERE upload = :upload AND line > :after AND state IN :states"
            " ORDER BY line LIMIT :limit",
            upload=upload_id,
            after=after,
            states=LINE_STATES if state is None else (state,),
            limit=limit,
        )
        return [line_of(row) for row in rows]

    def every_line(self, batch: Batch, *, state: str | None = None) -> Iterator[BatchLine]:
        """Go through all lines of a batch, those of one state where one is named, in order."""
        after = 0
        while found := self.lines(batch.upload_id, state=state, after=after, limit=READ_AT_ONCE):
            yield from found
            after = found[-1].line

    def _forget_old(self) -> None:
        """Take away what has been kept long enough, a little at a time: the next upload goes on with it.

        A paper may be undone for as long as there is what it recorded, so its own row stays.
        """
        now = self._now()
        old = self._database.all(
            "SELECT batch_id, upload, file_sha256 FROM batch"
            " WHERE seen_at <= :until AND lines_gone_at IS NULL ORDER BY seen_at LIMIT 3",
            until=now - KEPT,
        )
        for row in old:
            self._forget(row["upload"])
            paper = row["file_sha256"] is not None
            with self._database.transaction() as tx:
                if paper:
                    tx.run(
                        "UPDATE batch SET lines_gone_at = :now WHERE batch_id = :id AND upload = :upload",
                        now=now,
                        id=row["batch_id"],
                        upload=row["upload"],
                    )
                else:
                    tx.run(
                        "DELETE FROM batch WHERE batch_id = :id AND upload = :upload",
                        id=row["batch_id"],
                        upload=row["upload"],
                    )

    def _forget(self, upload_id: UUID) -> None:
        while True:
            # In chunks, so that nobody waits for a long batch to go.
            with self._database.transaction() as tx:
                found = tx.tuples(
                    "SELECT line FROM batch_line WHERE upload = :upload ORDER BY line LIMIT :limit",
                    upload=upload_id,
                    limit=AT_ONCE,
                )
                if not found:
                    return
                tx.run(
                    "DELETE FROM batch_line WHERE upload = :upload AND line <= :last",
                    upload=upload_id,
                    last=found[-1][0],
                )


def _interrupted(tx: Transaction, *, source: str, org: str, file_sha256: str) -> Mapping[str, Any] | None:
    """Return the row of the import of a file that was begun and did not end."""
    return tx.one(
        "SELECT batch_id, upload FROM batch WHERE source = :source AND org = :org"
        " AND file_sha256 = :sha256 AND state NOT IN :others AND undone_at IS NULL ORDER BY begun_at LIMIT 1",
        source=source,
        org=org,
        sha256=file_sha256,
        others=(COMPLETE, *UNCOMMITTED),
    )


def state_of(row: Mapping[str, Any], *, now: datetime) -> str:
    """Return how a batch stands: one that has been silent for too long was cut off."""
    silent = row["state"] == RECEIVING and row["seen_at"] + GONE_AFTER <= now
    return CUT if silent else str(row["state"])


def _take_over(
    tx: Transaction, batch_id: UUID, *, upload_id: UUID, source: str, org: str, now: datetime
) -> None:
    """Begin a batch anew: what is kept is what the newest upload said, and belongs where its key does."""
    tx.run(
        "UPDATE batch SET upload = :upload, state = :state, lines = 0, begun_at = :now, seen_at = :now,"
        " ended_at = NULL, undone_at = NULL, org = :org, source = :source WHERE batch_id = :batch_id",
        upload=upload_id,
        state=RECEIVING,
        now=now,
        org=org,
        source=source,
        batch_id=batch_id,
    )


def _is_of(row: Mapping[str, Any], actor: Actor) -> bool:
    """Return whether a batch is the actor's: by its principal, of one of version 0.1 by scope and name.

    A paper without a principal is the operator's alone, whatever a key is called.
    """
    if row["principal"] is None:
        if row["file_sha256"] is not None:
            return False
        return (row["org"], row["actor"]) == (actor.org, actor.name)
    return bool(row["principal"] == actor.principal)
