"""The timeline: one row for each entry of a child's file, without anything that names the child.

A row says what was recorded, as it was recorded. What corrected, filed or voided it are rows of their own,
with the entry as their `target`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.catalogue import kind_of, kinds_of_submissions, read_by_few
from domain.event import Event
from domain.ledger.event_voided import EventVoided
from domain.ledger.fact import Fact
from domain.subtree import WITHIN, below
from projections.database import Database, Record, Transaction, made

DDL = (
    """
    CREATE TABLE timeline (
        event_id uuid PRIMARY KEY,
        child_id uuid NOT NULL,
        version bigint NOT NULL,
        position bigint NOT NULL,
        type text NOT NULL,
        occurred_at timestamptz NOT NULL,
        occurred_on date NOT NULL,
        written_on date,
        recorded_at timestamptz NOT NULL,
        org text NOT NULL,
        channel text NOT NULL,
        actor text NOT NULL,
        late_days bigint,
        target uuid
    )
    """,
    "CREATE INDEX timeline_child ON timeline (child_id, occurred_at, event_id)",
    "CREATE INDEX timeline_position ON timeline (position)",
    "CREATE INDEX timeline_target ON timeline (target)",
    "ALTER TABLE timeline ADD COLUMN noted_at timestamptz",
    "ALTER TABLE timeline ADD COLUMN principal uuid",
    "ALTER TABLE timeline ADD COLUMN key_id text",
    "ALTER TABLE timeline ADD COLUMN stream_kind text",
)


# Entries about children in some days, but for what speaks of another entry and what was voided.
_STANDING = (
    "FROM timeline AS t WHERE t.stream_kind IS NULL AND t.target IS NULL"
    " AND t.occurred_on >= :first AND t.occurred_on <= :last AND NOT EXISTS (SELECT 1 FROM timeline AS v"
    " WHERE v.target = t.event_id AND v.type = :voided)"
)


class Line(Struct, frozen=True, kw_only=True, gc=False):
    """One entry as it was recorded. `late_days` only where it was written down late.

    `child_id` is the id of the stream; `stream_kind` says of which kind, None for a child.
    """

    event_id: UUID
    child_id: UUID
    version: int
    position: int
    type: str
    occurred_at: datetime
    occurred_on: date
    written_on: date | None
    recorded_at: datetime
    org: str
    channel: str
    actor: str
    late_days: int | None
    target: UUID | None
    noted_at: datetime | None
    principal: UUID | None
    key_id: str | None
    stream_kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How many entries there are of each type, how many were late, and how many are void."""

    per_type: Mapping[str, int]
    late: int
    void: int


def write(tx: Transaction, events: Sequence[Event], *, shadow: str = "") -> None:
    """Put the entries of children into the timeline, or into the one that is being made beside it."""
    rows = [_row(event) for event in events if _is_shown(event)]
    tx.upsert(table=f"timeline{shadow}", key=("event_id",), rows=rows)


def differing(database: Database, events: Sequence[Event]) -> Iterator[tuple[UUID, tuple[str, ...]]]:
    """Compare the rows of events with what these say: the id of each that differs, and in which columns."""
    wanted = [_row(event) for event in events if _is_shown(event)]
    rows = database.all(
        "SELECT * FROM timeline WHERE event_id IN :ids", ids=tuple(row["event_id"] for row in wanted)
    )
    live = {row["event_id"]: row for row in rows}
    for row in wanted:
        found = live.get(row["event_id"], {})
        if columns := tuple(name for name, value in row.items() if found.get(name) != value):
            yield row["event_id"], columns


def left_over(database: Database) -> tuple[UUID, ...]:
    """Return the ids in rows of which the log holds no event."""
    rows = database.all(
        "SELECT t.event_id FROM timeline AS t LEFT JOIN events AS e ON e.event_id = t.event_id "
        "WHERE e.event_id IS NULL ORDER BY t.position"
    )
    return tuple(row["event_id"] for row in rows)


def remove_left_over(tx: Transaction) -> int:
    """Take away the rows of which the log holds no event; give how many."""
    return tx.run(
        "DELETE FROM timeline WHERE NOT EXISTS "
        "(SELECT 1 FROM events WHERE events.event_id = timeline.event_id)"
    )


def of_child(database: Database, *, child_id: UUID, limit: int = 1000) -> tuple[Line, ...]:
    """Return a child's entries in the order of `Fact.order`."""
    rows = database.all(
        "SELECT * FROM timeline WHERE child_id = :child_id "
        "ORDER BY occurred_at, COALESCE(noted_at, recorded_at), version LIMIT :limit",
        child_id=child_id,
        limit=limit,
    )
    return made(Line, rows)


def of_org(database: Database, *, org: str, after: int = 0, limit: int = 500) -> tuple[Line, ...]:
    """Return the entries of an organisation's subtree behind a position, in the order of recording."""
    rows = database.all(
        f"SELECT * FROM timeline WHERE position > :after AND {WITHIN} "  # noqa: S608  a constant
        "ORDER BY position LIMIT :limit",
        after=after,
        limit=limit,
        **below(org),
    )
    return made(Line, rows)


def newest(
    database: Database,
    *,
    org: str,
    before: int | None = None,
    first: date | None = None,
    last: date | None = None,
    entry_types: Sequence[str] = (),
    late: bool | None = None,
    limit: int = 100,
) -> tuple[Line, ...]:
    """Return the entries of an organisation's subtree ahead of a position, the last recorded first.

    `first` and `last` bound the day on which they happened. A page that is read again by its position is the
    same page: what is recorded meanwhile comes ahead of the first one.
    """
    types = tuple(entry_types) or None
    asked = {
        "position < :before": before,
        "occurred_on >= :first": first,
        "occurred_on <= :last": last,
        "type IN :types": types,
    }
    wanted = [WITHIN, *(clause for clause, value in asked.items() if value is not None)]
    if late is not None:
        wanted.append(f"late_days IS {'NOT NULL' if late else 'NULL'}")
    given = {"before": before, "first": first, "last": last, "types": types}
    rows = database.all(
        f"SELECT * FROM timeline WHERE {' AND '.join(wanted)} "  # noqa: S608  constants
        "ORDER BY position DESC LIMIT :limit",
        limit=limit,
        **{name: value for name, value in given.items() if value is not None},
        **below(org),
    )
    return made(Line, rows)


def told_twice_a_day(
    database: Database,
    *,
    org: str,
    entry_types: Sequence[str],
    first: date | None = None,
    last: date | None = None,
) -> tuple[UUID, ...]:
    """Return the children of whom more than one entry of a type happened on a day, in order.

    The entries are those of an organisation's subtree, also void ones.
    """
    rows = database.all(
        "SELECT DISTINCT child_id FROM (SELECT child_id FROM timeline"  # noqa: S608  a constant
        f" WHERE type IN :types AND occurred_on >= :first AND occurred_on <= :last AND {WITHIN}"
        " GROUP BY child_id, type, occurred_on HAVING count(*) > 1) AS twice ORDER BY child_id",
        types=tuple(entry_types),
        first=first or date.min,
        last=last or date.max,
        **below(org),
    )
    return tuple(row["child_id"] for row in rows)


def changes_of(database: Database, *, targets: Sequence[UUID]) -> Mapping[UUID, tuple[Line, ...]]:
    """Return for each entry what corrected, filed or voided it, in the order of recording."""
    rows = database.all(
        "SELECT * FROM timeline WHERE target IN :targets ORDER BY position", targets=tuple(targets)
    )
    found: dict[UUID, list[Line]] = {target: [] for target in targets}
    for row in rows:
        found[row["target"]] += made(Line, [row])
    return {target: tuple(lines) for target, lines in found.items()}


def figures(database: Database, *, org: str) -> Figures:
    """Count the entries of an organisation's subtree."""
    per_type = database.all(
        "SELECT type, count(*) AS entries, count(late_days) AS late "  # noqa: S608  a constant
        f"FROM timeline WHERE {WITHIN} GROUP BY type ORDER BY type",
        **below(org),
    )
    void = database.all(
        f"SELECT DISTINCT target FROM timeline WHERE type = :voided AND {WITHIN}",  # noqa: S608  a constant
        voided=EventVoided.TYPE,
        **below(org),
    )
    return Figures(
        per_type={row["type"]: row["entries"] for row in per_type},
        late=sum(row["late"] for row in per_type),
        void=len(void),
    )


def lateness(
    database: Database, *, org: str, first: date | None = None, last: date | None = None
) -> tuple[tuple[str, int, int, int, int], ...]:
    """Count the entries about children in the days asked about, by organisation.

    Each with its organisation: all, those that were late, by how many days these were in all, and the most.
    What corrects, files or voids another is none of them, and what was voided isn't either.
    """
    rows = database.all(
        "SELECT t.org AS org, count(*) AS entries, count(t.late_days) AS late,"
        f" coalesce(sum(t.late_days), 0) AS days, coalesce(max(t.late_days), 0) AS most {_STANDING}"
        f" AND {WITHIN} GROUP BY t.org ORDER BY t.org",
        voided=EventVoided.TYPE,
        first=first or date.min,
        last=last or date.max,
        **below(org),
    )
    return tuple(
        (row["org"], row["entries"], row["late"], int(row["days"]), int(row["most"])) for row in rows
    )


def per_type(
    database: Database, *, org: str, first: date | None = None, last: date | None = None
) -> tuple[tuple[str, str, int, int], ...]:
    """Count the entries about children in the days asked about, by organisation and type: each with how many
    there are, and about how many children."""
    rows = database.all(
        "SELECT t.org AS org, t.type AS type, count(*) AS entries,"
        f" count(DISTINCT t.child_id) AS children {_STANDING} AND {WITHIN}"
        " GROUP BY t.org, t.type ORDER BY t.org, t.type",
        voided=EventVoided.TYPE,
        first=first or date.min,
        last=last or date.max,
        **below(org),
    )
    return tuple((row["org"], row["type"], row["entries"], row["children"]) for row in rows)


def _is_shown(event: Event) -> bool:
    kind = kind_of(event).name
    return kind in kinds_of_submissions() and kind not in read_by_few()


def _row(event: Event) -> Record:
    assert event.recorded_at is not None
    row: dict[str, Any] = {
        "event_id": event.event_id,
        "child_id": event.originator_id,
        "version": event.originator_version,
        "position": event.position,
        "type": event.type,
        "occurred_at": event.occurred.instant,
        "occurred_on": event.occurred.day,
        "written_on": event.written_on,
        "recorded_at": event.recorded_at,
        "org": event.org,
        "channel": event.metadata.channel.value,
        "actor": event.metadata.actor,
        "principal": event.metadata.principal,
        "key_id": event.metadata.key,
        "stream_kind": event.metadata.kind,
        "late_days": Fact.as_recorded(event).late_days,
        "target": getattr(event.details, "target", None),
        "noted_at": event.noted_at and min(event.noted_at, event.recorded_at),
    }
    return row
