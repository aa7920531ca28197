"""The use cases around one child: what is recorded, what is refused, and that nothing is half done."""

import threading
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from application.access import Actor, Forbidden, Role
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE, Recorded
from domain.org import org_id
from domain.refusal import AtOdds, Conflict, Invalid, Refused, Stale, Unknown, VersionRequired
from tests.support.actions import CLASS, SCHOOL, Desk, codes


def test_a_care_action_is_on_the_stream_of_its_child(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer()

    visit = desk.visit(child, carer, "2026-03-05")

    assert (visit.version, visit.new) == (2, True)
    assert [e.type for e in desk.system.log.stream(child)] == ["child_enrolled", "home_visit_made"]
    assert desk.child(child).last_contact.event_id == visit.event_id


def test_the_same_event_again_is_nothing_new(desk: Desk) -> None:
    child, carer, event_id = desk.enrol(), desk.carer(), uuid4()
    first = desk.visit(child, carer, "2026-03-05", event_id=event_id)
    head = desk.system.log.head()[0]

    again = desk.visit(child, carer, "2026-03-05", event_id=event_id)

    assert again == replace(first, new=False)
    assert desk.system.log.head()[0] == head


def test_an_id_reused_for_other_content_is_refused(desk: Desk) -> None:
    child, carer, event_id = desk.enrol(), desk.carer(), uuid4()
    desk.visit(child, carer, "2026-03-05", event_id=event_id)

    with pytest.raises(Conflict) as refused:
        desk.visit(child, carer, "2026-03-06", event_id=event_id)

    assert codes(refused) == [("event_id_reused", "/event_id")]


def test_an_id_reused_for_another_child_is_refused(desk: Desk) -> None:
    carer, event_id = desk.carer(), uuid4()
    one, other = desk.enrol(), desk.enrol()
    desk.visit(one, carer, "2026-03-05", event_id=event_id)

    with pytest.raises(Conflict) as refused:
        desk.visit(other, carer, "2026-03-05", event_id=event_id)

    assert codes(refused) == [("event_id_reused", "/event_id")]
    assert desk.child(other).version == 1


@pytest.mark.parametrize(
    ("day", "more", "code", "pointer"),
    [
        ("2026-07-01", {}, "in_the_future", "/occurred_on"),
        ("2016-05-19", {}, "before_birth", "/occurred_on"),
        ("2026-03-05", {"minutes": -1}, "too_small", "/details/minutes"),
        ("2026-03-05", {"minutes": "30"}, "wrong_value", "/details/minutes"),
        ("2026-03-05", {"outcome": "seen"}, "wrong_value", "/details/outcome"),
        ("2026-03-05", {"record": "a\x00b"}, "control_character", "/details/record"),
        ("2026-03-05", {"record": "字" * 4001}, "too_long", "/details/record"),
        ("2026-03-05", {"weather": "sunny"}, "unknown_field", "/details/weather"),
        ("2026-03-05", {"written_on": date(2026, 3, 4)}, "written_before_it_happened", "/written_on"),
        ("2026-03-05", {"written_on": date(2026, 7, 1)}, "in_the_future", "/written_on"),
        ("2026-03-05", {"recorded_by": "x" * 65}, "too_long", "/recorded_by"),
        ("1889-03-05", {}, "implausible_year", "/occurred_on"),
    ],
)
def test_what_cannot_be_so_is_refused_and_nothing_is_written(
    desk: Desk, day: str, more: dict[str, object], code: str, pointer: str
) -> None:
    child, carer = desk.enrol(), desk.carer()
    head = desk.system.log.head()[0]

    with pytest.raises(Invalid) as refused:
        desk.visit(child, carer, day, **more)

    assert codes(refused) == [(code, pointer)]
    assert desk.system.log.head()[0] == head


def test_an_unknown_child_is_not_found(desk: Desk) -> None:
    with pytest.raises(Unknown):
        desk.visit(uuid4(), desk.carer(), "2026-03-05")


def test_an_unknown_carer_is_refused_alone_and_at_odds_in_a_batch(desk: Desk) -> None:
    child = desk.enrol()
    submission = Submission(
        event_id=uuid4(),
        type="talk_held",
        child_id=child,
        occurred_on=date(2026, 3, 5),
        details={"carers": [str(uuid4())], "record": "想家"},
    )

    with pytest.raises(Invalid) as refused:
        desk.system.submissions.submit(submission, actor=desk.actor, provenance=NOWHERE)
    (outcome,) = desk.system.submissions.submit_many([submission], actor=desk.actor, provenance=NOWHERE)

    assert codes(refused) == [("unknown_carer", "/details/carers/0")]
    assert isinstance(outcome, AtOdds)


def test_a_visit_outside_enrolment_is_at_odds(desk: Desk) -> None:
    child, carer = desk.enrol("2026-03-01"), desk.carer()

    with pytest.raises(AtOdds) as refused:
        desk.visit(child, carer, "2026-02-28")

    assert codes(refused) == [("outside_enrolment", "/occurred_on")]


def test_what_is_refused_in_a_batch_does_not_hold_up_the_rest(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer()
    days = ["2026-03-05", "2027-03-05", "2026-03-06"]
    batch = [
        Submission(
            event_id=uuid4(),
            type="talk_held",
            child_id=child,
            occurred_on=date.fromisoformat(day),
            details={"carers": [str(carer)]},
        )
        for day in days
    ]

    outcomes = desk.system.submissions.submit_many(batch, actor=desk.actor, provenance=NOWHERE)

    assert [isinstance(o, Recorded) for o in outcomes] == [True, False, True]
    assert [o.version for o in outcomes if isinstance(o, Recorded)] == [2, 3]


def test_a_batch_may_enrol_a_child_and_visit_it_in_any_order(desk: Desk) -> None:
    child, carer = uuid4(), desk.carer()
    desk.system.organisations.ensure(CLASS, actor=desk.actor)
    enrolment = Submission(
        event_id=uuid4(),
        type="child_enrolled",
        child_id=child,
        org=CLASS,
        occurred_on=date(2026, 3, 1),
        details={"name": "林小禾", "student_no": "T1", "sex": "female", "birth_date": "2016-05-20"},
    )
    visit = Submission(
        event_id=uuid4(),
        type="home_visit_made",
        student_no="T1",
        occurred_on=date(2026, 3, 5),
        details={"carers": [str(carer)], "outcome": "met"},
    )

    outcomes = desk.system.submissions.submit_many([visit, enrolment], actor=desk.actor, provenance=NOWHERE)

    assert [o.version for o in outcomes if isinstance(o, Recorded)] == [2, 1]


def test_two_files_cannot_have_one_student_number(desk: Desk) -> None:
    desk.enrol(student_no="T1")

    with pytest.raises(Conflict) as refused:
        desk.enrol(student_no="T1")

    assert codes(refused) == [("number_taken", "/details/student_no")]


def test_an_identity_number_is_checked_by_its_last_digit(desk: Desk) -> None:
    desk.enrol(id_number="11010519491231002X")

    with pytest.raises(Invalid) as refused:
        desk.enrol(id_number="110105194912310021")

    assert codes(refused) == [("bad_id_number", "/details/id_number")]


def test_ids_of_the_ledger_itself_are_not_for_clients(desk: Desk) -> None:
    child, carer, ours = desk.enrol(), desk.carer(), org_id("county of tomorrow")

    for attempt, pointer in (
        (lambda: desk.enrol(child=ours), "/child_id"),
        (lambda: desk.visit(child, carer, "2026-03-05", event_id=ours), "/event_id"),
        (lambda: desk.carer("孟老师", carer=ours), ""),
    ):
        with pytest.raises(Invalid) as refused:
            attempt()
        assert codes(refused) == [("reserved_id", pointer)]


def test_nobody_is_enrolled_who_is_of_age(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        desk.enrol("2026-03-01", birth_date="2008-03-01")

    assert codes(refused) == [("of_age", "/occurred_on")]


def test_a_child_is_found_by_number_and_by_name(desk: Desk) -> None:
    child = desk.enrol(name="林小禾", student_no="T1")
    desk.submit("profile_changed", "2026-03-05", child=child, name="林小荷")

    assert desk.system.record.find(kind="student_no", word=" T1 ", scope="") == (child,)
    assert desk.system.record.find(kind="name", word="林小禾", scope="") == (child,)
    assert desk.system.record.find(kind="name", word="林小荷", scope="") == (child,)
    assert desk.system.record.find(kind="name", word="林", scope="") == ()


def test_a_decision_names_the_version_that_it_is_based_on(desk: Desk) -> None:
    child = desk.enrol()

    with pytest.raises(VersionRequired):
        desk.submit("child_exited", "2026-04-01", child=child, reason="moved")
    with pytest.raises(Stale):
        desk.submit("child_exited", "2026-04-01", child=child, reason="moved", based_on=7)
    assert desk.submit("child_exited", "2026-04-01", child=child, reason="moved", based_on=1).version == 2


def test_exit_and_readmission_bound_the_days_in_care(desk: Desk) -> None:
    child, carer = desk.enrol("2026-03-01"), desk.carer()
    desk.submit("child_exited", "2026-04-01", child=child, reason="moved", based_on=1)
    with pytest.raises(AtOdds):
        desk.visit(child, carer, "2026-04-02")
    with pytest.raises(Conflict):
        desk.submit("child_exited", "2026-05-01", child=child, reason="moved", based_on=2)

    with pytest.raises(Conflict) as refused:
        desk.submit(
            "child_readmitted", "2026-05-01", child=child, based_on=2, org=f"{SCHOOL}/grade 4/class 1"
        )
    assert codes(refused) == [("by_transfer", "/org")]
    desk.submit("child_readmitted", "2026-05-01", child=child, based_on=2)

    desk.visit(child, carer, "2026-05-01")
    with pytest.raises(Conflict):
        desk.submit("child_readmitted", "2026-05-02", child=child, based_on=4)


def test_an_approver_is_not_the_recorder(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer()
    visit = desk.visit(child, carer, "2026-03-05")

    with pytest.raises(Invalid) as refused:
        desk.void(child, visit.event_id, approved_by=" CareLedger")

    assert codes(refused) == [("same_approver", "/details/approved_by")]


def test_facts_written_at_once_by_many_all_stand(desk: Desk) -> None:
    carer, child = desk.carer(), desk.enrol()
    start, failures = threading.Barrier(6), []

    def write(n: int) -> None:
        start.wait()
        try:
            for day in range(1, 6):
                desk.visit(child, carer, f"2026-0{n + 1}-0{day}" if n > 1 else f"2026-03-{10 * n + 10 + day}")
        except Refused as refused:
            failures.append(refused)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert desk.child(child).version == 31


def test_what_lies_outside_the_key_is_not_there(desk: Desk) -> None:
    child, carer = desk.enrol(org="a/b/c/d"), desk.carer(org="a/b/c")
    for org, error in (("a/b/c2", Unknown), ("a/b", None)):
        client = Desk(desk.system, actor=Actor(name="phone", role=Role.CLIENT, org=org))
        if error:
            with pytest.raises(error):
                client.visit(child, carer, "2026-03-05")
        else:
            client.visit(child, carer, "2026-03-06")


def test_a_key_submits_only_what_it_was_granted(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer()
    phone = Actor(name="phone", role=Role.CLIENT, types=frozenset({"talk_held"}))
    auditor = Actor(name="auditor", role=Role.AUDITOR)

    for actor in (phone, auditor):
        with pytest.raises(Forbidden):
            Desk(desk.system, actor=actor).visit(child, carer, "2026-03-05")


def test_an_erased_child_keeps_its_facts_and_takes_no_more(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer()
    visit = desk.visit(child, carer, "2026-03-05")
    desk.system.keyring.destroy(child)

    erased = desk.child(child)
    again = desk.visit(child, carer, "2026-03-09", event_id=visit.event_id)

    assert erased.profile.name == "［已删除］"
    assert erased.last_contact.event_id == visit.event_id
    assert erased.last_contact.has_record
    assert not again.new
    with pytest.raises(Conflict) as refused:
        desk.visit(child, carer, "2026-03-06")
    assert codes(refused) == [("erased", "")]


def test_the_same_event_twice_at_once_is_nothing_new(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    child, carer, event_id = desk.enrol(), desk.carer(), uuid4()
    append = desk.system.log.append

    def but_somebody_is_quicker(*args: Any, **words: Any) -> Any:
        monkeypatch.undo()
        desk.visit(child, carer, "2026-03-05", event_id=event_id)
        return append(*args, **words)

    monkeypatch.setattr(desk.system.log, "append", but_somebody_is_quicker)
    again = desk.visit(child, carer, "2026-03-05", event_id=event_id)

    assert (again.version, again.new) == (2, False)
    assert desk.child(child).version == 2


def test_an_enrolment_sent_again_for_another_class_is_refused(desk: Desk) -> None:
    child, enrolment_id = uuid4(), uuid4()
    desk.enrol(child=child, enrolment_id=enrolment_id)

    with pytest.raises(Conflict) as refused:
        desk.enrol(child=child, enrolment_id=enrolment_id, org=f"{SCHOOL}/grade 3/class 5")

    assert codes(refused) == [("event_id_reused", "/event_id")]
    assert desk.child(child).org == CLASS


def test_an_identity_number_is_one_number_in_either_case(desk: Desk) -> None:
    child = desk.enrol(id_number="11010120160307004X")

    with pytest.raises(Conflict) as refused:
        desk.enrol(id_number="11010120160307004x")

    assert refused.value.reason.code == "number_taken"
    assert desk.system.record.find(kind="id_number", word="11010120160307004x", scope="") == (child,)
