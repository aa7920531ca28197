"""A step that is taken again and again in a thread of its own, and that outlives what it works with."""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from application.eventstore.database import DatabaseUnavailable
from application.system import System
from projections.following import FED_BY, heartbeat_of
from projections.outbox.heartbeat import Heartbeat, beat
from projections.positions import Overtaken
from workers.broker import BrokerUnavailable
from workers.sweep import NAME as SWEEP

POLL_SECONDS = 0.5
BEAT_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
# Many processes must not all come back in the same moment.
JITTER = 0.3

log = logging.getLogger("workers")


def jittered(pause: float) -> float:
    """Shorten a pause by chance."""
    return pause * (1 - JITTER * random.random())  # noqa: S311  no secret


@dataclass(slots=True, kw_only=True)
class Loop:
    """Takes its step until it is told to stop; a step that finds nothing to do is followed by a short wait.

    While the database or the broker is gone it tries again, ever more seldom, and says so once; so it does
    where another process moved its follower on, as after a failover that ended its lock.
    """

    name: str
    step: Callable[[], int]
    system: System
    stopping: threading.Event
    pause_seconds: float = POLL_SECONDS
    beaten_at: float = 0.0
    thread: threading.Thread = field(init=False)

    def start(self) -> None:
        """Begin."""
        self.thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        pause, gone_at = FIRST_PAUSE, 0.0
        while not self.stopping.is_set():
            try:
                done = self.step()
                self._beat()
            except (DatabaseUnavailable, BrokerUnavailable, Overtaken) as gone:
                if not gone_at:
                    gone_at = time.monotonic()
                    log.warning("%s: %s, trying again until it is back", self.name, type(gone).__name__)
                self.stopping.wait(jittered(pause))
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if gone_at:
                log.info("%s: at work again after %.0f s", self.name, time.monotonic() - gone_at)
                pause, gone_at = FIRST_PAUSE, 0.0
            if not done:
                self.stopping.wait(self.pause_seconds)

    def _beat(self) -> None:
        """A loop that finds nothing to do is alive too; every few seconds it says so, and how far it is.

        The sweep beats in each of its steps.
        """
        if self.name == SWEEP or time.monotonic() - self.beaten_at < BEAT_SECONDS:
            return
        system, now = self.system, self.system.now()
        heartbeat = (
            heartbeat_of(system.database, system.log, loop=self.name, now=now)
            if self.name in FED_BY
            else Heartbeat(loop=self.name, completed_at=now)
        )
        with system.database.transaction() as tx:
            beat(tx, heartbeat)
        self.beaten_at = time.monotonic()
