"""What stands in a cell: as plain text in Chinese or English, times as those of Shanghai."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.days import SHANGHAI
from domain.fields import Choice
from domain.refusal import Reason, Text
from reports.report import Column, Evidence

YES, NO = Text(zh="是", en="yes"), Text(zh="否", en="no")
_BETWEEN = {"zh": "、", "en": ", "}
# What a spreadsheet takes for the beginning of a formula, in full width as well.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def cell_of(column: Column[Any], row: object, language: str) -> object:
    """Return what a cell shows: a number, a day, a moment or None as it is, and anything else as text."""
    value = column.of(row)
    if value is None or (isinstance(value, date | int | float) and not isinstance(value, bool)):
        return value
    return text_of(value, language, lines=column.lines)


def text_of(value: object, language: str, *, lines: bool = False) -> str:
    """Return a value as text; the parts of a tuple are `lines`, or stand one after the other."""
    if isinstance(value, tuple | list):
        between = "\n" if lines else _BETWEEN[language]
        return between.join(text_of(each, language) for each in value)
    return in_language(value, language)


def in_language(value: object, language: str) -> str:
    """Return one value as text: what has two languages in one of them, moments by the clock of Shanghai."""
    match value:
        case None:
            return ""
        case bool():
            return in_language(YES if value else NO, language)
        case Text() | Choice() | Reason():
            return str(getattr(value, language))
        case datetime():
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case Evidence():
            parts = (value.day or value.event_id, value.reason)
            return " ".join(in_language(part, language) for part in parts if part is not None)
        case date() | UUID():
            return str(value)
    return str(value)


def defused(text: str) -> str:
    """Return a text so that no spreadsheet that reads it from a CSV file takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
