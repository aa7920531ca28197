"""Timers: what has to be looked at when. Asking what is due costs what is due, not how much there is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.subtree import WITHIN, below
from projections.database import Database, Transaction, made

DDL = (
    """
    CREATE TABLE timer (
        kind text NOT NULL,
        key uuid NOT NULL,
        due_at timestamptz NOT NULL,
        position bigint NOT NULL,
        PRIMARY KEY (kind, key)
    )
    """,
    "CREATE INDEX timer_due ON timer (due_at)",
)
SILENCE = "silence"  # the key is a child
SNOOZE = "snooze"  # the key is an alert
PERIOD = "period"  # the key is the event that bound a rule
CANARY = "canary"  # there is one
KINDS = (SILENCE, SNOOZE, PERIOD, CANARY)
# Nobody puts a look off by more, unless to the next step.
LONGEST_PUT_OFF = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Something to look at when `due_at` has come; `position` is how much of the log its setter knew."""

    kind: str
    key: UUID
    due_at: datetime
    position: int


def set_timers(tx: Transaction, timers: Sequence[Timer]) -> None:
    """Set timers, each in the place of the one of the same kind and key."""
    rows = [
        {"kind": t.kind, "key": t.key, "due_at": t.due_at, "position": t.position}
        for t in sorted(timers, key=lambda t: (t.kind, t.key))
    ]
    tx.upsert(table="timer", key=("kind", "key"), rows=rows)


def look_below(tx: Transaction, *, org: str, due_at: datetime, position: int) -> None:
    """Have the silence of every child of an organisation's subtree looked at."""
    tx.run(
        "INSERT INTO timer (kind, key, due_at, position) "  # noqa: S608  a constant
        f"SELECT :kind, child_id, :due_at, :position FROM child_status WHERE {WITHIN} ORDER BY child_id "
        "ON CONFLICT (kind, key) DO UPDATE SET due_at = excluded.due_at, position = excluded.position",
        kind=SILENCE,
        due_at=due_at,
        position=position,
        **below(org),
    )


def clear_timers(tx: Transaction, *, kind: str, keys: Sequence[UUID]) -> None:
    """Take timers away, where there are any."""
    if keys:
        tx.run("DELETE FROM timer WHERE kind = :kind AND key IN :keys", kind=kind, keys=tuple(keys))


def settle(tx: Transaction, timer: Timer, *, due_at: datetime | None) -> bool:
    """Move a timer that was looked at to its next time, or take it away when there is none.

    A timer that somebody has set again meanwhile is left as it is; then False.
    """
    same = "kind = :kind AND key = :key AND due_at = :was AND position = :position"
    known = {"kind": timer.kind, "key": timer.key, "was": timer.due_at, "position": timer.position}
    if due_at is None:
        return tx.run(f"DELETE FROM timer WHERE {same}", **known) == 1  # noqa: S608  a constant
    return tx.run(f"UPDATE timer SET due_at = :due_at WHERE {same}", due_at=due_at, **known) == 1  # noqa: S608


def wind_back(tx: Transaction, *, now: datetime, was: datetime) -> int:
    """Let everything be looked at again that may have been put off by a clock that was at `was` before `now`.

    The end of a snooze is a moment of its own and stays; the other looks find their next time themselves.
    """
    return tx.run(
        "UPDATE timer SET due_at = :now WHERE due_at > :now "
        "AND (kind = :period OR (kind = :silence AND due_at <= :latest))",
        now=now,
        period=PERIOD,
        silence=SILENCE,
        latest=was + LONGEST_PUT_OFF,
    )


def due_timers(
    database: Database, *, now: datetime, limit: int, kinds: Sequence[str] = KINDS
) -> tuple[Timer, ...]:
    """Return what is due of these kinds, the oldest first."""
    rows = database.all(
        "SELECT kind, key, due_at, position FROM timer WHERE due_at <= :now AND kind IN :kinds "
        "ORDER BY due_at, kind, key LIMIT :limit",
        now=now,
        limit=limit,
        kinds=tuple(kinds),
    )
    return made(Timer, rows)


def timer_of(database: Database, *, kind: str, key: UUID) -> Timer | None:
    """Return one timer."""
    row = database.one(
        "SELECT kind, key, due_at, position FROM timer WHERE kind = :kind AND key = :key", kind=kind, key=key
    )
    return made(Timer, [row])[0] if row else None


def dues_of(database: Database, *, kind: str, keys: Collection[UUID]) -> Mapping[UUID, datetime]:
    """Return when those of some timers of a kind that are there are due, by their keys."""
    rows = database.all(
        "SELECT key, due_at FROM timer WHERE kind = :kind AND key IN :keys", kind=kind, keys=tuple(keys)
    )
    return {row["key"]: row["due_at"] for row in rows}


def next_due(database: Database) -> datetime | None:
    """Return when the next timer is due, in the past where one is overdue."""
    row = database.one("SELECT due_at FROM timer ORDER BY due_at LIMIT 1")
    return row["due_at"] if row else None


def all_timers(database: Database) -> tuple[Timer, ...]:
    """Return every timer, in order of kind and key."""
    rows = database.all("SELECT kind, key, due_at, position FROM timer ORDER BY kind, key")
    return made(Timer, rows)
