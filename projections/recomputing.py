"""Whose compliance has to be judged anew, and from which day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from projections.database import WITHIN, Database, Transaction, below

DDL = (
    """
    CREATE TABLE recompute_pending (
        child_id uuid PRIMARY KEY,
        from_day date NOT NULL,
        position bigint NOT NULL,
        offered_at timestamptz
    )
    """,
    "CREATE INDEX recompute_pending_offered ON recompute_pending (offered_at)",
)
OFFER_AGAIN_AFTER = timedelta(seconds=30)

_MERGE = (
    "ON CONFLICT (child_id) DO UPDATE SET position = excluded.position, offered_at = NULL, from_day = "
    "CASE WHEN excluded.from_day < recompute_pending.from_day THEN excluded.from_day "
    "ELSE recompute_pending.from_day END"
)

_OR_LEFT = (
    " OR child_id IN (SELECT originator_id FROM events WHERE topic IN"  # noqa: S608  a constant
    f" ('child_enrolled', 'child_readmitted', 'transfer_accepted') AND {WITHIN})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A child to judge anew from a day on; `position` tells one request from a later one."""

    child_id: UUID
    from_day: date
    position: int


def request(tx: Transaction, wanted: Sequence[Pending]) -> None:
    """Ask for children to be judged anew; the earliest day of all requests holds."""
    tx.many(
        "INSERT INTO recompute_pending (child_id, from_day, position) "  # noqa: S608  a constant
        f"VALUES (:child_id, :from_day, :position) {_MERGE}",
        [
            {"child_id": p.child_id, "from_day": p.from_day, "position": p.position}
            for p in sorted(wanted, key=lambda p: p.child_id)
        ],
    )


def request_below(tx: Transaction, *, org: str, from_day: date, position: int, formerly: bool = False) -> int:
    """Ask for all children of an organisation's subtree, with `formerly` also for those who left it.

    Gives how many they are.
    """
    theirs = f"({WITHIN}{_OR_LEFT})" if formerly else WITHIN
    return tx.run(
        "INSERT INTO recompute_pending (child_id, from_day, position) "  # noqa: S608  constants
        f"SELECT child_id, :from_day, :position FROM child_status WHERE {theirs} "
        f"ORDER BY child_id {_MERGE}",
        from_day=from_day,
        position=position,
        **below(org),
    )


def pending_of(database: Database, child_id: UUID) -> Pending | None:
    """Give what is asked for one child."""
    row = database.one(
        "SELECT child_id, from_day, position FROM recompute_pending WHERE child_id = :child_id",
        child_id=child_id,
    )
    return Pending(**row) if row else None


def fulfil(tx: Transaction, pending: Pending) -> bool:
    """Take a request away; False where it was changed or fulfilled meanwhile: then write nothing."""
    return (
        tx.run(
            "DELETE FROM recompute_pending "
            "WHERE child_id = :child_id AND from_day = :from_day AND position = :position",
            child_id=pending.child_id,
            from_day=pending.from_day,
            position=pending.position,
        )
        == 1
    )


def offer(tx: Transaction, *, now: datetime, limit: int) -> tuple[UUID, ...]:
    """Give children that nobody was offered lately, and note that they are offered now."""
    rows = tx.all(
        "SELECT child_id FROM recompute_pending WHERE offered_at IS NULL OR offered_at <= :before "
        "ORDER BY child_id LIMIT :limit",
        before=now - OFFER_AGAIN_AFTER,
        limit=limit,
    )
    ids = tuple(row["child_id"] for row in rows)
    if ids:
        tx.run("UPDATE recompute_pending SET offered_at = :now WHERE child_id IN :ids", now=now, ids=ids)
    return ids


def outstanding(database: Database) -> int:
    """Count the children who are yet to be judged anew."""
    row = database.one("SELECT count(*) AS waiting FROM recompute_pending")
    return int(row["waiting"]) if row else 0
