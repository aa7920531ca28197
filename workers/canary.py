"""The canary: a made-up child that only the watch ever sees, and whose ring goes the way of every alert.

The sweep asks the escalation policy about it and rings by one event; the relay finds that event in the log
and plans its delivery; an actor sends it to the outside monitor. Any link that is broken keeps the monitor
waiting. The child itself lies nowhere, so that no list and no report can count it.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from application.access import SYSTEM
from application.alerts.cases import Alerts
from application.envelope import event_by
from application.eventstore.log import EventLog
from application.streams import Kept, Streams
from domain.catalogue import details_with
from domain.child import Child, fold
from domain.days import local_day
from domain.effects import Effect
from domain.event import Event, Occurred
from domain.ids import own_id
from domain.ledger.facts import Facts
from domain.ledger.facts import fold as facts_of
from domain.org import Step
from domain.streams.alerts.case import AlertRaised
from domain.streams.canary.kind import KIND
from domain.streams.canary.ring import CANARY_ID, CanaryRang, stream_of_rings
from domain.wire import from_wire
from projections import watch
from projections.database import Database, Transaction
from projections.outbox import deliveries, due
from projections.outbox.deliveries import PENDING, Delivery, delivery_id
from projections.outbox.due import Timer
from workers.channels import ping

AGAIN_AFTER_SILENCE = timedelta(seconds=5)
KEPT_FOR = timedelta(days=1)
RINGS: Kept[Facts] = Kept(kind=KIND, fold=partial(facts_of, KIND.view))

log = logging.getLogger(__name__)


class Canary:
    """Rings where all is well, so that an outside monitor hears of a watch that works."""

    def __init__(
        self,
        *,
        database: Database,
        log: EventLog,
        alerts: Alerts,
        now: Callable[[], datetime],
        every: timedelta | None,
    ) -> None:
        """`every` is how often a monitor waits for a ring; None where none waits."""
        self._database = database
        self._log = log
        self._alerts = alerts
        self._streams = Streams(log=log, now=now)
        self._every = every

    def arm(self, *, now: datetime) -> None:
        """Set the timer where a monitor waits and the timer is gone, or further off than an interval."""
        if self._every is None:
            return
        timer = due.timer_of(self._database, kind=due.CANARY, key=CANARY_ID)
        if timer is None or timer.due_at > now + self._every:
            with self._database.transaction() as tx:
                due.set_timers(tx, [Timer(kind=due.CANARY, key=CANARY_ID, due_at=now, position=0)])

    def look(self, timer: Timer, *, now: datetime) -> datetime | None:
        """Ring, if all is well; return when to look next, None where no monitor waits."""
        if self._every is None:
            return None
        against = [name for name, ok in watch.checks(self._database, self._log, now=now).items() if not ok]
        if not would_be_raised(self._alerts, now=now):
            against.append("ladder")
        if against:
            log.warning("the canary does not ring: %s", ", ".join(against))
            return now + min(AGAIN_AFTER_SILENCE, self._every)
        self._ring(timer, now=now)
        return now + self._every

    def forget(self, tx: Transaction, *, now: datetime) -> None:
        """Clear away the deliveries of rings that are a day old."""
        tx.run(
            "DELETE FROM delivery WHERE alert_id = :id AND created_at < :before",
            id=CANARY_ID,
            before=now - KEPT_FOR,
        )

    def _ring(self, timer: Timer, *, now: datetime) -> None:
        """Ring once for a timer: the id of the ring follows from the moment at which that fell due."""
        ring_id = own_id(CANARY_ID, timer.due_at.isoformat())
        self._streams.decide(
            replace(RINGS, event_id=lambda _stream, _version, _details: ring_id),
            stream_of_rings(local_day(timer.due_at)),
            lambda rings: None if rings.fact(ring_id) else CanaryRang(),
            actor=SYSTEM,
            org=lambda _rings: "",
            occurred=Occurred.moment(now),
        )


def would_be_raised(alerts: Alerts, *, now: datetime) -> bool:
    """Return whether fold, policy and decision together would raise the made-up child as critical."""
    days = dict(alerts.policy.steps).get(Step.CRITICAL)
    if days is None:
        return False
    # One day more, because in the night the escalation policy still counts to the day before.
    decided = alerts.would_decide(_child(local_day(now) - timedelta(days=days + 1)))
    return isinstance(decided, AlertRaised) and decided.child == CANARY_ID and decided.step is Step.CRITICAL


def planned(events: Iterable[Event], *, now: datetime) -> list[Delivery]:
    """Plan the deliveries of the rings among these events; those of long ago are worth none any more."""
    return [_delivery(event, rung_at) for event, rung_at in _rings(events) if now - rung_at < KEPT_FOR]


def _child(enrolled: date) -> Child:
    (enrolment_class,) = details_with(Effect.IDENTIFIES)
    born = f"{enrolled.year - 8}-01-01"
    words = {"name": "canary", "student_no": "canary", "sex": "female", "birth_date": born}
    enrolment = event_by(
        SYSTEM,
        stream_id=CANARY_ID,
        version=1,
        event_id=own_id(CANARY_ID, enrolled.isoformat()),
        occurred=Occurred.on(enrolled),
        details=from_wire(enrolment_class, words),
        org="",
        kind=None,
    )
    return fold(CANARY_ID, [enrolment])


def _rings(events: Iterable[Event]) -> Iterable[tuple[Event, datetime]]:
    return ((e, e.recorded_at) for e in events if isinstance(e.details, CanaryRang) and e.recorded_at)


def _delivery(event: Event, rung_at: datetime) -> Delivery:
    return Delivery(
        delivery_id=delivery_id(
            alert=CANARY_ID,
            step=deliveries.CANARY,
            cause=event.event_id,
            recipient=CANARY_ID,
            channel=ping.CHANNEL.name,
        ),
        alert_id=CANARY_ID,
        child_id=CANARY_ID,
        org="",
        step=deliveries.CANARY,
        days_silent=0,
        cause=event.event_id,
        recipient_id=CANARY_ID,
        channel=ping.CHANNEL.name,
        state=PENDING,
        attempts=0,
        not_before=rung_at,
        created_at=rung_at,
        updated_at=rung_at,
    )
