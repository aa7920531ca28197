"""What is read off a store beside its answers: events as they read, rows as they lie, feeds, and resends."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from domain.event import Event
from domain.wire import to_wire
from tests.api.support import Caller
from tests.upgrade.stores import MARK, Opened
from tests.upgrade.teller import NDJSON

FOLLOWERS = (
    "office",
    "city_auditor",
    "a_watcher",
    "a_school",
    "a_class",
    "am_school",
    "b_manager",
    "c_school",
)
PAGE, WHOLE = 53, 500
JSON_ONLY = {"Accept": "application/json"}


def events_of(there: Opened) -> list[dict[str, Any]]:
    """Read every event of the log, unsealed."""
    found: list[dict[str, Any]] = []
    position = 0
    while events := there.system.log.after(position, limit=WHOLE):
        found += [as_read(event) for event in events]
        position = events[-1].position or 0
    return found


def as_read(event: Event) -> dict[str, Any]:
    """Write an event as 0.1 reads it, by JSON values; what came later to events is left out."""
    plain = {
        "position": event.position,
        "stream": event.originator_id,
        "version": event.originator_version,
        "event_id": event.event_id,
        "type": event.type,
        "day": event.occurred.day,
        "at": event.occurred.at,
        "details": to_wire(event.details),
        "recorded_by": event.recorded_by,
        "org": event.org,
        "metadata": event.metadata,
        "written_on": event.written_on,
        "late_reason": event.late_reason,
        "evidence": [asdict(each) for each in event.evidence],
        "source_event_id": event.source_event_id,
        "recorded_at": event.recorded_at,
        "erased": event.erased,
    }
    written: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plain))
    return written


def rows_digest(there: Opened, *, until: int | None = None) -> dict[str, Any]:
    """Return the last position, and a digest of the rows of events as they lie, up to a position."""
    rows = there.system.database.tuples(
        "SELECT notification_id, originator_id, originator_version, topic, state, event_id, occurred_at,"
        " recorded_at, org FROM events WHERE notification_id <= :until ORDER BY notification_id",
        until=2**62 if until is None else until,
    )
    digest = sha256()
    for row in rows:
        digest.update(repr([_plain(value) for value in row]).encode())
    return {"last": rows[-1][0], "count": len(rows), "sha256": digest.hexdigest()}


def _plain(value: object) -> object:
    """Write a value of a row alike on both engines."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value)


def feeds_of(there: Opened) -> dict[str, Any]:
    """Follow the changes as several keys, page by page, and keep each cursor with how much lay before it."""
    feeds = {}
    for slug in FOLLOWERS:
        items: list[dict[str, Any]] = []
        cursors: list[tuple[str, int]] = []
        for page, cursor in pages(there.as_(slug), limit=PAGE):
            items += page
            cursors.append((cursor, len(items)))
        feeds[slug] = {"items": items, "cursors": cursors}
    return feeds


def pages(
    caller: Caller, *, limit: int = WHOLE, since: str | None = None
) -> Iterator[tuple[list[dict[str, Any]], str]]:
    """Follow the changes to where nothing is new, and give each page with the cursor behind it."""
    while True:
        query = {"limit": limit} | ({} if since is None else {"since": since})
        said = caller.get("/v1/changes", headers=JSON_ONLY, **query)
        assert said.status_code == 200, said.text
        page, following = said.json["items"], said.json["next"]
        if not page and following == since:
            return
        yield page, following
        since = following


def asked_again(there: Opened, sent: Sequence[dict[str, Any]]) -> list[Any]:
    """Send everything again, in its order, and give in short what became of each."""
    return [_again(there, one) for one in sent]


def _again(there: Opened, one: dict[str, Any]) -> list[Any]:
    by = there.as_(one["again"])
    said = by.send(one["method"], one["path"], body=one["body"].encode(), headers=one["headers"] | MARK)
    if said.status_code == 207:
        return [207, [[item["status"], item["state"]] for item in said.json["items"]]]
    if one["headers"].get("Content-Type") == NDJSON["Content-Type"]:
        lines = by.get(said.json["next"], limit=WHOLE).json["items"]
        return [said.status_code, [[line["status"], line["state"]] for line in lines]]
    return [said.status_code, said.json.get("state", "")]
