"""The timers of the watch, compared with the log and set again where they are missing or too late.

A timer that is missing is silence: nobody looks at the child again before its next entry. One that is early,
or that nothing asks for, is looked at once and then set right by the watch itself.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from application.eventstore.log import UNREADABLE
from application.readable import readable
from application.system import System
from domain.child import fold
from domain.days import local_day, start_of_day
from domain.event import Event
from domain.rules.calendar import default_calendar
from domain.streams.alerts.case import fold_alert
from projections import compliance, status
from projections.outbox import due
from projections.outbox.due import LONGEST_PUT_OFF, PERIOD, SILENCE, SNOOZE, Timer
from projections.positions import position_of

AT_ONCE = 200
MISSING, LATE = "missing", "late"


class Fault(NamedTuple):
    """What is wrong with a timer, which should be as it stands here."""

    timer: Timer
    what: str


def faults(system: System) -> Iterator[Fault]:
    """Go through the timers that are missing or late.

    The timer of a snooze that is over has gone with its notices, so that none is missed.
    """
    now = system.now()
    for some in _faults(system):
        yield from (fault for fault in some if fault.timer.kind != SNOOZE or fault.timer.due_at > now)


def mend(system: System) -> Iterator[int]:
    """Set the timers that are missing or late, some at a time; yields how many each time.

    At the end of a snooze that is over nobody is notified twice.
    """
    for some in _faults(system):
        with system.database.transaction() as tx:
            due.set_timers(tx, [fault.timer for fault in some])
        yield len(some)


def _faults(system: System) -> Iterator[list[Fault]]:
    """Go through what is wrong, some at a time, as far as the relay has read the log."""
    position = position_of(system.database, compliance.FOLLOWER)
    if not position:
        # No watch has ever looked at this store.
        return
    for kind, wanted in chain(
        ((SILENCE, some) for some in _silences(system, position)),
        [(SNOOZE, _snoozes(system, position)), (PERIOD, _periods(system, position))],
    ):
        there = due.dues_of(system.database, kind=kind, keys=list(wanted))
        yield [
            Fault(
                Timer(kind=kind, key=key, due_at=due_at, position=position),
                MISSING if key not in there else LATE,
            )
            for key, due_at in wanted.items()
            if key not in there or there[key] > due_at + LONGEST_PUT_OFF
        ]


def _silences(system: System, position: int) -> Iterator[dict[UUID, datetime]]:
    """Go through when children have to be looked at."""
    put_aside = _put_aside(system)
    ids = [child_id for child_id in status.child_ids(system.log) if child_id not in put_aside]
    for start in range(0, len(ids), AT_ONCE):
        read = dict(
            readable(system.log, ids[start : start + AT_ONCE], unreadable=lambda _child_id, _fault: None)
        )
        children = [fold(child_id, events) for child_id, events in read.items() if _seen(events, position)]
        try:
            looks = system.alerts.next_looks(children)
        except UNREADABLE:
            # The file of an alert can't be read: an early look at these children does no harm.
            looks = {child.child_id: system.now() for child in children}
        yield {child_id: look for child_id, look in looks.items() if look is not None}


def _snoozes(system: System, position: int) -> dict[UUID, datetime]:
    """Return when the snoozes of open alerts end."""
    rows = system.database.tuples(
        "SELECT alert_id FROM alert_status WHERE open AND snoozed_until IS NOT NULL"
    )
    read = readable(system.log, [alert_id for (alert_id,) in rows], unreadable=lambda _alert_id, _fault: None)
    cases = [fold_alert(alert_id, events) for alert_id, events in read if _seen(events, position)]
    hour = system.alerts.policy.hour
    return {
        case.alert_id: start_of_day(case.snoozed_until + timedelta(days=1), hour=hour)
        for case in cases
        if case.open and case.snoozed_until is not None
    }


def _periods(system: System, position: int) -> dict[UUID, datetime]:
    """Return when the next period of each rule that is bound begins."""
    bound = system.organisations.governance.bindings_below("", unread=lambda _path, _fault: None)
    today, calendar = local_day(system.now()), default_calendar()
    days = {b.binding_event_id: compliance.next_period(b, calendar=calendar, after=today) for b in bound}
    seen = system.database.tuples(
        "SELECT event_id FROM events WHERE event_id IN :ids AND notification_id <= :position",
        ids=tuple(days),
        position=position,
    )
    return {event_id: start_of_day(day) for (event_id,) in seen if (day := days[event_id]) is not None}


def _put_aside(system: System) -> set[UUID]:
    """Return the streams with events that the relay could not work off: those are told as dead letters."""
    rows = system.database.tuples(
        "SELECT stream_id FROM dead_letter WHERE follower = :relay", relay=compliance.FOLLOWER
    )
    return {stream_id for (stream_id,) in rows}


def _seen(events: Sequence[Event], position: int) -> bool:
    """Return whether the relay has read a whole stream."""
    return bool(events) and (events[-1].position or 0) <= position
