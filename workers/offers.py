"""Offering what waits to be sent: workers are notified of it again and again, until it is sent.

What a process holds that has died is released first, so that another one may send it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from projections.database import Database, Transaction
from projections.outbox import presence, recipient_queues
from projections.outbox.heartbeat import Heartbeat, beat
from workers.broker import BrokerUnavailable, Notifier
from workers.due_timers import more_may_be_found
from workers.presence import Leases

# The loop that offers, whose heartbeat is written with each offer.
LOOP = "sweep"
# Of each channel in the broker's hands at most: it goes by turns, and none must stand behind a crowd.
MOST_OFFERED = 64

log = logging.getLogger(__name__)


class Offers:
    """Offers recipient queues that have something due, and releases those whose process has died."""

    def __init__(
        self,
        *,
        database: Database,
        notifier: Notifier,
        instance: UUID,
        ticks: Callable[[], float],
        at: Callable[[str], None],
    ) -> None:
        """`instance` is this process, `ticks` are seconds that only run forward; `at` is called with the name
        of each point between two effects, where a test may crash."""
        self._database = database
        self._notifier = notifier
        self._leases = Leases(ticks=ticks, own=instance)
        self._at = at

    def step(self, now: datetime, *, lag: timedelta) -> int:
        """Notify workers of what waits and was not offered lately; return how much was done.

        This can be relied on, the broker cannot. `lag` is how late the sweep is, for its heartbeat.
        While the watch has work left, a notice waits a moment for those that belong into one digest with it.
        """
        expired = self._leases.expired(presence.everybody(self._database))
        gathering = more_may_be_found(self._database, now=now)
        with self._database.transaction() as tx:
            released = sum(
                self._released(tx, i, beats=beats, now=now) for i, beats in sorted(expired.items())
            )
            queues = recipient_queues.offer(tx, now=now, most=MOST_OFFERED, gathering=gathering)
            seconds = int(lag.total_seconds())
            beat(tx, Heartbeat(loop=LOOP, completed_at=now, lag_seconds=seconds, pending=len(queues)))
        self._at("sweep.offered")
        for number, queue in enumerate(queues):
            try:
                self._notifier.serve(queue)
            except BrokerUnavailable:
                with self._database.transaction() as tx:
                    recipient_queues.take_back(tx, queues[number:], offered_at=now)
                raise
        self._at("sweep.rung")
        return released + len(queues)

    def _released(self, tx: Transaction, instance: UUID, *, beats: int, now: datetime) -> int:
        """Release what a dead process holds; return how many recipient queues that were."""
        if not presence.remove(tx, instance, beats=beats):
            return 0
        held = recipient_queues.held_by(tx, instance)
        log.warning("worker %s is gone: %d recipient queues are let go of", instance, len(held))
        return sum(recipient_queues.let_go(tx, each, now=now) for each in held)
