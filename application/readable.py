"""Reading many streams where some can't be read: those are told of, the others come."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from application.eventstore.log import UNREADABLE, EventLog
from domain.event import Event

# Is called with a stream that can't be read, and the class of the error.
Unreadable = Callable[[UUID, str], None]


def readable(
    log: EventLog, ids: Sequence[UUID], *, known_at: datetime | None = None, unreadable: Unreadable | None
) -> Iterator[tuple[UUID, tuple[Event, ...]]]:
    """Read streams; where one can't be read, the halves, down to that one.

    Without `unreadable` what is wrong with it is raised.
    """
    try:
        found = log.streams(ids, known_at=known_at)
    except UNREADABLE as error:
        if unreadable is None:
            raise
        if len(ids) == 1:
            unreadable(ids[0], type(error).__name__)
            return
    else:
        yield from found.items()
        return
    half = len(ids) // 2
    for some in (ids[:half], ids[half:]):
        yield from readable(log, some, known_at=known_at, unreadable=unreadable)
