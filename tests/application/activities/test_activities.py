"""Activities: recorded once for all, and once in the file of each child, whatever happens in between."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM
from application.recording.outcome import Recorded
from domain.care_actions.home_visit_made import HomeVisitMade, VisitKind
from domain.choices import ActivityKind, Met, VisitOutcome
from domain.refusal import Conflict, Invalid, Stale, VersionRequired
from domain.streams.activities.activity import (
    Absentee,
    ActivityAmended,
    ActivityCorrected,
    ActivityVoided,
    Participant,
    VisitFound,
)
from domain.streams.activities.following import new_events_for
from tests.support.actions import CLASS, SCHOOL, Desk, codes
from tests.support.organiser import Organiser, listed


def test_each_child_takes_part_once_and_is_not_thereby_contacted(desk: Desk, organiser: Organiser) -> None:
    children = [desk.enrol(student_no=f"T{n}") for n in range(3)]
    held = organiser.hold(children[0], children[1], "T2", absent=(Absentee(student_no="T9", reason="生病"),))

    assert organiser.states(held.activity_id) == [("waiting", None)] * 3
    assert organiser.fan_out() == 3
    assert organiser.states(held.activity_id) == [("recorded", None)] * 3
    for child in children:
        (said,) = organiser.took_part(child)
        assert (said.activity, said.kind, said.topic, said.minutes) == (
            held.activity_id,
            ActivityKind.LECTURE,
            "防溺水",
            45,
        )
        folded = desk.child(child)
        assert folded.last_contact is None
        assert folded.facts[-1].event.source_event_id == held.event_id


def test_sending_an_activity_again_doubles_nothing(desk: Desk, organiser: Organiser) -> None:
    activity, child = uuid4(), desk.enrol(student_no="T1")
    first = organiser.hold("T1", "T2", activity=activity)
    organiser.fan_out()
    head = desk.system.log.head()

    again = organiser.hold("T1", "T2", activity=activity)
    assert (again.new, again.version) == (False, first.version)
    assert organiser.fan_out() == 0

    desk.enrol(student_no="T2")
    assert not organiser.hold("T1", "T2", activity=activity).new, "a number that was not known stays a number"
    with pytest.raises(Conflict) as refused:
        organiser.hold(child, activity=activity)
    assert codes(refused) == [("event_id_reused", "")]
    assert desk.system.log.head()[0] == head[0] + 1


def test_voiding_an_activity_voids_every_participation_once(desk: Desk, organiser: Organiser) -> None:
    children = [desk.enrol() for _ in range(3)]
    held = organiser.hold(*children, "T-unknown")
    organiser.fan_out()
    desk.void(children[0], desk.child(children[0]).facts[-1].event_id)

    with pytest.raises(VersionRequired):
        organiser.change(held.activity_id, ActivityVoided(reason="未举行", approved_by="王校长"))
    with pytest.raises(Stale):
        organiser.void(held.activity_id, version=7)
    organiser.void(held.activity_id)
    organiser.fan_out()

    assert organiser.states(held.activity_id) == [("voided", None)] * 4
    for child in children:
        folded = desk.child(child)
        assert organiser.took_part(child) == []
        assert [f.type for f in folded.void] == ["participation_recorded"]
        assert [f.type for f in folded.facts].count("event_voided") == 1
    with pytest.raises(Conflict) as refused:
        organiser.change(held.activity_id, ActivityAmended(participants=listed(desk.enrol())))
    assert codes(refused) == [("is_void", "")]


def test_a_voiding_overtakes_a_fan_out_that_is_still_on_its_way(desk: Desk, organiser: Organiser) -> None:
    """Who had read the activity before it was voided finds the place of its entry taken afterwards."""
    child = desk.enrol()
    held = organiser.hold(child)
    activity = organiser.system.activities.load(held.activity_id)
    organiser.void(held.activity_id)
    organiser.fan_out()

    new_events = new_events_for(activity, activity.listed[0], child_id=child)
    (straggler,) = desk.system.record.record_many(
        actor=SYSTEM, stream_id=child, new_events=new_events, unattended=True
    )
    assert isinstance(straggler, Recorded)
    assert not straggler.new
    assert organiser.took_part(child) == []
    assert [f.type for f in desk.child(child).entries].count("participation_recorded") == 1


def test_those_who_were_left_out_are_added(desk: Desk, organiser: Organiser) -> None:
    first, second = desk.enrol(), desk.enrol(student_no="T2")
    held = organiser.hold(first)
    organiser.fan_out()
    amendment = uuid4()

    for new in (True, False):
        known = organiser.change(
            held.activity_id, ActivityAmended(participants=listed("T2")), event_id=amendment
        )
        assert known.new is new
    assert organiser.fan_out() == 1, "those who are done are not looked at again"
    assert len(organiser.took_part(second)) == 1
    with pytest.raises(Invalid) as refused:
        organiser.change(held.activity_id, ActivityAmended(participants=listed(first)))
    assert codes(refused) == [("participant_twice", "/participants/0")]

    organiser.change(
        held.activity_id,
        ActivityCorrected(reason="笔误", approved_by="王校长", held_on=date(2026, 5, 21), topic="防火"),
        version=2,
    )
    third = desk.enrol()
    organiser.change(held.activity_id, ActivityAmended(participants=listed(third)))
    organiser.fan_out()
    for child in (first, second, third):
        (said,) = organiser.took_part(child)
        fact = desk.child(child).facts[-2 if child != third else -1]
        assert (said.topic, fact.day) == ("防火", date(2026, 5, 21))
    assert not desk.child(third).facts[-1].corrected_by


def test_a_collective_visit_day_leaves_a_visit_with_each_child(desk: Desk, organiser: Organiser) -> None:
    carer, other = desk.carer(), desk.carer("孟老师")
    met, nobody = desk.enrol(), desk.enrol()
    found = VisitFound(outcome=VisitOutcome.MET, met=(Met.GUARDIAN,), carers=(other,), record="祖母在家")
    absent = VisitFound(outcome=VisitOutcome.NOBODY_HOME)
    people = (Participant(child_id=met, found=found), Participant(child_id=nobody, found=absent))

    held = organiser.hold(
        kind=ActivityKind.VISIT_DAY, carers=(carer,), participants=people, topic="集中家访", minutes=None
    )
    organiser.fan_out()

    visit = desk.child(met).last_contact
    assert visit is not None
    assert visit.details == HomeVisitMade(
        carers=(other,),
        outcome=VisitOutcome.MET,
        met=(Met.GUARDIAN,),
        kind=VisitKind.COLLECTIVE,
        record="祖母在家",
    )
    assert visit.event.source_event_id == held.event_id
    assert desk.child(nobody).last_contact is None
    assert desk.child(nobody).facts[-1].details.carers == (carer,)

    organiser.void(held.activity_id)
    organiser.fan_out()
    assert desk.child(met).last_contact is None


def test_what_does_not_fit_is_refused_before_anything_is_written(desk: Desk, organiser: Organiser) -> None:
    child, head = desk.enrol(), desk.system.log.head()
    found = VisitFound(outcome=VisitOutcome.MET)
    visits = {"kind": ActivityKind.VISIT_DAY}
    cases: tuple[tuple[dict[str, Any], str, str], ...] = (
        ({"participants": ()}, "too_few", "/participants"),
        ({"participants": (Participant(),)}, "child_or_number", "/participants/0"),
        ({"participants": listed(child, child)}, "participant_twice", "/participants/1"),
        (
            {"participants": listed(child), "absent": (Absentee(child_id=child),)},
            "participant_twice",
            "/absent/0",
        ),
        ({"participants": listed(child), "day": date(2027, 1, 1)}, "in_the_future", "/occurred_on"),
        ({"participants": listed(child), **visits}, "needs_found", "/participants/0/found"),
        (
            {"participants": (Participant(child_id=child, found=found),)},
            "needs_found",
            "/participants/0/found",
        ),
        (
            {"participants": (Participant(child_id=child, found=found),), **visits},
            "needs_carers",
            "/participants/0/found/carers",
        ),
        ({"participants": listed(child), "carers": (uuid4(),)}, "unknown_carer", "/carers/0"),
    )
    for words, code, pointer in cases:
        with pytest.raises(Invalid) as refused:
            organiser.hold(**words)
        assert codes(refused) == [(code, pointer)]
    with pytest.raises(Conflict) as taken:
        organiser.hold(child, activity=child)
    assert codes(taken) == [("id_in_use", "")]
    assert desk.system.log.head() == head


def test_nobody_submits_a_participation_by_hand(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        desk.submit(
            "participation_recorded",
            "2026-05-20",
            child=desk.enrol(),
            activity=str(uuid4()),
            kind="lecture",
            topic="x",
        )

    assert codes(refused) == [("derived_type", "/type")]


def test_activities_are_listed_by_organisation_and_day(desk: Desk, organiser: Organiser) -> None:
    child = desk.enrol()
    days = [date(2026, 5, 1), date(2026, 5, 20), date(2026, 6, 20)]
    held = [organiser.hold(child, day=day, org=CLASS if n else SCHOOL) for n, day in enumerate(days)]
    activities = desk.system.activities

    def ids(**more: Any) -> list[UUID]:
        return [status.activity_id for status in activities.listed(actor=SYSTEM, **more)]

    everything = [known.activity_id for known in held]
    assert ids() == ids(org=SCHOOL) == everything
    assert ids(org=CLASS) == everything[1:]
    assert ids(first=days[1], last=days[1]) == [everything[1]]
    first = activities.listed(actor=SYSTEM, limit=1)[0]
    assert ids(after=(first.occurred_at, first.activity_id)) == everything[1:]
