"""How many streams go into one transaction: so many that it pays, so few that no writer waits long for it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from domain.event import NewEvent

T = TypeVar("T")
ByStream = Mapping[UUID, Sequence[NewEvent]]

MOST_STREAMS = 50
MOST_NEW_EVENTS = 500
# Of what lies on their streams already, as it is all in memory at once.
MOST_EVENTS = 5000


def chunks(streams: ByStream, *, versions: Mapping[UUID, int]) -> Iterator[ByStream]:
    """Return streams in chunks, in their order; `versions` tell how long their streams are."""
    held: dict[UUID, Sequence[NewEvent]] = {}
    new = events = 0
    for stream_id, of_stream in streams.items():
        new, events = new + len(of_stream), events + versions.get(stream_id, 0)
        if held and (len(held) == MOST_STREAMS or new > MOST_NEW_EVENTS or events > MOST_EVENTS):
            yield held
            held, new, events = {}, len(of_stream), versions.get(stream_id, 0)
        held[stream_id] = of_stream
    if held:
        yield held


def halves(streams: Mapping[UUID, T]) -> tuple[Mapping[UUID, T], Mapping[UUID, T]]:
    """Part streams in two, in their order."""
    ids = list(streams)
    middle = len(ids) // 2
    return {i: streams[i] for i in ids[:middle]}, {i: streams[i] for i in ids[middle:]}
