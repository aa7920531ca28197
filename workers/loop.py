"""A step that is taken again and again in a thread of its own, and that outlives what it works with."""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from application.eventstore.database import DatabaseUnavailable
from projections.positions import Overtaken
from workers.broker import BrokerUnavailable
from workers.heartbeats import Heartbeats

POLL_SECONDS = 0.5
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
    heartbeats: Heartbeats
    stopping: threading.Event
    pause_seconds: float = POLL_SECONDS
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
                self.heartbeats.beat(self.name)
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
