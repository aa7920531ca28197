"""Who is to be judged anew: asked for when a period begins, and offered a few at a time.

A backlog stays in the database, not in the broker, and never passes through the loops that alerts depend on.
"""

from collections.abc import Callable
from datetime import datetime

from application.system import System
from domain.days import local_day, start_of_day
from domain.rules.calendar import Calendar
from projections import compliance
from projections.outbox import due, recomputing
from projections.outbox.due import PERIOD, Timer
from workers.bells import Bells, BrokerUnavailable
from workers.looking import look

NAME = "recomputes"
BATCH = 20
# So many are in the broker's hands at most, and more follow when half of them are done.
MOST_OFFERED = 300


class Recomputes:
    """Rings for children who have to be judged anew. Of many of one database, one works at a time."""

    def __init__(
        self, *, system: System, bells: Bells, calendar: Calendar, at: Callable[[str], None]
    ) -> None:
        """`at` is told the name of each point between two effects, for those who want to crash there."""
        self._system = system
        self._bells = bells
        self._calendar = calendar
        self._at = at

    def step(self) -> int:
        """Turn the periods that have ended and offer children; give how much was done.

        Raises BrokerUnavailable.
        """
        now, database = self._system.now(), self._system.database
        timers = due.due_timers(database, now=now, limit=BATCH, kinds=(PERIOD,))
        for timer in timers:
            look(self._look_at_period, timer, now=now, database=database)
        if not recomputing.unoffered(database, now=now):
            return len(timers)
        with database.advisory(NAME) as mine:
            return len(timers) + (self._offer() if mine else 0)

    def _look_at_period(self, timer: Timer, now: datetime) -> None:
        """A period has begun: every child that the rule is bound for is judged in it."""
        event = self._system.log.event(timer.key)
        assert event is not None
        bindings = self._system.organisations.governance.bindings([event.org])
        binding = next(b for b in bindings if b.binding_event_id == timer.key)
        today = local_day(now)
        following = compliance.next_period(binding, calendar=self._calendar, after=today)
        with self._system.database.transaction() as tx:
            if due.settle(tx, timer, due_at=None if following is None else start_of_day(following)):
                # Whole periods may have gone by while nobody was looking.
                begun = min(today, local_day(timer.due_at))
                recomputing.request_below(tx, org=event.org, from_day=begun, position=timer.position)
        self._at("recomputes.turned")

    def _offer(self) -> int:
        now, database = self._system.now(), self._system.database
        room = MOST_OFFERED - recomputing.offered(database, now=now, most=MOST_OFFERED)
        if room < MOST_OFFERED // 2:
            return 0
        with database.transaction() as tx:
            children = recomputing.offer(tx, now=now, limit=room)
        self._at("recomputes.offered")
        for number, child_id in enumerate(children):
            try:
                self._bells.recompute(child_id)
            except BrokerUnavailable:
                with database.transaction() as tx:
                    recomputing.take_back(tx, children[number:], offered_at=now)
                raise
        self._at("recomputes.rung")
        return len(children)
