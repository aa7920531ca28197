"""The streams of one kind in an organisation, as reports read them."""

from collections.abc import Iterator
from typing import TypeVar

from application.readable import readable
from domain.ledger.facts import Facts, fold
from domain.ledger.kind import StreamKind
from reports.report import ALL, Asked

F = TypeVar("F", bound=Facts)
_AT_ONCE = 200


def streams_of(asked: Asked, kind: StreamKind[F]) -> Iterator[tuple[str, F]]:
    """Go through the streams of a kind in the organisation asked about and below, each with its own."""
    recording = asked.system.recordings[kind.name]
    listed = recording.listed(actor=asked.actor, org=asked.org, limit=ALL)
    where = {each.stream_id: each.org for each in listed}
    ids = list(where)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for stream_id, events in readable(asked.system.log, some, unreadable=asked.reports.unreadable):
            yield where[stream_id], fold(kind.view, stream_id, events)
