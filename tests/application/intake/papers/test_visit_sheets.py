"""Visit sheets: printed with codes, filled in by hand, typed in, and known by their codes."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from application.access import SYSTEM
from application.intake.imports.visit_lines import VisitWeek, visit_week
from application.intake.papers.visit_books import visit_book
from application.intake.papers.words import words
from application.system import System
from domain.case_no import ALPHABET, case_no_of
from domain.refusal import Invalid, Unknown
from tests.application.papers import SCHOOL, form, log, take_log, take_roster, why
from tests.support.actions import Desk
from tests.support.systems import StandingClock, fresh_system

OTHER_SCHOOL = "示例县/东岭镇/西河小学"
ROWS = (
    {},
    {"学籍号": "T2", "姓名": "石小川", "结对帮扶人": "孙小青"},
    {"学籍号": "T3", "姓名": "林小禾", "结对帮扶人": "孙小青", "年级": "二年级", "班级": "1班"},
)
VISIT = {"日期": "2026-03-04", "类型": "家访", "记录人": "卢小佑", "对象": "儿童", "结果": "见到"}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path, clock=StandingClock(datetime(2026, 3, 6, 4, tzinfo=UTC))) as system:
        take_roster(system, form(*ROWS))
        take_roster(system, form({"学籍号": "W1", "姓名": "罗小诺"}), org=OTHER_SCHOOL)
        yield system


def week_of(system: System, day: date = date(2026, 3, 5), **more: Any) -> VisitWeek:
    org = more.pop("org", SCHOOL)
    return visit_week(org, day=day, registers=system.registers, actor=SYSTEM, **more)


def code_of(week: VisitWeek, name: str) -> str:
    (code,) = [line.code for sheet in week.sheets for line in sheet.lines if line.name == name]
    return code


def typed(*lines: dict[str, str]) -> bytes:
    """Lines that somebody types in with the codes alone."""
    columns = list(dict.fromkeys(["行码", *VISIT, *(column for line in lines for column in line)]))
    held = io.StringIO()
    csv.writer(held).writerows(
        [columns, *([({**VISIT, **line}).get(c, "") for c in columns] for line in lines)]
    )
    return held.getvalue().encode()


def filled(data: bytes, lines: dict[str, dict[str, str]]) -> bytes:
    """The workbook with lines filled in, by the name that is printed on them."""
    book = load_workbook(io.BytesIO(data))
    for sheet in book.worksheets[:-3]:
        heads = [str(cell.value) for cell in sheet[2]]
        for row in sheet.iter_rows(min_row=3):
            for column, text in lines.get(str(row[2].value), {}).items():
                row[heads.index(column)].value = text
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def words_of(book: Workbook, formula: str) -> list[str]:
    """The words that a drop-down list offers; a list in the cell itself holds 255 characters at most."""
    if not formula.startswith("'"):
        assert len(formula) <= 257
        return formula.strip('"').split(",")
    sheet, _, cells = formula.rpartition("!")
    return [str(cell.value) for (cell,) in book[sheet.strip("'")][cells.replace("$", "")]]


def sheets(week: VisitWeek) -> list[tuple[str, list[str]]]:
    return [(sheet.title, [line.name for line in sheet.lines]) for sheet in week.sheets]


def test_there_is_a_sheet_for_each_class_or_carer(system: System) -> None:
    assert sheets(week_of(system)) == [("二年级1班", ["林小禾"]), ("3年级4班", ["戴小春", "石小川"])]
    assert sheets(week_of(system, by_carer=True)) == [
        ("卢小佑", ["戴小春"]),
        ("孙小青", ["林小禾", "石小川"]),
    ]
    assert sheets(week_of(system, carer="孙小青老师")) == [("孙小青", ["林小禾", "石小川"])]
    with pytest.raises(Invalid):
        week_of(system, carer="无名氏")
    with pytest.raises(Unknown):
        week_of(system, org="示例县/东岭镇/无此小学")


def test_a_sheet_is_printed_on_a4_with_its_header_on_each_page(system: System) -> None:
    book = load_workbook(io.BytesIO(visit_book(week_of(system))))
    sheet = book["3年级4班"]

    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    offered = [words_of(book, rule.formula1) for rule in sheet.data_validations.dataValidation]
    assert {"2026-03-02", "家访", "儿童", "见到"} <= {words[0] for words in offered}
    known = words().sheets["care_log"]
    assert list(known.known("类型")) in offered
    assert book["词表"].sheet_state == "hidden"


def test_what_is_filled_in_is_recorded_once_and_what_is_blank_is_nothing(system: System) -> None:
    by_carer = visit_book(week_of(system, by_carer=True))
    visit = {"日期": "2026-03-04", "类型": "家访", "对象": "儿童", "结果": "见到", "内容": "一切正常"}
    data = filled(by_carer, {"石小川": visit})

    blank = take_log(system, by_carer)
    done, again = take_log(system, data), take_log(system, data)

    assert (blank.lines, blank.recorded, blank.refused, dict(blank.skipped)) == (0, 0, (), {"blank": 3})
    assert (done.recorded, done.refused, again.recorded, again.already_recorded) == (1, (), 0, 1)
    assert [each.sheet for each in done.sheets_not_read] == ["示例"]
    same = {
        "学籍号": "T2",
        "儿童姓名": "石小川",
        "记录人": "孙小青",
        "内容": "一切正常",
        "时间": "",
        "登记日期": "",
    }
    assert take_log(system, log({**visit, **same, "时长(分钟)": ""})).recorded == 0


@pytest.mark.parametrize(
    "dress", [str, str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "]
)
def test_a_code_alone_says_who_is_meant_and_who_wrote(system: System, dress: Any) -> None:
    code = dress(code_of(week_of(system, by_carer=True), "石小川"))

    done = take_log(system, typed({"行码": code, "记录人": ""}))

    assert (done.recorded, done.refused) == (1, ())
    (child,) = system.record.find(kind="student_no", word="T2", scope="")
    (carer,) = system.carers.named(org=SCHOOL, name="孙小青")
    last = system.log.stream(child)[-1]
    assert (last.details.carers, last.recorded_by) == ((carer,), "孙小青")


@pytest.mark.parametrize("number", ["", "T2"])
def test_lines_of_two_carers_are_two_where_the_codes_alone_name_them(system: System, number: str) -> None:
    (child,) = system.record.find(kind="student_no", word="T2", scope="")
    (second,) = system.carers.named(org=SCHOOL, name="卢小佑")
    Desk(system).pair(child, second, "2026-02-20")
    week = week_of(system, by_carer=True)
    codes = [each.code for sheet in week.sheets for each in sheet.lines if each.name == "石小川"]
    lines = [{"行码": code, "学籍号": number, "记录人": ""} for code in codes]

    together, again = take_log(system, typed(*lines)), take_log(system, typed(*reversed(lines)))

    assert (len(codes), together.recorded, together.refused) == (2, 2, ())
    assert (again.recorded, again.already_recorded) == (0, 2)
    assert {event.recorded_by for event in system.log.stream(child)[-2:]} == {"卢小佑", "孙小青"}


def wrong_codes(system: System) -> Iterator[tuple[dict[str, str], str]]:
    code = code_of(week_of(system), "戴小春")
    yield {"行码": code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 32]}, "line_code_mistyped"
    yield {"行码": ALPHABET[(ALPHABET.index(code[0]) + 1) % 32] + code[1:]}, "line_code_mistyped"
    yield {"行码": "12"}, "line_code_mistyped"
    yield {"行码": code_of(week_of(system, org=OTHER_SCHOOL), "罗小诺")}, "line_code_elsewhere"
    yield {"行码": code_of(week_of(system, date(2026, 2, 25)), "戴小春")}, "line_code_of_another_week"
    yield {"行码": code, "日期": "2026-02-25"}, "line_code_of_another_week"
    yield {"行码": code, "学籍号": "T2"}, "line_code_says_otherwise"
    yield {"行码": code, "儿童姓名": "石小川"}, "name_mismatch"
    yield {"行码": code, "记录人": ""}, "missing"


def test_a_code_that_is_not_of_this_sheet_is_told(system: System) -> None:
    cases = list(wrong_codes(system))

    found = [why(take_log(system, typed(line))) for line, _ in cases]

    assert found == [[(2, code)] for _, code in cases]


def test_a_child_that_has_moved_since_keeps_its_line(system: System) -> None:
    code = code_of(week_of(system), "戴小春")
    (child,) = system.record.find(kind="student_no", word="T1", scope="")
    desk = Desk(system)
    proposed = desk.propose(child, OTHER_SCHOOL, "2026-03-05")
    desk.accept(child, proposed.event_id, "2026-03-05")

    assert take_log(system, typed({"行码": code})).recorded == 1


@pytest.mark.parametrize("by_carer", [False, True])
def test_the_code_and_the_name_of_a_merged_file_lead_to_the_kept_child(
    system: System, *, by_carer: bool
) -> None:
    take_roster(system, form({"学籍号": "T9", "姓名": "戴晓春", "建档日期": "2026-02-20", "班级": "5班"}))
    week = week_of(system, by_carer=by_carer)
    code = next(line.code for sheet in week.sheets for line in sheet.lines if line.name == "戴晓春")
    kept, other = (system.record.find(kind="student_no", word=n, scope="")[0] for n in ("T1", "T9"))
    system.merges.merge(other, into=kept, actor=SYSTEM, reason="重复建档", approved_by="王校长")

    by_code = take_log(system, typed({"行码": code}))
    by_name = take_log(system, log({"学籍号": "", "儿童姓名": "戴晓春", "内容": "问了作业"}))
    by_both = take_log(system, log({"学籍号": "T9", "儿童姓名": "戴晓春", "内容": "送了书"}))

    assert [why(each) for each in (by_code, by_name, by_both)] == [[], [], []]
    contents = [f.details.record for f in system.record.state(kept).facts if f.type == "home_visit_made"]
    assert len(contents) == 3


def test_no_two_lines_of_a_school_have_one_code(system: System) -> None:
    weeks = [
        week_of(system),
        week_of(system, by_carer=True),
        week_of(system, date(2026, 3, 9)),
    ]
    codes = [line.code for week in weeks for sheet in week.sheets for line in sheet.lines]

    assert len(set(codes)) == len(codes) == 9


@pytest.mark.parametrize(("born", "beside"), [("2014-03-01", "2014年生"), ("2015-09-01", None)])
def test_namesakes_of_a_class_are_told_apart_on_paper_and_known_by_it(
    system: System, born: str, beside: str | None
) -> None:
    take_roster(system, form({}, {"学籍号": "T9", "出生日期": born, "结对帮扶人": "卢小佑"}))
    (child,) = system.record.find(kind="student_no", word="T9", scope="")
    week = week_of(system)
    names = [line.name for sheet in week.sheets for line in sheet.lines if line.name.startswith("戴小春")]
    mine = f"戴小春（{beside or case_no_of(child)}）"

    lines = [VISIT | {"行码": code_of(week, mine), "儿童姓名": mine}]
    done = take_log(system, typed(*lines))

    assert (len(names), len(set(names)), done.recorded) == (2, 2, 1)
    visit = system.log.stream(child)[-1].details
    assert (visit.TYPE, getattr(visit, "record", "?")) == ("home_visit_made", None)
