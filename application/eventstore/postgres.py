"""The recorder over PostgreSQL, and the factory by which the library's application finds it."""

from collections.abc import Sequence

from eventsourcing.persistence import StoredEvent

from application.eventstore import factory
from application.eventstore.base import CareRecorder
from application.eventstore.database import Transaction
from application.eventstore.engine_postgres import lock_key
from application.eventstore.recorder import CareStoredEvent

_ORDER_LOCK = lock_key("the order of events")

# One statement however many events. The snapshot of a statement is taken when it starts: this one has to
# start after the lock is held, or the newest `recorded_at` that it sees may be old.
_INSERT = """
WITH moment AS MATERIALIZED (
    SELECT GREATEST(
        COALESCE(CAST(:now AS timestamptz), clock_timestamp()),
        (SELECT recorded_at FROM events ORDER BY notification_id DESC LIMIT 1)
    ) AS recorded_at
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


class PostgresRecorder(CareRecorder):
    """Records into a PostgreSQL database."""

    def _in_order(self, tx: Transaction) -> None:
        """Let one transaction after the other take positions: the lock is let go after the commit."""
        tx.tuples("SELECT pg_advisory_xact_lock(:lock)", lock=_ORDER_LOCK)

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
