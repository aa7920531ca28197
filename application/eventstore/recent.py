"""Streams as they were read last, so that the next save on one need not open it again.

What is kept here is never taken for the truth. Whoever loads a stream asks for its key as ever, and for the
last event that is kept with whatever follows it. Only where the key is the same, and that event byte by byte,
in the same life of the server, what stands before it is as it was read: a log only grows. A key that was
destroyed or exchanged has the stream forgotten.

So much is kept, and for so long, that several entries of one stream in a row are quick. Names lie in memory
for a minute at most after the last question, or until the next stream that is kept, whichever is later.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock as Mutex
from time import monotonic
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from application.eventstore.recorder import CareStoredEvent
from application.eventstore.seal import Lock
from domain.event import Event

MOST_EVENTS = 5_000
SECONDS = 60.0


class Read(Struct, frozen=True, kw_only=True, gc=False):
    """A stream as it was read: its events, the last as it lies in the store, and the key that opened them.

    `folded` is for whoever folds it: what the events came to, by the view.
    """

    events: tuple[Event, ...]
    last: CareStoredEvent
    key: bytes
    lock: Lock
    generation: int
    folded: dict[Any, Any] = field(default_factory=dict)


class Recent:
    """Keeps what was read, the oldest goes first. Many threads may use it."""

    def __init__(self, *, most_events: int = MOST_EVENTS, clock: Callable[[], float] = monotonic) -> None:
        self._most_events = most_events
        self._clock = clock
        self._mutex = Mutex()
        self._events = 0
        # In the order in which they were kept.
        self._kept: OrderedDict[UUID, tuple[float, Read]] = OrderedDict()

    def of(self, stream_id: UUID, *, generation: int) -> Read | None:
        """Return a stream as it was read in this life of the server."""
        with self._mutex:
            self._drop_old()
            _, read = self._kept.get(stream_id) or (0.0, None)
            return read if read is not None and read.generation == generation else None

    def keep(self, stream_id: UUID, read: Read) -> None:
        """Keep a stream in the place of what was kept of it."""
        with self._mutex:
            self._drop(stream_id)
            self._kept[stream_id] = self._clock(), read
            self._events += len(read.events)
            self._drop_old()
            while self._events > self._most_events:
                self._drop(next(iter(self._kept)))

    def forget(self, stream_id: UUID) -> None:
        """Keep nothing of a stream."""
        with self._mutex:
            self._drop(stream_id)

    def _drop_old(self) -> None:
        now = self._clock()
        while self._kept:
            stream_id, (at, _) = next(iter(self._kept.items()))
            if now - at < SECONDS:
                return
            self._drop(stream_id)

    def _drop(self, stream_id: UUID) -> None:
        if (kept := self._kept.pop(stream_id, None)) is not None:
            self._events -= len(kept[1].events)
