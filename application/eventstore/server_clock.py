"""The clock of a database server, read from afar: every host that shares the database has one time.

Between two readings time goes by as this host counts seconds, so a jump of the host's own clock changes
nothing. What is given is never ahead of the server, and behind it by a round trip at most.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock

READ_AGAIN_SECONDS = 5.0
# A reading that took longer says too little; the one before goes on holding.
LONGEST_ROUND_TRIP_SECONDS = 0.5
SKEW_WORTH_A_WARNING_SECONDS = 30.0

# Seconds since the host was started, also those that it slept through where they are counted.
_TICKS: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_ticks = partial(time.clock_gettime, _TICKS)

log = logging.getLogger(__name__)


class ServerClock:
    """What a server's clock says, after its last reading."""

    # What the server said, and by our ticks when it said so and when it was last asked.
    _reading: tuple[datetime, float, float]

    def __init__(self, read: Callable[[], datetime], *, host_clock: Callable[[], datetime]) -> None:
        """Read the clock for the first time. `host_clock` is only compared with it, and never followed."""
        self._host_clock = host_clock
        self._turn = Lock()
        self._strays = False
        self._life = 0
        self._keep(read())

    def now(self) -> datetime:
        """The server's time (UTC) as this host reckons it."""
        told, at, _ = self._reading
        return told + timedelta(seconds=_ticks() - at)

    def skew_seconds(self) -> float:
        """How far the host's clock is ahead of the server's; less than 0 where it is behind."""
        return (self._host_clock() - self.now()).total_seconds()

    def refresh(self, read: Callable[[], datetime | None], *, life: int = 0) -> None:
        """Read the clock again if the last reading is old, or of another life of the server.

        `read` gives None where the server is not there. One thread reads; the others go by what is known
        meanwhile.
        """
        _, _, tried = self._reading
        fresh = _ticks() - tried < READ_AGAIN_SECONDS and life == self._life
        if fresh or not self._turn.acquire(blocking=False):
            return
        try:
            self._life = life
            asked = _ticks()
            told = read()
            if told is None or _ticks() - asked > LONGEST_ROUND_TRIP_SECONDS:
                kept, at, _ = self._reading
                self._reading = kept, at, _ticks()
            else:
                self._keep(told)
        finally:
            self._turn.release()

    def _keep(self, told: datetime) -> None:
        # As if the answer had been given only now: late by what it took to come, never early.
        at = _ticks()
        self._reading = told.astimezone(UTC), at, at
        skew = self.skew_seconds()
        strays = abs(skew) > SKEW_WORTH_A_WARNING_SECONDS
        if strays and not self._strays:
            log.warning("this host's clock is %.0f s off the database's, which is the one that counts", skew)
        self._strays = strays
