"""Participants in whose way something stands: they wait, and hold up nobody else."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Actor, Role
from domain.refusal import Unknown
from domain.streams.activities.activity import (
    ActivityCorrected,
)
from tests.support.actions import SCHOOL, Desk
from tests.support.organiser import Organiser
from tests.support.systems import StandingClock
from tests.support.tampering import put_back, tamper


def test_who_is_not_known_or_not_in_care_waits_and_comes_in_later(
    desk: Desk, organiser: Organiser, clock: StandingClock
) -> None:
    later = desk.enrol("2026-06-01")
    held = organiser.hold(desk.enrol(), "T-unknown", later)
    organiser.fan_out()
    assert organiser.states(held.activity_id) == [
        ("recorded", None),
        ("quarantined", "unknown_child"),
        ("quarantined", "outside_enrolment"),
    ]

    child = desk.enrol(student_no="T-unknown")
    assert organiser.fan_out() == 0, "not before its time"
    clock.forward(minutes=15)
    assert organiser.fan_out() == 2
    assert organiser.states(held.activity_id)[1:] == [
        ("recorded", None),
        ("quarantined", "outside_enrolment"),
    ]
    assert len(organiser.took_part(child)) == 1

    organiser.system.activities.retry(held.activity_id, actor=SYSTEM)
    assert organiser.fan_out() == 1


def test_who_was_dismissed_is_not_tried_again_and_nothing_of_it_is_corrected(
    desk: Desk, organiser: Organiser, clock: StandingClock
) -> None:
    known, late = desk.enrol(), uuid4()
    held = organiser.hold(known, late)
    organiser.fan_out()
    organiser.system.activities.dismiss(held.activity_id, 1, reason="写错", actor=SYSTEM)
    desk.enrol(child=late)

    organiser.system.activities.retry(held.activity_id, actor=SYSTEM)
    clock.forward(days=2)
    organiser.change(
        held.activity_id, ActivityCorrected(reason="写错", approved_by="王校长", minutes=30), version=1
    )
    organiser.fan_out()

    assert [state for state, _ in organiser.states(held.activity_id)] == ["recorded", "dismissed"]
    assert organiser.took_part(late) == []


def test_who_is_dismissed_while_a_correction_is_saved_stays_dismissed(
    desk: Desk, organiser: Organiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = uuid4()
    held = organiser.hold(late)
    organiser.fan_out()
    desk.enrol(child=late)
    append = desk.system.log.append

    def dismissed_meanwhile(events: Any, **more: Any) -> Any:
        monkeypatch.undo()
        desk.system.activities.dismiss(held.activity_id, 0, reason="写错", actor=SYSTEM)
        return append(events, **more)

    monkeypatch.setattr(desk.system.log, "append", dismissed_meanwhile)
    organiser.change(
        held.activity_id, ActivityCorrected(reason="写错", approved_by="王校长", minutes=30), version=1
    )
    organiser.fan_out()

    assert organiser.states(held.activity_id) == [("dismissed", None)]
    assert organiser.took_part(late) == []


def test_what_was_dismissed_too_late_is_corrected_like_any_other(
    desk: Desk, organiser: Organiser, clock: StandingClock
) -> None:
    late = uuid4()
    held = organiser.hold(late)
    organiser.fan_out()
    desk.enrol(child=late)
    clock.forward(days=2)

    def dismiss(point: str) -> None:
        if point == "fanout.recorded":
            desk.system.activities.dismiss(held.activity_id, 0, reason="写错", actor=SYSTEM)

    desk.system.fan_outs.step(at=dismiss)
    organiser.change(
        held.activity_id, ActivityCorrected(reason="写错", approved_by="王校长", minutes=30), version=1
    )
    organiser.fan_out()

    assert organiser.states(held.activity_id) == [("recorded", None)]
    assert [said.minutes for said in organiser.took_part(late)] == [30]


def test_of_an_activity_that_never_was_nobody_stays_dismissed(desk: Desk, organiser: Organiser) -> None:
    held = organiser.hold(desk.enrol(), uuid4())
    organiser.fan_out()
    organiser.system.activities.dismiss(held.activity_id, 1, reason="写错", actor=SYSTEM)

    organiser.void(held.activity_id)
    organiser.fan_out()

    assert [state for state, _ in organiser.states(held.activity_id)] == ["voided", "voided"]


@pytest.mark.parametrize("enrolled", [True, False])
def test_of_a_dismissal_and_a_writing_at_once_what_is_written_holds(
    desk: Desk, organiser: Organiser, enrolled: bool
) -> None:
    late = uuid4()
    held = organiser.hold(late)
    organiser.fan_out()
    if enrolled:
        desk.enrol(child=late)
    desk.system.activities.retry(held.activity_id, actor=SYSTEM)

    def dismiss(point: str) -> None:
        if point == "fanout.recorded":
            with desk.system.database.transaction() as tx:
                tx.run("UPDATE participation SET state = 'quarantined'")
            desk.system.activities.dismiss(held.activity_id, 0, reason="写错", actor=SYSTEM)

    desk.system.fan_outs.step(at=dismiss)

    assert organiser.states(held.activity_id)[0][0] == ("recorded" if enrolled else "dismissed")


def test_children_out_of_sight_are_as_unknown_as_those_that_are_not(desk: Desk) -> None:
    elsewhere = desk.enrol(org="county/township/another school/1/1", student_no="T7")
    teacher = Organiser(desk, actor=Actor(name="school", role=Role.CLIENT, org=SCHOOL))

    held = teacher.hold(desk.enrol(), elsewhere, "T7", uuid4())
    teacher.fan_out()

    assert teacher.states(held.activity_id) == [("recorded", None)] + [("quarantined", "unknown_child")] * 3
    assert teacher.took_part(elsewhere) == []
    assert desk.system.activities.load(held.activity_id).listed[2].participant.child_id is None
    with pytest.raises(Unknown):
        teacher.hold(desk.enrol(), org="county/township/another school")
    stranger = Actor(name="other", role=Role.CLIENT, org="county/township/another school")
    with pytest.raises(Unknown):
        desk.system.activities.seen(held.activity_id, actor=stranger)
    assert desk.system.activities.listed(actor=stranger) == []


def test_an_erased_child_stops_nobody_else(desk: Desk, organiser: Organiser) -> None:
    erased, other = desk.enrol(), desk.enrol()
    desk.system.keyring.destroy(erased)

    held = organiser.hold(erased, other)
    organiser.fan_out()

    assert organiser.states(held.activity_id) == [("quarantined", "erased"), ("recorded", None)]
    organiser.void(held.activity_id)
    organiser.fan_out()
    assert organiser.states(held.activity_id)[1] == ("voided", None)


def test_a_fault_in_one_file_does_not_hold_up_the_others(
    desk: Desk, organiser: Organiser, clock: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    database = desk.system.database
    broken, other = desk.enrol(), desk.enrol()
    state = tamper(database, place_of(desk, broken))

    held = organiser.hold(broken, other)
    organiser.fan_out()
    assert organiser.states(held.activity_id) == [("quarantined", "fault"), ("recorded", None)]
    (said,) = [r for r in caplog.records if r.name == "application.fan_out"]
    assert (said.getMessage(), said.exc_info) == (
        f"could not write number 0 of {held.activity_id}: Tampered",
        None,
    )

    put_back(database, place_of(desk, broken), state)
    clock.forward(minutes=15)
    assert organiser.fan_out() == 1
    assert organiser.states(held.activity_id) == [("recorded", None)] * 2


def test_an_activity_that_cannot_be_read_holds_up_no_other(
    desk: Desk, organiser: Organiser, caplog: pytest.LogCaptureFixture
) -> None:
    database, child = desk.system.database, desk.enrol()
    broken = organiser.hold(child, desk.enrol())
    state = tamper(database, place_of(desk, broken.activity_id))
    readable = organiser.hold(child)

    assert organiser.fan_out() == 3
    assert organiser.states(readable.activity_id) == [("recorded", None)]
    assert desk.system.fan_outs.due() == 0, "it waits, and is looked at again"
    said = [r.getMessage() for r in caplog.records if r.name == "application.fan_out"]
    assert said == [f"could not read stream {broken.activity_id}: Tampered"]

    put_back(database, place_of(desk, broken.activity_id), state)
    assert organiser.states(broken.activity_id) == [("quarantined", "fault")] * 2
    organiser.system.activities.retry(broken.activity_id, actor=SYSTEM)
    organiser.fan_out()
    assert organiser.states(broken.activity_id) == [("recorded", None)] * 2


def place_of(desk: Desk, stream: UUID) -> int:
    """The position of the first event of a stream."""
    ((place,),) = desk.system.database.tuples(
        "SELECT min(notification_id) FROM events WHERE originator_id = :id", id=stream
    )
    return int(place)
