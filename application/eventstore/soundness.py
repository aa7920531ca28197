"""What the rows of the log say about one another: traces of events that were lost, removed or misplaced."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from application.eventstore.database import Database

Fault = Literal["hole", "disorder", "position", "sequence"]

_BROKEN = (
    "SELECT originator_id, originator_version FROM events WHERE originator_id IN ("
    "SELECT originator_id FROM events GROUP BY originator_id "
    "HAVING max(originator_version) <> count(*) OR min(originator_version) <> 1"
    ") ORDER BY originator_id, originator_version"
)
_DISORDER = """
SELECT originator_id, originator_version FROM (
    SELECT originator_id, originator_version,
        notification_id < lag(notification_id) OVER stream OR recorded_at < lag(recorded_at) OVER stream
        AS misplaced
    FROM events WINDOW stream AS (PARTITION BY originator_id ORDER BY originator_version)
) AS placed WHERE misplaced ORDER BY originator_id, originator_version
"""
_GAPS = """
SELECT before, after FROM (
    SELECT COALESCE(lag(notification_id) OVER (ORDER BY notification_id), 0) AS before,
        notification_id AS after FROM events
) AS placed WHERE after <> before + 1
"""
_GIVEN = {
    "sqlite": "SELECT seq FROM sqlite_sequence WHERE name = 'events'",
    # Nothing where the role may not know.
    "postgres": "SELECT COALESCE(last_value, start_value - 1) FROM pg_sequences "
    "WHERE schemaname = current_schema() AND sequencename = 'events_notification_id_seq' "
    "AND has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'SELECT, USAGE')",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsound:
    """Something that can't be in a log that is whole.

    `hole`: versions are missing in the stream `where`. `disorder`: a version of the stream has a position or
    a `recorded_at` before that of the version that it follows. `position`: events are missing in the order of
    the log. `sequence`: positions that are taken would be given again.
    """

    fault: Fault
    where: str
    detail: str


def unsound(db: Database) -> Iterator[Unsound]:
    """Find what was lost in the middle, removed or misplaced.

    What was lost at the end, of the log or of a stream, has left no trace. On PostgreSQL a position may be
    missing because a save was given up, so gaps of positions are looked for on SQLite alone.
    """
    for stream_id, rows in groupby(db.tuples(_BROKEN), key=lambda row: row[0]):
        missing = _missing(version for _, version in rows)
        yield Unsound(fault="hole", where=str(stream_id), detail=missing)
    for stream_id, version in db.tuples(_DISORDER):
        yield Unsound(fault="disorder", where=str(stream_id), detail=f"version {version}")
    ((head,),) = db.tuples("SELECT COALESCE(max(notification_id), 0) FROM events")
    given = next((value for (value,) in db.tuples(_GIVEN[db.dialect])), None)
    if db.dialect == "sqlite":
        for before, after in db.tuples(_GAPS):
            yield Unsound(fault="position", where=_span(before + 1, after - 1), detail="missing")
        if given is not None and given > head:
            yield Unsound(fault="position", where=_span(head + 1, given), detail="missing")
    elif given is not None and given < head:
        yield Unsound(fault="sequence", where=str(given), detail=f"behind {head}")


def _missing(versions: Iterable[int]) -> str:
    spans, expected = [], 1
    for version in versions:
        if version > expected:
            spans.append(_span(expected, version - 1))
        expected = version + 1
    return f"versions {', '.join(spans)}"


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
