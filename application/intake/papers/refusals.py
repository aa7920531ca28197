"""The lines of a paper that were refused, as a workbook to mend and to import again."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from application.intake.imports.care_log_cells import TYPE
from application.intake.imports.care_log_reader import KIND as LOG
from application.intake.imports.care_log_reader import kind_of
from application.intake.imports.paper import RefusedLine
from application.intake.papers.finding import Table, tables
from application.intake.papers.table_rows import Place, TableRow, cell_at
from application.intake.papers.values import NotUnderstood, day
from application.intake.papers.words import Role, Words
from application.intake.sheets.cell import Cell
from application.intake.sheets.reading import read_sheets

# A column that is passed over when the file comes back.
WHY = "未接受的原因"
UNITS = ("年级", "班级")
ENROLLED_ON = "建档日期"
_DAYS = "日期"
_WIDTH, _WHY_WIDTH = 16, 60


def refused_book(data: bytes, refused: Sequence[RefusedLine], *, kind: str, words: Words) -> bytes:
    """Return a workbook with the refused lines of a file under the headings of the form.

    Every cell is text, as it was read; that of the column which a reason names is marked, and the reason
    stands behind the line in Chinese.
    """
    # Not at the top: whoever refuses nothing need not load it.
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(out, options) as book:
        formats = _Formats(
            head=book.add_format({"bold": True, "text_wrap": True, "num_format": "@", "bottom": 1}),
            text=book.add_format({"num_format": "@"}),
            marked=book.add_format({"num_format": "@", "bg_color": "#FFE08A"}),
            why=book.add_format({"text_wrap": True, "font_color": "#9C0006"}),
        )
        found = _refused_tables(data, refused, kind=kind, words=words)
        for number, (table, lines) in enumerate(found, start=1):
            said = dict(_said_of_all(table, kind, words))
            _write(book.add_worksheet(f"未接受{number}"), table, lines, said, formats)
    return out.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Formats:
    head: Any
    text: Any
    marked: Any
    why: Any


def _said_of_all(table: Table, kind: str, words: Words) -> Iterator[tuple[str, str]]:
    """Go through the columns that the lines around a table, or its headings, stand for."""
    there = {place.heading.column for place in table.places if place.heading}
    if kind == LOG and TYPE not in there and (type_ := kind_of(table, words.sheets[kind])):
        yield TYPE, type_
    if kind != LOG and ENROLLED_ON not in there and table.filed_on is not None:
        yield ENROLLED_ON, day(table.filed_on)


def _write(
    sheet: Any,
    table: Table,
    lines: Sequence[tuple[TableRow, Sequence[str]]],
    said: Mapping[str, str],
    formats: _Formats,
) -> None:
    units = [column for column in UNITS if any(_unit(row, column) for row, _ in lines)]
    headings = [*(_heading(place) for place in table.places), *units, *said, WHY]
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(headings) - 2, _WIDTH)
    sheet.set_column(len(headings) - 1, len(headings) - 1, _WHY_WIDTH)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, formats.head)
    for line, (row, reasons) in enumerate(lines, start=1):
        cells = [_text(cell_at(row.cells, p.column), p, table) for p in table.places]
        for column, text in enumerate([*cells, *(_unit(row, unit) for unit in units), *said.values()]):
            named = any(reason.startswith(f"{headings[column]}：") for reason in reasons)
            sheet.write_string(line, column, text, formats.marked if named else formats.text)
        sheet.write_string(line, len(headings) - 1, "\n".join(reasons), formats.why)


def _unit(row: TableRow, column: str) -> str:
    """Return what a line above the row said of its class."""
    return row.grade if column == UNITS[0] else row.group


def _text(cell: Cell, place: Place, table: Table) -> str:
    """Return a cell as it is written back: a day with the year that only the sheet said."""
    if place.heading is None or not place.heading.column.endswith(_DAYS):
        return cell.text
    try:
        return cell.text if _alone(cell) else day(cell, table.around)
    except NotUnderstood:
        return cell.text


def _alone(cell: Cell) -> bool:
    try:
        day(Cell(cell.text))
    except NotUnderstood:
        return False
    return True


def _heading(place: Place) -> str:
    """Return a heading that is known alone: the column of the form, or what stood there."""
    if place.heading is not None and place.heading.role is Role.COLUMN:
        return place.heading.column
    return place.said


def _refused_tables(
    data: bytes, refused: Sequence[RefusedLine], *, kind: str, words: Words
) -> Iterator[tuple[Table, list[tuple[TableRow, Sequence[str]]]]]:
    """Go through the tables that have refused lines, with each of these and the reason."""
    by_place: Mapping[tuple[str | None, int], Sequence[str]] = {
        (each.sheet, each.line): [reason.zh for reason in each.reasons] for each in refused
    }
    for sheet in read_sheets(data):
        for table in tables(sheet, kind=kind, words=words):
            lines = []
            for row in table.rows:
                line = sheet.line(row.row)
                reasons = by_place.get((sheet.name, line)) or by_place.get((None, line))
                if reasons is not None:
                    lines.append((row, reasons))
            if lines:
                yield table, lines
