"""Current status, checked and rewritten from the log.

The rows are written inline, in the transaction of the events; here is what they must say.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from uuid import UUID

from msgspec import structs

from domain.catalogue import kind_of, own_types, served_kinds
from domain.child import fold
from domain.event import Event
from domain.ledger.facts import fold as fold_any
from domain.ledger.kind import UNNAMED
from domain.status import activity_status_of, alert_status_of, status_of, stream_status_of
from domain.streams.activities import activity
from domain.streams.activities.activity import Activity, fold_activity
from domain.streams.alerts import case as alert
from domain.streams.alerts.case import fold_alert
from projections import stream_children
from projections.database import Database, Log, Record, Transaction
from projections.positions import every_place

CHILD_TABLE, ALERT_TABLE, ACTIVITY_TABLE = "child_status", "alert_status", "activity_status"
# Of every stream of a kind that is served.
STREAM_TABLE = "stream"
_KEYS = {
    CHILD_TABLE: "child_id",
    ALERT_TABLE: "alert_id",
    ACTIVITY_TABLE: "activity_id",
    STREAM_TABLE: "stream_id",
}
_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row that is not what the log says: missing, left over, or other in some columns."""

    table: str
    key: UUID
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A stream of which `what` could not be rebuilt; `reason` is the class of the error."""

    what: str
    stream_id: UUID
    reason: str


def child_ids(log: Log) -> list[UUID]:
    """Return every child of the log, in the order of their files."""
    return _streams(log)[CHILD_TABLE]


def counts(log: Log) -> tuple[int, int]:
    """Count the children of the log, and all streams that have status rows."""
    found = _streams(log)
    return len(found[CHILD_TABLE]), sum(map(len, found.values()))


def rows_of(table: str, log: Log, ids: Sequence[UUID]) -> list[Record]:
    """Make the rows that the log gives for some children, alerts or activities."""
    streams = log.streams(ids)
    if table == CHILD_TABLE:
        return [structs.asdict(status_of(fold(i, events))) for i, events in streams.items()]
    if table == STREAM_TABLE:
        return [_stream_row(i, events) for i, events in streams.items()]
    if table == ALERT_TABLE:
        return [asdict(alert_status_of(fold_alert(i, events))) for i, events in streams.items()]
    return [asdict(activity_status_of(fold_activity(i, events))) for i, events in streams.items()]


def differences(database: Database, log: Log, *, but: Collection[UUID] = ()) -> Iterator[Difference]:
    """Compare every status row with what the log says, `but` those of some streams."""
    for table, ids in _streams(log).items():
        live = {row[_KEYS[table]]: row for row in database.all(f"SELECT * FROM {table}")}  # noqa: S608
        for stream_id in but:
            live.pop(stream_id, None)
        for batch in _batches([stream_id for stream_id in ids if stream_id not in but]):
            for wanted in rows_of(table, log, batch):
                key = wanted[_KEYS[table]]
                if live.pop(key, {}) != wanted and (columns := _differing(database, log, table, key)):
                    yield Difference(table=table, key=key, columns=columns)
            if table == STREAM_TABLE:
                for key in stream_children.differing(database, log, batch):
                    yield Difference(table=stream_children.TABLE, key=key, columns=("child_id",))
        for key in _left_over(database, table, live):
            yield Difference(table=table, key=key, columns=())


def _differing(database: Database, log: Log, table: str, key: UUID) -> tuple[str, ...]:
    """Return the columns of a row that are not as the log says while it gains nothing."""
    (wanted,) = rows_of(table, log, [key])
    while True:
        found = database.one(f"SELECT * FROM {table} WHERE {_KEYS[table]} = :key", key=key) or {}  # noqa: S608
        (again,) = rows_of(table, log, [key])
        if again == wanted:
            return tuple(name for name in wanted if found.get(name) != wanted[name])
        wanted = again


def rebuild(
    database: Database, log: Log, *, progress: Callable[[int], None] | None = None
) -> tuple[Unreadable, ...]:
    """Rewrite every status row, in place; rows that the log knows nothing of are removed.

    Returns the streams that can't be read: their rows stay as they were.
    """
    unreadable: list[Unreadable] = []
    for table, ids in _streams(log).items():
        # First, for one of them may hold what belongs to another row.
        _take_away_left_over(database, table, known=ids)
        for batch in _batches(ids):
            try:
                _write(database, log, table, batch)
            except database.unavailable:
                raise
            except Exception:  # noqa: BLE001  the one stream of these that can't be read is found and given
                unreadable += _written_alone(database, log, table, batch)
            if progress is not None:
                progress(len(batch))
    return tuple(unreadable)


def _take_away_left_over(database: Database, table: str, *, known: Sequence[UUID]) -> None:
    key = _KEYS[table]
    rows = database.all(f"SELECT {key} FROM {table} WHERE {key} NOT IN :known", known=tuple(known))  # noqa: S608
    if strange := _left_over(database, table, [row[key] for row in rows]):
        with database.transaction() as tx:
            tx.run(f"DELETE FROM {table} WHERE {key} IN :keys", keys=tuple(strange))  # noqa: S608


def renew_children(database: Database, log: Log, ids: Sequence[UUID]) -> tuple[Unreadable, ...]:
    """Rewrite the rows of some children; return those whose files can't be read."""
    try:
        _write(database, log, CHILD_TABLE, ids)
    except database.unavailable:
        raise
    except Exception:  # noqa: BLE001  as above
        return tuple(_written_alone(database, log, CHILD_TABLE, ids))
    return ()


def _written_alone(database: Database, log: Log, table: str, ids: Sequence[UUID]) -> Iterator[Unreadable]:
    for stream_id in ids:
        try:
            _write(database, log, table, [stream_id])
        except database.unavailable:
            raise
        except Exception as error:  # noqa: BLE001  it is given to the caller
            yield Unreadable(what=table, stream_id=stream_id, reason=type(error).__name__)


def _write(database: Database, log: Log, table: str, ids: Sequence[UUID]) -> None:
    """Write rows until the log has gained nothing meanwhile: a live writer must not be overwritten."""
    rows = rows_of(table, log, ids)
    while True:
        with database.transaction() as tx:
            tx.upsert(table=table, key=(_KEYS[table],), rows=rows)
            if table == STREAM_TABLE:
                stream_children.write(tx, log, ids)
            if table == ACTIVITY_TABLE:
                _ask_for_participants(tx, [fold_activity(i, e) for i, e in log.streams(ids).items()])
        again = rows_of(table, log, ids)
        if again == rows:
            return
        rows = again


def _ask_for_participants(tx: Transaction, activities: Sequence[Activity]) -> None:
    """Ask for a look at the participants that have no row yet."""
    rows = [
        {
            "id": each.activity_id,
            "number": listed.number,
            "version": each.version,
            "at": each.held.recorded_at,
        }
        for each in activities
        for listed in each.listed
        if each.held is not None
    ]
    tx.many(
        "INSERT INTO participation (activity_id, number, version, state, tries, not_before) "
        "VALUES (:id, :number, :version, 'waiting', 0, :at) ON CONFLICT (activity_id, number) DO NOTHING",
        rows,
    )


def _left_over(database: Database, table: str, keys: Collection[UUID]) -> list[UUID]:
    """Return those of some rows that the log has no stream for.

    A row comes in one transaction with its events, so that what was written since is not taken for left over.
    """
    if not keys:
        return []
    types = tuple(name for name, goes_to in _tables().items() if goes_to == table)
    rows = database.all(
        "SELECT DISTINCT originator_id FROM events WHERE originator_id IN :keys AND topic IN :types",
        keys=tuple(keys),
        types=types,
    )
    there = {row["originator_id"] for row in rows}
    return [key for key in keys if key not in there]


def _stream_row(stream_id: UUID, events: Sequence[Event]) -> Record:
    kind = kind_of(events[0])
    return asdict(stream_status_of(kind, fold_any(kind.view, stream_id, events)))


def _streams(log: Log) -> dict[str, list[UUID]]:
    """Return the ids of all streams that have a row, by its table."""
    tables = _tables()
    found: dict[str, dict[UUID, None]] = {table: {} for table in _KEYS}
    for place in every_place(log):
        if (table := tables.get(place.type)) is not None:
            found[table][place.stream_id] = None
    return {table: list(ids) for table, ids in found.items()}


@cache
def _tables() -> dict[str, str]:
    """Return the table that holds the row of a stream with an event of a type."""
    tables = {each.type: ALERT_TABLE for each in alert.EVENT_TYPES}
    tables |= {each.type: ACTIVITY_TABLE for each in activity.EVENT_TYPES}
    tables |= dict.fromkeys(own_types(UNNAMED), CHILD_TABLE)
    for name in served_kinds():
        tables |= dict.fromkeys(own_types(name), STREAM_TABLE)
    return tables


def _batches(ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while batch := list(islice(rest, _BATCH)):
        yield batch
