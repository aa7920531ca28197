"""Forms of one child a page, and grids of names and days, read as the tables that they would be."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from application.intake.imports.care_log import CareLogResult
from application.system import System
from tests.application.papers import SCHOOL, form, take_log, take_roster, why
from tests.support.systems import StandingClock, fresh_system

Rows = Sequence[Sequence[object]]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path, clock=StandingClock(datetime(2026, 4, 8, 4, tzinfo=UTC))) as system:
        yield system


def book(*sheets: Rows, merged: Sequence[str] = (), names: Sequence[str] = ()) -> bytes:
    made, out = Workbook(), io.BytesIO()
    made.remove(made.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = made.create_sheet(names[number] if names else f"表{number + 1}")
        for row in rows:
            sheet.append(list(row))
        for area in merged:
            sheet.merge_cells(area)
    made.save(out)
    return out.getvalue()


def child_form(name: str, born: str, **more: str) -> list[list[object]]:
    """A page as schools print it: labels with what belongs to them beside, those of a parent in a group."""
    return [
        ["农村留守儿童个人档案表", None, None, None, None],
        ["填表日期：2026年3月1日"],
        ["姓名", name, "性别", more.get("sex", "女"), "民族", "汉族"],
        ["出生日期", born, "年级", "三年级", "班级", "2班"],
        ["家庭住址", "东岭村3组", None, None, "爱好", "画画"],
        ["父亲", "姓名", more.get("father", "石大山"), "务工地点", "浙江省义乌市", None],
        [None, "联系电话", "19034236671", "是否外出务工", "是", None],
        ["监护人", "任大娘", "与儿童关系", "祖母", "联系电话", "13471049746"],
        ["填表人：李老师"],
    ]


def state(system: System, name: str) -> Any:
    (child_id,) = [
        each
        for each in system.record.in_care(SCHOOL, system.now().date())
        if (profile := system.record.state(each).profile) and profile.name == name
    ]
    return system.record.state(child_id)


@pytest.mark.parametrize("pages", [True, False])
def test_a_form_a_page_is_a_child_each(system: System, *, pages: bool) -> None:
    forms = [child_form("石小川", "2016-05-04"), child_form("林小禾", "2016-07-01", father="林大山")]
    data = book(*forms) if pages else book([row for each in forms for row in each])

    done, again = take_roster(system, data), take_roster(system, data)

    assert (why(done), done.incomplete, done.enrolled) == ([], (), 2)
    assert (again.enrolled, again.completed, again.already_recorded, again.differs) == (0, 0, 2, ())
    child = state(system, "林小禾")
    assert child.org == f"{SCHOOL}/三年级/2班"
    assert (child.enrolment.day.isoformat(), child.profile.address) == ("2026-03-01", "东岭村3组")
    assert "爱好 画画" in child.profile.remark
    father = next(f.details for f in child.facts if f.type == "parent_work_recorded")
    assert (father.name, father.phone, father.place) == ("林大山", "19034236671", "浙江省义乌市")
    guardian = next(f.details for f in child.facts if f.type == "guardian_designated")
    assert (guardian.name, guardian.phone) == ("任大娘", "13471049746")


def test_a_telephone_is_of_whom_its_row_names(system: System) -> None:
    rows: Rows = [
        ["姓名", "石小川", "性别", "女"],
        ["出生日期", "2016-05-04", "建档日期", "2026-03-01"],
        ["父亲", "石大山", "联系电话", "19034236671", "外出务工", "是"],
        ["监护人", "任大娘", "联系电话", "13471049746", "关系", "祖母"],
    ]

    done = take_roster(system, book(rows))

    assert (why(done), done.enrolled) == ([], 1)
    told = {f.type: f.details.phone for f in state(system, "石小川").facts if hasattr(f.details, "phone")}
    assert told == {"parent_work_recorded": "19034236671", "guardian_designated": "13471049746"}


def test_labels_within_cells_and_in_merged_ones_are_read_too(system: System) -> None:
    rows: Rows = [
        ["留守儿童登记卡"],
        ["姓名：石小川 性别：女 出生日期：2016-05-04"],
        ["家庭住址：东岭村3组"],
        ["年级", None, "三年级", None],
        ["建档日期", None, "2026-03-01", None],
    ]

    done = take_roster(system, book(rows, merged=("A4:B4", "C4:D4", "A5:B5")))

    assert (why(done), done.enrolled) == ([], 1)
    assert state(system, "石小川").org == f"{SCHOOL}/三年级"


def test_what_a_form_does_not_say_is_asked_at_its_own_row(system: System) -> None:
    forms = [child_form("石小川", "2016-05-04"), child_form("林小禾", "", sex="")]

    done = take_roster(system, book([row for each in forms for row in each]))

    assert done.enrolled == 1
    assert [(each.line, {r.code for r in each.reasons}) for each in done.refused] == [
        (12, {"missing", "born_unknown"})
    ]


def test_an_empty_form_is_no_child(system: System) -> None:
    blank: Rows = [
        ["姓名", None, "性别", None],
        ["出生日期", None, "年级", None],
        ["班级", None, "民族", None],
    ]

    done = take_roster(system, book(child_form("石小川", "2016-05-04"), blank))

    assert (done.enrolled, why(done)) == (1, [])


def test_a_visit_a_page_is_a_line_of_the_log(system: System) -> None:
    take_roster(system, form({}))
    rows: Rows = [
        ["家访记录表"],
        ["学生姓名", "戴小春", "班级", "3年级4班"],
        ["家访时间", "2026年3月5日", "家访教师", "卢小佑"],
        ["被访人", "奶奶", "家访地点", "家中"],
        ["家访内容"],
        ["了解学习情况，奶奶身体好"],
        ["家长签字", None],
    ]

    done = take_log(system, book(rows))

    assert (why(done), done.recorded) == ([], 1)
    visit = state(system, "戴小春").facts[-1].details
    assert (visit.TYPE, [each.value for each in visit.met]) == ("home_visit_made", ["guardian"])
    assert "了解学习情况，奶奶身体好" in visit.record


GRID: Rows = [
    ["3年级4班2026年3月家访登记", None, None, None, None],
    ["班主任：卢小佑"],
    ["序号", "姓名", "3月2日", "3月9日", "3月16日", "3月23日"],
    ["1", "戴小春", "√", None, "不在家", "○"],
    ["2", "石小川", "-", "√", "家里盖房", None],
    ["合计", None, "1", "1", "2", "1"],
]


def csv_of(rows: Rows) -> bytes:
    held = io.StringIO()
    csv.writer(held).writerows([["" if cell is None else cell for cell in row] for row in rows])
    return held.getvalue().encode()


def visits(system: System, name: str) -> list[tuple[str, str, str | None]]:
    facts = [fact for fact in state(system, name).facts if fact.type == "home_visit_made"]
    return [(f.occurred.day.isoformat(), f.details.outcome.value, f.details.record) for f in facts]


@pytest.mark.parametrize("write", [book, csv_of])
def test_a_grid_of_names_and_days_is_a_line_for_each_mark(system: System, write: Any) -> None:
    take_roster(system, form({}, {"学籍号": "T2", "姓名": "石小川"}))
    data = write(GRID)

    done, again = take_log(system, data), take_log(system, data)

    # Line 405 is in row 4 and column 5; what ○ means, and how it went where words alone stand, is asked.
    assert (done.recorded, why(done)) == (3, [(406, "paper_word"), (505, "paper_word")])
    assert (again.recorded, again.already_recorded) == (0, 3)
    assert visits(system, "戴小春") == [("2026-03-02", "met", None), ("2026-03-16", "nobody_home", None)]
    assert visits(system, "石小川") == [("2026-03-09", "met", None)]


def test_days_below_their_months_and_types_as_marks(system: System) -> None:
    take_roster(system, form({}))
    rows: Rows = [
        ["2026年关爱登记表"],
        ["姓名", "记录人", "3月", None, "4月", None],
        [None, None, "2", "9", "1", "2"],
        ["戴小春", "卢小佑", "家访", "谈心", "1", "谈话"],
    ]

    done = take_log(system, book(rows, merged=("C2:D2", "E2:F2", "A2:A3", "B2:B3")))

    assert (done.recorded, [code for _, code in why(done)]) == (3, ["missing"])
    days = [(f.type, f.occurred.day.isoformat()) for f in state(system, "戴小春").facts[-3:]]
    assert days == [
        ("home_visit_made", "2026-03-02"),
        ("talk_held", "2026-03-09"),
        ("talk_held", "2026-04-02"),
    ]


def test_weeks_are_no_days_and_are_asked(system: System) -> None:
    take_roster(system, form({}))
    rows: Rows = [
        ["家访统计"],
        ["姓名", "记录人", "第1周", "第2周", "第3周"],
        ["戴小春", "卢小佑", "√", None, "√"],
    ]

    result: CareLogResult = take_log(system, book(rows))

    assert (result.recorded, [line for line, _ in why(result)]) == (0, [303, 305])


def test_numbers_are_minutes_where_the_grid_says_so_and_whom_a_call_reached_is_asked(system: System) -> None:
    take_roster(system, form({}))
    rows: Rows = [
        ["2026年3月通话登记（单位：分钟） 班主任：卢小佑"],
        ["姓名", "通话对象", "1日", "8日", "15日"],
        ["戴小春", "父亲", 5, 0, "未接"],
        ["戴小春", "", 12, "", ""],
    ]

    done = take_log(system, book(rows))

    assert (done.recorded, why(done)) == (2, [(403, "paper_word")])
    calls = [fact.details for fact in state(system, "戴小春").facts if fact.type == "call_made"]
    assert [(each.outcome.value, each.minutes) for each in calls] == [("connected", 5), ("no_answer", 0)]
