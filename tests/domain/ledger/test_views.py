"""The streams beside a child's as views of their facts: what each says after its events."""

from datetime import date
from typing import Any

import pytest

from domain.catalogue import stream_kinds
from domain.choices import ActivityKind
from domain.event import Details, Event, Occurred
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_voided import EventVoided
from domain.streams.activities.activity import (
    ActivityAmended,
    ActivityCorrected,
    ActivityHeld,
    ActivityVoided,
    Participant,
    fold_activity,
)
from domain.streams.activities.following import new_events_for
from domain.streams.carers.carer import CarerRegistered, fold_carer
from domain.streams.organisations.unit import PupilsCounted, fold_org
from tests.support.builders import CARER, an_id, event, stream

HELD = ActivityHeld(
    kind=ActivityKind.READING,
    topic="Poems",
    participants=(Participant(child_id=an_id("one")), Participant(student_no="T9")),
    minutes=60,
)
AMENDED = ActivityAmended(participants=(Participant(child_id=an_id("late")),))
MENDED = ActivityCorrected(reason="wrong", approved_by="head", held_on=date(2026, 3, 6), topic="Songs")
VOIDED = ActivityVoided(reason="never was", approved_by="head")
ACTIVITY = an_id("activity")


def said(details: Details, day: str = "2026-03-05", **envelope: Any) -> Event:
    return event(details, day, child=ACTIVITY, **envelope)


def test_an_activity_is_corrected_in_the_one_fold() -> None:
    held, mended = said(HELD), said(MENDED)
    activity = fold_activity(ACTIVITY, stream(held, mended))

    occurred, now = activity.standing()

    assert (occurred, now.topic, now.minutes) == (Occurred.on(date(2026, 3, 6)), "Songs", 60)
    assert now.participants == HELD.participants
    fact = activity.fact(held.event_id)
    assert fact is not None
    assert fact.corrected_by == (mended.event_id,)
    assert activity.as_of_version(1).standing() == (held.occurred, HELD)


def test_a_voided_activity_stays_readable() -> None:
    held, voided = said(HELD), said(VOIDED)
    activity = fold_activity(ACTIVITY, stream(held, said(AMENDED), voided))

    assert [f.event_id for f in activity.void] == [held.event_id]
    assert activity.void[0].voided_by == voided.event_id
    assert activity.held is not None
    assert activity.voided is not None
    assert [x.participant.child_id for x in activity.listed] == [an_id("one"), None, an_id("late")]


def test_what_follows_for_children_is_declared_with_the_kind() -> None:
    activity = fold_activity(ACTIVITY, stream(said(HELD), said(MENDED), said(AMENDED), said(VOIDED)))
    fans_out = stream_kinds()["activity"].fans_out
    assert fans_out is not None

    found = {
        (each.number, child): [
            new_event.details.TYPE for new_event in fans_out.new_events(activity, each, child)
        ]
        for each in fans_out.addressees(activity)
        if (child := each.child_id) is not None
    }

    first, mended, voided = "participation_recorded", "event_corrected", "event_voided"
    assert found == {
        (0, an_id("one")): [first, mended, voided],
        (2, an_id("late")): [first, voided],
    }
    late = new_events_for(activity, activity.listed[2], child_id=an_id("late"))[0].details
    assert getattr(late, "topic", None) == "Songs"


@pytest.mark.parametrize("void", [False, True])
def test_what_was_said_of_a_carer_or_school_can_be_corrected_and_voided(void: bool) -> None:
    first = event(CarerRegistered(name="林远", capacity=2), "2026-03-01", child=CARER, name="1")
    second = event(CarerRegistered(name="林远", capacity=9), "2026-03-02", child=CARER, name="2")
    counted = event(PupilsCounted(pupils=54), "2026-03-02", name="a")

    def undone(target: Event, **fields: Any) -> Event:
        why = {"target": target.event_id, "reason": "wrong", "approved_by": "head"}
        details = EventVoided(**why) if void else EventCorrected(**why, fields={"details": fields})
        return event(details, "2026-03-03", child=target.originator_id)

    carer = fold_carer(CARER, stream(first, second, undone(second, capacity=3)))
    school = fold_org("county/township/school", stream(counted, undone(counted, pupils=45)))

    assert carer.registered is not None
    assert carer.registered.capacity == (2 if void else 3)
    assert school.pupils == (None if void else 45)
