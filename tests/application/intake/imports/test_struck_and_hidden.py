"""Rows that are struck through or hidden in a workbook are named as such, never taken silently."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import xlsxwriter

from application.system import System
from tests.application.intake.sheets.books import document
from tests.application.papers import COLUMNS, LINE, ROW, form, take_log, take_roster, why

UNPAIRED = {"结对帮扶人": "", "结对类型": "", "结对日期": ""}


def book(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    struck: Sequence[tuple[int, str]] = (),
    partly: Sequence[tuple[int, str]] = (),
    hidden: Sequence[int] = (),
) -> bytes:
    """A workbook of rows, counted from 0: cells are struck through, some in part, and rows hidden."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet, line = made.add_worksheet("表"), made.add_format({"font_strikeout": True})
        sheet.write_row(0, 0, columns)
        for number, row in enumerate(rows):
            for place, column in enumerate(columns):
                text = str(row.get(column) or "")
                if (number, column) in partly:
                    sheet.write_rich_string(number + 1, place, line, "13800000000", " " + text)
                elif text:
                    sheet.write_string(number + 1, place, text, line if (number, column) in struck else None)
            if number in hidden:
                sheet.set_row(number + 1, options={"hidden": True})
    return out.getvalue()


ROWS = [ROW | UNPAIRED, ROW | UNPAIRED | {"学籍号": "T2", "姓名": "石小川", "出生日期": "2014-03-01"}]


@pytest.mark.parametrize("whole", [True, False])
def test_a_child_that_is_struck_through_is_not_enrolled(system: System, *, whole: bool) -> None:
    struck = [(1, column) for column in (COLUMNS if whole else ("姓名",))]

    done = take_roster(system, book(ROWS, COLUMNS, struck=struck))

    assert (done.enrolled, why(done)) == (1, [(3, "row_struck")])


@pytest.mark.parametrize("how", ["struck", "partly"])
def test_a_cell_that_is_struck_through_is_not_recorded_and_told(system: System, how: str) -> None:
    done = take_roster(system, book(ROWS, COLUMNS, **{how: [(1, "监护人电话")]}))

    assert done.enrolled == 2
    assert [(e.line, e.reason.code) for e in done.incomplete] == [(3, "cell_struck")]


def test_a_hidden_row_is_read_and_told(system: System) -> None:
    done = take_roster(system, book(ROWS, COLUMNS, hidden=[0]))

    assert (done.enrolled, [(e.line, e.reason.code) for e in done.incomplete]) == (2, [(2, "row_hidden")])


def test_lines_of_a_log_that_are_struck_through_or_hidden(system: System) -> None:
    take_roster(system, form({}))
    lines = [LINE | {"日期": f"2026-03-0{day}"} for day in (2, 3, 4, 5)]

    done = take_log(system, book(lines, tuple(LINE), struck=[(0, "日期"), (1, "内容")], hidden=[2]))

    assert (done.recorded, why(done)) == (2, [(2, "row_struck"), (3, "cell_struck")])
    assert [(e.line, e.reason.code) for e in done.asked] == [(4, "row_hidden")]
    assert "内容" in done.refused[1].reason.zh


def test_a_row_of_a_text_document_that_is_struck_through(system: System) -> None:
    columns = ("学籍号", "姓名", "性别", "出生日期", "年级", "班级", "建档日期")
    rows = [[str(row[column]) for column in columns] for row in ROWS]
    rows[1][1] = "<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>石小川</w:t></w:r></w:p>"

    done = take_roster(system, document([columns, *rows]))

    assert (done.enrolled, why(done)) == (1, [(3, "row_struck")])


def test_nothing_is_struck_through_that_says_it_is_not(system: System) -> None:
    columns = ("学籍号", "姓名", "性别", "出生日期", "年级", "班级", "建档日期")
    rows = [[str(row[column]) for column in columns] for row in ROWS]
    rows[1][1] = '<w:p><w:r><w:rPr><w:strike w:val="0"/></w:rPr><w:t>石小川</w:t></w:r></w:p>'

    assert take_roster(system, document([columns, *rows])).enrolled == 2
