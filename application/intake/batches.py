"""Batches that were sent, and what became of each of their lines: ids, codes and places, never what was said.

A batch belongs to the principal that sent it first, whatever its key. Each time it is sent is an upload of
its own; what there is to be read is the newest one, and an older one that is still at work stops when it sees
that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from application.access import Action, Actor, require
from application.eventstore.database import Database
from application.intake.submission import Submission
from application.reasons import NOT_FOUND
from domain.catalogue import submitted_types
from domain.event import Evidence
from domain.fields import fields_of
from domain.ledger.corrections import CORRECTABLE
from domain.refusal import Conflict, Fault, Reason, Unknown

KEPT = timedelta(days=30)
# A stalled sender is given up after a minute, a window takes seconds: whoever is silent for longer is gone.
GONE_AFTER = timedelta(minutes=5)
AT_ONCE = 5000
RECEIVING, COMPLETE, CUT = "receiving", "complete", "cut"
RECORDED, ALREADY_RECORDED, QUARANTINED, REFUSED = "recorded", "already_recorded", "quarantined", "refused"
LINE_STATES = (RECORDED, ALREADY_RECORDED, QUARANTINED, REFUSED)
OTHERS_BATCH = Reason(
    code="batch_of_another",
    zh="该批次编号已由他人使用",
    en="Somebody else has sent a batch under this id.",
)
SENT_AGAIN = Reason(
    code="batch_sent_again",
    zh="同一批次正由另一次上传处理，以后一次为准",
    en="The same batch is being sent again: that upload goes on, this one has ended.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One sending of a batch."""

    batch_id: UUID
    upload_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as it was sent last. `lines` are those read, empty ones too; `counts` those of each state."""

    batch_id: UUID
    org: str
    upload_id: UUID
    state: str
    lines: int
    begun_at: datetime
    ended_at: datetime | None
    kept_until: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """What became of one line. `faults` say why it does not stand; `item_id` is where it waits.

    `child_id` is the id of the stream; `stream_kind` says of which kind, None for a child.
    """

    line: int
    status: int
    state: str
    event_id: UUID | None = None
    child_id: UUID | None = None
    position: int | None = None
    version: int | None = None
    late_days: int | None = None
    item_id: UUID | None = None
    faults: tuple[Fault, ...] = ()
    stream_kind: str | None = None


class Batches:
    """Keeps what became of batches, for thirty days."""

    def __init__(self, *, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def begin(self, batch_id: UUID, *, actor: Actor) -> Upload:
        """Begin an upload; one of the same batch that is still at work ends.

        Raises `Conflict` where the batch is somebody else's.
        """
        self._forget_old()
        upload_id, now = uuid4(), self._now()
        with self._database.transaction() as tx:
            tx.run(
                "INSERT INTO batch (batch_id, org, actor, principal, upload, state, lines, begun_at, seen_at)"
                " VALUES (:batch_id, :org, :actor, :principal, :upload, :state, 0, :now, :now)"
                " ON CONFLICT (batch_id) DO NOTHING",
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
            # What is kept is what the newest upload said, and belongs where its key does.
            tx.run(
                "UPDATE batch SET upload = :upload, state = :state, lines = 0, begun_at = :now,"
                " seen_at = :now, ended_at = NULL, org = :org WHERE batch_id = :batch_id",
                org=actor.org,
                upload=upload_id,
                state=RECEIVING,
                now=now,
                batch_id=batch_id,
            )
        if row["upload"] != upload_id:
            self._forget(row["upload"])
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
                rows=[_row(result, upload=upload.upload_id) for result in results],
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

    def read(self, batch_id: UUID, *, actor: Actor) -> Batch:
        """Give a batch as it stands. Raises `Unknown` where there is none that the actor may know of."""
        row = self._database.one("SELECT * FROM batch WHERE batch_id = :batch_id", batch_id=batch_id)
        now = self._now()
        if row is None or row["seen_at"] + KEPT <= now:
            raise Unknown(Fault(reason=NOT_FOUND))
        own = _is_of(row, actor)
        if not own and actor.types is not None:
            raise Unknown(Fault(reason=NOT_FOUND))
        if not own:
            require(actor, Action.READ, org=row["org"])
        counted = self._database.all(
            "SELECT state, count(*) AS number FROM batch_line WHERE upload = :upload GROUP BY state",
            upload=row["upload"],
        )
        gone = row["state"] == RECEIVING and row["seen_at"] + GONE_AFTER <= now
        return Batch(
            batch_id=batch_id,
            org=row["org"],
            upload_id=row["upload"],
            state=CUT if gone else row["state"],
            lines=row["lines"],
            begun_at=row["begun_at"],
            ended_at=row["seen_at"] if gone else row["ended_at"],
            kept_until=row["seen_at"] + KEPT,
            counts=dict.fromkeys(LINE_STATES, 0) | {r["state"]: r["number"] for r in counted},
        )

    def lines(
        self, upload_id: UUID, *, state: str | None = None, after: int = 0, limit: int
    ) -> list[BatchLine]:
        """Give what became of the lines after a line, those of one state where one is named, in order."""
        rows = self._database.all(
            "SELECT * FROM batch_line WHERE upload = :upload AND line > :after AND state IN :states"
            " ORDER BY line LIMIT :limit",
            upload=upload_id,
            after=after,
            states=LINE_STATES if state is None else (state,),
            limit=limit,
        )
        return [_line(row) for row in rows]

    def _forget_old(self) -> None:
        """Take away what has been kept long enough, a little at a time: the next upload goes on with it."""
        old = self._database.all(
            "SELECT batch_id, upload FROM batch WHERE seen_at <= :until ORDER BY seen_at LIMIT 3",
            until=self._now() - KEPT,
        )
        for row in old:
            self._forget(row["upload"])
            with self._database.transaction() as tx:
                tx.run(
                    "DELETE FROM batch WHERE batch_id = :batch_id AND upload = :upload",
                    batch_id=row["batch_id"],
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


def _is_of(row: Mapping[str, Any], actor: Actor) -> bool:
    """Tell whether a batch is the actor's: by its principal, of one of version 0.1 by scope and name."""
    if row["principal"] is None:
        return (row["org"], row["actor"]) == (actor.org, actor.name)
    return bool(row["principal"] == actor.principal)


def _row(result: BatchLine, *, upload: UUID) -> dict[str, Any]:
    faults = [
        {"pointer": _tame(f.pointer), "code": f.reason.code, "zh": f.reason.zh, "en": f.reason.en}
        for f in result.faults
    ]
    kept = {name: getattr(result, name) for name in BatchLine.__slots__ if name != "faults"}
    return {"upload": upload, **kept, "faults": faults or None}


def _line(row: Mapping[str, Any]) -> BatchLine:
    faults = tuple(
        Fault(reason=Reason(code=f["code"], zh=f["zh"], en=f["en"]), pointer=f["pointer"])
        for f in row["faults"] or ()
    )
    kept = {name: row[name] for name in BatchLine.__slots__ if name != "faults"}
    return BatchLine(**kept, faults=faults)


def _tame(pointer: str) -> str:
    """Cut a pointer before the first step that is no word of ours: senders may call a field anything."""
    tame = ""
    for step in pointer.split("/")[1:]:
        if not step.isdecimal() and step not in _field_names():
            break
        tame += f"/{step}"
    return tame


@cache
def _field_names() -> frozenset[str]:
    names = {*Submission.__slots__, *Evidence.__slots__, *CORRECTABLE}
    waiting: list[type] = [action.details for action in submitted_types().values()]
    while waiting:
        for field in fields_of(waiting.pop()):
            names.add(field.name)
            if hasattr(field.base, "__dataclass_fields__"):
                waiting.append(field.base)
    return frozenset(names)
