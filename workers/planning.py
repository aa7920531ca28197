"""What events of the log have to set in motion: timers, verdicts to be recomputed, notices to be sent.

It follows from the log alone, under ids that do too: an event that is planned twice sets nothing twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from application.alerts.cases import Alerts
from application.eventstore.keyring import KeysMissing
from application.eventstore.log import EventLog
from application.organisations.registry import Organisations
from domain.catalogue import kind_of
from domain.event import Event
from domain.ladder import graver
from domain.ledger.kind import UNNAMED
from domain.streams.alerts import case as alert
from domain.streams.alerts.case import (
    RINGS,
    AlertCarried,
    AlertCase,
    AlertEscalated,
    AlertNotified,
    fold_alert,
    step_by_step,
)
from domain.streams.organisations.ladders import AlertLadderSet
from domain.streams.organisations.unit import (
    RecipientRegistered,
    RuleBound,
    WatchExtended,
    WatchRestored,
)
from projections.database import Database
from projections.outbox import deliveries
from projections.outbox.deliveries import FAILED, Delivery
from projections.outbox.due import SILENCE, SNOOZE, Timer
from projections.outbox.recomputing import Pending
from workers import canary
from workers.affected_period import first_affected_day
from workers.due_timers import next_dues
from workers.routing import Escalation, deliveries_of
from workers.snoozes import snooze_ends

# Of the files of children, so many events are in memory at once.
MOST_LOADED = 25_000
# That a notice went out changes nothing about who is notified of what, and when.
_WATCHED = frozenset(each.type for each in alert.EVENT_TYPES) - {AlertNotified.TYPE}


@dataclass(slots=True, kw_only=True)
class Plan:
    """What a batch of events sets."""

    timers: list[Timer] = field(default_factory=list)
    silent_no_more: list[UUID] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    bound: list[Event] = field(default_factory=list)
    rewatched: list[Event] = field(default_factory=list)
    laddered: list[Event] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    hurried: list[UUID] = field(default_factory=list)
    # Events to be planned again when keys are back that were missing.
    again: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans what events set in motion."""

    database: Database
    log: EventLog
    organisations: Organisations
    alerts: Alerts
    now: Callable[[], datetime]

    def planned(self, events: Sequence[Event], *, end: int) -> Plan:
        """Plan what events set, the last of which is at the position `end`."""
        plan = Plan(
            bound=[e for e in events if isinstance(e.details, RuleBound)],
            rewatched=[e for e in events if isinstance(e.details, WatchExtended | WatchRestored)],
            laddered=[e for e in events if isinstance(e.details, AlertLadderSet)],
        )
        care = [e for e in events if kind_of(e).name == UNNAMED]
        of_alerts = [e for e in events if e.type in _WATCHED]
        cases = self.log.streams(_distinct(e.originator_id for e in of_alerts))
        organisations = self.organisations.read_once()
        histories = {alert_id: step_by_step(alert_id, stream) for alert_id, stream in cases.items()}
        places = {e.event_id: place for stream in cases.values() for place, e in enumerate(stream)}
        for event in of_alerts:
            of_case, place = histories[event.originator_id], places[event.event_id]
            self._plan_alert(plan, event, of_case[place : place + 2], of_case[-1], organisations, end=end)
        of_cases = {alert_id: of_case[-1].child for alert_id, of_case in histories.items()}
        ids = _distinct([*(e.originator_id for e in care), *(child for child in of_cases.values() if child)])
        of_child: dict[UUID, list[Event]] = {}
        for event in care:
            of_child.setdefault(event.originator_id, []).append(event)
        keyless: set[UUID] = set()
        for some in self._portions(ids):
            keyless |= self._plan_children(plan, some, of_child, end=end)
        plan.again += [e for e in of_alerts if of_cases[e.originator_id] in keyless]
        plan.again += [e for e in care if e.originator_id in keyless]
        plan.deliveries.extend(canary.planned(events, now=self.now()))
        if new := [e for e in events if isinstance(e.details, RecipientRegistered)]:
            self._plan_unnotified(plan, new, organisations)
        return plan

    def _portions(self, ids: Sequence[UUID]) -> Iterator[list[UUID]]:
        """Part children by how long their files are: one of any length, or many that are short together."""
        versions = self.log.versions(ids)
        some: list[UUID] = []
        loaded = 0
        for child_id in ids:
            loaded += versions.get(child_id, 0)
            if some and loaded > MOST_LOADED:
                yield some
                some, loaded = [], versions.get(child_id, 0)
            some.append(child_id)
        if some:
            yield some

    def _plan_children(
        self, plan: Plan, ids: Sequence[UUID], of_child: Mapping[UUID, Sequence[Event]], *, end: int
    ) -> frozenset[UUID]:
        """Plan when these children are looked at next, and from which day on they are judged again.

        Returns those whose files have lost their keys: nothing is planned for them.
        """
        streams = self._readable(ids)
        for child_id, looked_at in next_dues(self.alerts, streams).items():
            if looked_at is None:
                plan.silent_no_more.append(child_id)
            else:
                plan.timers.append(Timer(kind=SILENCE, key=child_id, due_at=looked_at, position=end))
        for child_id in (each for each in ids if each in of_child and each in streams):
            from_day = first_affected_day(of_child[child_id], streams[child_id])
            plan.pending.append(Pending(child_id=child_id, from_day=from_day, position=end))
        return frozenset(ids) - streams.keys()

    def _readable(self, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Event]]:
        """Read the files of children; one that has lost its key is left out, and its alerts go out."""
        wanted = list(ids)
        while True:
            try:
                return self.log.streams(wanted)
            except KeysMissing as missing:
                if missing.streams.isdisjoint(wanted):
                    raise
                wanted = [child_id for child_id in wanted if child_id not in missing.streams]

    def _plan_alert(
        self,
        plan: Plan,
        event: Event,
        around: Sequence[AlertCase],
        latest: AlertCase,
        organisations: Organisations,
        *,
        end: int,
    ) -> None:
        """Plan who is notified of an event of an alert that is still open: nobody while it is snoozed.

        `around` is the case before the event and after it.
        """
        if not latest.open or event.recorded_at is None:
            return
        before, case = around
        if case.muted(event.recorded_at):
            # It may have been snoozed again since: an event that comes late must not end that earlier.
            hour = self.alerts.policy.hour
            ends = max(snooze_ends(c, hour=hour) for c in (case, latest) if c.snoozed_until is not None)
            plan.timers.append(Timer(kind=SNOOZE, key=case.alert_id, due_at=ends, position=end))
            return
        details = event.details
        if not isinstance(details, RINGS):
            return
        if isinstance(details, AlertEscalated) and not graver(details.step, before.step):
            return
        escalation = Escalation(
            case=case,
            step=details.step,
            days_silent=details.days_silent,
            cause=event.event_id,
            author=event.recorded_by,
            at=event.recorded_at,
        )
        planned = deliveries_of(organisations, escalation, keyless=lambda: plan.again.append(event))
        if isinstance(details, AlertCarried):
            planned = self._not_notified_yet(planned, plan)
        plan.deliveries.extend(planned)

    def _not_notified_yet(self, planned: list[Delivery], plan: Plan) -> list[Delivery]:
        """Leave out who was notified of this alert already, above the organisation that the child came from.

        A notice that failed has reached nobody.
        """
        known = deliveries.of_alert(self.database, planned[0].alert_id) if planned else ()
        before = {(d.alert_id, d.recipient_id) for d in (*known, *plan.deliveries) if d.state != FAILED}
        return [d for d in planned if (d.alert_id, d.recipient_id) not in before]

    def _plan_unnotified(self, plan: Plan, events: Sequence[Event], organisations: Organisations) -> None:
        """Notify a new recipient of the alerts of which nobody was notified.

        Who is still being tried is tried at once, as registered now: where that fails, the new one is next.
        """
        being_notified = {delivery.alert_id for delivery in plan.deliveries}
        known = deliveries.unnotified_alerts(self.database)
        plan.hurried.extend(alert_id for alert_id, tried in known.items() if tried)
        unnotified = [a for a, tried in known.items() if not tried and a not in being_notified]
        for alert_id, stream in self.log.streams(unnotified).items():
            case = fold_alert(alert_id, stream)
            for event in events:
                plan.deliveries.extend(self._late_deliveries(case, event, organisations, plan))

    def _late_deliveries(
        self, case: AlertCase, event: Event, organisations: Organisations, plan: Plan
    ) -> list[Delivery]:
        now = event.recorded_at
        if now is None or case.step is None or case.silent_since is None or case.muted(now):
            return []
        escalation = Escalation(
            case=case,
            step=case.step,
            days_silent=(self.alerts.policy.last_ring_day(now) - case.silent_since).days,
            cause=event.event_id,
            author="",
            at=now,
        )
        return deliveries_of(organisations, escalation, keyless=lambda: plan.again.append(event))


def _distinct(ids: Iterable[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))
