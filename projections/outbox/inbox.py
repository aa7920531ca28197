"""The inbox: notices that are read inside CareLedger. Ids only; who reads them looks the rest up."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID

from domain.alert_kind import UNCONTACTED
from projections.database import Database, Transaction, made

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
    """,  # `read_at` is kept with the delivery
    "CREATE INDEX inbox_recipient ON inbox (recipient_id, created_at)",
    "ALTER TABLE inbox ADD COLUMN kind text NOT NULL DEFAULT 'uncontacted'",
)
_AFTER_ALL = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    """A notice that lies in somebody's inbox; `read_at`, as its delivery has it, None until it was read."""

    delivery_id: UUID
    recipient_id: UUID
    alert_id: UUID
    child_id: UUID
    step: str
    days_silent: int
    created_at: datetime
    read_at: datetime | None = None
    kind: str = UNCONTACTED


def put(tx: Transaction, items: Sequence[InboxItem]) -> None:
    """Lay notices into the inbox; twice is once."""
    tx.many(
        "INSERT INTO inbox (delivery_id, recipient_id, alert_id, child_id, step, days_silent, created_at, "
        "kind) "
        "VALUES (:delivery_id, :recipient_id, :alert_id, :child_id, :step, :days_silent, :created_at, "
        ":kind) "
        "ON CONFLICT (delivery_id) DO NOTHING",
        [asdict(item) for item in items],
    )


def inbox_of(
    database: Database, *, recipient_id: UUID, before: tuple[datetime, UUID] | None = None, limit: int = 100
) -> tuple[InboxItem, ...]:
    """Return what lies in an inbox, the newest first, of what comes after a moment and id in that order."""
    at, last = before or (_AFTER_ALL, UUID(int=2**128 - 1))
    rows = database.all(
        "SELECT inbox.delivery_id, inbox.recipient_id, inbox.alert_id, inbox.child_id, inbox.step, "
        "inbox.days_silent, inbox.created_at, inbox.kind, delivery.read_at FROM inbox "
        "LEFT JOIN delivery ON delivery.delivery_id = inbox.delivery_id "
        "WHERE inbox.recipient_id = :recipient_id AND (inbox.created_at, inbox.delivery_id) < (:at, :last) "
        "ORDER BY inbox.created_at DESC, inbox.delivery_id DESC LIMIT :limit",
        recipient_id=recipient_id,
        at=at,
        last=last,
        limit=limit,
    )
    return made(InboxItem, rows)
