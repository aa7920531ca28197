"""A report as a workbook (XLSX): a sheet for each table, and one that says what it is.

Days, moments and numbers are real ones, moments those of Shanghai. Texts are stored as texts, so that none of
them is a formula or a link.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import count
from typing import Any
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.days import SHANGHAI
from domain.refusal import Text
from reports.cells import cell_of
from reports.report import Visible

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ABOUT = Text(zh="说明", en="About")
# What the format holds: rows of a sheet beside the titles, characters of a cell, of the name of a sheet.
MOST_ROWS = 1_048_575
MOST_CHARACTERS = 32_767
_LONGEST_NAME = 31
_CUT = " […]"
_NARROWEST, _WIDEST = 8, 60
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def workbook_of(
    filled: Sequence[Visible], *, language: str, about: Sequence[tuple[str, object]], made_at: datetime
) -> bytes:
    """Return a workbook of tables; `about` are the lines of the sheet that says what it is."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": made_at.astimezone(SHANGHAI).replace(tzinfo=None)})
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top", "align": "left"}),
            str: book.add_format({"text_wrap": True, "valign": "top"}),
            int: book.add_format({"valign": "top"}),
        }
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        taken: set[str] = set()
        for each in filled:
            columns = each.columns
            titles = [str(getattr(column.title, language)) for column in columns]
            rows = [[cell_of(c, row, language) for c in columns] for row in each.rows]
            title = getattr(each.title, language) if each.title else each.name
            for part in _parts(rows):
                sheet = book.add_worksheet(_name(title, taken))
                _fill(sheet, [titles, *part], formats, head=head)
                for place, text in enumerate(each.signed):
                    sheet.write_string(len(part) + 2, 2 * place, str(getattr(text, language)), formats[str])
        sheet = book.add_worksheet(_name(getattr(ABOUT, language), taken))
        _fill(sheet, [list(line) for line in about], formats, head=None)
    return out.getvalue()


def _parts(rows: Sequence[Sequence[object]]) -> Iterator[Sequence[Sequence[object]]]:
    """Yield as many rows as a sheet holds; one part where there are none."""
    for start in range(0, max(len(rows), 1), MOST_ROWS):
        yield rows[start : start + MOST_ROWS]


def _fill(
    sheet: Worksheet, rows: Sequence[Sequence[object]], formats: dict[Any, Format], *, head: Format | None
) -> None:
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            _write(sheet, number, place, value, formats, own=head if number == 0 else None)
    for place in range(len(rows[0]) if rows else 0):
        widest = max(_width(row[place]) for row in rows if place < len(row))
        sheet.set_column(place, place, min(max(widest + 2, _NARROWEST), _WIDEST))
    if head is not None:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)


def _write(
    sheet: Worksheet, row: int, column: int, value: object, formats: dict[Any, Format], *, own: Format | None
) -> None:
    match value:
        case None | "":
            return
        case datetime():
            local = value.astimezone(SHANGHAI).replace(tzinfo=None)
            sheet.write_datetime(row, column, local, own or formats[datetime])
        case date():
            sheet.write_datetime(row, column, datetime.combine(value, time.min), own or formats[date])
        case int() | float():
            sheet.write_number(row, column, value, own or formats[int])
        case _:
            text = str(value)
            if len(text) > MOST_CHARACTERS:
                text = text[: MOST_CHARACTERS - len(_CUT)] + _CUT
            sheet.write_string(row, column, text, own or formats[str])


def _width(value: object) -> int:
    """Return how many columns of a terminal the widest line of a value takes; Chinese takes two each."""
    lines = ("" if value is None else str(value)).split("\n")
    return max(sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line[:200]) for line in lines)


def _name(title: str, taken: set[str]) -> str:
    """Return a name for a sheet that is allowed and not taken, and take it."""
    base = _FORBIDDEN.sub(" ", title).strip("' ") or "1"
    for number in count(1):
        end = "" if number == 1 else f" ({number})"
        name = base[: _LONGEST_NAME - len(end)] + end
        if name.lower() not in taken:
            break
    taken.add(name.lower())
    return name
