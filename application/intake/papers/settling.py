"""Two lists that were compared, as a workbook that is settled line by line and then imported."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from application.intake.imports.comparing import Comparison, RowCompared
from application.intake.imports.roster_differs import in_words
from application.intake.papers.own_sheets import OF_SETTLING
from application.intake.papers.settled import (
    CHOICES,
    COLUMN,
    DECIDE,
    HERE,
    KEEP,
    LINE,
    LOOK_AGAIN,
    NAME,
    NUMBER,
    ROWS,
    SETTLE,
    TAKE,
    THERE,
    WHOLE_ROW,
    WHY,
)
from domain.refusal import Reason

HEADINGS = (DECIDE, LINE, NUMBER, NAME, COLUMN, HERE, THERE, WHY)
_WIDTHS = (12, 6, 16, 12, 16, 24, 24, 60)
_HOW_TO = (
    OF_SETTLING,
    (f"{TAKE}：以文件为准，登记为变更；写着“{WHOLE_ROW}”的行，为该儿童建档。",),
    (f"{KEEP}：以台账为准，导入本文件后不再提示；要再看的用 careledger compare --all。",),
    (f"{LOOK_AGAIN}或不填：什么都不登记。",),
    (f"“{ROWS}”表是原文件的内容，请勿改动。",),
)
_PLACE = "原文件第 {} 行"
_NOT_HERE = "台账中没有这名儿童"
_NOT_THERE = "文件中没有这名儿童；档案不变，离校的请登记转接或结案"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line to settle; one without a `line` of the file is told alone."""

    line: int | None
    number: str | None
    name: str | None
    column: str = ""
    here: str = ""
    there: str = ""
    why: str = ""


def settle_book(compared: Comparison) -> bytes:
    """Return a workbook with a line for each difference, and what the file says beside it."""
    # Not at the top: whoever compares at the terminal need not load it.
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    rows = [*compared.differing, *compared.only_there, *compared.questions]
    places = {id(each): number for number, each in enumerate(rows, start=2)}
    with xlsxwriter.Workbook(out, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "num_format": "@"}),
            "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
            "choice": book.add_format({"num_format": "@", "bg_color": "#FFF2CC"}),
        }
        _write_lines(book.add_worksheet(SETTLE), [*_lines(compared, places)], formats)
        _write_rows(book.add_worksheet(ROWS), rows, formats)
        how_to = book.add_worksheet("说明")
        how_to.set_column(0, 0, 90)
        for number, (text,) in enumerate(_HOW_TO):
            how_to.write_string(number, 0, text, formats["text"])
    return out.getvalue()


def _lines(compared: Comparison, places: Mapping[int, int]) -> Iterable[_Line]:
    for row in compared.differing:
        for each in row.fields:
            yield _of_row(
                row, places, column=each.column, here=in_words(each.recorded), there=in_words(each.on_paper)
            )
    for row in compared.only_there:
        yield _of_row(row, places, column=WHOLE_ROW, why=_NOT_HERE)
    for row in compared.questions:
        column = WHOLE_ROW if row.would_enrol else ""
        yield _of_row(row, places, column=column, here="、".join(row.alike), why=_why(row.reason))
    for row in compared.unread:
        yield _Line(
            line=None,
            number=row.student_no,
            name=row.name,
            there=_PLACE.format(row.line),
            why=_why(row.reason),
        )
    for child in compared.only_here:
        yield _Line(line=None, number=child.student_no, name=child.name, here=child.unit, why=_NOT_THERE)


def _of_row(
    row: RowCompared,
    places: Mapping[int, int],
    *,
    column: str,
    here: str = "",
    there: str = "",
    why: str = "",
) -> _Line:
    return _Line(
        line=places[id(row)],
        number=row.student_no,
        name=row.name,
        column=column,
        here=here,
        there=there,
        why=why,
    )


def _why(reason: Reason | None) -> str:
    return "" if reason is None else reason.zh


def _write_lines(sheet: Any, lines: Sequence[_Line], formats: Mapping[str, Any]) -> None:
    for column, heading in enumerate(HEADINGS):
        sheet.set_column(column, column, _WIDTHS[column])
        sheet.write_string(0, column, heading, formats["head"])
    sheet.freeze_panes(1, 0)
    for number, line in enumerate(lines, start=1):
        if line.line is not None and line.column:
            sheet.write_blank(number, 0, None, formats["choice"])
            sheet.data_validation(number, 0, number, 0, {"validate": "list", "source": list(CHOICES)})
        place = "" if line.line is None else str(line.line)
        said = (place, line.number, line.name, line.column, line.here, line.there, line.why)
        for column, text in enumerate(said, start=1):
            sheet.write_string(number, column, text or "", formats["text"])


def _write_rows(sheet: Any, rows: Sequence[RowCompared], formats: Mapping[str, Any]) -> None:
    columns = [*dict.fromkeys(column for row in rows for column in row.cells)]
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, formats["head"])
    for number, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            sheet.write_string(number, place, row.cells.get(column, ""), formats["text"])
