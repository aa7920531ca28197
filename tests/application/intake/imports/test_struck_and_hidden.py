"""Rows that are struck through or hidden in a workbook are named as such, never taken silently."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from struct import pack_into, unpack_from
from typing import Any

import pytest
import xlsxwriter

from application.intake.sheets.old_workbooks import old_looks
from application.system import System
from tests.application.intake.sheets.books import document
from tests.application.papers import COLUMNS, LINE, ROW, form, take_log, take_roster, why
from tests.papers.writers import ods

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


STRUCK = (
    '<office:automatic-styles><style:style style:name="gone" style:family="table-cell">'
    '<style:text-properties style:text-line-through-style="{}"/></style:style></office:automatic-styles>'
)


def open_document(rows: Sequence[Sequence[str]], *, line: str = "solid", within: bool = False) -> bytes:
    """An OpenDocument sheet whose second line has its name struck through, and whose third is hidden."""
    made, out = ods("\n".join("|".join(row) for row in rows)), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            text = old.read(part).decode()
            if part.filename == "content.xml":
                text = text.replace("<office:body>", STRUCK.format(line) + "<office:body>", 1)
                text = text.replace(
                    "xmlns:table",
                    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:table',
                    1,
                )
                pieces = re.split("(?=<table:table-row)", text)
                pieces[3] = struck_in(pieces[3], rows[2][1], within=within)
                pieces[4] = pieces[4].replace(
                    "<table:table-row", '<table:table-row table:visibility="collapse"', 1
                )
                text = "".join(pieces)
            new.writestr(part.filename, text)
    return out.getvalue()


def struck_in(row: str, name: str, *, within: bool) -> str:
    if within:
        return row.replace(name, f'<text:span text:style-name="gone">{name}</text:span>', 1)
    at = row.index(name)
    cell = row.rindex("<table:table-cell", 0, at) + len("<table:table-cell")
    return row[:cell] + ' table:style-name="gone"' + row[cell:]


@pytest.mark.parametrize("within", [True, False])
def test_an_open_document_tells_it_too(system: System, *, within: bool) -> None:
    columns = ("学籍号", "姓名", "性别", "出生日期", "年级", "班级", "建档日期")
    more = ROW | UNPAIRED | {"学籍号": "T3", "姓名": "林小禾", "出生日期": "2014-05-01"}
    rows = [columns, *([str(row[column]) for column in columns] for row in [*ROWS, more])]

    done = take_roster(system, open_document(rows, within=within))
    plain = take_roster(system, open_document(rows, line="none", within=within))

    assert (done.enrolled, why(done)) == (2, [(3, "row_struck")])
    assert [(e.line, e.reason.code) for e in done.incomplete] == [(4, "row_hidden")]
    assert (plain.enrolled, why(plain)) == (1, [])


OLD = (Path(__file__).parents[3] / "papers" / "r04_old.xls").read_bytes()


def records(book: bytearray, wanted: int) -> Iterator[int]:
    """Go through the places of records of a kind in an XLS file whose workbook lies in one piece."""
    at = 512
    while at + 4 <= len(book):
        kind, long = unpack_from("<HH", book, at)
        if kind == wanted:
            yield at + 4
        at += 4 + long
        if kind == long == 0:
            return


def old_workbook(*, struck: int, hidden: int) -> bytes:
    """A workbook of the old format: the name in a row is struck through, and another row is hidden."""
    book = bytearray(OLD)
    # The cells have the last font; that of the formats before theirs is the sixth, which has the number 6.
    pack_into("<H", book, [*records(book, 0x31)][5] + 2, 0x08)
    for at in records(book, 0xFD):
        if unpack_from("<HH", book, at) == (struck, 1):
            pack_into("<H", book, at + 4, 3)
    for at in records(book, 0x208):
        if unpack_from("<H", book, at) == (hidden,):
            pack_into("<H", book, at + 12, unpack_from("<H", book, at + 12)[0] | 0x20)
    return bytes(book)


def test_a_workbook_of_the_old_format_tells_it_too(system: System) -> None:
    done = take_roster(system, old_workbook(struck=3, hidden=4))

    assert (done.enrolled, why(done)) == (5, [(4, "row_struck")])
    assert [e.line for e in done.incomplete if e.reason.code == "row_hidden"] == [5]


@pytest.mark.parametrize("cut", [500, 600, 2000])
def test_what_is_damaged_beside_the_values_says_nothing(cut: int) -> None:
    book = bytearray(OLD)
    book[cut : cut + 64] = b"\xff" * 64

    assert isinstance(old_looks(bytes(book)), dict)
    assert old_looks(bytes(book[:cut])) == {}
