"""Feeding a follower of the log, the same for read models and relay: read, work, move on, all or nothing.

A batch that fails is tried in halves until the one bad event is found. That one is put into a dead letter in
the transaction in which the follower passes it; what stands before and behind it goes on. When dead letters
of `dead_letters.MOST_STREAMS` other streams wait, the fault is not the events': the follower passes no more.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from domain.event import Event
from projections.database import Database, Log, Place, Transaction
from projections.outbox import dead_letters
from projections.outbox.dead_letters import DeadLetter
from projections.positions import Astray, Overtaken, advance, rewind, standing_of

SAY_AGAIN_SECONDS = 60.0
# Given to a letter whose event is not in the log any more.
GONE = "EventGone"

Write = Callable[[Transaction], object]
E = TypeVar("E", Event, Place)

log = logging.getLogger(__name__)


class StandsStill(Exception):
    """A follower meets event after event that it can't work off, and so stays where it is."""

    def __init__(self, name: str, *, position: int, reason: str) -> None:
        super().__init__(f"{name} stays at position {position}: {reason}")


class Feed:
    """Keeps one follower at the end of the log. The caller sees to it that only one does so at a time."""

    def __init__(
        self,
        *,
        name: str,
        database: Database,
        log: Log,
        now: Callable[[], datetime],
        work: Callable[[Sequence[Event]], Write],
        batch: int,
        most: int | None = None,
    ) -> None:
        """`work` takes events and gives what writes them; it may be given any event again, in any order.

        It is given `batch` events at once; where `most` is given, up to so many as long as they are of fewer
        than `batch` streams: who loads whole streams is to do so once for all of their events.
        """
        self.name = name
        self._database = database
        self._log = log
        self._now = now
        self._work = work
        self._batch = batch
        self._most = most or batch
        self._whole_streams = most is not None
        self._trouble = (database.unavailable, Overtaken, OSError, MemoryError)
        self._stands = False
        self._said_at = -SAY_AGAIN_SECONDS

    def idle(self) -> bool:
        """Return whether there is nothing to do."""
        try:
            at_the_end = standing_of(self._database, self.name) >= self._log.head()[0]
        except Astray:
            return False
        return at_the_end and not self._asked(limit=1)

    def astray(self) -> bool:
        """Return whether it has read another log than this one."""
        try:
            standing_of(self._database, self.name)
        except Astray:
            return True
        return False

    def start_again(self, also: Write = lambda _tx: None) -> None:
        """Read the log from its beginning from now on, and do `also` this in the same transaction."""
        log.error("%s has read another log than this one: it begins anew", self.name)
        with self._database.transaction() as tx:
            also(tx)
            rewind(tx, name=self.name)

    def step(self) -> int:
        """Work off what was asked for again, and one batch; give how many events.

        Raises StandsStill, and Astray.
        """
        return self._retry() + self._advance()

    def step_or_say(self) -> int:
        """Do the same, but where the follower stands still say so, once a minute, and give 0."""
        try:
            return self.step()
        except StandsStill as error:
            if time.monotonic() - self._said_at >= SAY_AGAIN_SECONDS:
                log.error("%s; too many dead letters wait: the fault is not in the events", error)  # noqa: TRY400
                self._said_at = time.monotonic()
            return 0

    def _advance(self) -> int:
        if self._whole_streams and not self._stands:
            start = standing_of(self._database, self.name)
            try:
                return self._feed(start, self._most)
            except self._trouble:
                raise
            except Exception:  # noqa: BLE001  as below; by streams it is found sooner
                if done := self._feed_apart(start):
                    return done
        return self._advance_in_halves(1 if self._stands else self._batch)

    def _advance_in_halves(self, size: int) -> int:
        done, whole = 0, size
        while size:
            start = standing_of(self._database, self.name)
            try:
                fed = self._feed(start, size)
            except self._trouble:
                raise
            except Exception as error:  # noqa: BLE001  whatever is wrong with an event: it gets a dead letter
                if size == 1:
                    return done + self._bury(start, reason=type(error).__name__)
            else:
                done += fed
                self._stands = False
                if size == whole or not fed:
                    break
            size //= 2
        return done

    def _feed_apart(self, start: int) -> int:
        """Work off a batch but for the streams that can't be: each of their events in it gets a letter.

        A file that can't be read is read a few times for all of its events, not for each of them. Gives 0
        where that is no way on.
        """
        places = self._places(start)
        found, bad = self._opened(places)
        known = dead_letters.streams_waiting(self._database, follower=self.name, streams=tuple(found))
        for some in ([s for s in found if s not in known], [s for s in found if s in known]):
            bad |= self._failing({stream: found[stream] for stream in some})
        good = [event for stream, events in found.items() if stream not in bad for event in events]
        good.sort(key=lambda event: event.position or 0)
        if not bad:
            return 0
        try:
            write = self._work(good) if good else None
            with self._database.transaction() as tx:
                if write is not None:
                    write(tx)
                buried = [place for place in places if place.stream_id in bad]
                self._bury_streams(tx, buried, bad, start=start)
                advance(tx, name=self.name, start=start, end=places[-1].position, now=self._now())
        except (*self._trouble, StandsStill):
            raise
        except Exception:  # noqa: BLE001  each stream by itself is well: the halves tell more
            return 0
        return len(places)

    def _places(self, start: int) -> Sequence[Place]:
        """Return the places of a batch, as `_read` reads it."""
        return self._batch_of(self._log.places, start, self._most, stream_of=lambda place: place.stream_id)

    def _opened(self, places: Sequence[Place]) -> tuple[dict[UUID, list[Event]], dict[UUID, str]]:
        """Read the events of some places by stream, and say why a stream can't be read."""
        found: dict[UUID, list[Event]] = {}
        bad: dict[UUID, str] = {}
        for first in range(0, len(places), self._batch):
            some = places[first : first + self._batch]
            try:
                events = list(self._log.after(some[0].position - 1, limit=len(some)))
            except self._trouble:
                raise
            except Exception:  # noqa: BLE001  one of them: each is read by itself
                events = [event for place in some for event in self._opened_alone(place, bad)]
            for event in events:
                found.setdefault(event.originator_id, []).append(event)
        return {stream: events for stream, events in found.items() if stream not in bad}, bad

    def _opened_alone(self, place: Place, bad: dict[UUID, str]) -> Sequence[Event]:
        if place.stream_id in bad:
            return ()
        try:
            return self._log.after(place.position - 1, limit=1)
        except self._trouble:
            raise
        except Exception as error:  # noqa: BLE001  whatever is wrong with it
            bad[place.stream_id] = type(error).__name__
            return ()

    def _failing(self, streams: Mapping[UUID, Sequence[Event]]) -> dict[UUID, str]:
        """Return those of some streams that can't be worked off, each with the reason."""
        events = [event for of_stream in streams.values() for event in of_stream]
        if not events or (reason := self._fails(events)) is None:
            return {}
        if len(streams) == 1:
            return dict.fromkeys(streams, reason)
        ids = list(streams)
        middle = len(ids) // 2
        halves = ({i: streams[i] for i in some} for some in (ids[:middle], ids[middle:]))
        return {stream: why for half in halves for stream, why in self._failing(half).items()}

    def _fails(self, events: Sequence[Event]) -> str | None:
        """Return why events can't be worked off; None where they can, or there are none."""
        try:
            if events:
                self._work(events)
        except self._trouble:
            raise
        except Exception as error:  # noqa: BLE001  whatever is wrong with them
            return type(error).__name__
        return None

    def _bury_streams(
        self, tx: Transaction, places: Sequence[Place], reasons: Mapping[UUID, str], *, start: int
    ) -> None:
        for stream_id, reason in reasons.items():
            if reason != dead_letters.KEYLESS and dead_letters.is_flood(
                tx, follower=self.name, stream_id=stream_id
            ):
                self._stands = True
                raise StandsStill(self.name, position=start, reason=reason)
        for place in places:
            self._write_letter(tx, place, reason=reasons[place.stream_id])
        for stream_id, reason in reasons.items():
            theirs = [place.position for place in places if place.stream_id == stream_id]
            log.error("dead letters %s:%s…, stream %s: %s", self.name, theirs[0], stream_id, reason)

    def _read(self, start: int, size: int) -> Sequence[Event]:
        """Read `size` events, or fewer where they are of many streams."""
        return self._batch_of(self._log.after, start, size, stream_of=lambda event: event.originator_id)

    def _batch_of(
        self, read: Callable[..., Sequence[E]], start: int, size: int, *, stream_of: Callable[[E], UUID]
    ) -> Sequence[E]:
        found: list[E] = []
        streams: set[UUID] = set()
        while len(found) < size and len(streams) < self._batch:
            wanted = min(self._batch, size - len(found))
            more = read(found[-1].position or start if found else start, limit=wanted)
            found += more
            streams |= set(map(stream_of, more))
            if len(more) < wanted:
                break
        return found

    def _feed(self, start: int, size: int) -> int:
        events = self._read(start, size)
        if not events:
            return 0
        write = self._work(events)
        end = events[-1].position or start
        with self._database.transaction() as tx:
            write(tx)
            advance(tx, name=self.name, start=start, end=end, now=self._now())
        return len(events)

    def _bury(self, start: int, *, reason: str) -> int:
        place = next(iter(self._log.places(start, limit=1)), None)
        if place is None:
            return 0
        with self._database.transaction() as tx:
            # Files without their keys are many at once, and each is tried again until its key is back.
            keyless = reason == dead_letters.KEYLESS
            if not keyless and dead_letters.is_flood(tx, follower=self.name, stream_id=place.stream_id):
                self._stands = True
                raise StandsStill(self.name, position=start, reason=reason)
            self._write_letter(tx, place, reason=reason)
            advance(tx, name=self.name, start=start, end=place.position, now=self._now())
        log.error("dead letter %s:%s, event %s: %s", self.name, place.position, place.event_id, reason)
        return 1

    def _asked(self, *, limit: int) -> tuple[DeadLetter, ...]:
        return dead_letters.asked(self._database, follower=self.name, limit=limit)

    def _retry(self) -> int:
        """Work off the letters that were asked for: each is removed, or waits again."""
        letters = self._asked(limit=self._most)
        for some in self._together(letters):
            try:
                self._feed_again(some)
            except self._trouble:
                raise
            except Exception as error:  # noqa: BLE001  as above
                self._bury_again(some, reason=type(error).__name__)
        return len(letters)

    def _together(self, letters: Sequence[DeadLetter]) -> Sequence[Sequence[DeadLetter]]:
        """Put those letters together that stand or fall with one stream, where whole streams are read."""
        if not self._whole_streams:
            return [[letter] for letter in letters]
        by_stream: dict[UUID, list[DeadLetter]] = {}
        for letter in letters:
            by_stream.setdefault(letter.stream_id, []).append(letter)
        return list(by_stream.values())

    def _feed_again(self, letters: Sequence[DeadLetter]) -> None:
        read = {letter: self._log.after(letter.position - 1, limit=1) for letter in letters}
        there = {
            letter: e for letter, events in read.items() for e in events if e.position == letter.position
        }
        if gone := [letter for letter in letters if letter not in there]:
            self._bury_again(gone, reason=GONE)
        if not there:
            return
        write = self._work(list(there.values()))
        with self._database.transaction() as tx:
            for letter in there:
                # What is written may say that it has to come again.
                dead_letters.remove(tx, letter.letter)
            write(tx)
        for letter in there:
            log.info("dead letter %s is worked off", letter.letter)

    def _bury_again(self, letters: Sequence[DeadLetter], *, reason: str) -> None:
        with self._database.transaction() as tx:
            for letter in letters:
                self._write_letter(tx, letter, reason=reason)
        for letter in letters:
            log.error("dead letter %s: %s again", letter.letter, reason)

    def _write_letter(self, tx: Transaction, event: Place | DeadLetter, *, reason: str) -> None:
        dead_letters.bury(
            tx,
            follower=self.name,
            key=event.position,
            position=event.position,
            stream_id=event.stream_id,
            event_id=event.event_id,
            reason=reason,
            now=self._now(),
        )
