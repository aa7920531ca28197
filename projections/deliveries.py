"""Deliveries: each notice that somebody is owed, and what became of it. Ids only.

`accepted` says that a channel took the notice, no more; that it was read is a fact of its own (`inbox`).
`sending` is written before the call, so what a crash leaves there may have been sent: it is `unknown`, and
is sent again under the same id.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from projections.database import Database, Record, Transaction

DDL = (
    """
    CREATE TABLE delivery (
        delivery_id uuid PRIMARY KEY,
        alert_id uuid NOT NULL,
        child_id uuid NOT NULL,
        org text NOT NULL,
        step text NOT NULL,
        days_silent bigint NOT NULL,
        cause uuid NOT NULL,
        recipient_id uuid NOT NULL,
        channel text NOT NULL,
        state text NOT NULL,
        attempts bigint NOT NULL,
        not_before timestamptz NOT NULL,
        offered_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        last_reason text,
        provider_id text
    )
    """,
    "CREATE INDEX delivery_state ON delivery (state, not_before)",
    "CREATE INDEX delivery_alert ON delivery (alert_id)",
)
NAMESPACE = UUID("a6f0c6f5-0a0e-5e0c-9a41-3f7b2d9c1e55")
PENDING, ACCEPTED, FAILED, UNKNOWN = "pending", "accepted", "failed", "unknown"
OFFER_AGAIN_AFTER = timedelta(seconds=30)
# Longer than any call may take, so that nobody's call is declared lost while it lasts.
LOST_AFTER = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notice of one step for one recipient. `cause` is the event of the alert that it tells of."""

    delivery_id: UUID
    alert_id: UUID
    child_id: UUID
    org: str
    step: str
    days_silent: int
    cause: UUID
    recipient_id: UUID
    channel: str
    state: str
    attempts: int
    not_before: datetime
    offered_at: datetime | None
    created_at: datetime
    updated_at: datetime
    last_reason: str | None
    provider_id: str | None


def delivery_id(*, alert: UUID, step: str, cause: UUID, recipient: UUID, channel: str) -> UUID:
    """Give the id of the one delivery that these can have; it is the webhook's id as well."""
    return uuid5(NAMESPACE, f"{alert}:{step}:{cause}:{recipient}:{channel}")


def plan(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Put deliveries in; those that are there already stay as they are."""
    tx.many(
        "INSERT INTO delivery (delivery_id, alert_id, child_id, org, step, days_silent, cause, recipient_id, "
        "channel, state, attempts, not_before, created_at, updated_at) VALUES (:delivery_id, :alert_id, "
        ":child_id, :org, :step, :days_silent, :cause, :recipient_id, :channel, :state, :attempts, "
        ":not_before, :created_at, :updated_at) ON CONFLICT (delivery_id) DO NOTHING",
        [row_of(delivery) for delivery in deliveries],
    )


def row_of(delivery: Delivery) -> Record:
    """Give a delivery as its row."""
    return asdict(delivery)


def claim(tx: Transaction, delivery_id: UUID, *, now: datetime) -> Delivery | None:
    """Take a delivery that is due, and count the attempt; None where there is nothing to do.

    Commit this before the call: then a crash during the call has been counted.
    """
    taken = tx.run(
        "UPDATE delivery SET state = 'sending', attempts = attempts + 1, updated_at = :now "
        "WHERE delivery_id = :id AND state IN ('pending', 'unknown') AND not_before <= :now",
        id=delivery_id,
        now=now,
    )
    row = tx.one("SELECT * FROM delivery WHERE delivery_id = :id", id=delivery_id) if taken else None
    return Delivery(**row) if row else None


def put_off(
    tx: Transaction, taken: Delivery, *, state: str, reason: str, not_before: datetime, now: datetime
) -> bool:
    """Write down why a claimed delivery was not accepted; False where the claim was lost meanwhile."""
    return (
        tx.run(
            "UPDATE delivery SET state = :state, last_reason = :reason, not_before = :not_before, "
            "offered_at = NULL, updated_at = :now "
            "WHERE delivery_id = :id AND state = 'sending' AND attempts = :attempts",
            state=state,
            reason=reason,
            not_before=not_before,
            now=now,
            id=taken.delivery_id,
            attempts=taken.attempts,
        )
        == 1
    )


def give_up_lost(tx: Transaction, *, now: datetime) -> int:
    """Call `unknown` what has been sending for longer than any call takes: its sender has died."""
    return tx.run(
        "UPDATE delivery SET state = 'unknown', last_reason = 'lost', not_before = :now, offered_at = NULL, "
        "updated_at = :now WHERE state = 'sending' AND updated_at <= :before",
        now=now,
        before=now - LOST_AFTER,
    )


def offer(tx: Transaction, *, now: datetime, limit: int) -> tuple[UUID, ...]:
    """Give due deliveries that nobody was offered lately, and note that they are offered now."""
    rows = tx.all(
        "SELECT delivery_id FROM delivery WHERE state IN ('pending', 'unknown') AND not_before <= :now "
        "AND (offered_at IS NULL OR offered_at <= :before) ORDER BY not_before, delivery_id LIMIT :limit",
        now=now,
        before=now - OFFER_AGAIN_AFTER,
        limit=limit,
    )
    ids = tuple(row["delivery_id"] for row in rows)
    if ids:
        tx.run("UPDATE delivery SET offered_at = :now WHERE delivery_id IN :ids", now=now, ids=ids)
    return ids


def of_alert(database: Database, alert_id: UUID) -> tuple[Delivery, ...]:
    """Give the deliveries of one alert, the first planned first."""
    rows = database.all(
        "SELECT * FROM delivery WHERE alert_id = :alert_id ORDER BY created_at, delivery_id",
        alert_id=alert_id,
    )
    return tuple(Delivery(**row) for row in rows)


def untold_alerts(database: Database) -> tuple[UUID, ...]:
    """Give the open alerts that nobody was ever told of, because there was nobody to tell."""
    rows = database.all(
        "SELECT alert_id FROM alert_status WHERE open = :open AND NOT EXISTS "
        "(SELECT 1 FROM delivery WHERE delivery.alert_id = alert_status.alert_id) ORDER BY alert_id",
        open=True,
    )
    return tuple(row["alert_id"] for row in rows)


def counts(database: Database) -> dict[str, int]:
    """Count the deliveries in each state."""
    rows = database.all("SELECT state, count(*) AS deliveries FROM delivery GROUP BY state ORDER BY state")
    return {row["state"]: row["deliveries"] for row in rows}
