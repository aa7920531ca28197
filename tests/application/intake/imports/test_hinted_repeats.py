"""A line that may tell of the same as another, of the file or of the ledger, is recorded and hinted at."""

import pytest

from application.access import SYSTEM
from application.intake.imports.care_log import CareLogResult, plan_care_log
from application.system import System
from tests.application.papers import SCHOOL, form, log, take_log, take_roster

CALL = {"类型": "电话", "对象": "父亲", "结果": "接通", "内容": "父亲说下月初回家看望孩子"}


@pytest.fixture
def school(system: System) -> System:
    take_roster(system, form({}))
    return system


def preview(system: System, data: bytes) -> CareLogResult:
    return plan_care_log(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)


def hints(done: CareLogResult) -> list[tuple[int, str]]:
    return [(each.line, each.reason.code) for each in done.asked]


@pytest.mark.parametrize(
    "other",
    [
        {"对象": "监护人"},
        {"对象": "奶奶"},
        {"对象": ""},
        {"时间": ""},
        {"内容": "", "对象": "监护人"},
    ],
)
def test_a_visit_that_is_entered_twice_is_hinted_at(school: System, other: dict[str, str]) -> None:
    both = log({}, other)

    seen = preview(school, both)
    done = take_log(school, log({}))
    stored = preview(school, log(other))

    assert (seen.recorded, hints(seen)) == (2, [(3, "may_repeat")])
    assert "第 2 行" in seen.asked[0].reason.zh
    assert (done.asked, stored.recorded, hints(stored)) == ((), 1, [(2, "may_repeat")])
    assert [hints(take_log(school, both)), hints(take_log(school, both))] == [[(3, "may_repeat")], []]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"时间": "19:00"}),
        ({}, {"日期": "2026-03-06"}),
        ({}, {"内容": "和奶奶谈孩子的作业和视力"}),
        (CALL | {"内容": "问平安"}, CALL | {"内容": "问平安", "对象": "母亲"}),
    ],
)
def test_two_things_are_not_hinted_at(school: System, first: dict[str, str], second: dict[str, str]) -> None:
    seen = preview(school, log(first, second))

    assert (seen.recorded, seen.asked) == (2, ())


def test_a_call_with_somebody_else_that_says_the_same_is_hinted_at(school: System) -> None:
    seen = preview(school, log(CALL, CALL | {"对象": "母亲"}))

    assert (seen.recorded, hints(seen)) == (2, [(3, "may_repeat")])
