"""What follows from an activity for the streams of its participants.

It is worked out as new events whose ids follow from the activity and the child: however often they are
offered, each is recorded once.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.care_action import Attendance, CareAction, OfActivity
from domain.catalogue import care_actions_by_type
from domain.event import Details, Event, NewEvent
from domain.ids import own_id
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_voided import EventVoided
from domain.ledger.kind import Addressee, FanOut
from domain.streams.activities.activity import (
    DECISIONS,
    Activity,
    ActivityAmended,
    ActivityCorrected,
    ActivityHeld,
    Listed,
    Participant,
    corrects,
)


def new_events_for(activity: Activity, listed: Listed, *, child_id: UUID) -> tuple[NewEvent, ...]:
    """Return all that the child's own stream must say of the activity, in this order.

    That is what was recorded when the child was listed, then each correction since, then the voiding. A void
    activity still gives the first event: so a writer who had not heard of the voiding finds its place taken,
    and can't add it afterwards.
    """
    first = _first_event(activity, listed, child_id=child_id)
    new_events = [first]
    for event in activity.corrections:
        if event.originator_version > listed.cause.originator_version:
            fields = _corrected_fields(event, listed)
            if fields:
                new_events.append(_follow_up(event, first, child_id=child_id, fields=fields))
    if activity.voided is not None:
        new_events.append(_follow_up(activity.voided, first, child_id=child_id))
    return tuple(new_events)


def _first_event(activity: Activity, listed: Listed, *, child_id: UUID) -> NewEvent:
    cause = listed.cause
    occurred, held = activity.as_of_version(cause.originator_version).standing()
    return NewEvent(
        event_id=own_id(cause.event_id, str(child_id)),
        occurred=occurred,
        details=_said(activity, held, listed.participant),
        recorded_by=cause.recorded_by,
        written_on=cause.written_on,
        source_event_id=cause.event_id,
    )


def _said(activity: Activity, held: ActivityHeld, participant: Participant) -> Details:
    there = Attendance(
        activity=activity.activity_id,
        kind=held.kind,
        topic=held.topic,
        role=participant.role,
        minutes=held.minutes,
        carers=held.carers,
    )
    if (found := participant.found) is not None:
        there = replace(
            there,
            carers=found.carers or held.carers,
            outcome=found.outcome,
            met=found.met,
            minutes=found.minutes,
            record=found.record,
        )
    return _written(visits=found is not None).make(there)


def _corrected_fields(event: Event, listed: Listed) -> dict[str, Any]:
    """Return what a correction of the activity changes in a child's entry."""
    said = event.details
    assert isinstance(said, ActivityCorrected)
    _, fields = corrects(said)
    follows = _written(visits=listed.participant.found is not None).follows
    details = {name: value for name, value in fields.pop("details", {}).items() if name in follows}
    return fields | ({"details": details} if details else {})


def action_written(*, visits: bool) -> CareAction:
    """Return the care action that is recorded of each child: of a collective visit day, or otherwise."""
    actions = care_actions_by_type().values()
    return next(a for a in actions if a.of_activity is not None and a.of_activity.visits is visits)


def _written(*, visits: bool) -> OfActivity:
    written = action_written(visits=visits).of_activity
    assert written is not None
    return written


def _follow_up(
    event: Event, first: NewEvent, *, child_id: UUID, fields: dict[str, Any] | None = None
) -> NewEvent:
    said = event.details
    details: Details
    assert isinstance(said, DECISIONS)
    if fields:
        details = EventCorrected(
            target=first.event_id, fields=fields, reason=said.reason, approved_by=said.approved_by
        )
    else:
        details = EventVoided(target=first.event_id, reason=said.reason, approved_by=said.approved_by)
    return NewEvent(
        event_id=own_id(event.event_id, str(child_id)),
        occurred=event.occurred,
        details=details,
        recorded_by=event.recorded_by,
        source_event_id=event.event_id,
    )


def _addressees(activity: Activity) -> tuple[Addressee, ...]:
    """Return who took part, each with the organisation within which its number is looked up."""
    return tuple(_addressee(listed) for listed in activity.listed)


def _addressee(listed: Listed) -> Addressee:
    cause = listed.cause.details
    assert isinstance(cause, ActivityHeld | ActivityAmended)
    return Addressee(
        number=listed.number,
        cause=listed.cause,
        child_id=listed.participant.child_id,
        student_no=listed.participant.student_no,
        scope=cause.scope,
    )


FAN_OUT: FanOut[Activity] = FanOut(
    addressees=_addressees,
    new_events=lambda activity, to, child_id: new_events_for(
        activity, activity.listed[to.number], child_id=child_id
    ),
    withdrawn=lambda activity, _to: activity.voided is not None,
)
