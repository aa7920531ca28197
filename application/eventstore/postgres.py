"""The recorder over PostgreSQL, and the factory by which the library's application finds it.

Writers do not wait for one another. PostgreSQL hands out positions before commit, so a reader meets gaps that
a slow writer may still fill; it passes one only when every transaction that can own it has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Lock
from time import monotonic, sleep
from typing import Any, cast

from eventsourcing.persistence import StoredEvent, Tracking

from application.eventstore import factory
from application.eventstore.base import COLUMNS, CareRecorder, NotNext
from application.eventstore.database import (
    Clock,
    ConnectionLost,
    Database,
    DatabaseUnavailable,
    Superseded,
    Transaction,
    UniqueViolation,
)
from application.eventstore.life import COLUMNS as LIFE_COLUMNS
from application.eventstore.life import Life
from application.eventstore.recorder import CareStoredEvent, EventIdTaken, Row, VersionConflict
from application.eventstore.save_postgres import kind_of, save_of
from application.eventstore.versions import refuse_unless_in_a_row

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
        ((moment, hidden),) = self.db.tuples(_SETTLED, now=self._dated())
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
        statement, params = save_of(stored_events, rows, now=self._dated())
        return _positions(self.db.write(statement, generation=generation, **params))

    def _insert(self, tx: Transaction, stored_events: Sequence[StoredEvent]) -> Sequence[int]:
        statement, params = save_of(stored_events, (), now=self._dated())
        return _positions(tx.tuples(statement, **params))

    def _dated(self) -> datetime | None:
        return self._clock() if self._clock else None

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


def _in_a_row(found: list[tuple[Any, ...]], position: int) -> list[tuple[Any, ...]]:
    """The rows up to the first gap."""
    place = next((n for n, values in enumerate(found) if values[0] != position + 1 + n), len(found))
    return found[:place]


def _positions(found: Sequence[tuple[Any, ...]]) -> Sequence[int]:
    if not found:
        raise NotNext
    return [position for (position,) in found]


def _independent(rows: Sequence[Row]) -> bool:
    """Return whether rows may be written in any order, whatever is there already."""
    kinds = {kind_of(row) for row in rows}
    one_each = len({table for table, _, _ in kinds}) == len(kinds)
    return one_each and not any(row.unique or row.gone for row in rows)


class PostgresFactory(factory.CareFactory):
    """Builds PostgreSQL recorders for the library's application."""

    recorder_class = PostgresRecorder
