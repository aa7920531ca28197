"""Pairings: a row for each, with its carer, its child and its days, without anything that names either.

What a carer's stream says of a pairing last holds (`PairingSlotChanged`); where a correction gives it to
another carer, the slot of the first is released. Figures of any many pairings are sums over these rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.choices import PEERS, CarerKind
from domain.event import Event
from domain.streams.carers.carer import PairingSlotChanged
from domain.subtree import CHILD_WITHIN, WITHIN, below
from projections.database import Database, Record, Transaction

DDL = (
    """
    CREATE TABLE pairing (
        pairing_id uuid NOT NULL,
        carer_id uuid NOT NULL,
        child_id uuid NOT NULL,
        kind text NOT NULL,
        begins date NOT NULL,
        ends date,
        released boolean NOT NULL,
        event_id uuid NOT NULL,
        version bigint NOT NULL,
        PRIMARY KEY (pairing_id, carer_id)
    )
    """,
    "CREATE INDEX pairing_child ON pairing (child_id)",
    "CREATE INDEX pairing_carer ON pairing (carer_id)",
)
_KEY = ("pairing_id", "carer_id")
_RUNNING = "p.released = :no AND p.begins <= :day AND (p.ends IS NULL OR p.ends > :day)"
_GROWN_UP = "p.kind NOT IN :peers"
_IN_CARE = "c.enrolled_on IS NOT NULL AND (c.care_ends_on IS NULL OR c.care_ends_on >= :day)"
_PAIRED = f"EXISTS (SELECT 1 FROM pairing AS p WHERE p.child_id = c.child_id AND {_RUNNING} AND {_GROWN_UP})"  # noqa: S608  a constant
_PAIRS = (
    f"FROM pairing AS p JOIN child_status AS c ON c.child_id = p.child_id WHERE {_RUNNING} AND {CHILD_WITHIN}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfKind:
    """How many pairings of one kind run, for how many children, by how many carers."""

    kind: CarerKind
    pairings: int
    children: int
    carers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """For how many children a carer is there, by how many pairings."""

    carer_id: UUID
    children: int
    pairings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """How many children of one organisation are in care, and how many of them are paired with a grown-up."""

    org: str
    children: int
    paired: int


def write(tx: Transaction, events: Sequence[Event], *, shadow: str = "") -> None:
    """Put pairings into their rows; what a carer's stream said before changes nothing."""
    rows = _latest(events)
    if not rows:
        return
    table = f"pairing{shadow}"
    there = tx.all(
        f"SELECT pairing_id, carer_id, version FROM {table} WHERE pairing_id IN :ids",  # noqa: S608  a constant
        ids=tuple({row["pairing_id"] for row in rows}),
    )
    known = {(row["pairing_id"], row["carer_id"]): row["version"] for row in there}
    newer = [row for row in rows if row["version"] > known.get((row["pairing_id"], row["carer_id"]), 0)]
    tx.upsert(table=table, key=_KEY, rows=newer)


def differing(database: Database, events: Sequence[Event]) -> Iterator[tuple[UUID, tuple[str, ...]]]:
    """Compare the rows with what events say: the id of each that differs, and in which columns.

    A row that a later event wrote is compared with that one.
    """
    wanted = _latest(events)
    rows = database.all(
        "SELECT * FROM pairing WHERE pairing_id IN :ids", ids=tuple({row["pairing_id"] for row in wanted})
    )
    live: Mapping[Any, Record] = {(row["pairing_id"], row["carer_id"]): row for row in rows}
    for row in wanted:
        found = live.get((row["pairing_id"], row["carer_id"]), {})
        if found.get("version", 0) > row["version"]:
            continue
        if columns := tuple(name for name, value in row.items() if found.get(name) != value):
            yield row["event_id"], columns


def left_over(database: Database) -> tuple[UUID, ...]:
    """Return the ids of events in rows of which the log holds none."""
    rows = database.all(
        "SELECT p.event_id FROM pairing AS p LEFT JOIN events AS e ON e.event_id = p.event_id"
        " WHERE e.event_id IS NULL ORDER BY p.event_id"
    )
    return tuple(row["event_id"] for row in rows)


def remove_left_over(tx: Transaction) -> int:
    """Take away the rows of which the log holds no event; give how many."""
    return tx.run(
        "DELETE FROM pairing WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.event_id = pairing.event_id)"
    )


def by_kind(database: Database, *, org: str, day: date) -> tuple[OfKind, ...]:
    """Count the pairings of an organisation's children that run on a day, by kind."""
    rows = database.all(
        "SELECT p.kind AS kind, count(*) AS pairings, count(DISTINCT p.child_id) AS children,"
        f" count(DISTINCT p.carer_id) AS carers {_PAIRS} GROUP BY p.kind ORDER BY p.kind",
        **_asked(org, day),
    )
    return tuple(OfKind(**{**row, "kind": CarerKind.from_word(row["kind"])}) for row in rows)


def loads(database: Database, *, org: str, day: date, kind: CarerKind | None = None) -> tuple[Load, ...]:
    """Count for each carer of an organisation's children those that it is there for, the most first."""
    wanted = "p.kind = :kind" if kind is not None else _GROWN_UP
    rows = database.all(
        "SELECT p.carer_id AS carer_id, count(DISTINCT p.child_id) AS children, count(*) AS pairings"
        f" {_PAIRS} AND {wanted} GROUP BY p.carer_id ORDER BY 2 DESC, p.carer_id",
        **_asked(org, day),
        **({"kind": kind.value} if kind is not None else {"peers": _peers()}),
    )
    return tuple(Load(**row) for row in rows)


def covered(database: Database, *, org: str, day: date) -> tuple[Covered, ...]:
    """Count the children in care of each class of an organisation, and those who have a grown-up."""
    rows = database.all(
        f"SELECT c.org AS org, count(*) AS children, sum(CASE WHEN {_PAIRED} THEN 1 ELSE 0 END) AS paired"  # noqa: S608  a constant
        f" FROM child_status AS c WHERE {_IN_CARE} AND {CHILD_WITHIN} GROUP BY c.org ORDER BY c.org",
        **_asked(org, day),
        peers=_peers(),
    )
    return tuple(Covered(org=row["org"], children=row["children"], paired=int(row["paired"])) for row in rows)


def unpaired(database: Database, *, org: str, day: date) -> tuple[UUID, ...]:
    """Return the children in care of an organisation who have no grown-up, class by class."""
    rows = database.all(
        f"SELECT c.child_id AS child_id FROM child_status AS c WHERE {_IN_CARE} AND {CHILD_WITHIN}"  # noqa: S608  a constant
        f" AND NOT {_PAIRED} ORDER BY c.org, c.child_id",
        **_asked(org, day),
        peers=_peers(),
    )
    return tuple(row["child_id"] for row in rows)


def active_carers(database: Database, *, org: str, day: date) -> Mapping[str, tuple[int, int]]:
    """Count by their organisations the carers that are registered, and those of them with a pairing."""
    rows = database.all(
        "SELECT s.org AS org, count(*) AS carers, sum(CASE WHEN EXISTS (SELECT 1 FROM pairing AS p"  # noqa: S608  a constant
        f" WHERE p.carer_id = s.carer_id AND {_RUNNING} AND {_GROWN_UP}) THEN 1 ELSE 0 END) AS active"
        f" FROM carer_status AS s WHERE {WITHIN} GROUP BY s.org",
        **_asked(org, day),
        peers=_peers(),
    )
    return {row["org"]: (row["carers"], int(row["active"])) for row in rows}


def _asked(org: str, day: date) -> dict[str, Any]:
    return {**below(org), "day": day, "no": False}


def _peers() -> tuple[str, ...]:
    return tuple(sorted(kind.value for kind in PEERS))


def _latest(events: Sequence[Event]) -> list[Record]:
    """Make a row of the last that some events say of each pairing."""
    found: dict[tuple[UUID, UUID], Record] = {}
    for event in sorted(events, key=lambda each: each.originator_version):
        if isinstance(said := event.details, PairingSlotChanged):
            found[said.pairing, event.originator_id] = {
                "pairing_id": said.pairing,
                "carer_id": event.originator_id,
                "child_id": said.child,
                "kind": said.kind.value,
                "begins": said.start,
                "ends": said.end,
                "released": said.released,
                "event_id": event.event_id,
                "version": event.originator_version,
            }
    return list(found.values())
