"""Receipts: what the other side tells of a notice, apart from what the channel said when it took it.

Delivered means that the other side has it, read that somebody opened it. Neither answers the alert.
"""

from datetime import datetime
from uuid import UUID

from domain.fields import Choice
from projections.database import Database, Transaction

# A digest is named by its message as well; what was never sent has no receipt.
_NAMED = "(delivery_id = :id OR parcel = :id) AND attempts > 0"


class Receipt(Choice):
    """What is told of a notice."""

    DELIVERED = "delivered", "已送达", "delivered"
    READ = "read", "已读", "read"


def recipient_of(database: Database, told_id: UUID) -> UUID | None:
    """Return whom a delivery or a message went to; None where there is none of that id."""
    row = database.one(f"SELECT recipient_id FROM delivery WHERE {_NAMED} LIMIT 1", id=told_id)  # noqa: S608
    return row["recipient_id"] if row else None


def write(tx: Transaction, told_id: UUID, *, receipt: Receipt, at: datetime) -> None:
    """Write a receipt for a delivery or all of a message. The first moment stays; read is delivered too."""
    read = ", read_at = COALESCE(read_at, :at)" if receipt is Receipt.READ else ""
    tx.run(
        f"UPDATE delivery SET delivered_at = COALESCE(delivered_at, :at){read} WHERE {_NAMED}",  # noqa: S608
        at=at,
        id=told_id,
    )


def moments_of(database: Database, told_id: UUID) -> tuple[datetime | None, datetime | None]:
    """Return when a delivery, or the first of a message, was delivered and when it was read."""
    row = database.one(
        f"SELECT delivered_at, read_at FROM delivery WHERE {_NAMED} ORDER BY delivery_id LIMIT 1",  # noqa: S608
        id=told_id,
    )
    return (row["delivered_at"], row["read_at"]) if row else (None, None)
