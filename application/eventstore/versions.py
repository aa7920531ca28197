"""Which versions events have beside those before them."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from application.eventstore.recorder import CareStoredEvent, EventIdTaken, VersionConflict

_STREAM = attrgetter("originator_id")


def before_each(stored_events: Sequence[StoredEvent]) -> dict[UUID | str, int]:
    """Return for each stream of some events the version before its first of them."""
    before: dict[UUID | str, int] = {}
    for stream_id, run in groupby(stored_events, key=_STREAM):
        before.setdefault(stream_id, next(run).originator_version - 1)
    return before


def follows(before: int, newest: int | None) -> bool:
    """Return whether a version follows `before` on a stream; a new stream starts at 0 or 1."""
    return before <= 0 if newest is None else before == newest


def refuse_unless_in_a_row(stored_events: Sequence[StoredEvent]) -> None:
    """Refuse events of which two have one id, or that are not in a row."""
    if len(stored_events) == 1:
        return
    ids = [event.event_id for event in stored_events if isinstance(event, CareStoredEvent)]
    if len(set(ids)) < len(ids):
        raise EventIdTaken(event_id=next(event_id for event_id in ids if ids.count(event_id) > 1))
    newest: dict[UUID | str, int] = {}
    for stream_id, run in groupby(stored_events, key=_STREAM):
        before = newest.get(stream_id)
        for event in run:
            version = event.originator_version
            if before not in (None, version - 1):
                raise VersionConflict(originator_id=stream_id, version=version)
            before = version
        newest[stream_id] = version
