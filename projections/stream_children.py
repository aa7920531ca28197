"""The rows by which streams are found that name a child, checked and written again from the log."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from uuid import UUID

from domain.catalogue import kind_of
from domain.event import Event
from domain.ledger.facts import fold
from domain.status import StreamChild, stream_children_of
from projections.database import Database, Log, Record, Transaction

TABLE = "stream_child"


def wanted(log: Log, ids: Sequence[UUID]) -> list[Record]:
    """Make the rows that the log gives for some streams."""
    return [asdict(each) for i, events in log.streams(ids).items() if events for each in _named(i, events)]


def _named(stream_id: UUID, events: Sequence[Event]) -> list[StreamChild]:
    kind = kind_of(events[0])
    return stream_children_of(kind, fold(kind.view, stream_id, events))


def write(tx: Transaction, log: Log, ids: Sequence[UUID]) -> None:
    """Write the rows of some streams again; what they don't name is taken away."""
    tx.run("DELETE FROM stream_child WHERE stream_id IN :ids", ids=tuple(ids))
    if rows := wanted(log, ids):
        tx.upsert(table=TABLE, key=("child_id", "stream_id"), rows=rows)


def differing(database: Database, log: Log, ids: Sequence[UUID]) -> Iterator[UUID]:
    """Go through those of some streams whose rows are not what the log says."""
    suspect = {stream_id for stream_id, _ in _pairs(wanted(log, ids)) ^ _pairs(_found(database, ids))}
    return (stream_id for stream_id in sorted(suspect) if _differs(database, log, stream_id))


def _differs(database: Database, log: Log, stream_id: UUID) -> bool:
    """Return whether the rows of a stream are not as the log says while it gains nothing."""
    before = wanted(log, [stream_id])
    while True:
        found = _found(database, [stream_id])
        after = wanted(log, [stream_id])
        if before == after:
            return _pairs(found) != _pairs(after)
        before = after


def _found(database: Database, ids: Sequence[UUID]) -> list[Record]:
    return database.all(
        "SELECT stream_id, child_id FROM stream_child WHERE stream_id IN :ids", ids=tuple(ids)
    )


def _pairs(rows: Sequence[Record]) -> set[tuple[UUID, UUID]]:
    return {(row["stream_id"], row["child_id"]) for row in rows}
