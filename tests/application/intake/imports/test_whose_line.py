"""A line of a log that names a child by name and class means whoever was in that class on its day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.intake.imports.care_log import import_care_log
from application.system import System
from domain.case_no import case_no_of
from tests.application.papers import LINE, SCHOOL, form, log, take_log, take_roster, why
from tests.support.actions import Desk
from tests.support.systems import StandingClock, fresh_system

COLUMNS = (*LINE, "班级")
OTHER_SCHOOL = "示例县/东岭镇/西河小学"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path, clock=StandingClock(datetime(2026, 11, 28, 4, tzinfo=UTC))) as system:
        take_roster(system, form({}))
        yield system


def named(system: System, day: str, group: str) -> list[tuple[int, str]]:
    """Import a line without a number, and return why it is refused."""
    said = {"学籍号": "", "日期": day, "登记日期": "", "班级": group}
    done = take_log(system, log(said, columns=COLUMNS))
    assert done.recorded + len(done.refused) == 1
    return why(done)


def move(system: System, to: str, day: str = "2026-09-01") -> UUID:
    desk = Desk(system)
    (child,) = system.record.find(kind="student_no", word="T1", scope="")
    for path in (to, OTHER_SCHOOL):
        system.organisations.ensure(path, actor=desk.actor)
    proposed = desk.propose(child, to, day)
    desk.accept(child, proposed.event_id, day)
    return child


@pytest.mark.parametrize("to", [f"{SCHOOL}/4年级/4班", OTHER_SCHOOL])
def test_a_late_line_means_who_was_in_the_class_on_its_day(system: System, to: str) -> None:
    child = move(system, to)

    assert named(system, "2026-03-05", "三(4)班") == []
    assert system.log.stream(child)[-1].occurred.day == date(2026, 3, 5)


def test_a_line_with_the_class_of_today_is_known_as_before(system: System) -> None:
    move(system, f"{SCHOOL}/4年级/4班")

    assert named(system, "2026-03-05", "四(4)班") == []
    assert named(system, "2026-09-05", "四(4)班") == []
    assert named(system, "2026-09-05", "五(4)班") == [(2, "unknown_child")]


def test_who_came_into_the_class_later_is_not_meant(system: System) -> None:
    move(system, f"{SCHOOL}/4年级/4班")
    namesake = {"学籍号": "T2", "出生日期": "2015-05-01", "建档日期": "2026-09-02"}
    take_roster(system, form(namesake | {"年级": "2年级"}))
    (later,) = system.record.find(kind="student_no", word="T2", scope="")
    desk = Desk(system)
    system.organisations.ensure(f"{SCHOOL}/3年级/4班", actor=desk.actor)
    proposed = desk.propose(later, f"{SCHOOL}/3年级/4班", "2026-10-01")
    desk.accept(later, proposed.event_id, "2026-10-01")
    before = len(system.log.stream(later))

    assert named(system, "2026-03-05", "三(4)班") == []
    assert named(system, "2026-10-05", "三(4)班") == []
    assert len(system.log.stream(later)) == before + 1


def test_who_has_left_the_school_is_not_meant_by_a_later_line(system: System) -> None:
    move(system, OTHER_SCHOOL)

    assert named(system, "2026-09-05", "") == [(2, "unknown_child")]


SPELLINGS = [
    {"年级": "", "班级": "四(1)班"},
    {"年级": "", "班级": "四年级一班"},
    {"年级": "四年级", "班级": "一班"},
    {"年级": "4年级", "班级": "1"},
    {"年级": "四年级", "班级": "四（1）班"},
    {"年级": "", "班级": "4.1班"},
    {"年级": "", "班级": "401班"},
    {"年级": "", "班级": "4-1"},
    {"年级": "四", "班级": "（1）"},
    {"年级": "", "班级": "四一班"},
]


@pytest.mark.parametrize("first", range(3))
def test_a_class_is_one_however_it_is_written_and_keeps_its_first_name(system: System, first: int) -> None:
    spellings = [*SPELLINGS[first:], *SPELLINGS[:first]]
    rows = [
        {"学籍号": f"A{n}", "姓名": f"林小{chr(0x4E00 + n)}", "结对帮扶人": "", **said}
        for n, said in enumerate(spellings)
    ]
    assert take_roster(system, form(rows[0])).enrolled == 1
    (label,) = [path for path in system.organisations.paths(below=SCHOOL) if "1" in path or "一" in path]

    done = take_roster(system, form(*rows))

    assert (done.enrolled, done.differs, done.refused) == (len(rows) - 1, (), ())
    assert len(system.record.in_care(label, date(2026, 11, 28))) == len(rows)


@pytest.mark.parametrize(
    ("grade", "group"), [("四年级", "1"), ("", "四一班"), ("四年级", "一中队"), ("4", "（1）班")]
)
def test_a_line_names_a_class_in_any_spelling(system: System, grade: str, group: str) -> None:
    take_roster(
        system, form({"学籍号": "T2", "姓名": "石小川", "年级": "四年级", "班级": "1班", "结对帮扶人": ""})
    )
    said = {"学籍号": "", "儿童姓名": "石小川", "年级": grade, "班级": group}

    assert take_log(system, log(said, columns=(*LINE, "年级", "班级"))).recorded == 1


def test_another_class_of_a_grade_stands_beside_the_first(system: System) -> None:
    rows = [("三(5)班", "T2"), ("3年级大班", "T3")]
    take_roster(
        system,
        form(*({"学籍号": n, "姓名": f"石{n}", "年级": "", "班级": c, "结对帮扶人": ""} for c, n in rows)),
    )

    below = system.organisations.paths(below=f"{SCHOOL}/3年级")
    assert [path.rpartition("/")[2] for path in below] == ["3年级", "4班", "5班", "大班"]


def test_a_name_nearly_right_is_proposed_and_never_chosen(system: System) -> None:
    others = (
        {"学籍号": "T2", "姓名": "戴小村", "班级": "5班"},
        {"学籍号": "T3", "姓名": "石小川", "班级": "4班"},
    )
    take_roster(system, form(*({"结对帮扶人": "", **each} for each in others)))
    said = {"学籍号": "", "儿童姓名": "戴晓春", "班级": "三(4)班"}
    (child,) = system.record.find(kind="student_no", word="T1", scope="")

    done = take_log(system, log(said, {**said, "儿童姓名": "罗大诺"}, columns=COLUMNS))

    near, far = done.refused
    assert (done.recorded, why(done)) == (0, [(2, "unknown_child"), (3, "unknown_child")])
    assert near.reason.zh.endswith(f"请核对）：{case_no_of(child)}")
    assert case_no_of(child) in near.reason.en
    assert "建议" not in far.reason.zh


def test_whoever_may_not_read_is_told_of_no_other_child(system: System) -> None:
    said = {"学籍号": "", "儿童姓名": "戴晓春", "班级": "三(4)班"}
    writer = replace(SYSTEM, types=frozenset({"home_visit_made"}))

    done = import_care_log(log(said, columns=COLUMNS), org=SCHOOL, registers=system.registers, actor=writer)

    assert "建议" not in done.refused[0].reason.zh
