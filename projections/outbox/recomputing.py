"""Whose compliance has to be judged again, and from which day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.catalogue import types_with
from domain.effects import Effect
from domain.subtree import WITHIN, below
from projections.database import Database, Transaction
from projections.outbox import dead_letters

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
    "ALTER TABLE recompute_pending ADD COLUMN attempts bigint NOT NULL DEFAULT 0",
)
# Whose dead letters the children are who can't be judged.
FOLLOWER = "recompute"
# Who was offered and is not judged after so long was offered to a process that died, or the broker forgot.
OFFER_AGAIN_AFTER = timedelta(seconds=15)
MOST_ATTEMPTS = 5
# The reason of a letter whose last attempt said nothing: it was killed, or took too long.
UNFINISHED = "Unfinished"

# What was offered in the future was offered by a clock that has been set back since.
_UNOFFERED = "(offered_at IS NULL OR offered_at <= :before OR offered_at > :now)"
_GIVEN_UP = (
    "EXISTS (SELECT 1 FROM dead_letter "
    "WHERE follower = :follower AND stream_id = recompute_pending.child_id AND state <> :dismissed)"
)
_LETTERS = {"most": MOST_ATTEMPTS, "follower": FOLLOWER, "dismissed": dead_letters.DISMISSED}
_MERGE = (
    "ON CONFLICT (child_id) DO UPDATE SET position = excluded.position, offered_at = NULL, from_day = "
    "CASE WHEN excluded.from_day < recompute_pending.from_day THEN excluded.from_day "
    "ELSE recompute_pending.from_day END"
)

# Takes a request away, unless it was changed or fulfilled meanwhile.
FULFIL = (
    "DELETE FROM recompute_pending "
    "WHERE child_id = :child_id AND from_day = :from_day AND position = :position"
)

_OR_LEFT = (
    " OR child_id IN (SELECT originator_id FROM events WHERE topic IN"  # noqa: S608  a constant
    f" :placing AND {WITHIN})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A child to judge again from a day on; `position` tells one request from a later one."""

    child_id: UUID
    from_day: date
    position: int


def request(tx: Transaction, wanted: Sequence[Pending]) -> None:
    """Ask for children to be judged again; the earliest day of all requests holds."""
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

    Returns how many they are.
    """
    theirs = f"({WITHIN}{_OR_LEFT})" if formerly else WITHIN
    return tx.run(
        "INSERT INTO recompute_pending (child_id, from_day, position) "  # noqa: S608  constants
        f"SELECT child_id, :from_day, :position FROM child_status WHERE {theirs} "
        f"ORDER BY child_id {_MERGE}",
        **({"placing": types_with(Effect.PLACES)} if formerly else {}),
        from_day=from_day,
        position=position,
        **below(org),
    )


def begin(database: Database, child_id: UUID) -> tuple[Pending, int] | None:
    """Count an attempt; give what is asked for, and the number of the attempt.

    None where nothing is asked for, or no more is tried. It is counted before the work begins: what kills the
    process is counted too. Only a crash of the database's server may lose the count.
    """
    found = database.write(
        "UPDATE recompute_pending SET attempts = attempts + 1 "
        "WHERE child_id = :child_id AND attempts < :most "
        'RETURNING from_day AS "from_day [date]", position, attempts',
        lasting=False,
        child_id=child_id,
        most=MOST_ATTEMPTS,
    )
    for from_day, position, attempt in found:
        return Pending(child_id=child_id, from_day=from_day, position=position), attempt
    return None


def uncount(tx: Transaction, child_id: UUID) -> None:
    """Take back an attempt that failed through no fault of the child's file."""
    tx.run(
        "UPDATE recompute_pending SET attempts = attempts - 1 WHERE child_id = :child_id AND attempts > 0",
        child_id=child_id,
    )


def give_up(tx: Transaction, child_id: UUID, *, reason: str, now: datetime) -> None:
    """Put a child who can't be judged among the dead letters, until it is retried or dismissed."""
    row = tx.one("SELECT position FROM recompute_pending WHERE child_id = :child_id", child_id=child_id)
    if row is not None:
        dead_letters.bury(
            tx,
            follower=FOLLOWER,
            key=child_id,
            position=int(row["position"]),
            stream_id=child_id,
            event_id=None,
            reason=reason,
            now=now,
            attempts=MOST_ATTEMPTS,
        )


def give_up_unfinished(tx: Transaction, *, now: datetime) -> int:
    """Do the same for those whose last attempt has not been heard of; give how many."""
    rows = tx.all(
        "SELECT child_id FROM recompute_pending "  # noqa: S608  constants
        f"WHERE attempts >= :most AND {_UNOFFERED} AND NOT {_GIVEN_UP}",
        **_lately(now),
        **_LETTERS,
    )
    for row in rows:
        give_up(tx, row["child_id"], reason=UNFINISHED, now=now)
    return len(rows)


def unoffered(database: Database, *, now: datetime) -> bool:
    """Return whether there is a child that was neither offered lately nor given up."""
    row = database.one(
        "SELECT 1 AS found FROM recompute_pending "  # noqa: S608  constants
        f"WHERE {_UNOFFERED} AND (attempts < :most OR NOT {_GIVEN_UP}) LIMIT 1",
        **_lately(now),
        **_LETTERS,
    )
    return row is not None


def offered(database: Database, *, now: datetime, most: int) -> int:
    """Count the children who were offered lately and are not judged yet; beyond `most` it does not count."""
    row = database.one(
        "SELECT count(*) AS offered FROM (SELECT 1 FROM recompute_pending "
        "WHERE offered_at > :before AND offered_at <= :now LIMIT :limit) AS lately",
        **_lately(now),
        limit=most,
    )
    return int(row["offered"]) if row else 0


def retry(tx: Transaction, child_id: UUID) -> None:
    """Offer a child again, as if it had never been tried, also one who was given up."""
    tx.run(
        "UPDATE recompute_pending SET attempts = 0, offered_at = NULL WHERE child_id = :child_id",
        child_id=child_id,
    )
    dead_letters.remove(tx, dead_letters.name_of(FOLLOWER, child_id))


def drop(tx: Transaction, child_id: UUID) -> None:
    """Take a child's request away undone. A later one is a new one, and is tried."""
    tx.run("DELETE FROM recompute_pending WHERE child_id = :child_id", child_id=child_id)


def offer(tx: Transaction, *, now: datetime, limit: int) -> tuple[UUID, ...]:
    """Return children that were not offered lately, and note that they are offered now.

    Those who were tried too often are given up instead, and hold nobody up.
    """
    give_up_unfinished(tx, now=now)
    rows = tx.all(
        f"SELECT child_id FROM recompute_pending WHERE {_UNOFFERED} AND attempts < :most "  # noqa: S608  a constant
        "ORDER BY child_id LIMIT :limit",
        **_lately(now),
        most=MOST_ATTEMPTS,
        limit=limit,
    )
    ids = tuple(row["child_id"] for row in rows)
    if ids:
        tx.run("UPDATE recompute_pending SET offered_at = :now WHERE child_id IN :ids", now=now, ids=ids)
    return ids


def take_back(tx: Transaction, children: Sequence[UUID], *, offered_at: datetime) -> None:
    """Undo an offer that reached nobody, so that it is made again at once."""
    tx.run(
        "UPDATE recompute_pending SET offered_at = NULL WHERE child_id IN :ids AND offered_at = :offered_at",
        ids=tuple(children),
        offered_at=offered_at,
    )


def _lately(now: datetime) -> dict[str, datetime]:
    return {"now": now, "before": now - OFFER_AGAIN_AFTER}


def outstanding(database: Database) -> int:
    """Count the children who are yet to be judged again."""
    row = database.one("SELECT count(*) AS waiting FROM recompute_pending")
    return int(row["waiting"]) if row else 0
