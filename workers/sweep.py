"""The sweep: looks at what has fallen due, and offers what is waiting. Its cost is what is due.

Any number of sweeps may run: the versions of the cases decide, and a timer that was set again meanwhile
is left alone.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from application.access import SYSTEM
from application.alerts.cases import Alerts
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.intake.imports.runs import running_imports
from application.organisations.registry import Organisations
from domain.org import within
from projections.outbox import deliveries, due, summary
from projections.outbox.due import CANARY, SILENCE, SNOOZE, Timer
from projections.outbox.heartbeat import last_beat
from workers.canary import Canary
from workers.due_timers import (
    AGAIN_AFTER_FAILURE,
    IMPORT_SETTLES_IN,
    handle,
    next_due,
)
from workers.offers import Offers
from workers.routing import deliveries_of
from workers.snoozes import escalation_after_snooze

NAME = "sweep"
BATCH = 200
# A look that changed nothing, because somebody else was quicker: not again at once.
AGAIN_AFTER_CONFLICT = timedelta(seconds=1)
# A clock that is this much earlier than it was has been set back; less is how clocks are read.
SET_BACK = timedelta(seconds=5)
# An import that was broken off does not hold alerts back for ever, whatever clock dated its beginning.
LONGEST_IMPORT = timedelta(hours=1)

log = logging.getLogger(__name__)


class Sweep:
    """Looks at due timers, and has what waits offered."""

    def __init__(
        self,
        *,
        database: Database,
        log: EventLog,
        organisations: Organisations,
        alerts: Alerts,
        canary: Canary,
        offers: Offers,
        now: Callable[[], datetime],
        at: Callable[[str], None],
    ) -> None:
        """`at` is called with the name of each point between two effects, where a test may crash."""
        self._database = database
        self._log = log
        self._organisations = organisations
        self._alerts = alerts
        self._canary = canary
        self._now = now
        self._offers = offers
        self._at = at
        self._latest: datetime | None = None
        self._looks: Mapping[str, Callable[[Timer, datetime], None]] = {
            SILENCE: self._look_at_child,
            SNOOZE: self._look_at_snooze,
            CANARY: self._look_at_canary,
        }

    def step(self) -> int:
        """Look at a batch of what is due and offer what is waiting; return how much was done."""
        now = self._now()
        self._notice_set_back(now)
        self._sum_up(now)
        self._canary.arm(now=now)
        timers = due.due_timers(self._database, now=now, limit=BATCH, kinds=tuple(self._looks))
        for timer in timers:
            handle(self._looks[timer.kind], timer, now=now, database=self._database)
        return len(timers) + self._offers.step(now, lag=now - timers[0].due_at if timers else timedelta(0))

    def _notice_set_back(self, now: datetime) -> None:
        """Look again at what was put off by a clock that ran ahead, even before this process began."""
        latest = self._latest or last_beat(self._database, NAME)
        if latest is not None and latest - now > SET_BACK:
            with self._database.transaction() as tx:
                looks = due.wind_back(tx, now=now, was=latest)
            seconds = (latest - now).total_seconds()
            log.warning("the clock was set back by %.0f s: %d timers are looked at anew", seconds, looks)
        self._latest = now

    def _sum_up(self, now: datetime) -> None:
        """Keep what probes ask about, and the canary: they must not go through it themselves."""
        if summary.is_due(self._database, now=now):
            found = summary.sum_up(self._database, now=now)
            with self._database.transaction() as tx:
                summary.keep(tx, found)

    def _look_at_child(self, timer: Timer, now: datetime) -> None:
        child_id = timer.key
        due_at: datetime | None = now + IMPORT_SETTLES_IN
        if not self._being_imported(child_id, now):
            # What comes into the file from now on sets the timer again, and that one is left alone below.
            stream = self._alerts.watch(child_id, actor=SYSTEM)
            self._at("sweep.watched")
            due_at = next_due(self._alerts, child_id, stream)
            if due_at is not None:
                due_at = max(due_at, now + AGAIN_AFTER_CONFLICT)
        with self._database.transaction() as tx:
            due.settle(tx, timer, due_at=due_at)
        self._at("sweep.settled")

    def _being_imported(self, child_id: UUID, now: datetime) -> bool:
        """Return whether papers of the child's organisation are coming in just now."""
        running = running_imports(self._database, since=now - LONGEST_IMPORT, until=now + LONGEST_IMPORT)
        if not running:
            return False
        row = self._database.one("SELECT org FROM child_status WHERE child_id = :id", id=child_id)
        return row is not None and any(within(row["org"], run.org) for run in running)

    def _look_at_snooze(self, timer: Timer, now: datetime) -> None:
        stream = self._log.stream(timer.key)
        escalation = escalation_after_snooze(stream, now=now, policy=self._alerts.policy)
        again: list[datetime] = []
        planned = (
            deliveries_of(
                self._organisations, escalation, keyless=lambda: again.append(now + AGAIN_AFTER_FAILURE)
            )
            if escalation
            else []
        )
        with self._database.transaction() as tx:
            if due.settle(tx, timer, due_at=again[0] if again else None):
                deliveries.plan(tx, planned)
        self._at("sweep.unsnoozed")

    def _look_at_canary(self, timer: Timer, now: datetime) -> None:
        due_at = self._canary.look(timer, now=now)
        self._at("sweep.sang")
        with self._database.transaction() as tx:
            due.settle(tx, timer, due_at=due_at)
            self._canary.forget(tx, now=now)
