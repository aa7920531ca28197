"""The recorder over SQLite, and the factory by which the library's application finds it."""

from collections.abc import Sequence
from datetime import datetime

from eventsourcing.persistence import StoredEvent

from application.eventstore import factory
from application.eventstore.base import CareRecorder, NotNext
from application.eventstore.database import Transaction
from application.eventstore.recorder import columns_of
from application.eventstore.versions import before_each

_INSERT = (
    "INSERT INTO events (notification_id, originator_id, originator_version, topic, state, event_id, "
    "occurred_at, recorded_at, org, metadata) VALUES (:position, :originator_id, :originator_version, "
    ":topic, :state, :event_id, :occurred_at, :recorded_at, :org, :metadata)"
)
_FOLLOWED = "SELECT 1 FROM events WHERE originator_id = :id AND originator_version = :version"


class SQLiteRecorder(CareRecorder):
    """Records into a SQLite file."""

    def settled(self) -> datetime:
        """The moment up to which nothing more can come to be recorded: now, as soon as nobody writes."""
        with self.db.transaction():
            return (self._clock or self.db.now)()

    def _insert(self, tx: Transaction, stored_events: Sequence[StoredEvent]) -> Sequence[int]:
        # Nobody else writes meanwhile.
        for stream_id, version in before_each(stored_events).items():
            if version > 0 and not tx.tuples(_FOLLOWED, id=stream_id, version=version):
                raise NotNext
        newest = tx.tuples(
            "SELECT notification_id, recorded_at FROM events ORDER BY notification_id DESC LIMIT 1"
        )
        position, recorded_at = newest[0] if newest else (0, None)
        now = (self._clock or self.db.now)()
        shared = {"recorded_at": now if recorded_at is None else max(now, recorded_at)}
        positions = range(position + 1, position + 1 + len(stored_events))
        tx.many(
            _INSERT,
            [
                {"position": place, **columns_of(event), **shared}
                for place, event in zip(positions, stored_events, strict=True)
            ],
        )
        return list(positions)


class SQLiteFactory(factory.CareFactory):
    """Builds SQLite recorders for the library's application."""

    recorder_class = SQLiteRecorder
