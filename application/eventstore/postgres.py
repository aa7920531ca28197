"""The recorder over PostgreSQL, and the factory by which the library's application finds it.

Writers do not wait for one another. PostgreSQL hands out positions before commit, so a reader meets gaps that
a slow writer may still fill; it passes one only when every transaction that can own it has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from threading import Lock
from time import monotonic, sleep
from typing import Any, cast

from eventsourcing.persistence import StoredEvent, Tracking

from application.eventstore import factory
from application.eventstore.arrays import Column
from application.eventstore.base import (
    COLUMNS,
    CareRecorder,
    NotNext,
    before_each,
    refuse_unless_in_a_row,
)
from application.eventstore.database import (
    Clock,
    ConnectionLost,
    Database,
    DatabaseUnavailable,
    Prepared,
    Superseded,
    Transaction,
    UniqueViolation,
)
from application.eventstore.document import document
from application.eventstore.life import COLUMNS as LIFE_COLUMNS
from application.eventstore.life import Life
from application.eventstore.recorder import CareStoredEvent, EventIdTaken, Row, VersionConflict
from application.eventstore.sqltext import upsert_document_statement

# One statement however many events. The order of its parts is what readers rely on: the transaction has its
# id before the clock is read and before the first position is taken. `{rows}` are rows beside the events,
# each kind an INSERT of its own; the events come first. `moment` has no row, and then nothing is written,
# unless the versions that the events follow are there: what was decided on events that this server has lost
# must not leave a hole. That no other follows them says the unique constraint.
_INSERT = """
WITH writer AS MATERIALIZED (SELECT pg_current_xact_id() AS id),
{followed}moment AS MATERIALIZED (
    SELECT GREATEST(
        COALESCE(CAST(:now AS timestamptz), clock_timestamp()),
        (SELECT recorded_at FROM events ORDER BY notification_id DESC LIMIT 1){latest}
    ) AS recorded_at
    FROM writer{beside} WHERE writer.id IS NOT NULL{are_there}
){rows}
INSERT INTO events
    (originator_id, originator_version, topic, state, event_id, occurred_at, recorded_at, org, metadata)
SELECT e.originator_id, e.originator_version, e.topic, e.state, e.event_id, e.occurred_at, m.recorded_at,
    e.org, CAST(e.metadata AS jsonb)
FROM moment AS m, unnest(
    CAST(:originator_id AS uuid[]), CAST(:originator_version AS bigint[]), CAST(:topic AS text[]),
    CAST(:state AS bytea[]), CAST(:event_id AS uuid[]), CAST(:occurred_at AS timestamptz[]),
    CAST(:org AS text[]), CAST(:metadata AS text[])
) WITH ORDINALITY AS e
    (originator_id, originator_version, topic, state, event_id, occurred_at, org, metadata, place)
ORDER BY e.place
RETURNING notification_id
"""

# What the events follow, in three shapes: the planner should know how many there are, to plan once and not
# for each save anew, and most saves are of one stream. Streams that begin follow nothing.
_FOLLOWING_NOTHING = {"followed": "", "latest": "", "beside": "", "are_there": ""}
_FOLLOWING_ONE = {
    "followed": "",
    "latest": ", f.recorded_at",
    "beside": ", events AS f",
    "are_there": """ AND f.originator_id = (CAST(:originator_id AS uuid[]))[1]
    AND f.originator_version = (CAST(:originator_version AS bigint[]))[1] - 1""",
}
_FOLLOWING_MANY = {
    "followed": """followed AS MATERIALIZED (
    SELECT (SELECT recorded_at FROM events WHERE originator_id = s.id AND originator_version = s.before)
        AS recorded_at
    FROM unnest(CAST(:stream AS uuid[]), CAST(:before AS bigint[])) AS s (id, before)
),
""",
    "latest": ", (SELECT max(recorded_at) FROM followed)",
    "beside": "",
    "are_there": " AND NOT EXISTS (SELECT FROM followed WHERE recorded_at IS NULL)",
}
_FOLLOWING = (_FOLLOWING_NOTHING, _FOLLOWING_ONE, _FOLLOWING_MANY)

# Whoever writes has its transaction id before it reads the clock: what is not committed yet and not in this
# list is recorded later than this statement. When somebody began is hidden where activities are not tracked,
# from other roles, and for prepared transactions: then it must be waited for.
_SETTLED = """
SELECT LEAST(
    COALESCE(CAST(:now AS timestamptz), clock_timestamp()),
    (SELECT min(xact_start) - interval '1 microsecond' FROM pg_stat_activity
     WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid())
), EXISTS (
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
    AND xact_start IS NULL
) OR EXISTS (SELECT FROM pg_prepared_xacts WHERE database = current_database())
"""
_OWN_ID = "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
_OLDEST = "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
# What lies behind a gap, the oldest transaction at work when it was read, and in which life of the server.
_BEHIND_GAP = f"""
WITH server (oldest, system, database, timeline, started) AS MATERIALIZED (
    SELECT {_OLDEST}, {", ".join(LIFE_COLUMNS)}
)
SELECT {COLUMNS}, server.* FROM events CROSS JOIN server
WHERE notification_id > :position ORDER BY notification_id LIMIT :limit
"""  # noqa: S608  constants
_BOUND = f"SELECT {_OWN_ID}, {', '.join(LIFE_COLUMNS)}"
_WIDTH = 1 + len(LIFE_COLUMNS)
SETTLE_SECONDS = 5.0
_SETTLE_PAUSE_SECONDS = 0.05


# Rows of one kind go in one statement: table, columns of the key, other columns.
Kind = tuple[str, tuple[str, ...], tuple[str, ...]]

# Readers stand close to one another; what lies further back was passed long ago.
KEPT_GAPS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """A gap that a reader has met: final up to `seen` once all transactions before `bound` have ended.

    True in one life of the server only: transaction ids go back, and what was seen may be lost.
    """

    bound: int
    seen: int
    life: Life
    generation: int


class PostgresRecorder(CareRecorder):
    """Records into a PostgreSQL database."""

    def __init__(self, *, db: Database, clock: Clock | None = None) -> None:
        """Record into a migrated database; see `CareRecorder`."""
        super().__init__(db=db, clock=clock)
        self._gaps: dict[int, _Gap] = {}
        self._gaps_guard = Lock()

    def settled(self) -> datetime:
        """The moment (UTC) up to which nothing more can come to be recorded.

        Raises DatabaseUnavailable where a writer stays at work of whom it is hidden when it began.
        """
        ((moment, hidden),) = self.db.tuples(_SETTLED, now=self._clock() if self._clock else None)
        if hidden:
            self._wait_for_those_at_work()
        return cast("datetime", moment)

    def _wait_for_those_at_work(self) -> None:
        ((bound,),) = self.db.write(f"SELECT {_OWN_ID}")
        give_up = monotonic() + SETTLE_SECONDS
        while self.db.tuples(f"SELECT {_OLDEST}")[0][0] < bound:
            if monotonic() > give_up:
                raise DatabaseUnavailable("a transaction is open, and the server hides since when")
            sleep(_SETTLE_PAUSE_SECONDS)

    def _behind(self, position: int, limit: int) -> list[tuple[Any, ...]]:
        """Ends before a gap that a slow writer may still fill, and is empty where the gap comes first."""
        found = super()._behind(position, limit)
        run = _in_a_row(found, position)
        return run if run or not found else self._behind_gap(position, limit=limit)

    def _behind_gap(self, position: int, *, limit: int) -> list[tuple[Any, ...]]:
        """The events behind a gap, once nobody can fill it any more; till then none.

        The bound is a transaction id of our own, taken after the gap was seen: whoever owns a place in the
        gap took an id before that place, and so before ours. The bound of a snapshot would not do:
        running transactions may lie above it. Seen, bounded and passed is a gap in one life of the server:
        each reading says from which it is.
        """
        for _ in range(2):
            generation = self.db.generation
            found = self.db.tuples(_BEHIND_GAP, position=position, limit=limit)
            if not found or found[0][0] == position + 1:
                # Lost, or filled.
                self._forget(position)
                return [values[:-_WIDTH] for values in _in_a_row(found, position)]
            oldest, *told = found[0][-_WIDTH:]
            life = tuple(told)
            gap = self._known(position, life=life, generation=generation)
            if gap is not None:
                if oldest < gap.bound:
                    return []
                if passed := [values[:-_WIDTH] for values in found if values[0] <= gap.seen]:
                    return passed
                self._forget(position)
            if not self._bounded(position, seen=found[-1][0], life=life, generation=generation):
                return []
        return []

    def _known(self, position: int, *, life: Life, generation: int) -> _Gap | None:
        """The gap behind a position as it was met in this life of the server; all others are forgotten."""
        with self._gaps_guard:
            gap = self._gaps.get(position)
            if gap is None or (gap.life, gap.generation) == (life, generation):
                return gap
            self._gaps = {}
            return None

    def _bounded(self, position: int, *, seen: int, life: Life, generation: int) -> bool:
        """Keep a gap that was just seen; False where the server that could bound it is another by now."""
        ((bound, *told),) = self.db.write(_BOUND)
        if (tuple(told), self.db.generation) != (life, generation):
            return False
        gap = _Gap(bound=bound, seen=seen, life=life, generation=generation)
        with self._gaps_guard:
            self._gaps = {place: g for place, g in self._gaps.items() if place > position - KEPT_GAPS}
            self._gaps[position] = gap
        return True

    def _forget(self, position: int) -> None:
        with self._gaps_guard:
            self._gaps.pop(position, None)

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        rows: Sequence[Row] = (),
        tracking: Tracking | None = None,
        generation: int | None = None,
        **_: Any,
    ) -> Sequence[int]:
        """Record in one round trip where nothing has to be looked up on the way; see `CareRecorder`.

        Where the answer is lost with the connection, it is asked for again and found in the log.
        """
        in_order = partial(
            super().insert_events, stored_events, rows=rows, tracking=tracking, generation=generation
        )
        if not stored_events or tracking is not None or not _independent(rows):
            return in_order()
        refuse_unless_in_a_row(stored_events)
        try:
            return self._at_once(stored_events, rows, generation)
        except (UniqueViolation, NotNext, Superseded) as error:
            conflict = self._conflict(stored_events, error)
            if isinstance(conflict, EventIdTaken | VersionConflict):
                raise conflict from error
            # A row was taken, or the event is gone again with its writer.
            return in_order()
        except ConnectionLost:
            try:
                return in_order()
            except EventIdTaken:
                if (positions := self._kept(stored_events)) is None:
                    raise
                return positions

    def _at_once(
        self, stored_events: Sequence[StoredEvent], rows: Sequence[Row], generation: int | None
    ) -> Sequence[int]:
        kinds: dict[Kind, dict[tuple[Any, ...], Row]] = {}
        for row in rows:
            kinds.setdefault(_kind(row), {})[tuple(row.key.values())] = row
        documents: dict[str, Any] = {
            f"rows_{number}": document({**row.key, **row.values} for row in alike.values())
            for number, alike in enumerate(kinds.values())
        }
        shape, further = _followed(stored_events)
        params = {**self._events(stored_events), **documents, **further}
        statement = _statement(tuple(kinds), shape=shape)
        return _positions(self.db.write(statement, generation=generation, **params))

    def _insert(self, tx: Transaction, stored_events: Sequence[StoredEvent]) -> Sequence[int]:
        shape, further = _followed(stored_events)
        return _positions(tx.tuples(_statement((), shape=shape), **self._events(stored_events), **further))

    def _events(self, stored_events: Sequence[StoredEvent]) -> dict[str, Any]:
        ours = [event if isinstance(event, CareStoredEvent) else None for event in stored_events]
        return {
            "now": self._clock() if self._clock else None,
            "originator_id": Column("uuid", [event.originator_id for event in stored_events]),
            "originator_version": Column("bigint", [event.originator_version for event in stored_events]),
            "topic": Column("text", [event.topic for event in stored_events]),
            "state": Column("bytea", [event.state for event in stored_events]),
            "event_id": Column("uuid", [event and event.event_id for event in ours]),
            "occurred_at": Column("timestamptz", [event and event.occurred_at for event in ours]),
            "org": Column("text", [event and event.org for event in ours]),
            "metadata": Column("text", [event and event.metadata.decode() for event in ours]),
        }

    def _kept(self, stored_events: Sequence[StoredEvent]) -> Sequence[int] | None:
        """The positions of events that lie in the log byte by byte: no two seals are alike."""
        ours = [event for event in stored_events if isinstance(event, CareStoredEvent)]
        found = {
            (event_id, state): position
            for event_id, state, position in self.db.tuples(
                "SELECT event_id, state, notification_id FROM events WHERE event_id IN :ids",
                ids=tuple(event.event_id for event in ours),
            )
        }
        positions = [found.get((event.event_id, event.state)) for event in ours]
        return [p for p in positions if p is not None] if None not in positions else None


def _followed(stored_events: Sequence[StoredEvent]) -> tuple[int, dict[str, Any]]:
    """Which of the three shapes fits what these events follow, and the parameters that it has of its own."""
    if len(stored_events) == 1:
        return int(stored_events[0].originator_version > 1), {}
    followed = {stream: version for stream, version in before_each(stored_events).items() if version > 0}
    if not followed:
        return 0, {}
    return 2, {
        "stream": Column("uuid", list(followed)),
        "before": Column("bigint", list(followed.values())),
    }


def _in_a_row(found: list[tuple[Any, ...]], position: int) -> list[tuple[Any, ...]]:
    """The rows up to the first gap."""
    place = next((n for n, values in enumerate(found) if values[0] != position + 1 + n), len(found))
    return found[:place]


def _positions(found: Sequence[tuple[Any, ...]]) -> Sequence[int]:
    if not found:
        raise NotNext
    return [position for (position,) in found]


def _independent(rows: Sequence[Row]) -> bool:
    """Tell whether rows may be written in any order, whatever is there already."""
    kinds = {_kind(row) for row in rows}
    one_each = len({table for table, _, _ in kinds}) == len(kinds)
    return one_each and not any(row.unique or row.gone for row in rows)


def _kind(row: Row) -> Kind:
    return row.table, tuple(row.key), tuple(row.values)


@lru_cache(maxsize=1024)
def _statement(kinds: tuple[Kind, ...], *, shape: int) -> Prepared:
    """The INSERT of events, in the shape of what they follow, with that of some kinds of rows beside them."""
    beside = [
        upsert_document_statement(
            table=table,
            key=key,
            columns=key + values,
            document=f"rows_{number}",
            condition="WHERE EXISTS (SELECT FROM moment)",
        )
        for number, (table, key, values) in enumerate(kinds)
    ]
    rows = "".join(f",\nbeside_{n} AS ({text})" for n, text in enumerate(beside))
    return Prepared(_INSERT.format(**_FOLLOWING[shape], rows=rows))


class PostgresFactory(factory.CareFactory):
    """Builds PostgreSQL recorders for the library's application."""

    recorder_class = PostgresRecorder
