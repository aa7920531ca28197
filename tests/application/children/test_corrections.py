"""What a correction may make of an entry, and what follows from it on other streams."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace as restated

from domain.choices import CarerKind
from domain.refusal import AtOdds, Conflict, Invalid, Refused
from tests.support.actions import Desk, codes
from tests.support.systems import StandingClock

COUNSELLOR = CarerKind.CARE_COUNSELLOR


def load(desk: Desk, carer: UUID, day: str = "2026-05-01") -> int:
    return desk.system.carers.load(carer).load(date.fromisoformat(day), kind=COUNSELLOR)


def test_a_pairing_corrected_to_another_carer_frees_the_first(desk: Desk) -> None:
    child, one, other = desk.enrol(), desk.carer("卢老师"), desk.carer("孟老师")
    pairing = desk.pair(child, one)

    desk.correct(child, pairing.event_id, details={"carer": str(other)})

    assert (load(desk, one), load(desk, other)) == (0, 1)


def test_voiding_that_correction_gives_the_child_back(desk: Desk) -> None:
    child, one, other = desk.enrol(), desk.carer("卢老师"), desk.carer("孟老师")
    pairing = desk.pair(child, one)
    correction = desk.correct(child, pairing.event_id, details={"carer": str(other)})

    desk.void(child, correction.event_id)

    assert (load(desk, one), load(desk, other)) == (1, 0)


def test_a_correction_cannot_name_a_carer_that_is_not_known(desk: Desk) -> None:
    child, carer, another_child = desk.enrol(), desk.carer(), desk.enrol()
    pairing, visit = desk.pair(child, carer), desk.visit(child, carer, "2026-03-05")

    with pytest.raises(Invalid) as of_pairing:
        desk.correct(child, pairing.event_id, details={"carer": str(another_child)})
    with pytest.raises(Invalid) as of_visit:
        desk.correct(child, visit.event_id, details={"carers": [str(carer), str(uuid4())]})

    assert codes(of_pairing) == [("unknown_carer", "/details/fields/details/carer")]
    assert codes(of_visit) == [("unknown_carer", "/details/fields/details/carers/1")]
    assert [e.type for e in desk.system.log.stream(another_child)] == ["child_enrolled"]
    assert desk.child(another_child).last_contact is None


def test_a_correction_is_held_to_the_checks_of_the_type(desk: Desk) -> None:
    child, carer, other = desk.enrol(), desk.carer("卢老师"), desk.carer("孟老师")
    enrolment = desk.child(child).enrolment.event_id
    desk.pair(child, carer)
    second = desk.pair(child, other)
    visit = desk.visit(child, carer, "2026-03-05", record=None)
    filing = desk.submit("record_filed", "2026-03-09", child=child, target=str(visit.event_id), record="补记")

    refusals = []
    for target, details in (
        (enrolment, {"id_number": "110101201603078888"}),
        (second.event_id, {"carer": str(carer)}),
        (filing.event_id, {"target": str(second.event_id)}),
        (filing.event_id, {"target": str(uuid4())}),
    ):
        with pytest.raises((Invalid, AtOdds)) as refused:
            desk.correct(child, target, details=details)
        refusals += codes(refused)

    assert refusals == [
        ("bad_id_number", "/details/fields/details/id_number"),
        ("already_paired", "/details/fields/details/carer"),
        ("takes_no_record", "/details/fields/details/target"),
        ("no_such_action", "/details/fields/details/target"),
    ]


@pytest.mark.parametrize(
    ("birth_date", "code"),
    [("9999-12-31", "before_birth"), ("2026-03-04", "before_birth"), ("2001-01-01", "of_age")],
)
def test_a_birthday_cannot_be_corrected_to_what_cannot_be(desk: Desk, birth_date: str, code: str) -> None:
    child, carer = desk.enrol("2026-03-01"), desk.carer()
    desk.visit(child, carer, "2026-03-03")

    with pytest.raises(Invalid) as refused:
        desk.correct(child, desk.child(child).enrolment.event_id, details={"birth_date": birth_date})

    assert code in [c for c, _ in codes(refused)]
    assert desk.child(child).version == 2


def test_a_corrected_number_is_free_for_the_child_whose_number_it_is(desk: Desk) -> None:
    child = desk.enrol(student_no="T202600002")
    desk.correct(child, desk.child(child).enrolment.event_id, details={"student_no": "T202600001"})

    other = desk.enrol(student_no="T202600002")

    assert desk.system.record.find(kind="student_no", word="T202600002", scope="") == (other,)
    assert desk.system.record.find(kind="student_no", word="T202600001", scope="") == (child,)
    with pytest.raises(Conflict):
        desk.enrol(student_no="T202600001")


def test_the_number_of_a_void_file_is_free(desk: Desk) -> None:
    child = desk.enrol(student_no="T202600001")
    desk.void(child, desk.child(child).enrolment.event_id)

    again = desk.enrol(student_no="T202600001")

    assert desk.system.record.find(kind="student_no", word="T202600001", scope="") == (again,)


def test_whoever_is_over_capacity_may_still_give_a_child_up(desk: Desk) -> None:
    one, other, carer = desk.enrol(), desk.enrol(), desk.carer("卢老师", capacity=2)
    pairing = desk.pair(one, carer)
    desk.pair(other, carer)
    desk.carer("卢老师", carer=carer, capacity=1)

    desk.submit("pairing_ended", "2026-04-01", child=one, pairing=str(pairing.event_id))

    assert load(desk, carer) == 1
    with pytest.raises(Conflict):
        desk.pair(desk.enrol(), carer, "2026-05-01")


def test_an_exit_is_recorded_whatever_the_load_of_its_carer(desk: Desk) -> None:
    one, other, carer = desk.enrol(), desk.enrol(), desk.carer("卢老师", capacity=2)
    desk.pair(one, carer)
    desk.pair(other, carer)
    desk.carer("卢老师", carer=carer, capacity=1)

    desk.submit("child_exited", "2026-04-01", child=one, based_on=desk.child(one).version, reason="moved")

    assert load(desk, carer) == 1


def test_a_longer_pairing_is_held_to_the_capacity(desk: Desk) -> None:
    one, other, carer = desk.enrol(), desk.enrol(), desk.carer("卢老师", capacity=1)
    pairing = desk.pair(one, carer, "2026-03-01")
    end = desk.submit("pairing_ended", "2026-04-01", child=one, pairing=str(pairing.event_id))
    later = desk.pair(other, carer, "2026-04-01")

    with pytest.raises(Conflict):
        desk.void(one, end.event_id)
    with pytest.raises(Conflict):
        desk.correct(other, later.event_id, occurred_on="2026-03-31")

    assert load(desk, carer, "2026-03-31") == load(desk, carer, "2026-04-01") == 1


def test_the_file_of_an_erased_child_is_corrected_no_more(desk: Desk) -> None:
    child = desk.enrol()
    enrolment = desk.child(child).enrolment.event_id
    desk.system.keyring.destroy(child)

    with pytest.raises(Conflict) as refused:
        desk.correct(child, enrolment, occurred_on="2026-03-02")

    assert codes(refused) == [("erased", "")]


def test_an_enrolment_is_not_voided_while_later_events_stand(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer()
    enrolment = desk.child(child).enrolment.event_id
    visit = desk.visit(child, carer, "2026-03-05")

    with pytest.raises(Conflict) as refused:
        desk.void(child, enrolment)
    desk.void(child, visit.event_id)
    desk.void(child, enrolment)

    assert codes(refused) == [("enrolment_stands", "/details/target")]
    assert desk.child(child).enrolment is None


@pytest.mark.parametrize("which", [0, 1])
def test_of_two_enrolments_neither_is_corrected_or_voided(desk: Desk, which: int) -> None:
    # No second one gets past `decide`: it is written below it, as a faulty store might hold it.
    child = desk.enrol()
    (first,) = desk.system.log.stream(child)
    desk.system.log.append([restated(first, event_id=uuid4(), originator_version=2)])
    target = desk.system.log.stream(child)[which].event_id

    with pytest.raises(Conflict) as correcting:
        desk.correct(child, target, details={"health": "良好"})
    with pytest.raises(Conflict) as voiding:
        desk.void(child, target)

    assert codes(correcting) == [("already_enrolled", "/details/fields")]
    assert codes(voiding) == [("enrolment_stands", "/details/target")]


def test_a_correction_changes_today_and_leaves_what_was_known(desk: Desk, clock: StandingClock) -> None:
    child, carer = desk.enrol(), desk.carer()
    visit = desk.visit(child, carer, "2026-03-05", minutes=20)
    before = clock.now
    clock.forward(days=1)

    desk.correct(child, visit.event_id, occurred_on="2026-03-07", details={"minutes": 40, "record": None})

    fact, then = (
        desk.child(child).fact(visit.event_id),
        desk.child(child, known_at=before).fact(visit.event_id),
    )
    assert (fact.day, fact.details.minutes, fact.has_record) == (date(2026, 3, 7), 40, False)
    assert (then.day, then.details.minutes, then.has_record) == (date(2026, 3, 5), 20, True)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "nothing_corrected"),
        ({"type": "talk_held"}, "unknown_field"),
        ({"occurred_on": "2026-02-30"}, "wrong_value"),
        ({"occurred_at": "2026-03-05T09:00:00"}, "wrong_value"),
        ({"occurred_on": "2026-07-01"}, "in_the_future"),
        ({"occurred_on": "2026-02-01"}, "outside_enrolment"),
        ({"details": {"minutes": -3}}, "too_small"),
        ({"details": {"outcome": None}}, "wrong_value"),
        ({"details": {"mood": 3}}, "unknown_field"),
    ],
)
def test_a_correction_must_leave_a_sound_entry(desk: Desk, fields: dict[str, object], code: str) -> None:
    child, carer = desk.enrol(), desk.carer()
    visit = desk.visit(child, carer, "2026-03-05")

    with pytest.raises(Refused) as refused:
        desk.correct(child, visit.event_id, **fields)

    assert codes(refused)[0][0] == code


def test_of_two_corrections_the_latest_recorded_wins(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer()
    visit = desk.visit(child, carer, "2026-03-05", minutes=20)

    desk.correct(child, visit.event_id, details={"minutes": 30})
    second = desk.correct(child, visit.event_id, details={"minutes": 40})
    assert desk.child(child).fact(visit.event_id).details.minutes == 40

    desk.void(child, second.event_id)
    assert desk.child(child).fact(visit.event_id).details.minutes == 30


def test_a_voiding_is_final(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer()
    visit = desk.visit(child, carer, "2026-03-05")
    voiding = desk.void(child, visit.event_id)

    for target, code in ((visit.event_id, "is_void"), (voiding.event_id, "void_is_final")):
        with pytest.raises(Conflict) as refused:
            desk.void(child, target)
        assert codes(refused) == [(code, "/details/target")]
