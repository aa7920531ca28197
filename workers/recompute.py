"""Recomputing verdicts: asked for when a period begins, offered a few children at a time, and done.

A backlog stays in the database, not in the broker, and never passes through the loops that alerts depend on.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from application.eventstore.database import DatabaseUnavailable
from application.eventstore.log import EventLog
from application.organisations.governance import Governance
from domain.days import local_day, start_of_day
from domain.rules.calendar import Calendar
from projections import compliance
from projections.database import Database
from projections.outbox import due, recomputing
from projections.outbox.due import PERIOD, Timer
from projections.outbox.recomputing import Pending
from projections.rebuild import judge
from workers.broker import BrokerUnavailable, Notifier
from workers.due_timers import handle

NAME = "recomputes"
BATCH = 20
# So many are in the broker's hands at most, and more follow when half of them are done.
MOST_OFFERED = 300

log = logging.getLogger(__name__)


class Recompute:
    """Offers the children whose verdicts must be recomputed, and recomputes them.

    Any number of processes may recompute; of one database, one at a time offers.
    """

    def __init__(
        self,
        *,
        database: Database,
        log: EventLog,
        governance: Governance,
        notifier: Notifier,
        calendar: Calendar,
        now: Callable[[], datetime],
        at: Callable[[str], None],
    ) -> None:
        """`at` is called with the name of each point between two effects, where a test may crash."""
        self._database = database
        self._log = log
        self._governance = governance
        self._now = now
        self._notifier = notifier
        self._calendar = calendar
        self._at = at

    def step(self) -> int:
        """Turn the periods that have ended and offer children; return how much was done.

        Raises BrokerUnavailable.
        """
        now, database = self._now(), self._database
        timers = due.due_timers(database, now=now, limit=BATCH, kinds=(PERIOD,))
        for timer in timers:
            handle(self._look_at_period, timer, now=now, database=database)
        if not recomputing.unoffered(database, now=now):
            return len(timers)
        with database.advisory(NAME) as mine:
            return len(timers) + (self._offer() if mine else 0)

    def _look_at_period(self, timer: Timer, now: datetime) -> None:
        """A period has begun: every child that the rule is bound for is judged in it."""
        event = self._log.event(timer.key)
        assert event is not None
        bindings = self._governance.bindings([event.org])
        binding = next(b for b in bindings if b.binding_event_id == timer.key)
        today = local_day(now)
        following = compliance.next_period(binding, calendar=self._calendar, after=today)
        with self._database.transaction() as tx:
            if due.settle(tx, timer, due_at=None if following is None else start_of_day(following)):
                # Whole periods may have gone by while the watch was down.
                begun = min(today, local_day(timer.due_at))
                recomputing.request_below(tx, org=event.org, from_day=begun, position=timer.position)
        self._at("recomputes.turned")

    def _offer(self) -> int:
        now, database = self._now(), self._database
        room = MOST_OFFERED - recomputing.offered(database, now=now, most=MOST_OFFERED)
        if room < MOST_OFFERED // 2:
            return 0
        with database.transaction() as tx:
            children = recomputing.offer(tx, now=now, limit=room)
        self._at("recomputes.offered")
        for number, child_id in enumerate(children):
            try:
                self._notifier.recompute(child_id)
            except BrokerUnavailable:
                with database.transaction() as tx:
                    recomputing.take_back(tx, children[number:], offered_at=now)
                raise
        self._at("recomputes.rung")
        return len(children)

    def judge(self, child_id: UUID) -> None:
        """Judge a child's periods again as far as that is asked for.

        An attempt counts from before its beginning; of those that fail or kill the process, the last makes a
        dead letter. What fails is logged here, by ids: the broker would print what the error quotes.
        """
        database = self._database
        try:
            begun = recomputing.begin(database, child_id)
            if begun is not None:
                self._attempt(*begun)
        except DatabaseUnavailable:
            log.warning("recompute of child %s: the database is not there, it is offered again", child_id)
            with suppress(DatabaseUnavailable), database.transaction() as tx:
                recomputing.uncount(tx, child_id)

    def _attempt(self, wanted: Pending, attempt: int) -> None:
        """Raises DatabaseUnavailable."""
        database, child_id = self._database, wanted.child_id
        self._at("recompute.begun")
        try:
            settled = judge(
                database=database,
                log=self._log,
                wanted=wanted,
                governing=lambda child: self._governance.governing(child.orgs),
                calendar=self._calendar,
                now=self._now(),
                at=self._at,
            )
            if not settled:
                # Something new was recorded meanwhile: this attempt was a good one, the next is a first one.
                with database.transaction() as tx:
                    recomputing.retry(tx, child_id)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  one child's file must not keep the others from being judged
            reason = type(error).__name__
            log.error("recompute of child %s: %s, attempt %d", child_id, reason, attempt)  # noqa: TRY400  ids only
            if attempt >= recomputing.MOST_ATTEMPTS:
                with database.transaction() as tx:
                    recomputing.give_up(tx, child_id, reason=reason, now=self._now())
