"""Made-up events, and the recorder that fits a database."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from application.eventstore.base import CareRecorder
from application.eventstore.database import Clock, Database
from application.eventstore.postgres import PostgresRecorder
from application.eventstore.recorder import CareStoredEvent
from application.eventstore.sqlite import SQLiteRecorder

TABLES = (
    "CREATE TABLE status (child uuid PRIMARY KEY, visits bigint NOT NULL, seen_on date)",
    "CREATE TABLE claim (kind text, word text, child uuid NOT NULL, PRIMARY KEY (kind, word))",
)
LAST_SPRING = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def recorder_over(db: Database, *, clock: Clock | None = None) -> CareRecorder:
    recorder_class = SQLiteRecorder if db.dialect == "sqlite" else PostgresRecorder
    return recorder_class(db=db, clock=clock)


def an_event(
    *,
    child: UUID | None = None,
    version: int = 1,
    event_id: UUID | None = None,
    state: bytes = b"{}",
    metadata: bytes = b'{"actor":"t-li","role":"teacher"}',
) -> CareStoredEvent:
    return CareStoredEvent(
        originator_id=child or uuid4(),
        originator_version=version,
        topic="home_visit",
        state=state,
        event_id=event_id or uuid4(),
        occurred_at=LAST_SPRING,
        org="lishui/cuncaoxin/class-3",
        metadata=metadata,
    )
