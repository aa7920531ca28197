"""What the two recorders share: all but how events are put in and in which order.

The library's interfaces are kept, so that its own application and its conformance tests run over these
recorders. The tables `tracking` and `stored_…` are the library's alone; CareLedger uses neither.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    IntegrityError,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Tracking,
)

from application.eventstore.database import (
    Clock,
    Database,
    DatabaseError,
    Prepared,
    Superseded,
    T,
    Transaction,
    UniqueViolation,
)
from application.eventstore.recorder import (
    CareStoredEvent,
    EventIdTaken,
    ForeignEvent,
    Place,
    Row,
    VersionConflict,
)
from application.eventstore.rows import write_rows
from application.eventstore.sqltext import identifier
from application.eventstore.subscription import PollingSubscription
from application.eventstore.versions import before_each, follows, refuse_unless_in_a_row

COLUMNS = (
    "notification_id, originator_id, originator_version, topic, state, event_id, occurred_at, "
    "recorded_at, org, CAST(metadata AS text)"
)
_SELECT = f"SELECT {COLUMNS} FROM events "  # noqa: S608  a constant
# One stream comes out of the index in its order: nothing to plan anew and nothing to sort.
_ONE_STREAM = Prepared(f"{_SELECT}WHERE originator_id = :id ORDER BY originator_version")
_ONE_STREAM_THEN = Prepared(
    f"{_SELECT}WHERE originator_id = :id AND recorded_at <= :known_at ORDER BY originator_version"
)
_ONE_STREAM_SINCE = Prepared(
    f"{_SELECT}WHERE originator_id = :id AND originator_version >= :since ORDER BY originator_version"
)
_BY_ID = Prepared(f"{_SELECT}WHERE event_id = :event_id")


class NotNext(DatabaseError):
    """The newest version of a stream is not the one before the first that was to be saved."""


class CareRecorder(ProcessRecorder):
    """Events in one table, in one order, for ever."""

    def __init__(self, *, db: Database, clock: Clock | None = None) -> None:
        """Record into a migrated database.

        `clock` gives `recorded_at`; without one the database's clock does, on SQLite the host's.
        """
        self.db = db
        self._clock = clock

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        rows: Sequence[Row] = (),
        tracking: Tracking | None = None,
        generation: int | None = None,
        **_: Any,
    ) -> Sequence[int]:
        """Record events and rows in one transaction, and return the position of each event.

        The events of a stream must be the next of it: on a server that has lost what they were decided on,
        they would leave a hole. With `generation` they are for that life of the server alone. Raises
        EventIdTaken, VersionConflict or RowTaken with nothing written, looked for in this order;
        DatabaseUnavailable out of a commit leaves open whether it was kept: look with `by_event_id`.
        """
        refuse_unless_in_a_row(stored_events)
        if not stored_events and not rows and tracking is None:
            return []
        try:
            with self.db.transaction() as tx:
                positions: Sequence[int] = []
                self.db.refuse_superseded(generation)
                if stored_events:
                    positions = self._insert(tx, stored_events)
                write_rows(tx, rows)
                if tracking is not None:
                    _insert_tracking(tx, tracking)
        except (UniqueViolation, NotNext, Superseded) as error:
            raise self._conflict(stored_events, error) from error
        return positions

    @property
    def generation(self) -> int:
        """Identify this life of the database, as far as is known."""
        return self.db.generation

    def stream(
        self, originator_ids: Sequence[UUID], *, known_at: datetime | None = None
    ) -> list[CareStoredEvent]:
        """Every event of some streams by id and version; with `known_at` those recorded until then."""
        if len(originator_ids) == 1:
            return self.stream_meanwhile(originator_ids[0], lambda: None, known_at=known_at)[0]
        known = "" if known_at is None else " AND recorded_at <= :known_at"
        sql = f"{_SELECT} WHERE originator_id IN :ids{known} ORDER BY originator_id, originator_version"
        return list(map(_ours, self.db.tuples(sql, ids=tuple(originator_ids), known_at=known_at)))

    def stream_meanwhile(
        self,
        originator_id: UUID,
        meanwhile: Callable[[], T],
        *,
        known_at: datetime | None = None,
        since: int | None = None,
    ) -> tuple[list[CareStoredEvent], T]:
        """Every event of one stream, or those from version `since` on or recorded until a moment, and what is
        done while the answer is on its way.
        """
        one = _ONE_STREAM if known_at is None else _ONE_STREAM_THEN
        one = one if since is None else _ONE_STREAM_SINCE
        found, done = self.db.tuples_meanwhile(
            one, meanwhile, id=originator_id, known_at=known_at, since=since
        )
        return list(map(_ours, found)), done

    def versions(self, originator_ids: Sequence[UUID]) -> dict[UUID, int]:
        """How many events each of some streams has; one that is not there is left out."""
        found = self.db.tuples(
            "SELECT originator_id, max(originator_version) FROM events WHERE originator_id IN :ids "
            "GROUP BY originator_id",
            ids=tuple(originator_ids),
        )
        return dict(found)

    def after(self, position: int, limit: int) -> list[CareStoredEvent]:
        """At most `limit` events behind a position, in order. No event ever appears before these later.

        Raises ForeignEvent for one that this application has not written.
        """
        return list(map(_ours, self._behind(position, limit)))

    def places(self, position: int, limit: int) -> list[Place]:
        """Where these events lie, those of another program too."""
        return [
            Place(position=values[0], stream_id=values[1], type=values[3], event_id=values[5])
            for values in self._behind(position, limit)
        ]

    def by_event_id(self, event_id: UUID) -> CareStoredEvent | None:
        """The event with an id, or None."""
        found = self.db.tuples(_BY_ID, event_id=event_id)
        return _ours(found[0]) if found else None

    def head(self) -> tuple[int, datetime | None]:
        """Position and `recorded_at` of the newest event; 0 and None when there is none."""
        found = self.db.tuples(
            "SELECT notification_id, recorded_at FROM events ORDER BY notification_id DESC LIMIT 1"
        )
        return found[0] if found else (0, None)

    def recorded_after(self, position: int) -> datetime | None:
        """`recorded_at` of the next event behind a position, be there a gap before it or not."""
        found = self.db.tuples(
            "SELECT recorded_at FROM events WHERE notification_id > :position "
            "ORDER BY notification_id LIMIT 1",
            position=position,
        )
        return found[0][0] if found else None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Events of one stream, as the library asks for them."""
        where, params = _stream_condition(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        return [_plain(values) for values in self.db.tuples(_SELECT + where, **params)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events by position, as the library asks for them."""
        sql = "SELECT originator_id, originator_version, topic, state, notification_id FROM events"
        conditions = []
        if start is not None:
            conditions.append(f"notification_id {'>=' if inclusive_of_start else '>'} :start")
        if stop is not None:
            conditions.append("notification_id <= :stop")
        if topics:
            conditions.append("topic IN :topics")
        if conditions:
            sql += " WHERE " + " AND ".join(conditions)
        sql += " ORDER BY notification_id LIMIT :limit"
        found = self.db.tuples(sql, start=start, stop=stop, topics=tuple(topics), limit=limit)
        return [Notification(*values) for values in found]

    def max_notification_id(self) -> int | None:
        """The newest position, or None."""
        return self.head()[0] or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> PollingSubscription:
        """Follow the events behind a position, waiting for new ones."""
        return PollingSubscription(self, gt, topics)

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record how far a follower has come. Raises IntegrityError unless that is further than before."""
        with self.db.transaction() as tx:
            _insert_tracking(tx, tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """How far a follower has come, or None."""
        found = self.db.tuples(
            "SELECT notification_id FROM tracking WHERE application_name = :name", name=application_name
        )
        return found[0][0] if found else None

    def _behind(self, position: int, limit: int) -> list[tuple[Any, ...]]:
        """The rows behind a position, as `after` promises them."""
        sql = f"{_SELECT} WHERE notification_id > :position ORDER BY notification_id LIMIT :limit"
        return self.db.tuples(sql, position=position, limit=limit)

    @abstractmethod
    def settled(self) -> datetime:
        """The moment (UTC) up to which nothing more can come to be recorded; later is not known yet."""

    @abstractmethod
    def _insert(self, tx: Transaction, stored_events: Sequence[StoredEvent]) -> Sequence[int]:
        """Insert events in their order, no earlier in `recorded_at` than the newest; return positions.

        Raises NotNext where they are not the next of their streams.
        """

    def _conflict(self, stored_events: Sequence[StoredEvent], error: DatabaseError) -> IntegrityError:
        """Return which of some events that could not be inserted is there already, or is not the next."""
        ids = [event.event_id for event in stored_events if isinstance(event, CareStoredEvent)]
        taken = {
            values[0]
            for values in self.db.tuples("SELECT event_id FROM events WHERE event_id IN :ids", ids=tuple(ids))
        }
        for event_id in ids:
            if event_id in taken:
                return EventIdTaken(event_id=event_id)
        for event in stored_events:
            version = event.originator_version
            if self.select_events(event.originator_id, gt=version - 1, lte=version):
                return VersionConflict(originator_id=event.originator_id, version=version)
        known = self.db.tuples(
            "SELECT originator_id, max(originator_version) FROM events WHERE originator_id IN :ids "
            "GROUP BY originator_id",
            ids=tuple(before := before_each(stored_events)),
        )
        newest = dict(known)
        for stream_id, version in before.items():
            if not follows(version, newest.get(stream_id)):
                return VersionConflict(originator_id=stream_id, version=version + 1)
        if isinstance(error, NotNext | Superseded):
            # It would be the next by now, or of another life of the server.
            first = stored_events[0]
            return VersionConflict(originator_id=first.originator_id, version=first.originator_version)
        return IntegrityError("a unique value is taken")


class StreamRecorder(AggregateRecorder):
    """A table of streams without a common order, such as the library's snapshots."""

    def __init__(self, *, db: Database, table: str) -> None:
        self.db = db
        self._table = identifier(table)

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> None:
        """Store all or nothing. Raises IntegrityError when a version is there already."""
        sql = (
            f"INSERT INTO {self._table} (originator_id, originator_version, topic, state) "  # noqa: S608
            "VALUES (:originator_id, :originator_version, :topic, :state)"
        )
        try:
            with self.db.transaction() as tx:
                tx.many(sql, [vars(event) for event in stored_events])
        except UniqueViolation as error:
            raise IntegrityError(str(error)) from error

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Events of one stream, as the library asks for them."""
        where, params = _stream_condition(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        columns = "originator_id, originator_version, topic, state"
        sql = f"SELECT {columns} FROM {self._table} {where}"  # noqa: S608  the name is checked
        return [StoredEvent(*values) for values in self.db.tuples(sql, **params)]


def _insert_tracking(tx: Transaction, tracking: Tracking) -> None:
    moved = tx.run(
        "INSERT INTO tracking (application_name, notification_id) VALUES (:name, :position) "
        "ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id "
        "WHERE tracking.notification_id < excluded.notification_id",
        name=tracking.application_name,
        position=tracking.notification_id,
    )
    if moved == 0:
        raise IntegrityError(f"{tracking.application_name} is at {tracking.notification_id} already")


def _stream_condition(
    originator_id: UUID | str, *, gt: int | None, lte: int | None, desc: bool, limit: int | None
) -> tuple[str, dict[str, Any]]:
    where = "WHERE originator_id = :originator_id"
    if gt is not None:
        where += " AND originator_version > :gt"
    if lte is not None:
        where += " AND originator_version <= :lte"
    where += f" ORDER BY originator_version {'DESC' if desc else 'ASC'}"
    if limit is not None:
        where += " LIMIT :limit"
    return where, {"originator_id": originator_id, "gt": gt, "lte": lte, "limit": limit}


def _ours(values: tuple[Any, ...]) -> CareStoredEvent:
    position, stream, version, topic, state, event_id, occurred_at, recorded_at, org, metadata = values
    if event_id is None or occurred_at is None or org is None or metadata is None:
        raise ForeignEvent(position=position)
    return CareStoredEvent.lying(
        originator_id=stream,
        originator_version=version,
        topic=topic,
        state=state,
        event_id=event_id,
        occurred_at=occurred_at,
        org=org,
        metadata=metadata.encode(),
        recorded_at=recorded_at,
        position=position,
    )


def _plain(values: tuple[Any, ...]) -> StoredEvent:
    try:
        return _ours(values)
    except ForeignEvent:
        return StoredEvent(*values[1:5])
