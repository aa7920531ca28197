"""Dead letters: what a follower could not work off. Nothing is passed by without one.

A row holds ids and code words only. Its name tells whose it is, and of what: `timeline:17` and `relay:17` are
of the event at position 17, `recompute:…` is of the child with that id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from projections.database import Database, Transaction, made

DDL = (
    """
    CREATE TABLE dead_letter (
        letter text PRIMARY KEY,
        follower text NOT NULL,
        position bigint NOT NULL,
        stream_id uuid NOT NULL,
        event_id uuid,
        reason text NOT NULL,
        attempts bigint NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        state text NOT NULL,
        dismissed_by text,
        dismissed_reason text,
        dismissed_at timestamptz
    )
    """,
    "CREATE INDEX dead_letter_follower ON dead_letter (follower, state, position)",
)
WAITING, ASKED, DISMISSED = "waiting", "asked", "dismissed"
# Of more streams than this the events can't all be bad: the fault is elsewhere.
MOST_STREAMS = 100
# The reason where a file has lost its key: it may come back at any time, and the letter is then worked off.
KEYLESS = "KeysMissing"

# Takes away a letter by its name, where there is one: what it was about is worked off.
REMOVE = "DELETE FROM dead_letter WHERE letter = :letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """What a follower could not work off. `reason` is a code word: the class of the error.

    It is `waiting`, `asked` to be tried again, or `dismissed`. `event_id` is None for a recompute, and for an
    event that this program has not written.
    """

    letter: str
    follower: str
    position: int
    stream_id: UUID
    event_id: UUID | None
    reason: str
    attempts: int
    first_at: datetime
    last_at: datetime
    state: str
    dismissed_by: str | None
    dismissed_reason: str | None
    dismissed_at: datetime | None


def name_of(follower: str, key: int | UUID) -> str:
    """Return the name of the one letter that these can have."""
    return f"{follower}:{key}"


def bury(
    tx: Transaction,
    *,
    follower: str,
    key: int | UUID,
    position: int,
    stream_id: UUID,
    event_id: UUID | None,
    reason: str,
    now: datetime,
    attempts: int = 1,
) -> None:
    """Write a dead letter; where there is one already, it waits again and counts these attempts as well."""
    tx.run(
        "INSERT INTO dead_letter (letter, follower, position, stream_id, event_id, reason, attempts, "
        "first_at, last_at, state) VALUES (:letter, :follower, :position, :stream_id, :event_id, :reason, "
        ":attempts, :now, :now, :waiting) ON CONFLICT (letter) DO UPDATE SET position = excluded.position, "
        "reason = excluded.reason, attempts = dead_letter.attempts + excluded.attempts, "
        "last_at = excluded.last_at, state = excluded.state, dismissed_by = NULL, dismissed_reason = NULL, "
        "dismissed_at = NULL",
        letter=name_of(follower, key),
        follower=follower,
        position=position,
        stream_id=stream_id,
        event_id=event_id,
        reason=reason,
        attempts=attempts,
        now=now,
        waiting=WAITING,
    )


def remove(tx: Transaction, letter: str) -> None:
    """Take away a letter, where there is one: what it was about is worked off."""
    tx.run(REMOVE, letter=letter)


def is_flood(tx: Transaction, *, follower: str, stream_id: UUID) -> bool:
    """Return whether letters of so many other streams wait that one more says nothing about its event."""
    row = tx.one(
        "SELECT count(DISTINCT stream_id) AS streams FROM dead_letter "
        "WHERE follower = :follower AND state <> :dismissed AND stream_id <> :stream_id "
        "AND reason <> :keyless",
        follower=follower,
        dismissed=DISMISSED,
        stream_id=stream_id,
        keyless=KEYLESS,
    )
    return row is not None and int(row["streams"]) >= MOST_STREAMS


def asked(database: Database, *, follower: str, limit: int) -> tuple[DeadLetter, ...]:
    """Return a follower's letters that are to be tried again, in the order of the log."""
    rows = database.all(
        "SELECT * FROM dead_letter WHERE follower = :follower AND state = :asked "
        "ORDER BY position LIMIT :limit",
        follower=follower,
        asked=ASKED,
        limit=limit,
    )
    return made(DeadLetter, rows)


def ask(tx: Transaction, letter: str) -> bool:
    """Ask for a letter to be tried again, a dismissed one too; False where there is none."""
    return (
        tx.run("UPDATE dead_letter SET state = :asked WHERE letter = :letter", asked=ASKED, letter=letter)
        == 1
    )


def ask_for_keyless(tx: Transaction, *, before: datetime, limit: int) -> tuple[DeadLetter, ...]:
    """Ask for letters whose keys were missing to be tried again, those tried longest ago first; give them.

    One that was tried after `before` is left alone.
    """
    rows = tx.all(
        "SELECT * FROM dead_letter WHERE state = :waiting AND reason = :keyless AND last_at <= :before "
        "ORDER BY last_at, letter LIMIT :limit",
        waiting=WAITING,
        keyless=KEYLESS,
        before=before,
        limit=limit,
    )
    letters = made(DeadLetter, rows)
    if letters:
        tx.run(
            "UPDATE dead_letter SET state = :asked WHERE letter IN :letters",
            asked=ASKED,
            letters=tuple(each.letter for each in letters),
        )
    return letters


def dismiss(tx: Transaction, letter: str, *, by: str, reason: str, now: datetime) -> bool:
    """Say that a letter may stay undone, and why, in a code word; False where none waits by this name."""
    dismissed = tx.run(
        "UPDATE dead_letter SET state = :dismissed, dismissed_by = :by, dismissed_reason = :reason, "
        "dismissed_at = :now WHERE letter = :letter AND state <> :dismissed",
        letter=letter,
        dismissed=DISMISSED,
        by=by,
        reason=reason,
        now=now,
    )
    return dismissed == 1


def find(database: Database, letter: str) -> DeadLetter | None:
    """Find a letter by its name."""
    row = database.one("SELECT * FROM dead_letter WHERE letter = :letter", letter=letter)
    return made(DeadLetter, [row])[0] if row else None


def listed(
    database: Database, *, follower: str = "", dismissed: bool = False, limit: int = 1000
) -> tuple[DeadLetter, ...]:
    """Return the letters of one follower or of all, the oldest first; those dismissed only if asked for."""
    rows = database.all(
        "SELECT * FROM dead_letter WHERE (:follower = '' OR follower = :follower) AND state NOT IN :hidden "
        "ORDER BY first_at, follower, position, letter LIMIT :limit",
        follower=follower,
        hidden=() if dismissed else (DISMISSED,),
        limit=limit,
    )
    return made(DeadLetter, rows)


def waiting(database: Database) -> Mapping[str, int]:
    """Count the letters that were not dismissed, for each follower that has any."""
    rows = database.all(
        "SELECT follower, count(*) AS letters FROM dead_letter WHERE state <> :dismissed "
        "GROUP BY follower ORDER BY follower",
        dismissed=DISMISSED,
    )
    return {row["follower"]: int(row["letters"]) for row in rows}


def streams_waiting(database: Database, *, follower: str, streams: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of some streams of which a follower has a letter that was not dismissed."""
    rows = database.all(
        "SELECT DISTINCT stream_id FROM dead_letter WHERE follower = :follower AND state IN :states "
        "AND stream_id IN :streams",
        follower=follower,
        states=(WAITING, ASKED),
        streams=tuple(streams),
    )
    return frozenset(row["stream_id"] for row in rows)


def is_waiting(database: Database, *, follower: str) -> bool:
    """Return whether a follower has a letter that was not dismissed."""
    row = database.one(
        "SELECT 1 AS one FROM dead_letter WHERE follower = :follower AND state IN :states LIMIT 1",
        follower=follower,
        states=(WAITING, ASKED),
    )
    return row is not None


def adopt(tx: Transaction, *, follower: str, made_by: str) -> None:
    """Put the letters of a model's rebuild in the place of its own; what was dismissed stays so."""
    known = {"follower": follower, "made_by": made_by}
    met = "SELECT position FROM dead_letter WHERE follower = "
    tx.run(
        "DELETE FROM dead_letter WHERE follower = :follower "  # noqa: S608  a constant
        f"AND (state <> :dismissed OR position NOT IN ({met} :made_by))",
        dismissed=DISMISSED,
        **known,
    )
    tx.run(
        f"DELETE FROM dead_letter WHERE follower = :made_by AND position IN ({met} :follower)",  # noqa: S608
        **known,
    )
    tx.run(
        "UPDATE dead_letter SET follower = :follower, letter = :follower || ':' || position "
        "WHERE follower = :made_by",
        **known,
    )


def forget(tx: Transaction, *, follower: str) -> None:
    """Take away every letter of a follower that starts again."""
    tx.run("DELETE FROM dead_letter WHERE follower = :follower", follower=follower)
