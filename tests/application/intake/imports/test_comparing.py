"""Two lists compared: who is only here, only there, what differs; settled line by line, then imported."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from application.access import SYSTEM
from application.intake.imports.comparing import Comparison, compare_roster
from application.intake.imports.roster import plan_roster
from application.intake.imports.roster_result import RosterResult
from application.intake.papers.settled import KEEP, LOOK_AGAIN, TAKE
from application.intake.papers.settling import settle_book
from application.system import System
from domain.child import Child, fold
from domain.refusal import Invalid, Unknown
from tests.application.papers import SCHOOL, form, take_roster
from tests.support.systems import StandingClock, fresh_system


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path, clock=StandingClock(datetime(2026, 11, 28, 4, tzinfo=UTC))) as system:
        yield system


PAPERS = Path(__file__).parents[3] / "papers"
NEW = {"学籍号": "T4", "姓名": "石小川", "结对帮扶人": "丁老师"}


@pytest.fixture
def school(system: System) -> System:
    rows = (
        {},
        {"学籍号": "T2", "姓名": "钱一鸣", "结对帮扶人": "乙老师"},
        {"学籍号": "T3", "姓名": "孙雨桐"},
    )
    take_roster(system, form(*rows))
    return system


def compare(system: System, data: bytes) -> Comparison:
    return compare_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)


def child_of(system: System, student_no: str) -> Child:
    (child_id,) = system.record.find(kind="student_no", word=student_no, scope="")
    return fold(child_id, system.log.stream(child_id))


def settled(compared: Comparison, choices: dict[tuple[str, str], str]) -> bytes:
    """The workbook of a comparison as a clerk settles it, by student number and column."""
    book = load_workbook(io.BytesIO(settle_book(compared)))
    sheet = book["核对"]
    for row in sheet.iter_rows(min_row=2):
        if (choice := choices.get((str(row[2].value), str(row[4].value)))) is not None:
            row[0].value = choice
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def take(system: System, data: bytes, **more: Any) -> RosterResult:
    return take_roster(system, data, **more)


def test_two_lists_are_told_apart_child_by_child_and_nothing_is_recorded(school: System) -> None:
    head = school.log.head()
    changed = {"年级": "4年级", "监护人电话": "13922223333", "健康状况": ""}

    compared = compare(school, form(changed, {"学籍号": "T2", "姓名": "钱一鸣", "结对帮扶人": "乙老师"}, NEW))

    assert (compared.lines, compared.same) == (3, 1)
    (row,) = compared.differing
    assert (row.line, row.student_no) == (3, "T1")
    assert [(each.column, each.recorded, each.on_paper) for each in row.fields] == [
        ("年级", "3年级", "4年级"),
        ("健康状况", "健康", None),
        ("监护人电话", "13471049746", "13922223333"),
    ]
    assert [each.name for each in compared.only_there] == ["石小川"]
    assert [(each.name, each.unit) for each in compared.only_here] == [("孙雨桐", "3年级/4班")]
    assert school.log.head() == head


def test_who_is_meant_is_asked_where_nobody_can_say(school: System) -> None:
    same_name = {"学籍号": "T9", "姓名": "钱一鸣", "出生日期": "2016-01-01", "性别": "男"}

    compared = compare(school, form(same_name, {"姓名": "罗小诺"}, {"学籍号": "T8", "性别": "?"}))

    assert [(each.name, each.reason.code if each.reason else "") for each in compared.questions] == [
        ("钱一鸣", "same_name"),
        ("罗小诺", "number_taken"),
    ]
    assert len(compared.questions[0].alike) == 1
    assert [(each.line, each.reason.code) for each in compared.refused] == [(5, "unknown_word")]
    assert compared.only_there == ()


def test_a_row_that_may_be_of_a_known_child_is_a_question(system: System) -> None:
    data = (PAPERS / "r22_duplicate_child.xlsx").read_bytes()
    whole = load_workbook(io.BytesIO(data))
    sheet = whole.worksheets[0]
    sheet.delete_rows(8)
    held = io.BytesIO()
    whole.save(held)
    take_roster(system, held.getvalue())

    asked = compare(system, data).questions

    assert [(each.name, each.would_enrol, each.reason.code if each.reason else "") for each in asked] == [
        ("双二", True, "may_be_double"),
        ("双一", False, "number_taken"),
    ]


def test_what_the_ledger_knows_nothing_of_is_a_difference(school: System) -> None:
    (row,) = compare(school, form({"母亲姓名": "谢大姐"})).differing

    assert [(each.column, each.recorded, each.on_paper) for each in row.fields] == [
        ("母亲姓名", None, "谢大姐")
    ]


def test_only_what_was_settled_so_is_taken_from_the_file(school: System) -> None:
    changed = {"年级": "4年级", "现居住地址": "西河村", "监护人电话": "1392222", "母亲姓名": "谢大姐"}
    other = {"学籍号": "T5", "姓名": "周可欣", "结对帮扶人": "戊老师"}
    compared = compare(school, form(changed, NEW, other))
    choices = {
        ("T1", "年级"): TAKE,
        ("T1", "现居住地址"): KEEP,
        ("T1", "监护人电话"): LOOK_AGAIN,
        ("T4", "整行"): TAKE,
        ("T5", "整行"): KEEP,
    }

    done = take(school, settled(compared, choices), changed_on=date(2026, 9, 1))

    assert (done.lines, done.enrolled, done.missing) == (2, 1, ())
    assert [each.fields for each in done.changed] == [("年级",)]
    child = child_of(school, "T1")
    profile: Any = child.profile
    assert (child.org, profile.address) == (f"{SCHOOL}/4年级/4班", "东岭村3组79号")
    assert child.org_on(date(2026, 8, 31)) == f"{SCHOOL}/3年级/4班"
    assert child_of(school, "T4").enrolment is not None
    assert school.record.find(kind="student_no", word="T5", scope="") == ()
    rest = {each.column for row in compare(school, form(changed)).differing for each in row.fields}
    assert rest == {"监护人电话", "母亲姓名"}


def fields(compared: Comparison) -> set[str]:
    return {each.column for row in compared.differing for each in row.fields}


def test_what_the_ledger_keeps_is_not_told_again_until_one_says_something_else(school: System) -> None:
    said = {"现居住地址": "西河村", "监护人电话": "19034236672"}
    other = {"学籍号": "T5", "姓名": "周可欣", "结对帮扶人": "戊老师"}
    first = compare(school, form(said, other))
    choices = {("T1", "现居住地址"): KEEP, ("T5", "整行"): KEEP}
    plan_roster(settled(first, choices), org=SCHOOL, registers=school.registers, actor=SYSTEM)
    planned = compare(school, form(said, other))

    take(school, settled(first, choices))

    assert (planned.settled, fields(planned)) == (0, {"现居住地址", "监护人电话"})
    again = compare(school, form(said, other))
    assert (again.settled, fields(again), again.only_there) == (2, {"监护人电话"}, ())
    assert fields(compare(school, form(said | {"现居住地址": "北山村"}))) == {"现居住地址", "监护人电话"}
    every = compare_roster(
        form(said, other), org=SCHOOL, registers=school.registers, actor=SYSTEM, settled=True
    )
    assert (every.settled, fields(every), len(every.only_there)) == (0, {"现居住地址", "监护人电话"}, 1)


def test_what_is_added_to_a_file_is_settled_too(school: System) -> None:
    compared = compare(school, form({"母亲姓名": "谢大姐", "现居住地址": "西河村"}))

    done = take(school, settled(compared, {("T1", "母亲姓名"): TAKE}))

    assert (done.completed + len(done.differs), done.changed) == (1, ())
    assert compare(school, form({"母亲姓名": "谢大姐"})).same == 1


def test_a_workbook_of_which_nothing_is_settled_records_nothing(school: System) -> None:
    head = school.log.head()

    done = take(school, settled(compare(school, form({"现居住地址": "西河村"}, NEW)), {}))

    assert (done.lines, done.enrolled, school.log.head()) == (0, 0, head)
    assert [(each.sheet, each.reason.code) for each in done.sheets_not_read] == [("核对", "nothing_chosen")]


def test_what_explains_the_workbook_is_passed_over_in_silence(school: System) -> None:
    done = take(
        school, settled(compare(school, form({"现居住地址": "西河村"})), {("T1", "现居住地址"): TAKE})
    )

    assert (len(done.changed), done.sheets_not_read) == (1, ())


def test_cells_that_cannot_be_read_are_named(school: System) -> None:
    compared = compare(school, form({"母亲姓名": "谢大姐", "母亲是否外出务工": "?", "父亲电话": "139"}))

    assert [(each.line, each.name, each.reason.code if each.reason else "") for each in compared.unread] == [
        (3, "戴小春", "unknown_word"),
        (3, "戴小春", "not_a_phone"),
    ]
    sheet = load_workbook(io.BytesIO(settle_book(compared)))["核对"]
    why = [str(row[7].value) for row in sheet.iter_rows(min_row=2)]
    assert any("母亲是否外出务工" in each for each in why)


def test_a_child_that_has_gone_since_is_not_taken_in_by_a_settled_line(
    system: System, tmp_path: Path
) -> None:
    take_roster(system, form({}))
    data = settled(compare(system, form({"现居住地址": "西河村"})), {("T1", "现居住地址"): TAKE})
    with fresh_system(tmp_path / "other") as other:
        done = take_roster(other, data)

    assert [each.reason.code for each in done.refused] == ["compare_again"]


def test_a_decision_that_is_none_is_refused(school: System) -> None:
    data = settled(compare(school, form({"现居住地址": "西河村"})), {("T1", "现居住地址"): "采用"})

    with pytest.raises(Invalid) as refused:
        take(school, data)

    assert (refused.value.reason.code, TAKE in refused.value.reason.zh) == ("unknown_word", True)


def test_a_school_that_nobody_knows_is_not_compared(system: System) -> None:
    with pytest.raises(Unknown):
        compare(system, form({}))


def test_the_workbook_offers_its_choices_and_says_how(school: System) -> None:
    book = load_workbook(io.BytesIO(settle_book(compare(school, form({"现居住地址": "+1 村"}, NEW)))))

    sheet = book["核对"]
    (formula,) = {each.formula1 for each in sheet.data_validations.dataValidation}
    assert formula == f'"{TAKE},{KEEP},{LOOK_AGAIN}"'
    assert [row[4].value for row in sheet.iter_rows(min_row=2)][:2] == ["现居住地址", "整行"]
    assert {cell.data_type for row in book["名单"].iter_rows() for cell in row} <= {"s", "n"}
    assert TAKE in str(book["说明"]["A2"].value)
