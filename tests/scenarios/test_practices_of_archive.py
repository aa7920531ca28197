"""A01 to A18: the file of a child, what it must say, and what is made of it."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.refusal import Conflict
from tests.support.actions import CLASS, SCHOOL
from tests.support.practice import Office

CARER = {"name": "林奶奶", "relation": "祖母", "phone": "13800000001"}


def known(desk: Office, name: str, **more: Any) -> UUID:
    """Enrol a child of whom all three things are known."""
    child = desk.enrol("2026-03-01", name=name, address="东岭镇卞家泉村", **more)
    desk.submit("care_arranged", "2026-03-01", child=child, **CARER)
    for parent, phone in (("father", "13900000001"), ("mother", "13900000002")):
        desk.submit(
            "parent_work_recorded",
            "2026-03-01",
            child=child,
            parent=parent,
            away=True,
            name=parent,
            place="广东省东莞市",
            phone=phone,
        )
    return child


def away(desk: Office, number: int, *, parents: tuple[str, ...], org: str = CLASS) -> None:
    for n in range(number):
        child = desk.enrol("2026-03-01", org=org, name=f"林小禾{n}")
        for parent in ("father", "mother"):
            desk.submit(
                "parent_work_recorded", "2026-03-01", child=child, parent=parent, away=parent in parents
            )


def rates(desk: Office) -> dict[str, tuple[int, int, float | None]]:
    return {
        row["rate"].value: (row["numerator"], row["denominator"], row["percent"])
        for row in desk.rows("rates", "rates")
    }


def test_one_and_both_parents_away_are_told_apart_and_add_up(desk: Office) -> None:
    away(desk, 3, parents=("father",))
    away(desk, 2, parents=("father", "mother"))
    away(desk, 1, parents=())

    (whole,) = desk.rows("class-statistics", "whole")
    assert (whole["one_away"], whole["both_away"], whole["none_away"], whole["unknown"]) == (3, 2, 1, 0)
    assert whole["children"] == whole["male"] + whole["female"] == 6


def test_12_of_185_pupils_are_left_behind(desk: Office) -> None:
    away(desk, 12, parents=("mother",))
    desk.system.organisations.count_pupils(SCHOOL, pupils=185, actor=desk.actor)

    found = desk.answer("summary", org=SCHOOL).body["school"]
    assert (found["left_behind"], found["pupils"], found["rate_percent"]) == (12, 185, 6.49)  # type: ignore[index]


def test_561_of_1500_pupils_or_more_are_at_most_37_percent(desk: Office) -> None:
    away(desk, 6, parents=("mother",))
    desk.system.organisations.count_pupils(SCHOOL, pupils=15, approximate=True, actor=desk.actor)

    found = desk.answer("summary", org=SCHOOL)
    said: Any = found.body
    assert (said["school"]["pupils_approximate"], said["school"]["rate_percent"]) == (True, 40.0)
    labels = [row["figure"].zh for row in desk.rows("summary", org=SCHOOL)]
    assert labels[0] == "学生（约数，至少）"
    assert labels[2] == "占比（%，至多）"
    # Once they are counted one by one, the share is what it is.
    desk.system.organisations.count_pupils(SCHOOL, pupils=15, actor=desk.actor)
    assert [row["figure"].zh for row in desk.rows("summary", org=SCHOOL)][2] == "占比（%）"
    (unit,) = [row for row in desk.rows("organisations") if row["org"] == SCHOOL]
    assert (unit["pupils"], unit["approximate"]) == (15, False)


def test_a_child_has_one_file_and_a_number_is_never_borne_twice(desk: Office) -> None:
    desk.enrol("2026-03-01", student_no="G1")
    with pytest.raises(Conflict, match="number_taken"):
        desk.enrol("2026-03-01", student_no="G1")


def test_the_rates_tell_numerator_denominator_and_who_is_missing(desk: Office) -> None:
    for number in range(3):
        known(desk, f"齐全{number}")
    desk.enrol("2026-03-01", name="缺项")
    out = known(desk, "辍学")
    desk.submit("school_status_changed", "2026-05-01", child=out, status="dropped_out", reason="厌学")

    assert rates(desk) == {
        "filing": (4, 5, 80.0),
        "enrolment": (4, 5, 80.0),
        "retention": (0, 0, None),
    }
    named = [(row["rate"].value, row["name"]) for row in desk.rows("rates", "items")]
    assert named == [("filing", "缺项"), ("enrolment", "辍学")]
    (filing, _) = desk.rows("rates", "items")
    assert [each.zh for each in filing["why"]] == ["儿童基本情况", "照料人及电话", "父母去向及电话"]

    desk.submit("school_status_changed", "2026-06-01", child=out, status="attending", persuaded_by="王校长")
    assert rates(desk)["enrolment"] == (5, 5, 100.0)


def test_who_attended_in_september_and_does_no_longer_is_missing_from_retention(desk: Office) -> None:
    there = [desk.enrol("2025-08-30", name=f"在读{n}") for n in range(4)]
    desk.submit("school_status_changed", "2026-03-01", child=there[0], status="dropped_out")

    assert rates(desk)["retention"] == (3, 4, 75.0)
    assert ("retention", "在读0") in [(r["rate"].value, r["name"]) for r in desk.rows("rates", "items")]


def test_a_contact_card_says_who_is_where_and_is_due_again_after_a_change(desk: Office) -> None:
    child = known(desk, "林小禾")
    desk.pair(child, desk.carer("卢老师", phone="13700000001"))
    desk.submit("contact_card_issued", "2026-04-01", child=child, holders=["guardian", "mother"], version=1)

    (card,) = desk.rows("contact-cards")
    assert (card["carer"], card["relation"], card["carer_phone"]) == ("林奶奶", "祖母", "13800000001")
    assert (card["father_place"], card["mother_phone"]) == ("广东省东莞市", "13900000002")
    assert (card["helpers"], card["issued_on"], card["due"]) == (
        ("卢老师 13700000001",),
        date(2026, 4, 1),
        False,
    )
    desk.submit(
        "parent_work_recorded", "2026-05-01", child=child, parent="father", away=True, phone="13900000009"
    )
    (card,) = desk.rows("contact-cards", due=True)
    assert card["due"] is True


def test_a_card_says_where_whoever_cares_lives_guardian_or_not(desk: Office) -> None:
    child = known(desk, "林小禾")
    who = {"name": "周桂兰", "relation": "姨母", "age": 66, "address": "西河村2组"}
    desk.submit("care_arranged", "2026-04-01", child=child, **who)
    desk.submit("entrustment_signed", "2026-04-01", child=child, **who)

    (card,) = desk.rows("contact-cards")
    assert (card["carer"], card["carer_age"], card["carer_address"]) == ("周桂兰", 66, "西河村2组")
    assert [said.address for said in desk.said_of(child, "entrustment_signed")] == ["西河村2组"]


def test_three_things_and_a_chain_of_four_are_looked_for_and_what_is_missing_is_named(desk: Office) -> None:
    whole = known(desk, "齐全")
    desk.pair(whole, desk.carer("卢老师", phone="13700000001"))
    desk.enrol("2026-03-01", name="缺项")

    found = {row["name"]: [each.en for each in row["missing"]] for row in desk.rows("completeness", "items")}
    assert found == {
        "齐全": ["Government"],
        "缺项": [
            "The child itself",
            "Who cares, with telephone",
            "Parents: where, with telephone",
            "Child",
            "School",
            "Family",
            "Government",
        ],
    }
    (row,) = desk.rows("completeness", "classes")
    assert (row["children"], row["known"], row["known_percent"]) == (2, 1, 50.0)


def test_the_bag_of_a_child_has_twelve_things_and_names_those_that_are_missing(desk: Office) -> None:
    child, carer = known(desk, "林小禾"), str(desk.carer())
    desk.submit("talk_held", "2026-05-01", child=child, carers=[carer], record="谈学习")
    desk.submit("letter_sent", "2026-05-01", child=child, writer="child", reader="mother")
    desk.submit("award_given", "2026-05-01", child=child, title="进步奖")
    desk.submit("growth_diary_written", "2026-05-01", child=child, carers=[carer])

    (row,) = desk.rows("record-bags")
    assert (row["there"], row["of"], len(row["missing"])) == (4, 12, 8)
    assert "Health" in [each.en for each in row["missing"]]


def test_five_documents_of_a_class_are_made_of_the_files(desk: Office) -> None:
    child = known(desk, "林小禾", boarding=True)
    desk.pair(child, desk.carer("小班长"), kind="hand_in_hand")

    (line,) = desk.rows("register", org=CLASS)
    (form,) = desk.rows("basic-forms", org=CLASS)
    (hands,) = desk.rows("hand-in-hand", org=CLASS)
    (card,) = desk.rows("contact-cards", org=CLASS)
    (counted,) = desk.rows("class-statistics", "items", org=CLASS)
    assert (line["name"], line["away"].value, line["carer"]) == ("林小禾", "both_parents_away", "林奶奶")
    assert (form["both_away"], form["schooling"].value, form["boarding"]) == (True, "primary", True)
    assert (hands["name"], hands["peer"], hands["since"]) == ("林小禾", "小班长", date(2026, 3, 1))
    assert card["name"] == "林小禾"
    assert (counted["children"], counted["boarding"], counted["both_away"]) == (1, 1, 1)


def test_the_summary_table_counts_every_child_once_in_each_part_and_adds_up(desk: Office) -> None:
    for number, born in enumerate(("2022-05-20", "2016-05-20", "2013-05-20", "2011-05-20")):
        known(desk, f"林小禾{number}", birth_date=born, sex="male" if number % 2 else "female", boarding=True)
    away(desk, 2, parents=("father",), org=f"{SCHOOL}/grade 3/class 5")
    out = known(desk, "辍学", birth_date="2012-05-20")
    desk.submit("school_status_changed", "2026-05-01", child=out, status="dropped_out")

    (row,) = desk.rows("basic-table", "items", org=SCHOOL)
    c = {number: row[f"c{number}"] for number in range(1, 33)}
    assert (c[1], c[2], c[5], c[8]) == (7, 1, 4, 2)
    assert (c[11], c[13], c[14], c[17]) == (1, 3, 1, 1)
    assert (c[19], c[20], c[24], c[25]) == (5, 2, 2, 2)
    assert (c[26], c[29], c[32]) == (5, 2, 7)
    assert row["sound"] is True
    assert desk.answer("basic-table", org=SCHOOL).notes == ()


def test_a_parent_away_without_a_telephone_is_missing_from_what_must_be_known(desk: Office) -> None:
    child = known(desk, "林小禾")
    desk.submit(
        "parent_work_recorded",
        "2026-05-01",
        child=child,
        parent="mother",
        away=True,
        place="广东省东莞市",
        unknown=["phone"],
    )
    (row,) = desk.rows("completeness", "items")
    assert [each.en for each in row["missing"]][:1] == ["Parents: where, with telephone"]


def test_what_was_true_in_spring_stays_true_of_spring(desk: Office) -> None:
    (child,) = (desk.enrol("2026-03-01"),)
    for day, is_away in (("2026-03-01", True), ("2026-06-01", False)):
        for parent in ("father", "mother"):
            desk.submit("parent_work_recorded", day, child=child, parent=parent, away=is_away)

    (then,) = desk.rows("class-statistics", "whole", on=date(2026, 5, 1))
    (now,) = desk.rows("class-statistics", "whole")
    assert (then["both_away"], now["both_away"], now["none_away"]) == (1, 0, 1)


def test_migrant_poor_and_special_children_are_counted_as_such(desk: Office) -> None:
    for tag in ("migrant", "poor", "special_group"):
        desk.enrol("2026-03-01", tags=[tag])

    (whole,) = desk.rows("class-statistics", "whole")
    assert (whole["migrant"], whole["poor"], whole["special_group"]) == (1, 1, 1)


def test_a_call_that_is_not_understood_is_none_and_who_cannot_read_is_on_the_card(desk: Office) -> None:
    child = desk.enrol("2026-03-01")
    desk.submit(
        "care_arranged",
        "2026-03-01",
        child=child,
        name="外公",
        relation="外祖父",
        language="方言",
        can_read=False,
    )
    desk.submit(
        "call_made",
        "2026-05-01",
        child=child,
        caller="carer",
        called="guardian",
        minutes=3,
        outcome="not_understood",
        carers=[str(desk.carer())],
    )

    (card,) = desk.rows("contact-cards")
    assert (card["language"], card["can_read"]) == ("方言", False)
    assert desk.child(child).last_contact is None
