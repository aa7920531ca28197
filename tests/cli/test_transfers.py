"""`careledger transfers`: what is undecided, out of an organisation and into it, the longest open first."""

from datetime import timedelta
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.settings import read_settings
from application.system import open_system
from domain.days import local_day
from tests.cli.terminal import SCHOOL, Terminal
from tests.support.actions import Desk

OTHER, THIRD = "示例县/东岭镇/别的小学", "示例县/东岭镇/第三小学"


@pytest.fixture
def moving(school: Terminal) -> tuple[Terminal, UUID]:
    """Two children on their way, one since yesterday to one school, one since long to another."""
    system = open_system(read_settings(school.environ))
    try:
        desk, today = Desk(system), local_day(system.now())
        for path in (OTHER, THIRD):
            system.organisations.ensure(path, actor=SYSTEM)
        for to, days in ((OTHER, 1), (THIRD, 30)):
            child = desk.enrol(org=f"{SCHOOL}/三年级", student_no=f"2026{days:04}", name="石小川")
            day = (today - timedelta(days=days)).isoformat()
            proposed = desk.propose(child, to, day, duties=["六月家访", "补交记录"])
    finally:
        system.close()
    return school, proposed.event_id


def test_what_nobody_has_decided_is_listed_the_longest_open_first(moving: tuple[Terminal, UUID]) -> None:
    school, first = moving
    found = school.json("transfers")["items"]

    assert [(t["student_no"], t["org"], t["to"], t["days_open"], t["overdue"]) for t in found] == [
        ("20260030", f"{SCHOOL}/三年级", THIRD, 30, True),
        ("20260001", f"{SCHOOL}/三年级", OTHER, 1, False),
    ]
    assert found[0]["transfer_id"] == str(first)
    assert (found[0]["duties"], found[0]["open_alerts"]) == (["六月家访", "补交记录"], [])


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("--overdue",), ["20260030"]),
        (("--org", OTHER), ["20260001"]),
        (("--org", SCHOOL), ["20260030", "20260001"]),
        (("--org", OTHER, "--overdue"), []),
    ],
)
def test_transfers_are_asked_for_by_either_side_and_by_being_overdue(
    moving: tuple[Terminal, UUID], words: tuple[str, ...], numbers: list[str]
) -> None:
    school, _ = moving

    assert [t["student_no"] for t in school.json("transfers", *words)["items"]] == numbers


def test_the_table_says_who_goes_where_in_both_languages(moving: tuple[Terminal, UUID]) -> None:
    school, _ = moving
    zh = school.run("--lang", "zh", "transfers").out
    en = school.run("--lang", "en", "transfers", "--overdue").out

    assert ("逾期" in zh, "Overdue" in en) == (True, True)
    assert (zh.count("石小川"), en.count("石小川")) == (2, 1)
    assert (zh.count("✓"), en.count("✓")) == (1, 1)
    assert "六月家访" in zh
