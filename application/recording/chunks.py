"""How many streams go into one transaction: so many that it pays, so few that no writer waits long for it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from application.recording.outcome import Proposal

T = TypeVar("T")
Proposals = Mapping[UUID, Sequence[Proposal]]

MOST_STREAMS = 50
MOST_DRAFTS = 500
# Of what lies on their streams already, as it is all in memory at once.
MOST_EVENTS = 5000


def chunks(streams: Proposals, *, versions: Mapping[UUID, int]) -> Iterator[Proposals]:
    """Return streams in chunks, in their order; `versions` tell how long their streams are."""
    held: dict[UUID, Sequence[Proposal]] = {}
    drafts = events = 0
    for stream_id, proposals in streams.items():
        drafts, events = drafts + len(proposals), events + versions.get(stream_id, 0)
        if held and (len(held) == MOST_STREAMS or drafts > MOST_DRAFTS or events > MOST_EVENTS):
            yield held
            held, drafts, events = {}, len(proposals), versions.get(stream_id, 0)
        held[stream_id] = proposals
    if held:
        yield held


def halves(streams: Mapping[UUID, T]) -> tuple[Mapping[UUID, T], Mapping[UUID, T]]:
    """Part streams in two, in their order."""
    ids = list(streams)
    middle = len(ids) // 2
    return {i: streams[i] for i in ids[:middle]}, {i: streams[i] for i in ids[middle:]}
