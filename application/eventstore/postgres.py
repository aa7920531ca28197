"""The recorder over PostgreSQL, and the factory by which the library's application finds it.

Writers do not wait for one another. PostgreSQL hands out positions before commit, so a reader meets gaps that
a slow writer may still fill; it passes one only when every transaction that can own it has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, cast

from eventsourcing.persistence import StoredEvent

from application.eventstore import factory
from application.eventstore.base import CareRecorder
from application.eventstore.database import Clock, Database, Transaction
from application.eventstore.recorder import CareStoredEvent

# One statement however many events. The order of its parts is what readers rely on: the transaction has its
# id before the clock is read and before the first position is taken.
_INSERT = """
WITH writer AS MATERIALIZED (SELECT pg_current_xact_id() AS id),
moment AS MATERIALIZED (
    SELECT GREATEST(
        COALESCE(CAST(:now AS timestamptz), clock_timestamp()),
        (SELECT recorded_at FROM events ORDER BY notification_id DESC LIMIT 1)
    ) AS recorded_at
    FROM writer WHERE writer.id IS NOT NULL
)
INSERT INTO events
    (originator_id, originator_version, topic, state, event_id, occurred_at, recorded_at, org, metadata)
SELECT e.originator_id, e.originator_version, e.topic, e.state, e.event_id, e.occurred_at, m.recorded_at,
    e.org, CAST(e.metadata AS jsonb)
FROM moment AS m, unnest(
    CAST(:originator_ids AS uuid[]), CAST(:versions AS bigint[]), CAST(:topics AS text[]),
    CAST(:states AS bytea[]), CAST(:event_ids AS uuid[]), CAST(:occurred AS timestamptz[]),
    CAST(:orgs AS text[]), CAST(:metadata AS text[])
) WITH ORDINALITY AS e
    (originator_id, originator_version, topic, state, event_id, occurred_at, org, metadata, line)
ORDER BY e.line
RETURNING notification_id
"""

# Whoever writes has its transaction id before it reads the clock: what is not committed yet and not in this
# list is recorded later than this statement.
_SETTLED = """
SELECT LEAST(
    COALESCE(CAST(:now AS timestamptz), clock_timestamp()),
    (SELECT min(xact_start) - interval '1 microsecond' FROM pg_stat_activity
     WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid())
)
"""


# Readers stand close to one another; what lies further back was passed long ago.
KEPT_GAPS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """A gap that a reader has met: final up to `seen` once all transactions before `bound` have ended."""

    bound: int
    seen: int


class PostgresRecorder(CareRecorder):
    """Records into a PostgreSQL database."""

    def __init__(self, *, db: Database, clock: Clock | None = None) -> None:
        """Record into a migrated database; see `CareRecorder`."""
        super().__init__(db=db, clock=clock)
        self._gaps: dict[int, _Gap] = {}
        self._gaps_guard = Lock()

    def settled(self) -> datetime:
        """The moment (UTC) up to which nothing more can come to be recorded."""
        ((moment,),) = self.db.tuples(_SETTLED, now=self._clock() if self._clock else None)
        return cast("datetime", moment)

    def _behind(self, position: int, limit: int) -> list[tuple[Any, ...]]:
        """Ends before a gap that a slow writer may still fill, and is empty where the gap comes first."""
        found = super()._behind(position, limit)
        for place, values in enumerate(found):
            if values[0] != position + 1 + place:
                return found[:place] or self._behind_gap(position, found[-1][0], limit=limit)
        return found

    def _behind_gap(self, position: int, seen: int, *, limit: int) -> list[tuple[Any, ...]]:
        """The events up to `seen` once nobody can fill the gap behind `position` any more; till then none.

        The bound is a transaction id of our own, taken after the gap was seen: whoever owns a place in the
        gap took an id before that place, and so before ours. The bound of a snapshot would not do:
        running transactions may lie above it.
        """
        with self._gaps_guard:
            gap = self._gaps.get(position)
        if gap is None:
            with self.db.transaction() as tx:
                ((bound,),) = tx.tuples("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")
            gap = _Gap(bound=bound, seen=seen)
            with self._gaps_guard:
                self._gaps = {place: g for place, g in self._gaps.items() if place > position - KEPT_GAPS}
                self._gaps[position] = gap
        ((oldest,),) = self.db.tuples(
            "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
        )
        if oldest < gap.bound:
            return []
        return [values for values in super()._behind(position, limit) if values[0] <= gap.seen]

    def _insert(self, tx: Transaction, stored_events: Sequence[StoredEvent]) -> Sequence[int]:
        ours = [event if isinstance(event, CareStoredEvent) else None for event in stored_events]
        found = tx.tuples(
            _INSERT,
            now=self._clock() if self._clock else None,
            originator_ids=tuple(event.originator_id for event in stored_events),
            versions=tuple(event.originator_version for event in stored_events),
            topics=tuple(event.topic for event in stored_events),
            states=tuple(event.state for event in stored_events),
            event_ids=tuple(event and event.event_id for event in ours),
            occurred=tuple(event and event.occurred_at for event in ours),
            orgs=tuple(event and event.org for event in ours),
            metadata=tuple(event and event.metadata.decode() for event in ours),
        )
        return [position for (position,) in found]


class PostgresFactory(factory.CareFactory):
    """Builds PostgreSQL recorders for the library's application."""

    recorder_class = PostgresRecorder
