"""Feeding a follower of the log, the same for read models and relay: read, work, move on, all or nothing.

A batch that fails is tried in halves until the one bad event is found. That one is put into a dead letter in
the transaction in which the follower passes it; what stands before and behind it goes on. When dead letters
of `dead_letters.MOST_STREAMS` other streams wait, the fault is not the events': the follower passes no more.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from domain.event import Event
from projections import dead_letters
from projections.database import Database, Log, Place, Transaction
from projections.dead_letters import DeadLetter
from projections.positions import Astray, Overtaken, advance, rewind, standing_of

SAY_AGAIN_SECONDS = 60.0
# Given to a letter whose event is not in the log any more.
GONE = "EventGone"

Write = Callable[[Transaction], object]

log = logging.getLogger(__name__)


class StandsStill(Exception):
    """A follower meets event after event that it can't work off, and so stays where it is."""

    def __init__(self, name: str, *, position: int, reason: str) -> None:
        super().__init__(f"{name} stays at position {position}: {reason}")


class Feed:
    """Keeps one follower at the end of the log. Whoever calls sees to it that only one does so at a time."""

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
        self._trouble = (database.unavailable, Overtaken, OSError, MemoryError)
        self._stands = False
        self._said_at = -SAY_AGAIN_SECONDS

    def idle(self) -> bool:
        """Tell whether there is nothing to do."""
        try:
            at_the_end = standing_of(self._database, self.name) >= self._log.head()[0]
        except Astray:
            return False
        return at_the_end and not self._asked(limit=1)

    def astray(self) -> bool:
        """Tell whether it has read another log than this one."""
        try:
            standing_of(self._database, self.name)
        except Astray:
            return True
        return False

    def begin_anew(self, beside: Write = lambda _tx: None) -> None:
        """Read the log from its beginning, which may be read again, and do something `beside` that."""
        log.error("%s has read another log than this one: it begins anew", self.name)
        with self._database.transaction() as tx:
            beside(tx)
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
        done, size = 0, 1 if self._stands else self._most
        whole = size
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
            size = min(size // 2, self._batch)
        return done

    def _read(self, start: int, size: int) -> Sequence[Event]:
        """Read `size` events, or fewer where they are of many streams."""
        events: list[Event] = []
        streams: set[UUID] = set()
        while len(events) < size and len(streams) < self._batch:
            wanted = min(self._batch, size - len(events))
            more = self._log.after(events[-1].position or start if events else start, limit=wanted)
            events += more
            streams |= {event.originator_id for event in more}
            if len(more) < wanted:
                break
        return events

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
        letters = self._asked(limit=self._batch)
        for letter in letters:
            try:
                self._feed_again(letter)
            except self._trouble:
                raise
            except Exception as error:  # noqa: BLE001  as above
                self._bury_again(letter, reason=type(error).__name__)
        return len(letters)

    def _feed_again(self, letter: DeadLetter) -> None:
        events = [e for e in self._log.after(letter.position - 1, limit=1) if e.position == letter.position]
        if not events:
            self._bury_again(letter, reason=GONE)
            return
        write = self._work(events)
        with self._database.transaction() as tx:
            # What is written may say that it has to come again.
            dead_letters.remove(tx, letter.letter)
            write(tx)
        log.info("dead letter %s is worked off", letter.letter)

    def _bury_again(self, letter: DeadLetter, *, reason: str) -> None:
        with self._database.transaction() as tx:
            self._write_letter(tx, letter, reason=reason)
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
