"""Lists that an office goes by: birthdays to come, incidents nobody called about, the cards of a teacher."""

from datetime import date
from typing import Any

import pytest

from domain.refusal import Invalid
from tests.support.actions import CLASS, SCHOOL, codes
from tests.support.practice import Office

# The office is in the morning of 1 July 2026.
TODAY = "2026-07-01"


def test_birthdays_are_listed_a_week_ahead_and_leap_days_give_way(desk: Office) -> None:
    born = {"今天": "2016-07-01", "七日": "2015-07-08", "八日": "2015-07-09", "昨天": "2016-06-30"}
    for name, day in (born | {"闰日": "2016-02-29", "元旦": "2017-01-01"}).items():
        desk.enrol("2026-03-01", name=name, birth_date=day)

    ahead = desk.rows("birthdays")
    assert [(r["name"], r["day"], r["age"]) for r in ahead] == [
        ("今天", date(2026, 7, 1), 10),
        ("七日", date(2026, 7, 8), 11),
    ]

    # Over the turn of a year, and in a year without a leap day.
    winter = {"from": date(2026, 12, 25), "to": date(2027, 3, 1)}
    turned = [(r["name"], r["day"], r["age"]) for r in desk.rows("birthdays", **winter)]
    assert turned == [("元旦", date(2027, 1, 1), 10), ("闰日", date(2027, 3, 1), 11)]


def test_who_was_celebrated_with_is_told_with_its_day(desk: Office) -> None:
    child = desk.enrol("2025-03-01", name="林小禾", birth_date="2016-07-02")
    desk.submit("birthday_celebrated", "2025-07-02", child=child)

    assert [r["celebrated_on"] for r in desk.rows("birthdays")] == [date(2025, 7, 2)]


def incident(desk: Office, found: str, *calls: str, **more: Any) -> str:
    told = desk.open("incident_reported", found, situations=["alone"], what="家中无人照料", **more)
    for call in calls:
        desk.say(told, "incident_office_called", call, office="police")
    return str(told)


def test_incidents_nobody_called_about_in_time_come_first(desk: Office) -> None:
    at_once = incident(desk, "2026-06-29T08:00:00+08:00", "2026-06-29T08:10:00+08:00")
    late = incident(desk, "2026-06-29T08:00:00+08:00", "2026-06-29T11:00:00+08:00")
    nobody = incident(desk, "2026-06-30T20:00:00+08:00")
    still = incident(desk, "2026-07-01T11:30:00+08:00")
    # Of a bare day the hours run from its end.
    on_a_day, today = incident(desk, "2026-06-30"), incident(desk, TODAY)
    untimed = incident(desk, "2026-06-28", "2026-06-28")

    rows = {r["incident_id"].hex: (r["told"].value, r["minutes"]) for r in desk.rows("incidents")}
    wanted = {
        nobody: ("nobody", None),
        on_a_day: ("nobody", None),
        at_once: ("in_time", 10),
        late: ("late", 180),
        still: ("still", None),
        today: ("still", None),
        untimed: ("untimed", None),
    }
    assert rows == {key.replace("-", ""): told for key, told in wanted.items()}
    assert [r["told"].value for r in desk.rows("incidents")][:2] == ["nobody"] * 2
    # An office may give more hours.
    assert [r["told"].value for r in desk.rows("incidents", hours=24)].count("nobody") == 0


def test_cards_are_made_for_the_classes_of_a_teacher_and_for_whom_they_look_after(desk: Office) -> None:
    other = f"{SCHOOL}/grade 9/class 9"
    _, _, paired = (
        desk.enrol("2026-03-01", org=org, name=name)
        for org, name in ((CLASS, "本班"), (other, "他班"), (other, "结对"))
    )
    desk.pair(paired, desk.carer("卢老师"))
    matrix = desk.open("responsibilities_set", "2026-03-01", title="分工")
    scope = CLASS.removeprefix(f"{SCHOOL}/")
    desk.say(
        matrix,
        "responsibility_assigned",
        "2026-03-01",
        side="class",
        holder="卢老师",
        post="class_teacher",
        scope=scope,
    )

    assert {r["name"] for r in desk.rows("contact-cards")} == {"本班", "他班", "结对"}
    assert {r["name"] for r in desk.rows("contact-cards", org=other)} == {"他班", "结对"}
    assert {r["name"] for r in desk.rows("contact-cards", teacher="卢老师")} == {"本班", "结对"}
    assert desk.rows("contact-cards", teacher="无此人") == []


def test_the_character_of_a_child_is_kept_and_what_was_said_last_is_in_its_bag(desk: Office) -> None:
    child, other = desk.enrol("2026-03-01", name="林小禾"), desk.enrol("2026-03-01", name="林小苗")
    desk.submit("character_noted", "2026-03-05", child=child, character="内向", interests=["画画"])
    desk.submit(
        "character_noted", "2026-06-05", child=child, character="开朗了些", interests=["画画", "篮球"]
    )
    with pytest.raises(Invalid) as nothing:
        desk.submit("character_noted", "2026-06-05", child=other, carers=[])

    assert codes(nothing) == [("missing", "/details/character")]
    bags = {r["name"]: (r["character"], r["interests"]) for r in desk.rows("record-bags")}
    assert bags == {"林小禾": ("开朗了些", ("画画", "篮球")), "林小苗": (None, None)}
