"""The event log: events in, events out, over whichever recorder and whichever keys."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol, TypeVar
from uuid import UUID

from msgspec.structs import replace

from application.eventstore.keyring import Keyring, KeysMissing, alive
from application.eventstore.mapper import EventMapper, UnknownTopic, commitment_of_seal, stream_of
from application.eventstore.recent import Read, Recent
from application.eventstore.recorder import CareStoredEvent, ForeignEvent, Place, Row
from application.eventstore.seal import Lock, OtherKey, Tampered, lock_of
from domain.event import Event

T = TypeVar("T")

Locks = Mapping[UUID, Lock]
_NO_LOCKS: Locks = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Keys:
    """What a read leaves for the one save that it was made for: the keys of the streams that it read.

    `generation` is the life of the server that was read in. What was decided in one life is not written in
    another, which may never have had what it was decided on. `folded` is what a stream that was read before
    came to then, by the view: whoever folds it puts it there.
    """

    of: Locks
    generation: int | None
    folded: dict[Any, Any] = field(default_factory=dict, compare=False)


NO_KEYS = Keys(of=_NO_LOCKS, generation=None)
# What is raised by events that lie there and can't be read.
UNREADABLE = (Tampered, UnknownTopic, ForeignEvent, KeysMissing)


class Recorder(Protocol):
    """What the log needs of a recorder; see `SQLiteRecorder` and `PostgresRecorder`."""

    @property
    def generation(self) -> int:
        """Identify this life of the database, as far as is known."""

    def insert_events(
        self,
        stored_events: Sequence[CareStoredEvent],
        *,
        rows: Sequence[Row] = (),
        generation: int | None = None,
    ) -> Sequence[int] | None:
        """Write events and rows in one transaction and give the positions of the events."""

    def stream(
        self, originator_ids: Sequence[UUID], *, known_at: datetime | None = None
    ) -> list[CareStoredEvent]:
        """Read streams, in order of (stream, version)."""

    def stream_meanwhile(
        self,
        originator_id: UUID,
        meanwhile: Callable[[], T],
        *,
        known_at: datetime | None = None,
        since: int | None = None,
    ) -> tuple[list[CareStoredEvent], T]:
        """Read one stream from version `since` on, and do something else while the answer is on its way."""

    def versions(self, originator_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Return how many events each of some streams has; one that is not there is left out."""

    def after(self, position: int, limit: int) -> list[CareStoredEvent]:
        """Read the log after a position, in order."""

    def places(self, position: int, limit: int) -> list[Place]:
        """Read the same without what it says."""

    def by_event_id(self, event_id: UUID) -> CareStoredEvent | None:
        """Find one event."""

    def head(self) -> tuple[int, datetime | None]:
        """Return the last position and when it was recorded."""

    def recorded_after(self, position: int) -> datetime | None:
        """Return when the next event behind a position was recorded."""

    def settled(self) -> datetime:
        """Return the moment up to which the log is complete."""


class EventLog:
    """Appends and reads events. It decides nothing.

    Whatever reads events raises KeysMissing where a stream has lost its key, Tampered and UnknownTopic where
    an event can't be read, ForeignEvent where another program wrote it.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        keyring: Keyring,
        refuse_types: Callable[[Collection[str]], None] = lambda _types: None,
    ) -> None:
        """`refuse_types` raises where an event of one of these types must not be written yet."""
        self._refuse_types = refuse_types
        self._recorder = recorder
        self._keyring = keyring
        self._mapper = EventMapper(nonce=keyring.nonce)
        self._recent = Recent()

    def append(
        self, events: Sequence[Event], *, rows: Sequence[Row] = (), keys: Keys = NO_KEYS
    ) -> Sequence[int]:
        """Write events, and rows beside them, all or nothing; give the position of each event.

        `keys` are those that `load` gave for this save; others are asked for, and made and committed for
        streams that have no event yet. Raises VersionConflict, also where the server that they were read from
        may have been replaced, EventIdTaken or RowTaken, KeyDestroyed where a person was erased, KeysMissing
        where a stream has lost its key; then nothing was written.
        """
        self._refuse_types({event.type for event in events})
        locks, generation = keys.of, keys.generation
        if wanted := list(dict.fromkeys(e.originator_id for e in events if e.originator_id not in locks)):
            # A server that takes the place of the one that keeps the new keys may not have them: what they
            # seal is for this one alone.
            generation = self._recorder.generation if generation is None else generation
            locks = {**locks, **_locks(self._keys_to_write(wanted))}
        stored = [self._mapper.to_stored_event(e, key=locks[e.originator_id]) for e in events]
        return self._recorder.insert_events(stored, rows=rows, generation=generation) or ()

    def load(self, stream_id: UUID) -> tuple[tuple[Event, ...], Keys]:
        """Read one stream for a save that follows at once, and give its key where it has one.

        The key is for this one save: kept any longer, it would outlive its destruction. What was read for a
        save a moment ago is not opened again (`recent`).
        """
        generation = self._recorder.generation
        before = self._recent.of(stream_id, generation=generation)
        read = None if before is None else self._grown(stream_id, before)
        if read is None:
            stored, known = self._asked(stream_id)
            # Where its first event came between the two answers, its key came before that event: ask again.
            events, locks, by_one = self._read(stored, known=known or None)
            lock, key = locks.get(stream_id), known.get(stream_id)
            if by_one and lock is not None and key is not None:
                read = Read(events=tuple(events), last=stored[-1], key=key, lock=lock, generation=generation)
            else:
                self._recent.forget(stream_id)
                return tuple(events), Keys(of=locks, generation=generation)
        self._recent.keep(stream_id, read)
        return read.events, Keys(of={stream_id: read.lock}, generation=generation, folded=read.folded)

    def _grown(self, stream_id: UUID, before: Read) -> Read | None:
        """Read what came to a stream since it was read; None where it is not the same any more."""
        stored, known = self._asked(stream_id, since=before.last.originator_version)
        if not stored or stored[0] != before.last or known.get(stream_id) != before.key:
            return None
        if len(stored) == 1:
            return before
        try:
            new = [self._mapper.to_event(each, key=before.lock) for each in stored[1:]]
        except OtherKey:
            return None
        return replace(before, events=(*before.events, *new), last=stored[-1])

    def _asked(
        self, stream_id: UUID, **bounds: Any
    ) -> tuple[list[CareStoredEvent], dict[UUID, bytes | None]]:
        return self._recorder.stream_meanwhile(stream_id, lambda: self._keyring.known([stream_id]), **bounds)

    def stream(self, stream_id: UUID, *, known_at: datetime | None = None) -> tuple[Event, ...]:
        """Read one stream, in order of version; `known_at` leaves out what was recorded later."""
        stored, known = self._asked(stream_id, known_at=known_at)
        return tuple(self._read(stored, known=known or None)[0])

    def streams(
        self, stream_ids: Sequence[UUID], *, known_at: datetime | None = None
    ) -> Mapping[UUID, tuple[Event, ...]]:
        """Read many streams at once; a stream that is not there is empty."""
        if len(stream_ids) == 1:
            return {stream_ids[0]: self.stream(stream_ids[0], known_at=known_at)}
        return self.load_many(stream_ids, known_at=known_at)[0]

    def load_many(
        self, stream_ids: Sequence[UUID], *, known_at: datetime | None = None
    ) -> tuple[Mapping[UUID, tuple[Event, ...]], Keys]:
        """Read many streams, and their keys, for one save that follows at once, as `load` reads one."""
        generation = self._recorder.generation
        stored = self._recorder.stream(stream_ids, known_at=known_at) if stream_ids else ()
        events, locks, _ = self._read(stored)
        return _by_stream(stream_ids, events), Keys(of=locks, generation=generation)

    def versions(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """Return the last version of each of some streams; one that is not there is left out.

        A stream only grows: what was read up to this version is all of it.
        """
        return self._recorder.versions(stream_ids)

    def each_stream(
        self, stream_ids: Sequence[UUID], *, known_at: datetime | None = None, at_once: int = 200
    ) -> Iterator[tuple[UUID, tuple[Event, ...]]]:
        """Go through any number of streams, in this order, with `at_once` of them in memory."""
        for start in range(0, len(stream_ids), at_once):
            yield from self.streams(stream_ids[start : start + at_once], known_at=known_at).items()

    def after(self, position: int, *, limit: int) -> tuple[Event, ...]:
        """Read the log after `position`, in order, `limit` events at most."""
        return tuple(self._opened(self._recorder.after(position, limit)))

    def places(self, position: int, *, limit: int) -> Sequence[Place]:
        """Read the same events without decoding them: those that can't be read are there as well."""
        return self._recorder.places(position, limit)

    def scan(
        self, position: int, *, limit: int, wanted: Callable[[CareStoredEvent], bool]
    ) -> tuple[tuple[Event, ...], int]:
        """Read on after `position` over `limit` events at most: those that are wanted, and how far it came.

        What is not wanted is not unsealed.
        """
        stored = self._recorder.after(position, limit)
        reached = stored[-1].position if stored else position
        return tuple(self._opened([event for event in stored if wanted(event)])), reached or position

    def keyless(self, stream_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return which of some streams have lost a key. Nothing is decrypted for it."""
        return self._keyless(self._recorder.stream(stream_ids)) if stream_ids else frozenset()

    def keyless_after(self, position: int, *, limit: int) -> tuple[frozenset[UUID], int]:
        """Do the same for what lies behind a position, `limit` events at most; give how far that reached."""
        stored = self._recorder.after(position, limit)
        return self._keyless(stored), (stored[-1].position if stored else position) or position

    def _keyless(self, stored: Sequence[CareStoredEvent]) -> frozenset[UUID]:
        if not stored:
            return frozenset()
        known = self._keyring.known(list(set(map(stream_of, stored))))
        return self._openers(stored, known=known, keys=_locks(known))[1]

    def event(self, event_id: UUID) -> Event | None:
        """Find one event by its id."""
        stored = self._recorder.by_event_id(event_id)
        return None if stored is None else next(iter(self._opened([stored])))

    def outline(self, event_id: UUID) -> Event | None:
        """Find one event by its id and read what is not sealed of it, for which nothing vouches then."""
        stored = self._recorder.by_event_id(event_id)
        return None if stored is None else self._mapper.to_event(stored, key=None)

    def outlines(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, tuple[Event, ...]]:
        """Read streams in the same way; one that is not there is empty."""
        stored = self._recorder.stream(stream_ids) if stream_ids else ()
        return _by_stream(stream_ids, [self._mapper.to_event(each, key=None) for each in stored])

    def head(self) -> tuple[int, datetime | None]:
        """Return the last position (0 when empty) and when it was recorded (UTC)."""
        return self._recorder.head()

    def recorded_after(self, position: int) -> datetime | None:
        """Return when (UTC) the next event behind a position was recorded, whether it can be read or not."""
        return self._recorder.recorded_after(position)

    def settled(self) -> datetime:
        """Return the moment (UTC) up to which the log is complete."""
        return self._recorder.settled()

    def _opened(self, stored: Sequence[CareStoredEvent]) -> Iterable[Event]:
        return self._read(stored)[0]

    def _read(
        self, stored: Sequence[CareStoredEvent], *, known: Mapping[UUID, bytes | None] | None = None
    ) -> tuple[list[Event], Locks, bool]:
        """Unseal and decode events; give with them the keys by which their streams are written, and whether
        these have opened all.

        What is `known` of the keys of these streams, and of no others, is not asked again. Raises KeysMissing
        for streams without a key that a seal of theirs names.
        """
        if not stored:
            return [], _NO_LOCKS, False
        streams = set(map(stream_of, stored)) if known is None else known.keys()
        known = self._keyring.known(list(streams)) if known is None else known
        keys = _locks(known)
        to_event = self._mapper.to_event
        if len(known) == len(streams):
            # Nearly always each stream has the one key, and nothing else need be asked.
            try:
                if len(streams) == 1:
                    (key,) = keys.values() or (None,)
                    return [to_event(each, key=key) for each in stored], keys, True
                return [to_event(each, key=keys.get(stream_of(each))) for each in stored], keys, True
            except OtherKey:
                pass
        openers, missing = self._openers(stored, known=known, keys=keys)
        if missing:
            raise KeysMissing(streams=missing)
        return [to_event(e, key=key) for e, key in zip(stored, openers, strict=True)], keys, False

    def _openers(
        self, stored: Sequence[CareStoredEvent], *, known: Mapping[UUID, bytes | None], keys: Locks
    ) -> tuple[list[Lock | None], frozenset[UUID]]:
        """Find for each event the key that its seal names, None where that was destroyed.

        Gives with them the streams that have lost a key; theirs are not among the others.
        """
        further = self._keyring.further(list(set(map(stream_of, stored))))
        openers: list[Lock | None] = []
        missing: set[UUID] = set()
        for each in stored:
            stream_id, commitment = stream_of(each), commitment_of_seal(each.state)
            key = keys.get(stream_id)
            named = (stream_id, commitment or b"")
            destroyed = stream_id in known and key is None
            if destroyed or commitment is None or (key is not None and key.commitment == commitment):
                openers.append(key)
            elif named in further:
                other = further[named]
                openers.append(None if other is None else lock_of(other))
            else:
                missing.add(stream_id)
        return openers, frozenset(missing)

    def _keys_to_write(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
        """Return the keys of streams, made where a stream has neither key nor event."""
        known = self._keyring.known(stream_ids)
        if new := [stream_id for stream_id in stream_ids if stream_id not in known]:
            if begun := self._recorder.versions(new):
                # Somebody may have begun such a stream since its key was asked for.
                known = {**known, **self._keyring.known(list(begun))}
                if missing := [stream_id for stream_id in begun if stream_id not in known]:
                    raise KeysMissing(streams=missing)
            return self._keyring.keys_for(stream_ids)
        return alive(known)


def _locks(keys: Mapping[UUID, bytes | None]) -> Locks:
    return {stream_id: lock_of(key) for stream_id, key in keys.items() if key is not None}


def _by_stream(stream_ids: Sequence[UUID], events: Iterable[Event]) -> Mapping[UUID, tuple[Event, ...]]:
    found: dict[UUID, list[Event]] = {stream_id: [] for stream_id in stream_ids}
    for event in events:
        found[event.originator_id].append(event)
    return {stream_id: tuple(of_stream) for stream_id, of_stream in found.items()}
