"""The statement of a save on PostgreSQL: one however many events and rows beside them (ADR 21, ADR 37).

One event with one row of each kind goes as plain values; more go as one array a column, and rows of a kind as
one document. Both forms write the same, answer the same and fail in the same way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from eventsourcing.persistence import StoredEvent

from application.eventstore.arrays import Column
from application.eventstore.database import Prepared
from application.eventstore.document import document
from application.eventstore.recorder import Row, columns_of
from application.eventstore.sqltext import upsert_beside_statement, upsert_document_statement
from application.eventstore.versions import before_each

# Rows of one kind go in one statement: table, columns of the key, other columns.
Kind = tuple[str, tuple[str, ...], tuple[str, ...]]
Save = tuple[Prepared, dict[str, Any]]

# The order of its parts is what readers rely on: the transaction has its id before the clock is read and
# before the first position is taken. `{rows}` are rows beside the events, each kind an INSERT of its own; the
# events come first. `moment` has no row, and then nothing is written, unless the versions that the events
# follow are there: what was decided on events that this server has lost must not leave a hole. That no other
# follows them says the unique constraint.
_INSERT = """
WITH writer AS MATERIALIZED (SELECT pg_current_xact_id() AS id),
{followed}moment AS MATERIALIZED (
    SELECT GREATEST(
        COALESCE(CAST(:now AS timestamptz), clock_timestamp()),
        (SELECT recorded_at FROM events ORDER BY notification_id DESC LIMIT 1){latest}
    ) AS recorded_at
    FROM writer{beside} WHERE writer.id IS NOT NULL{are_there}
){rows}
INSERT INTO events
    (originator_id, originator_version, topic, state, event_id, occurred_at, recorded_at, org, metadata)
{events}
RETURNING notification_id
"""
_EVENT = """
SELECT CAST(:originator_id AS uuid), CAST(:originator_version AS bigint), :topic, :state, :event_id,
    :occurred_at, m.recorded_at, :org, CAST(CAST(:metadata AS text) AS jsonb)
FROM moment AS m
"""
_EVENTS = """
SELECT e.originator_id, e.originator_version, e.topic, e.state, e.event_id, e.occurred_at, m.recorded_at,
    e.org, CAST(e.metadata AS jsonb)
FROM moment AS m, unnest(
    CAST(:originator_id AS uuid[]), CAST(:originator_version AS bigint[]), CAST(:topic AS text[]),
    CAST(:state AS bytea[]), CAST(:event_id AS uuid[]), CAST(:occurred_at AS timestamptz[]),
    CAST(:org AS text[]), CAST(:metadata AS text[])
) WITH ORDINALITY AS e
    (originator_id, originator_version, topic, state, event_id, occurred_at, org, metadata, place)
ORDER BY e.place
"""

# What the events follow. The planner should know how many there are, to plan once and not for each save anew,
# and most saves are of one stream. Streams that begin follow nothing.
_NOTHING = {"followed": "", "latest": "", "beside": "", "are_there": ""}
_ONE = {
    "followed": "",
    "latest": ", f.recorded_at",
    "beside": ", events AS f",
    "are_there": """ AND f.originator_id = CAST(:originator_id AS uuid)
    AND f.originator_version = CAST(:originator_version AS bigint) - 1""",
}
_MANY = {
    "followed": """followed AS MATERIALIZED (
    SELECT (SELECT recorded_at FROM events WHERE originator_id = s.id AND originator_version = s.before)
        AS recorded_at
    FROM unnest(CAST(:stream AS uuid[]), CAST(:before AS bigint[])) AS s (id, before)
),
""",
    "latest": ", (SELECT max(recorded_at) FROM followed)",
    "beside": "",
    "are_there": " AND NOT EXISTS (SELECT FROM followed WHERE recorded_at IS NULL)",
}


def save_of(stored_events: Sequence[StoredEvent], rows: Sequence[Row], *, now: datetime | None) -> Save:
    """Return the statement that writes events, and rows that need no order, and its parameters.

    `now` dates the events; with None the server's clock does. Of two rows with one key the last stays.
    """
    kinds: dict[Kind, dict[tuple[Any, ...], Row]] = {}
    for row in rows:
        kinds.setdefault(kind_of(row), {})[tuple(row.key.values())] = row
    alike = {kind: list(found.values()) for kind, found in kinds.items()}
    if len(stored_events) == 1 and all(len(found) == 1 for found in alike.values()):
        return values_save(stored_events[0], {kind: found[0] for kind, found in alike.items()}, now=now)
    return arrays_save(stored_events, alike, now=now)


def kind_of(row: Row) -> Kind:
    """Return the rows with which one can go in one statement."""
    return row.table, tuple(row.key), tuple(row.values)


def values_save(event: StoredEvent, rows: Mapping[Kind, Row], *, now: datetime | None) -> Save:
    """Return the save of one event, with one row of each kind, as plain values."""
    params = {"now": now, **columns_of(event)}
    for number, row in enumerate(rows.values()):
        for name, value in (*row.key.items(), *row.values.items()):
            params[f"row_{number}_{name}"] = value
    return _values_statement(tuple(rows), follows=event.originator_version > 1), params


def arrays_save(
    stored_events: Sequence[StoredEvent], rows: Mapping[Kind, Sequence[Row]], *, now: datetime | None
) -> Save:
    """Return the save of any number of events, with any number of rows of each kind."""
    documents = {
        f"rows_{number}": document({**row.key, **row.values} for row in alike)
        for number, alike in enumerate(rows.values())
    }
    before = {stream: version for stream, version in before_each(stored_events).items() if version > 0}
    followed: dict[str, Any] = {}
    if before:
        followed = {"stream": Column("uuid", list(before)), "before": Column("bigint", list(before.values()))}
    params = {"now": now, **_arrays(stored_events), **documents, **followed}
    return _arrays_statement(tuple(rows), follows=bool(before)), params


_TYPES = {
    "originator_id": "uuid",
    "originator_version": "bigint",
    "topic": "text",
    "state": "bytea",
    "event_id": "uuid",
    "occurred_at": "timestamptz",
    "org": "text",
    "metadata": "text",
}


def _arrays(stored_events: Sequence[StoredEvent]) -> dict[str, Column]:
    events = [columns_of(event) for event in stored_events]
    return {name: Column(kind, [event[name] for event in events]) for name, kind in _TYPES.items()}


@lru_cache(maxsize=1024)
def _values_statement(kinds: tuple[Kind, ...], *, follows: bool) -> Prepared:
    beside = [
        upsert_beside_statement(
            table=table, key=key, columns=key + values, prefix=f"row_{number}_", source="moment"
        )
        for number, (table, key, values) in enumerate(kinds)
    ]
    return _statement(_EVENT, beside, followed=_ONE if follows else _NOTHING)


@lru_cache(maxsize=1024)
def _arrays_statement(kinds: tuple[Kind, ...], *, follows: bool) -> Prepared:
    beside = [
        upsert_document_statement(
            table=table,
            key=key,
            columns=key + values,
            document=f"rows_{number}",
            condition="WHERE EXISTS (SELECT FROM moment)",
        )
        for number, (table, key, values) in enumerate(kinds)
    ]
    return _statement(_EVENTS, beside, followed=_MANY if follows else _NOTHING)


def _statement(events: str, beside: Sequence[str], *, followed: Mapping[str, str]) -> Prepared:
    rows = "".join(f",\nbeside_{number} AS ({text})" for number, text in enumerate(beside))
    return Prepared(_INSERT.format(**followed, rows=rows, events=events.strip()))
