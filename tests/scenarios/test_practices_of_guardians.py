"""G01 to G11: whoever looks after a child, what they signed, what they were taught."""

from uuid import UUID, uuid4

import pytest

from domain.family import care_at_home
from domain.refusal import Refused
from tests.support.practice import Office


def child_with(desk: Office, carer: str, *, phone: str = "13800000001", **more: object) -> UUID:
    child = desk.enrol("2026-03-01", name=f"{carer}的孩子")
    desk.submit("care_arranged", "2026-03-01", child=child, name=carer, relation="祖母", phone=phone, **more)
    return child


def letters(desk: Office) -> tuple[int, int, float | None]:
    (row,) = desk.rows("guardians", "schools")
    return row["signed"], row["children"], row["signed_percent"]


def test_the_guardian_that_the_parents_named_last_is_the_one(desk: Office) -> None:
    child = desk.enrol("2026-03-01")
    for day, name in (("2026-03-02", "爷爷"), ("2026-05-01", "姑姑")):
        desk.submit("guardian_designated", day, child=child, name=name, relation="亲属", kind="delegated")

    (one,) = care_at_home(desk.child(child)) or ()
    assert one.name == "姑姑"


def test_a_letter_is_missed_until_it_is_signed_and_again_once_it_has_run_out(desk: Office) -> None:
    one, two = child_with(desk, "林奶奶"), child_with(desk, "陈奶奶")
    desk.submit("responsibility_letter_signed", "2026-03-05", child=one, signed_by="林奶奶")
    desk.submit(
        "responsibility_letter_signed", "2026-03-05", child=two, signed_by="陈奶奶", until="2026-06-01"
    )

    assert letters(desk) == (1, 2, 50.0)
    assert [row["carer"] for row in desk.rows("guardians", "items")] == ["陈奶奶"]
    desk.submit("responsibility_letter_signed", "2026-06-02", child=two, signed_by="陈奶奶")
    assert letters(desk) == (2, 2, 100.0)


def test_a_letter_between_school_and_teacher_is_none_of_the_guardian(desk: Office) -> None:
    child = child_with(desk, "林奶奶")
    desk.submit("responsibility_letter_signed", "2026-03-05", child=child, layer="teacher")
    assert letters(desk) == (0, 1, 0.0)


def test_who_cares_for_three_children_counts_as_one_who_was_trained(desk: Office) -> None:
    three = [child_with(desk, "林奶奶") for _ in range(3)]
    child_with(desk, "陈奶奶", phone="13800000002")
    desk.hold("training", three[0], topic="家庭教育")

    (row,) = desk.rows("guardians", "schools")
    assert (row["children"], row["guardians"], row["trained"], row["trained_percent"]) == (4, 2, 1, 50.0)


def test_guardians_meet_with_heads_and_what_was_decided(desk: Office) -> None:
    met = desk.open(
        "meeting_held",
        "2026-04-10",
        kind="guardians",
        topic="暑期安全",
        heads=38,
        minutes=60,
        parties=["teacher", "guardian"],
        decisions=["每家签一份告知书"],
    )
    desk.say(met, "meeting_followed_up", "2026-04-20", decision=1, done=True)

    (row,) = desk.rows("meetings")
    assert (row["kind"].value, row["heads"], row["decided"], row["done"]) == ("guardians", 38, 1, 1)
    assert row["three_parties"] is None


def test_a_visit_says_whether_guidance_was_given(desk: Office) -> None:
    child, carer = child_with(desk, "林奶奶"), desk.carer()
    desk.visit(child, carer, "2026-05-06", met=["guardian"], parenting_guidance=True)
    (said,) = desk.said_of(child, "home_visit_made")
    assert said.parenting_guidance is True


def test_who_stops_caring_leaves_a_gap_that_is_seen(desk: Office) -> None:
    child = desk.enrol("2026-03-01")
    arranged = uuid4()
    desk.submit("care_arranged", "2026-03-01", child=child, event_id=arranged, name="外婆", relation="外祖母")
    desk.submit("care_arrangement_ended", "2026-06-20", child=child, arrangement=str(arranged))

    assert care_at_home(desk.child(child)) == ()
    (row,) = desk.rows("completeness", "items")
    assert "照料人及电话" in [each.zh for each in row["missing"]]


def test_an_open_letter_and_a_message_before_the_holiday_say_whether_they_arrived(desk: Office) -> None:
    child = child_with(desk, "林奶奶")
    desk.submit(
        "letter_sent", "2026-06-25", child=child, writer="school", reader="guardian", kind="open_letter"
    )
    desk.submit("message_sent", "2026-06-25", child=child, reader="father", arrived=False)

    rows = {row["what"].en: row["people"] for row in desk.rows("term-summary", "items")}
    assert (rows["Letter"], rows["Message"]) == (1, 1)
    assert [said.arrived for said in desk.said_of(child, "message_sent")] == [False]


def test_entrustment_to_whom_the_law_excludes_is_refused_and_care_is_recorded_all_the_same(
    desk: Office,
) -> None:
    child = child_with(desk, "酗酒的叔叔")
    with pytest.raises(Refused):
        desk.submit("entrustment_signed", "2026-03-05", child=child, name="叔叔", excluded_by=["addiction"])
    desk.submit(
        "entrustment_signed", "2026-03-05", child=child, name="姑姑", school_told=True, village_told=True
    )

    (row,) = desk.rows("guardians", "schools")
    assert row["entrusted"] == 1


def test_a_guardian_is_honoured(desk: Office) -> None:
    child = child_with(desk, "林奶奶")
    desk.submit("award_given", "2026-06-01", child=child, to="guardian", title="优秀家长")
    assert [said.to.value for said in desk.said_of(child, "award_given")] == ["guardian"]
