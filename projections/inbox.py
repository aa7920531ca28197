"""The inbox: notices that are read inside CareLedger. Ids only; who reads them looks the rest up."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from projections.database import Database, Transaction

DDL = (
    """
    CREATE TABLE inbox (
        delivery_id uuid PRIMARY KEY,
        recipient_id uuid NOT NULL,
        alert_id uuid NOT NULL,
        child_id uuid NOT NULL,
        step text NOT NULL,
        days_silent bigint NOT NULL,
        created_at timestamptz NOT NULL,
        read_at timestamptz
    )
    """,
    "CREATE INDEX inbox_recipient ON inbox (recipient_id, created_at)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    """A notice that lies in somebody's inbox; `read_at` None until it was read."""

    delivery_id: UUID
    recipient_id: UUID
    alert_id: UUID
    child_id: UUID
    step: str
    days_silent: int
    created_at: datetime
    read_at: datetime | None = None


def put(tx: Transaction, item: InboxItem) -> None:
    """Lay a notice into the inbox; twice is once."""
    tx.run(
        "INSERT INTO inbox (delivery_id, recipient_id, alert_id, child_id, step, days_silent, created_at) "
        "VALUES (:delivery_id, :recipient_id, :alert_id, :child_id, :step, :days_silent, :created_at) "
        "ON CONFLICT (delivery_id) DO NOTHING",
        delivery_id=item.delivery_id,
        recipient_id=item.recipient_id,
        alert_id=item.alert_id,
        child_id=item.child_id,
        step=item.step,
        days_silent=item.days_silent,
        created_at=item.created_at,
    )


def inbox_of(database: Database, *, recipient_id: UUID, limit: int = 100) -> tuple[InboxItem, ...]:
    """Give what lies in an inbox, the newest first."""
    rows = database.all(
        "SELECT * FROM inbox WHERE recipient_id = :recipient_id "
        "ORDER BY created_at DESC, delivery_id LIMIT :limit",
        recipient_id=recipient_id,
        limit=limit,
    )
    return tuple(InboxItem(**row) for row in rows)
