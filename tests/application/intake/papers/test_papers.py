"""Papers as schools, villages and offices keep them, each with what becomes of its lines."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from application.access import SYSTEM
from application.children.listing import ChildFilter
from application.intake.imports.care_log import CareLogResult, import_care_log
from application.intake.imports.roster import import_roster, plan_roster
from application.intake.imports.roster_result import RosterResult
from application.system import System
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.case_no import case_no_of
from domain.refusal import Refused
from tests.application import papers
from tests.application.intake.sheets import books
from tests.support.systems import StandingClock, fresh_system

PAPERS = Path(__file__).parents[3] / "papers"
SCHOOL = "某县/某镇/某小学"
Refusals = dict[int, str]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path, clock=StandingClock(datetime(2026, 11, 28, 4, tzinfo=UTC))) as system:
        yield system


def take_roster(system: System, name: str) -> RosterResult:
    data = (PAPERS / name).read_bytes()
    return import_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)


def take_log(system: System, name: str) -> CareLogResult:
    data = (PAPERS / name).read_bytes()
    return import_care_log(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)


@pytest.mark.parametrize(
    ("name", "enrolled", "refused"),
    [
        ("r00_control.xlsx", 6, {}),
        ("r00b_capacity.xlsx", 6, {}),
        ("r02_form_plus_seq_remark_total.xlsx", 6, {}),
        ("r02b_form_total_footer.xlsx", 6, {}),
        ("r03b_form_national_values.xlsx", 6, {}),
        ("r04_old.xls", 6, {}),
        # Of two birthdays the row says a part, and the number the rest.
        ("r06_dates.xlsx", 12, {}),
        ("r07b_id_number_lost_digits.xlsx", 0, {4: "digits_lost"}),
        ("r07c_student_no_lost_digits.xlsx", 0, {4: "digits_lost", 5: "digits_lost"}),
        ("r09_words.xlsx", 7, {7: "unknown_word"}),
        ("r10_sheet_per_class.xlsx", 9, {}),
        ("r15_merged_down.xlsx", 3, {}),
        ("r16_formula_no_cache.xlsx", 1, {4: "cell_without_result"}),
        ("r21_class.xlsx", 3, {4: "became_a_day", 6: "slash", 9: "missing"}),
        ("r22_duplicate_child.xlsx", 3, {5: "number_taken"}),
        ("r23_contradiction.xlsx", 2, {}),
        ("r26_strict.xlsx", 6, {}),
        ("s01_roster.xlsx", 5, {}),
        ("s02_letter_case.xlsx", 1, {6: "number_taken"}),
        ("p07_blank_away.xlsx", 2, {}),
        ("y01_next_year_roster.xlsx", 3, {}),
    ],
)
def test_a_list_of_children_is_taken_as_it_is(
    system: System, name: str, enrolled: int, refused: Refusals
) -> None:
    done = take_roster(system, name)

    assert done.enrolled == enrolled
    assert {each.line: each.reason.code for each in done.refused} == refused


@pytest.mark.parametrize(
    ("name", "recorded", "refused"),
    [
        ("c01_school_own_visit_record.csv", 1, {}),
        ("c01b_form_names_only.csv", 1, {}),
        ("c02_seq_remark.csv", 1, {}),
        ("c03_title_rows_above.csv", 1, {}),
        ("c04b_tab_gbk.txt", 1, {}),
        ("c04c_semicolon_bom.csv", 1, {}),
        ("c05_dates.csv", 11, {4: "no_year", 13: "bad_date"}),
        ("c06_times.csv", 10, {}),
        ("c06b_minutes.csv", 8, {}),
        # 家长 may be a grandmother, and 正常 tells nothing of who was met.
        ("c07_visit_words.csv", 14, {7: "paper_word", 14: "paper_word"}),
        # The column for how it went is empty: of talks it may be, of visits and calls it is asked for.
        ("c08_types.csv", 3, dict.fromkeys((2, 3, 4, 5, 6, 7, 8, 9, 11, 12), "paper_word")),
        ("c12c_rare_excel_gbk_questionmark.csv", 0, {2: "character_lost"}),
        # Line 3 has one figure too many, and nobody has the numbers of lines 6 and 7.
        (
            "c13_numbers.csv",
            5,
            {**dict.fromkeys((3, 6, 7), "unknown_child"), 8: "digits_lost"},
        ),
        ("c18_call_minutes_blank.csv", 2, {4: "paper_word", 5: "paper_word"}),
        ("c19_carelog.xlsx", 1, {}),
    ],
)
def test_a_record_of_care_is_taken_as_it_is(
    system: System, name: str, recorded: int, refused: Refusals
) -> None:
    take_roster(system, "r00_control.xlsx")

    done = take_log(system, name)

    # What a file says twice, however it spells it, is recorded once.
    assert done.recorded + done.already_recorded == recorded
    assert {each.line: each.reason.code for each in done.refused} == refused


@pytest.mark.parametrize("take", [plan_roster, import_roster], ids=["the preview", "the import"])
def test_a_child_that_may_have_a_file_already_is_asked_about_and_enrolled(
    system: System, take: Callable[..., RosterResult]
) -> None:
    data = (PAPERS / "r22_duplicate_child.xlsx").read_bytes()

    done = take(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)

    (question,) = done.asked
    assert (question.line, question.reason.code, done.enrolled) == (8, "may_be_double", 3)
    assert "第 7 行" in question.reason.zh
    assert "父亲、母亲、监护人；不一致：学籍号" in question.reason.zh


def test_a_row_is_asked_about_where_the_file_that_it_may_double_came_by_another_paper(
    system: System, tmp_path: Path
) -> None:
    take_roster(system, "r00_control.xlsx")
    child = next(iter(system.record.in_care(SCHOOL, date(2026, 11, 28))))
    profile = system.log.stream(child)[0].details
    assert isinstance(profile, ChildEnrolled)
    row = {"学籍号": "G990", "姓名": profile.name, "性别": profile.sex.zh, "身份证号": ""}
    data = papers.form(row | {"出生日期": profile.birth_date.isoformat()})

    done = import_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)

    assert [each.reason.code for each in done.asked] == ["may_be_double"]
    assert case_no_of(child) in done.asked[0].reason.zh
    assert import_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM).asked == ()


def test_what_did_not_take_place_ends_no_silence(system: System) -> None:
    take_roster(system, "s01_roster.xlsx")

    done = take_log(system, "s01_log.csv")

    assert done.recorded == 2
    assert {each.line: each.reason.code for each in done.refused} == {3: "paper_word", 4: "paper_word"}


def test_what_was_lost_of_a_cell_is_said_and_the_child_is_enrolled(system: System) -> None:
    done = take_roster(system, "r16_formula_no_cache.xlsx")

    (lost,) = (each for each in done.incomplete if each.reason.code == "cell_without_result")
    assert lost.line == 5
    assert "监护人电话" in lost.reason.zh


def test_merged_cells_hold_for_all_their_children(system: System) -> None:
    take_roster(system, "r15_merged_down.xlsx")

    listed = system.children.page(ChildFilter(), actor=SYSTEM, org=SCHOOL).items

    assert {child.org for child in listed} == {f"{SCHOOL}/四年级/2班"}
    assert all(child.carers for child in listed)


def test_a_number_that_says_otherwise_than_its_row_is_a_question(system: System) -> None:
    done = take_roster(system, "r23_contradiction.xlsx")

    assert {(each.line, each.reason.code) for each in done.incomplete} == {
        (4, "id_says_otherwise"),
        (5, "id_says_otherwise"),
    }


@pytest.mark.parametrize("name", ["c01_school_own_visit_record.csv", "c06_times.csv", "c07_visit_words.csv"])
def test_a_record_that_comes_again_records_nothing(system: System, name: str) -> None:
    take_roster(system, "r00_control.xlsx")
    first = take_log(system, name)

    again = take_log(system, name)

    assert (again.recorded, again.already_recorded) == (0, first.recorded + first.already_recorded)


@pytest.mark.parametrize("name", sorted(path.name for path in PAPERS.iterdir() if path.is_file()))
def test_no_paper_breaks_an_import(system: System, name: str) -> None:
    for take in (take_roster, take_log):
        try:
            take(system, name)
        except Refused:
            continue


def test_a_log_that_comes_again_in_another_format_records_nothing(system: System) -> None:
    papers.take_roster(system)
    rows = list(csv.reader(io.StringIO(papers.CARE_LOG.decode("utf-8-sig"))))[:61]
    first = papers.take_log(system, _as_csv(rows, ",").encode("utf-8-sig"))
    dated = [[_day_or_text(cell) for cell in row] for row in rows]

    again = [
        papers.take_log(system, data)
        for data in (
            books.written(dated, options={"default_date_format": "yyyy/m/d"}),
            _as_csv(rows, "\t").encode("gb18030"),
            books.document(rows),
        )
    ]

    assert first.recorded > 50
    assert [each.recorded for each in again] == [0, 0, 0]
    assert {each.already_recorded for each in again} == {first.recorded + first.already_recorded}


def test_a_roster_that_comes_again_in_another_format_records_nothing(system: System) -> None:
    first = papers.take_roster(system)
    sheet = load_workbook(io.BytesIO(papers.ROSTER)).active
    assert sheet is not None
    rows = [
        ["" if cell is None else f"{cell:%Y.%m.%d}" if isinstance(cell, date) else str(cell) for cell in row]
        for row in sheet.iter_rows(values_only=True)
    ]

    again = [
        papers.take_roster(system, data)
        for data in (_as_csv(rows, ";").encode("utf-16"), books.document(rows), books.written(rows))
    ]

    assert [(each.enrolled, each.completed, each.differs) for each in again] == [(0, 0, ())] * 3
    assert {each.already_recorded for each in again} == {first.enrolled + first.already_recorded}


def _as_csv(rows: Sequence[Sequence[str]], separator: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def _day_or_text(cell: str) -> date | str:
    try:
        return date.fromisoformat(cell) if re.fullmatch(r"\d{4}-\d\d-\d\d", cell) else cell
    except ValueError:
        return cell


def _book(*sheets: tuple[str, list[list[object]], bool]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows, hidden in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if hidden else "visible"
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD = ["日期", "学籍号", "儿童姓名", "类型", "记录人", "对象", "结果", "内容"]


def test_a_log_of_month_sheets_keeps_each_line_apart_and_names_what_it_did_not_read(system: System) -> None:
    take_roster(system, "r00_control.xlsx")
    line = ["P00000001", "赵小禾", "家访", "孙老师", "监护人", "见到"]
    data = _book(
        ("3月", [HEAD, ["2026-03-05", *line, "一"], ["2026-03-06", "P9", "谁", *line[2:], "二"]], False),
        ("4月", [HEAD, ["2026-04-05", *line, "三"], ["2026-04-06", "P9", "谁", *line[2:], "四"]], False),
        ("5月", [HEAD, ["2026-05-05", *line, "五"]], True),
        ("6月", [["2026-06-05", *line, "六"]], False),
    )

    done = import_care_log(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)

    assert (done.lines, done.recorded) == (4, 2)
    assert [(each.sheet, each.line) for each in done.refused] == [("3月", 3), ("4月", 3)]
    assert {each.sheet: each.reason.code for each in done.sheets_not_read} == {
        "5月": "sheet_hidden",
        "6月": "no_header",
    }
    assert done.import_id is not None
    kept = list(system.batches.every_line(system.batches.find(done.import_id)))
    assert sorted((each.sheet, each.sheet_row, each.state) for each in kept) == [
        (1, 2, "recorded"),
        (1, 3, "refused"),
        (2, 2, "recorded"),
        (2, 3, "refused"),
    ]


@pytest.mark.parametrize(
    ("kind", "content", "recorded"),
    [
        ("家访", "了解学习情况", 1),
        ("家访", "家中无人，锁门", 0),
        ("电话", "问平安", 1),
        ("电话", "打了三次，无人接听", 0),
    ],
)
def test_a_record_that_speaks_of_having_met_nobody_is_asked_about(
    system: System, kind: str, content: str, recorded: int
) -> None:
    take_roster(system, "r00_control.xlsx")
    rows = [
        ["日期", "儿童姓名", "类型", "记录人", "对象", "内容"],
        ["2026-03-05", "赵小禾", kind, "孙老师", "父亲", content],
    ]

    done = import_care_log(_as_csv(rows, ",").encode(), org=SCHOOL, registers=system.registers, actor=SYSTEM)

    assert (done.recorded, len(done.refused)) == (recorded, 1 - recorded)


def test_what_stands_above_a_table_in_a_text_document_is_read(system: System) -> None:
    table = [["姓名", "性别", "出生日期"], ["林小禾", "女", "二〇一六年五月二十日"]]
    data = books.document(
        table, above=("某小学三年级留守儿童花名册", "填表人：王老师　填表日期：2026年3月1日")
    )

    done = import_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)

    assert (done.enrolled, done.refused) == (1, ())
    (child,) = system.children.page(ChildFilter(), actor=SYSTEM, org=SCHOOL).items
    assert child.enrolled_on == date(2026, 3, 1)
