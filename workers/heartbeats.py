"""That the loops of this process live, and how far each of them is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from application.eventstore.log import EventLog
from projections.database import Database
from projections.following import FED_BY, heartbeat_of
from projections.outbox.heartbeat import Heartbeat, beat

BEAT_SECONDS = 5.0
# The sweep beats in each of its steps, in the transaction of that step.
BEATS_ITSELF = "sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeats:
    """Writes down the heartbeats of loops, every few seconds: one that finds nothing to do is alive too."""

    database: Database
    log: EventLog
    now: Callable[[], datetime]
    _beaten_at: dict[str, float] = field(default_factory=dict)

    def beat(self, loop: str) -> None:
        """Write down that a loop has finished a step, where it is time to."""
        if loop == BEATS_ITSELF or time.monotonic() - self._beaten_at.get(loop, 0.0) < BEAT_SECONDS:
            return
        now = self.now()
        heartbeat = (
            heartbeat_of(self.database, self.log, loop=loop, now=now)
            if loop in FED_BY
            else Heartbeat(loop=loop, completed_at=now)
        )
        with self.database.transaction() as tx:
            beat(tx, heartbeat)
        self._beaten_at[loop] = time.monotonic()
