"""Files as clerks keep them, in layouts of their own: what is read of them, and what is asked otherwise."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from application.system import System
from domain.refusal import Invalid
from tests.application.intake.papers.test_forms import Rows, book, csv_of, state
from tests.application.intake.sheets.books import document
from tests.application.papers import form, take_log, take_roster, why
from tests.support.systems import StandingClock, fresh_system


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path, clock=StandingClock(datetime(2026, 4, 8, 4, tzinfo=UTC))) as system:
        yield system


def test_a_questionnaire_numbers_its_headings(system: System) -> None:
    rows: Rows = [
        [
            "序号",
            "提交答卷时间",
            "来源",
            "1、孩子姓名：",
            "2、性别：",
            "3、出生日期：",
            "4、父亲是否外出务工",
        ],
        [1, "2026/3/1 9:12:33", "微信", "石小川", "男", "2015-05-04", "是"],
    ]

    done = take_roster(system, book(rows), enrolled_on=date(2026, 3, 1))

    assert (why(done), done.enrolled) == ([], 1)


def test_a_village_writes_as_it_speaks(system: System) -> None:
    rows: Rows = [
        ["柳树村留守儿童台账", None],
        ["编号", "户主", "孩子", "男女", "哪年生", "念几年级", "爸爸在哪", "妈妈在哪", "谁带", "电话"],
        [1, "石有福", "石小川", "男", "2015年5月4日", "三年级", "广东东莞", "浙江", "任大娘", "13471049746"],
    ]

    done = take_roster(system, book(rows), enrolled_on=date(2026, 3, 1))

    assert (why(done), done.incomplete, done.enrolled) == ([], (), 1)
    assert "户主：石有福" in state(system, "石小川").profile.remark


def test_a_telephone_behind_a_parent_is_that_parent_s(system: System) -> None:
    rows = [
        ["姓名", "石小川", "性别", "男", "出生年月", "2015年5月4日"],
        ["民族", "汉族", "所在班级", "三年级1班", "是否住校", "否"],
        ["家庭住址", "东岭3组", "", "监护人", "任大娘", ""],
        ["父亲姓名", "石大山", "务工地点", "广东东莞", "联系电话", "13471049746"],
    ]

    done = take_roster(system, document(rows, above=["信息卡", "填表日期：2026年3月1日"]))

    assert done.enrolled == 1
    child = state(system, "石小川")
    father = next(f.details for f in child.facts if f.type == "parent_work_recorded")
    guardian = next((f.details for f in child.facts if f.type == "guardian_designated"), None)
    assert (father.place, father.phone) == ("广东东莞", "13471049746")
    assert guardian is None or guardian.phone is None


def test_a_time_is_the_day_where_no_other_column_is(system: System) -> None:
    take_roster(system, form({}))
    rows: Rows = [
        ["2026年3月家访记录"],
        ["时间", "学生姓名", "家访教师", "内容"],
        ["3.5", "戴小春", "卢小佑", "问了作业"],
    ]

    done = take_log(system, csv_of(rows))

    assert (why(done), done.recorded) == ([], 1)
    assert state(system, "戴小春").facts[-1].occurred.day == date(2026, 3, 5)


def test_a_record_of_tutoring_says_its_subject_in_a_column(system: System) -> None:
    take_roster(system, form({}))
    rows: Rows = [
        ["课后辅导记录 2026年春"],
        ["日期", "姓名", "科目", "辅导教师", "时长", "效果"],
        ["2026年3月5日", "戴小春", "数学", "卢小佑", "40分钟", "有进步"],
    ]

    done = take_log(system, book(rows))

    said = state(system, "戴小春").facts[-1].details
    assert (why(done), said.TYPE, said.subject, said.minutes) == ([], "tutoring_held", "数学", 40)


def test_the_row_that_is_most_like_a_header_is_named_with_what_is_not_known_of_it(system: System) -> None:
    rows: Rows = [
        ["女生宿舍名单"],
        ["床号", "姓名", "班级", "离校时间"],
        ["1-01", "林小禾", "二年级2班", "周五"],
    ]

    with pytest.raises(Invalid) as refused:
        take_roster(system, book(rows, names=["宿舍"]))

    assert refused.value.reason.code == "no_header"
    assert "“宿舍”第 2 行" in refused.value.reason.zh
    assert "床号、离校时间（用 --map 说明，接口为 map）" in refused.value.reason.zh
    assert "林小禾" not in refused.value.reason.zh


def test_who_kept_a_grid_may_stand_above_it(system: System) -> None:
    take_roster(system, form({}))
    rows: Rows = [
        ["2026年3月谈心登记 负责教师：卢小佑"],
        ["姓名", "1日", "8日", "15日"],
        ["戴小春", "√", "", "想妈妈"],
    ]

    done = take_log(system, csv_of(rows))

    assert (why(done), done.recorded) == ([], 2)


def child_book(name: str, *lines: list[object], group: str = "3年级4班") -> list[list[object]]:
    head: list[list[object]] = [
        ["帮扶记录本"],
        ["姓名", name, "班级", group],
        ["帮扶教师", "卢小佑", "监护人", "任大娘"],
        ["时间", "形式", "内容", "效果"],
    ]
    return [*head, *lines]


@pytest.mark.parametrize("pages", [True, False])
def test_a_book_says_above_its_table_of_whom_it_is(system: System, *, pages: bool) -> None:
    take_roster(system, form({}, {"学籍号": "T2", "姓名": "石小川"}))
    books = [
        child_book("戴小春", ["2026.3.2", "家访", "看了家里", "好"], ["2026.3.9", "谈心", "想妈妈", None]),
        child_book("石小川", ["2026.3.4", "家访", "问了作业", ""]),
    ]

    done = take_log(system, book(*books) if pages else book([row for each in books for row in each]))

    assert (why(done), done.recorded) == ([], 3)
    days = [f.occurred.day.isoformat() for f in state(system, "戴小春").facts[-2:]]
    assert days == ["2026-03-02", "2026-03-09"]
    assert state(system, "石小川").facts[-1].details.record == "问了作业"


def test_a_line_of_several_children_is_asked_to_be_parted(system: System) -> None:
    take_roster(system, form({}, {"学籍号": "T2", "姓名": "石小川"}))
    rows: Rows = [["日期", "姓名", "类型", "记录人"], ["2026-03-05", "戴小春、石小川", "家访", "卢小佑"]]

    (refused,) = take_log(system, csv_of(rows)).refused

    assert (refused.reason.code, "每名儿童写一行" in refused.reason.zh) == ("several_children", True)
