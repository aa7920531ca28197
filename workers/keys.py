"""Looking for files that have lost their keys, and trying again what could not be done without (ADR 25).

The newest events are looked at each time, for an older copy of the keys lacks the newest; the rest of the log
by turns. Nothing is unsealed for it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from application.eventstore.log import EventLog
from application.eventstore.recorder import ForeignEvent
from projections.database import Database
from projections.outbox import dead_letters, keyless, recomputing

NAME = "keys"
EVERY = timedelta(seconds=15)
# While some are known to be missing: the number is wanted soon, and the end of it too.
EVERY_WHILE_MISSING = timedelta(seconds=2)
NEWEST, BY_TURNS, LISTED = 500, 1000, 200
LETTERS_AT_ONCE = 200
AGAIN_AFTER = timedelta(seconds=30)

log = logging.getLogger(__name__)


class KeyWatch:
    """Keeps the list of files without their keys. Of many of one database, one works at a time."""

    def __init__(self, *, database: Database, log: EventLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._now = now

    def step(self) -> int:
        """Look through a portion of the log, where it is time; return 0, as nothing waits for it."""
        now = self._now()
        missing = keyless.any_missing(self._database)
        position, audited_at = keyless.audited(self._database)
        pause = EVERY_WHILE_MISSING if missing else EVERY
        if audited_at is not None and abs(now - audited_at) < pause:
            return 0
        with self._database.advisory(NAME) as mine:
            if mine:
                self._look(position)
        return 0

    def _look(self, position: int) -> None:
        now, event_log = self._now(), self._log
        head, _ = event_log.head()
        known = keyless.listed(self._database, limit=LISTED)
        still = event_log.keyless(known)
        newest, _ = self._keyless_after(max(0, head - NEWEST), limit=NEWEST)
        by_turns, reached = self._keyless_after(position, limit=BY_TURNS)
        found = still | newest | by_turns
        back = [stream_id for stream_id in known if stream_id not in found]
        with self._database.transaction() as tx:
            keyless.note(tx, found, now=now)
            keyless.forget(tx, back)
            keyless.note_audit(tx, position=0 if reached >= head else reached, now=now)
            letters = dead_letters.ask_for_keyless(tx, before=now - AGAIN_AFTER, limit=LETTERS_AT_ONCE)
            for letter in letters:
                if letter.follower == recomputing.FOLLOWER:
                    recomputing.retry(tx, letter.stream_id)
        if new := found - set(known):
            log.error("%d files have lost their keys: see `careledger check`", len(new))
        if back:
            log.info("the keys of %d files are back", len(back))

    def _keyless_after(self, position: int, *, limit: int) -> tuple[frozenset[UUID], int]:
        try:
            return self._log.keyless_after(position, limit=limit)
        except ForeignEvent as foreign:
            # Of another program: it is no file, and holds up nothing.
            return frozenset(), foreign.position
