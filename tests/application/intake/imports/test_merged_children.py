"""A roster that names both numbers of a child whose files were merged."""

from datetime import date

import pytest

from application.access import SYSTEM
from application.intake.imports.comparing import compare_roster
from application.intake.imports.roster import plan_roster
from application.system import System
from domain.case_no import case_no_of
from domain.child import Child, fold
from tests.application.papers import SCHOOL, form, log, take_log, take_roster

UNPAIRED = {"结对帮扶人": "", "结对类型": "", "结对日期": ""}
ROWS = (UNPAIRED | {"班级": "1班"}, UNPAIRED | {"学籍号": "T2", "班级": "2班"})
CARERS = (
    ROWS[0] | {"结对帮扶人": "甲老师", "结对类型": "帮扶教师", "结对日期": "2026-03-10"},
    ROWS[1] | {"结对帮扶人": "乙老师", "结对类型": "帮扶教师", "结对日期": "2026-03-12"},
)


def child_of(system: System, student_no: str) -> Child:
    (child_id,) = system.record.find(kind="student_no", word=student_no, scope="")
    return fold(child_id, system.log.stream(child_id))


def merge(system: System, other: Child, kept: Child) -> None:
    words = {"reason": "同一名儿童", "approved_by": "王校长"}
    system.merges.merge(other.child_id, into=kept.child_id, actor=SYSTEM, **words)


@pytest.fixture
def merged(system: System) -> System:
    take_roster(system, form(*ROWS))
    merge(system, child_of(system, "T2"), child_of(system, "T1"))
    return system


def test_the_same_roster_again_brings_nothing_new(merged: System) -> None:
    head = merged.log.head()
    data = form(*ROWS)

    plan = plan_roster(data, org=SCHOOL, registers=merged.registers, actor=SYSTEM)
    again = take_roster(merged, data)

    for done in (plan, again):
        assert (done.lines, done.taken, done.already_recorded) == (2, 2, 2)
        assert {(each.line, each.reason.code) for each in done.incomplete} == {(4, "rows_disagree")}
    compared = compare_roster(data, org=SCHOOL, registers=merged.registers, actor=SYSTEM)
    assert [each.line for each in compared.unread] == [4, 4]
    assert merged.log.head() == head


def test_what_the_second_row_says_otherwise_is_told_and_not_lost(merged: System) -> None:
    data = form(*CARERS)

    first = take_roster(merged, data)
    head = merged.log.head()
    again = take_roster(merged, data)

    assert (first.completed, first.differs) == (1, ())
    assert [p.start for p in child_of(merged, "T1").pairings] == [date(2026, 3, 10)]
    assert merged.log.head() == head
    asked = [each.reason.zh for each in again.incomplete if each.line == 4]
    assert any("结对帮扶人" in each for each in asked)


def test_changes_are_applied_from_one_of_two_rows(merged: System) -> None:
    data, day = form(*ROWS), date(2026, 3, 20)

    take_roster(merged, data, changed_on=day)
    head = merged.log.head()
    take_roster(merged, data, changed_on=day)

    assert merged.log.head() == head
    profile = child_of(merged, "T1").profile
    assert profile is not None
    assert profile.student_no == "T1"


OTHER = UNPAIRED | {"学籍号": "T2", "姓名": "戴晓春", "班级": "1班"}


@pytest.mark.parametrize("number", ["T2", ""])
def test_a_row_with_the_name_of_the_merged_file_is_of_the_kept_one_and_named(
    system: System, number: str
) -> None:
    take_roster(system, form(ROWS[0], OTHER))
    kept = child_of(system, "T1")
    merge(system, child_of(system, "T2"), kept)

    done = take_roster(system, form(OTHER | {"学籍号": number}))

    assert (done.enrolled, done.refused) == (0, ())
    (told,) = [each.reason for each in done.incomplete]
    assert (told.code, case_no_of(kept.child_id) in told.zh) == ("name_of_merged_file", True)
    assert len(system.record.belonging(SCHOOL)) == 2


def test_a_log_that_names_both_numbers_of_a_merged_child_is_of_one_file(system: System) -> None:
    take_roster(system, form(CARERS[0], OTHER))
    kept = child_of(system, "T1")
    merge(system, child_of(system, "T2"), kept)
    lines = [
        {"记录人": "甲老师", "日期": f"2026-04-0{day}", "登记日期": "", "学籍号": number, "儿童姓名": name}
        for day, number, name in [
            (1, "T1", "戴小春"),
            (2, "T2", "戴晓春"),
            (3, "", "戴晓春"),
            (1, "T2", "戴晓春"),
        ]
    ]

    done = take_log(system, log(*lines))

    assert (done.recorded, done.already_recorded, done.refused) == (3, 1, ())
    visits = [each for each in child_of(system, "T1").entries if each.type == "home_visit_made"]
    assert len(visits) == 3
