"""Deliveries: each notice that somebody is owed, and what became of it. Ids only.

`accepted` says that a channel took the notice, no more. That the other side has it (`delivered_at`) and that
somebody opened it (`read_at`) are facts of their own, which that side tells. `sending` is written before the
call, so what a crash leaves there may have been sent: it is `unknown`, and is sent again under the same id.

What goes out in one call is a message: a single notice under its own id, or a digest of many under an id of
theirs. Its column is called `parcel`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from domain.alert_kind import UNCONTACTED
from domain.subtree import WITHIN, below
from projections.database import Database, Record, Transaction, made

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
    """,  # `offered_at` is noted with the recipient queue
    "CREATE INDEX delivery_state ON delivery (state, not_before)",
    "CREATE INDEX delivery_alert ON delivery (alert_id)",
    "ALTER TABLE delivery ADD COLUMN parcel uuid",
    "ALTER TABLE delivery ADD COLUMN delivered_at timestamptz",
    "ALTER TABLE delivery ADD COLUMN read_at timestamptz",
    # What was tried before there were digests goes by itself, under the id that it was tried with.
    "UPDATE delivery SET parcel = delivery_id WHERE attempts > 0",
    "CREATE INDEX delivery_changed ON delivery (state, updated_at)",
    "CREATE INDEX delivery_letterbox ON delivery (recipient_id, channel, state, updated_at)",
    "CREATE INDEX delivery_parcel ON delivery (parcel)",
    # Three columns that are equal: without them SQLite looks for who was told among all that was accepted.
    "CREATE INDEX delivery_told ON delivery (alert_id, step, state)",
    # What its alert is about; those from before there were others are of silence.
    "ALTER TABLE delivery ADD COLUMN kind text NOT NULL DEFAULT 'uncontacted'",
)
NAMESPACE = UUID("a6f0c6f5-0a0e-5e0c-9a41-3f7b2d9c1e55")
PENDING, ACCEPTED, FAILED, UNKNOWN = "pending", "accepted", "failed", "unknown"
# The reason of what was being sent when its sender died.
LOST = "lost"
# The reason of what waits because the organisation of its recipient has lost its key.
KEYLESS = "keys_missing"
CRITICAL = "critical"
# The watch trying itself out by way of a channel: no alert stands behind it.
CANARY = "canary"
# So long a notice waits at most for the watch to find the others that belong with it.
GATHERING = timedelta(seconds=10)
# What claims to come from later than this was written by a clock that ran ahead.
AHEAD = timedelta(minutes=1)
# Of each recipient queue no more is looked at in one go.
MOST_SEEN = 500
RANK = (
    "CASE delivery.step WHEN 'canary' THEN 0 WHEN 'critical' THEN 1 WHEN 'high' THEN 2 "
    "WHEN 'warning' THEN 3 ELSE 4 END"
)
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)
_OPEN = "('pending', 'unknown')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notice of one step for one recipient. `cause` is the event of the alert that it tells of.

    `days_silent` is how long what the alert is about has lasted, of whatever `kind` that is. `message_id` is
    the id under which it was tried, None before.
    """

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
    created_at: datetime
    updated_at: datetime
    last_reason: str | None = None
    provider_id: str | None = None
    message_id: UUID | None = None
    kind: str = UNCONTACTED


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryListed(Delivery):
    """A notice with what the other side tells of it: when it came, and when somebody read it (UTC)."""

    delivered_at: datetime | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientQueue:
    """What one recipient is owed over one channel."""

    recipient_id: UUID
    channel: str


_COLUMNS = ", ".join(
    "parcel AS message_id" if field.name == "message_id" else field.name for field in fields(Delivery)
)


def delivery_id(*, alert: UUID, step: str, cause: UUID, recipient: UUID, channel: str) -> UUID:
    """Return the id of the one delivery that these can have; it is the webhook's id as well."""
    return uuid5(NAMESPACE, f"{alert}:{step}:{cause}:{recipient}:{channel}")


def plan(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Put deliveries in; those that are there already stay as they are."""
    tx.many(
        "INSERT INTO delivery (delivery_id, alert_id, child_id, org, step, days_silent, cause, recipient_id, "
        "channel, state, attempts, not_before, created_at, updated_at, kind) "
        "VALUES (:delivery_id, :alert_id, :child_id, :org, :step, :days_silent, :cause, :recipient_id, "
        ":channel, :state, :attempts, :not_before, :created_at, :updated_at, :kind) "
        "ON CONFLICT (delivery_id) DO NOTHING",
        [row_of(delivery) for delivery in deliveries],
    )


def row_of(delivery: Delivery) -> Record:
    """Return a delivery as its row, without what the other side tells of it."""
    row = asdict(delivery)
    return row | {"parcel": row.pop("message_id")}


def message_id(members: Sequence[Delivery]) -> UUID:
    """Return the id of the one message that these make; of a single notice that is its own."""
    if len(members) == 1:
        return members[0].delivery_id
    return uuid5(NAMESPACE, " ".join(sorted(str(member.delivery_id) for member in members)))


def due_clause(*, gathering: bool, sending: bool = False) -> str:
    """Return the SQL for what is due at `:now`; while `gathering`, without what waits for more to be found.

    A row that comes from the future is due: the clock that wrote it is no measure of how long to wait.
    """
    states = "('pending', 'unknown', 'sending')" if sending else _OPEN
    clause = (
        f"((delivery.state IN {states} AND delivery.not_before <= :now) "
        f"OR (delivery.state IN {states} AND delivery.updated_at > :ahead))"
    )
    if gathering:
        clause += (
            " AND (delivery.step IN ('canary', 'critical') "
            "OR delivery.created_at <= :gathered OR delivery.created_at > :ahead)"
        )
    return clause


def due_values(now: datetime, *, gathering: bool) -> dict[str, datetime]:
    """Return the parameters of `due_clause`."""
    return {"now": now, "ahead": now + AHEAD} | ({"gathered": now - GATHERING} if gathering else {})


def due_in(
    database: Database, queue: RecipientQueue, *, now: datetime, gathering: bool
) -> tuple[Delivery, ...]:
    """Return what is due in a recipient queue, worst first: by step, then by days of silence, then by age."""
    rows = database.all(
        f"SELECT {_COLUMNS} FROM delivery WHERE recipient_id = :recipient_id "  # noqa: S608  constants
        f"AND channel = :channel AND {due_clause(gathering=gathering)} "
        f"ORDER BY {RANK}, days_silent DESC, created_at, delivery_id LIMIT :limit",
        **asdict(queue),
        limit=MOST_SEEN,
        **due_values(now, gathering=gathering),
    )
    return made(Delivery, rows)


def of_message(database: Database, message_id: UUID) -> tuple[Delivery, ...]:
    """Return what is still to be sent of a message."""
    rows = database.all(
        f"SELECT {_COLUMNS} FROM delivery WHERE parcel = :message_id AND state IN {_OPEN} "  # noqa: S608
        "ORDER BY delivery_id",
        message_id=message_id,
    )
    return made(Delivery, rows)


def claim(
    tx: Transaction, members: Sequence[Delivery], *, message_id: UUID, now: datetime
) -> tuple[Delivery, ...]:
    """Take what is to go out in one call, and count the attempt; empty where none of it waits any more.

    Commit this before the call: then a crash during the call has been counted.
    """
    ids = tuple(member.delivery_id for member in members)
    tx.run(
        "UPDATE delivery SET state = 'sending', attempts = attempts + 1, parcel = :message_id, "  # noqa: S608
        f"updated_at = :now WHERE delivery_id IN :ids AND state IN {_OPEN}",
        message_id=message_id,
        now=now,
        ids=ids,
    )
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM delivery WHERE delivery_id IN :ids AND state = 'sending' "  # noqa: S608
        f"ORDER BY {RANK}, org, days_silent DESC, created_at, delivery_id",
        ids=ids,
    )
    return made(Delivery, rows)


def put_off(
    tx: Transaction,
    taken: Sequence[Delivery],
    *,
    state: str,
    reason: str,
    not_before: datetime,
    now: datetime,
) -> bool:
    """Write down why claimed deliveries were not accepted; False where the claim was lost meanwhile."""
    changed = 0
    for attempts in {each.attempts for each in taken}:
        changed += tx.run(
            "UPDATE delivery SET state = :state, last_reason = :reason, not_before = :not_before, "
            "updated_at = :now WHERE delivery_id IN :ids AND state = 'sending' AND attempts = :attempts",
            state=state,
            reason=reason,
            not_before=not_before,
            now=now,
            ids=tuple(each.delivery_id for each in taken if each.attempts == attempts),
            attempts=attempts,
        )
    return changed > 0


def hold_back(
    tx: Transaction, waiting: Sequence[Delivery], *, reason: str, until: datetime, now: datetime
) -> None:
    """Let what is due wait, without counting it as an attempt."""
    tx.run(
        "UPDATE delivery SET not_before = :until, last_reason = :reason, updated_at = :now "  # noqa: S608
        f"WHERE delivery_id IN :ids AND state IN {_OPEN}",
        until=until,
        reason=reason,
        now=now,
        ids=tuple(each.delivery_id for each in waiting),
    )


def accept(tx: Transaction, taken: Delivery, *, provider_id: str | None, now: datetime) -> None:
    """Write down that a channel took what no alert has to know of."""
    tx.run(
        "UPDATE delivery SET state = 'accepted', last_reason = NULL, provider_id = :provider_id, "
        "updated_at = :now WHERE delivery_id = :id",
        provider_id=provider_id,
        now=now,
        id=taken.delivery_id,
    )


def give_up_lost(tx: Transaction, queue: RecipientQueue, *, now: datetime) -> int:
    """Call `unknown` what is being sent in a recipient queue that no process serves: its sender has died."""
    return tx.run(
        "UPDATE delivery SET state = 'unknown', last_reason = :lost, not_before = :now, updated_at = :now "
        "WHERE recipient_id = :recipient_id AND channel = :channel AND state = 'sending'",
        lost=LOST,
        now=now,
        **asdict(queue),
    )


def sent_since(
    database: Database, queue: RecipientQueue, *, since: datetime, now: datetime
) -> tuple[datetime, ...]:
    """Return when each message to a recipient queue was accepted since a moment, the first one first."""
    rows = database.all(
        'SELECT parcel, max(updated_at) AS "sent_at [timestamptz]" FROM delivery '
        "WHERE recipient_id = :recipient_id AND channel = :channel AND state = 'accepted' "
        "AND updated_at > :since AND updated_at <= :now AND step <> 'canary' GROUP BY parcel",
        **asdict(queue),
        since=since,
        now=now,
    )
    return tuple(sorted(row["sent_at"] for row in rows))


def of_alert(database: Database, alert_id: UUID) -> tuple[Delivery, ...]:
    """Return the deliveries of one alert, the first planned first."""
    rows = database.all(
        f"SELECT {_COLUMNS} FROM delivery WHERE alert_id = :alert_id "  # noqa: S608  a constant
        "ORDER BY created_at, delivery_id",
        alert_id=alert_id,
    )
    return made(Delivery, rows)


def listed(
    database: Database,
    *,
    org: str,
    recipient_id: UUID | None = None,
    alert_id: UUID | None = None,
    state: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> tuple[DeliveryListed, ...]:
    """Return notices of alerts of `org` and all below it by (created_at, id), those after `after`."""
    at, last = after or (_BEFORE_ALL, UUID(int=0))
    named = {"recipient_id": recipient_id, "alert_id": alert_id, "state": state}
    wanted = {name: value for name, value in named.items() if value is not None}
    rows = database.all(
        f"SELECT {_COLUMNS}, delivered_at, read_at FROM delivery WHERE {WITHIN} AND step <> :canary"  # noqa: S608
        " AND (created_at, delivery_id) > (:at, :last)"
        + "".join(f" AND {name} = :{name}" for name in wanted)
        + " ORDER BY created_at, delivery_id LIMIT :limit",
        **below(org),
        **wanted,
        at=at,
        last=last,
        canary=CANARY,
        limit=limit,
    )
    return made(DeliveryListed, rows)


def one(database: Database, delivery_id: UUID) -> DeliveryListed | None:
    """Return a notice of an alert; None where there is none of this id."""
    rows = database.all(
        f"SELECT {_COLUMNS}, delivered_at, read_at FROM delivery"  # noqa: S608  a constant
        " WHERE delivery_id = :id AND step <> :canary",
        id=delivery_id,
        canary=CANARY,
    )
    return next(iter(made(DeliveryListed, rows)), None)


def unnotified_alerts(database: Database) -> dict[UUID, bool]:
    """Return the open alerts of whose step nobody was told, because there was nobody or no channel took it;
    and of each, whether somebody is still being tried."""
    rows = database.all(
        "SELECT alert_id, EXISTS (SELECT 1 FROM delivery WHERE delivery.alert_id = alert_status.alert_id "
        "AND delivery.step = alert_status.step AND state <> 'failed') AS tried "
        "FROM alert_status WHERE open = :open AND NOT EXISTS "
        "(SELECT 1 FROM delivery WHERE delivery.alert_id = alert_status.alert_id "
        "AND delivery.step = alert_status.step "
        "AND (state = 'accepted' OR (state <> 'failed' AND attempts = 0 "
        "AND (last_reason IS NULL OR last_reason <> :keyless)))) ORDER BY alert_id",
        open=True,
        keyless=KEYLESS,
    )
    return {row["alert_id"]: bool(row["tried"]) for row in rows}


def hurry(tx: Transaction, alerts: Sequence[UUID], *, now: datetime) -> None:
    """Try at once what waits for its next attempt, however long that was to be."""
    if alerts:
        tx.run(
            "UPDATE delivery SET not_before = :now, updated_at = :now "  # noqa: S608  a constant
            f"WHERE alert_id IN :alerts AND state IN {_OPEN} AND attempts > 0 AND not_before > :now",
            alerts=tuple(alerts),
            now=now,
        )


def counts(database: Database) -> dict[str, int]:
    """Count the deliveries in each state."""
    rows = database.all("SELECT state, count(*) AS deliveries FROM delivery GROUP BY state ORDER BY state")
    return {row["state"]: row["deliveries"] for row in rows}
