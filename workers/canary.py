"""The canary: a made-up child that only the watch ever sees, and whose ring goes the way of every alert.

The sweep asks the ladder about it and rings by one event; the relay finds that event in the log and plans
its delivery; an actor sends it to the outside monitor. Any link that is broken keeps the monitor waiting.
The child itself lies nowhere, so that no list and no report can count it.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from application.alerts.cases import Alerts
from application.envelope import event_by
from application.eventstore.recorder import EventIdTaken, VersionConflict
from application.system import SYSTEM, System
from domain.catalogue import details_with
from domain.child import Child, fold
from domain.days import local_day
from domain.effects import Effect
from domain.event import Event, Occurred
from domain.ids import own_id
from domain.org import Step
from domain.streams.alerts.case import AlertRaised
from domain.streams.canary.kind import KIND
from domain.streams.canary.ring import CANARY_ID, CanaryRang, stream_of_rings
from domain.wire import from_wire
from projections import watch
from projections.database import Transaction
from projections.outbox import deliveries, due
from projections.outbox.deliveries import PENDING, Delivery, delivery_id
from projections.outbox.due import Timer
from workers.channels import ping

AGAIN_AFTER_SILENCE = timedelta(seconds=5)
KEPT_FOR = timedelta(days=1)

log = logging.getLogger(__name__)


def arm(system: System, *, now: datetime) -> None:
    """Set the canary's timer where a monitor waits and the timer is gone, or further off than an interval."""
    if system.settings.ping_url is None:
        return
    timer = due.timer_of(system.database, kind=due.CANARY, key=CANARY_ID)
    if timer is None or timer.due_at > now + _interval(system):
        with system.database.transaction() as tx:
            due.set_timers(tx, [Timer(kind=due.CANARY, key=CANARY_ID, due_at=now, position=0)])


def look(system: System, timer: Timer, *, now: datetime) -> datetime | None:
    """Ring, if all is well; give when to look next, None where no monitor waits.

    Twice is once: the id of the ring follows from the moment at which it fell due.
    """
    if system.settings.ping_url is None:
        return None
    against = [name for name, ok in watch.checks(system.database, system.log, now=now).items() if not ok]
    if not would_be_raised(system.alerts, now=now):
        against.append("ladder")
    if against:
        log.warning("the canary does not ring: %s", ", ".join(against))
        return now + min(AGAIN_AFTER_SILENCE, _interval(system))
    _ring(system, timer, now=now)
    return now + _interval(system)


def would_be_raised(alerts: Alerts, *, now: datetime) -> bool:
    """Tell whether fold, ladder and decision together would raise the made-up child as critical."""
    days = dict(alerts.ladder.steps).get(Step.CRITICAL)
    if days is None:
        return False
    # One day more, because in the night the ladder still counts to the day before.
    said = alerts.would_say(_child(local_day(now) - timedelta(days=days + 1)))
    return isinstance(said, AlertRaised) and said.child == CANARY_ID and said.step is Step.CRITICAL


def planned(events: Iterable[Event], *, now: datetime) -> list[Delivery]:
    """Plan the deliveries of the rings among these events; those of long ago are worth none any more."""
    return [_delivery(event, rung_at) for event, rung_at in _rings(events) if now - rung_at < KEPT_FOR]


def forget(tx: Transaction, *, now: datetime) -> None:
    """Clear away the deliveries of rings that are a day old."""
    tx.run(
        "DELETE FROM delivery WHERE alert_id = :id AND created_at < :before",
        id=CANARY_ID,
        before=now - KEPT_FOR,
    )


def _interval(system: System) -> timedelta:
    return timedelta(seconds=system.settings.ping_seconds)


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


def _ring(system: System, timer: Timer, *, now: datetime) -> None:
    stream = stream_of_rings(local_day(timer.due_at))
    ring = event_by(
        SYSTEM,
        stream_id=stream,
        version=len(system.log.stream(stream)) + 1,
        event_id=_ring_id(timer),
        occurred=Occurred.moment(now),
        details=CanaryRang(),
        org="",
        kind=KIND.name,
    )
    try:
        system.log.append([ring])
    except (VersionConflict, EventIdTaken):
        # Another sweep was quicker, or this one was before it crashed.
        return


def _ring_id(timer: Timer) -> UUID:
    return own_id(CANARY_ID, timer.due_at.isoformat())


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
