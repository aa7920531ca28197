"""How a number in a workbook is shown: its format decides whether it is a day, a time or a number.

Formats and serial numbers of days: ECMA-376 part 1, 18.8.30 and 18.17.4.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Literal

from application.intake.sheets.cell import Cell, Kind

Sort = Literal["number", "day", "moment", "time"]

# Spreadsheets keep fifteen digits of a number.
_DIGITS_KEPT = 15
# The formats that have a number and no text, also those of Chinese programs (27 to 36 and 50 to 58).
_DAYS = {14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58}
_TIMES = {18, 19, 20, 21, *range(32, 36), 45, 46, 47, 55, 56}
_MOMENTS = {22}
# The formats of two digits behind the point that have a number and no text.
TWO_PLACES = {2: "0.00", 4: "#,##0.00", 39: "#,##0.00", 40: "#,##0.00"}
_PLACES = re.compile(r"[#0,]*\.(0+)")
_ZEROS = re.compile(r"0+")
# Texts in quotes, escaped characters, fillers, and what stands in brackets other than elapsed time.
_NOT_PLACES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_OF_DAY, _OF_TIME = re.compile("[ydeg]", re.IGNORECASE), re.compile("[hs]", re.IGNORECASE)
_EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
# The day that spreadsheets believe to have been 29 February 1900.
_NO_DAY = 60
_LAST_SERIAL = 2_958_466


@cache
def sort_of(number: int, code: str) -> Sort:
    """Tell what a format shows, by its number or, where it has one, by its code."""
    if not code:
        return (
            "day"
            if number in _DAYS
            else "time"
            if number in _TIMES
            else "moment"
            if number in _MOMENTS
            else "number"
        )
    places = _NOT_PLACES.sub("", code.split(";", maxsplit=1)[0])
    if places.strip().lower() == "general":
        return "number"
    day, times = bool(_OF_DAY.search(places)), bool(_OF_TIME.search(places))
    if not times and "m" in places.lower():
        day = True
    return "moment" if day and times else "day" if day else "time" if times else "number"


@cache
def places_of(code: str) -> int:
    """Return how many digits a format always shows behind the point; 0 where it doesn't say."""
    found = _PLACES.fullmatch(_NOT_PLACES.sub("", code.split(";", maxsplit=1)[0]).strip())
    return len(found[1]) if found else 0


def shown(stored: str, *, sort: Sort, code: str = "", since_1904: bool = False) -> Cell:
    """Return the cell of a stored number. Raises `ValueError` where it is none."""
    try:
        value = Decimal(stored)
    except InvalidOperation:
        raise ValueError(stored) from None
    if sort != "number" and 0 <= value < _LAST_SERIAL:
        return _of_calendar(value, sort=sort, since_1904=since_1904)
    if value != value.to_integral_value():
        return Cell(format(_rounded(value), "f"), Kind.NUMBER, places_of(code))
    text = format(value.to_integral_value(), "f")
    if len(text.lstrip("-")) > _DIGITS_KEPT:
        return Cell(text, Kind.RUINED)
    return Cell(text.zfill(len(code)) if _ZEROS.fullmatch(code) else text, Kind.NUMBER)


def _rounded(value: Decimal) -> Decimal:
    """Return a number as it was typed: the last of its stored digits belong to the computer."""
    return Decimal(format(float(value), f".{_DIGITS_KEPT}g")).normalize()


def _of_calendar(value: Decimal, *, sort: Sort, since_1904: bool) -> Cell:
    seconds = round(value * 86_400)
    days, rest = divmod(seconds, 86_400)
    if sort == "time" and days == 0:
        return Cell(_clock(rest), Kind.TIME)
    if not since_1904 and days < _NO_DAY:
        days += 1
    day = (_EPOCHS[since_1904] + timedelta(days=days)).isoformat()
    if sort == "day" or (rest == 0 and sort != "time"):
        return Cell(day, Kind.DAY)
    return Cell(f"{day} {_clock(rest)}", Kind.MOMENT)


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}" + (f":{rest:02}" if rest else "")


def of_value(value: object) -> Cell:
    """Return the cell of a value that a library read, whose format is not known."""
    match value:
        case None | "":
            return Cell("")
        case bool():
            return Cell("TRUE" if value else "FALSE", Kind.FLAG)
        case int() | float():
            return shown(repr(value), sort="number")
        case datetime():
            rest = value.hour * 3600 + value.minute * 60 + value.second
            day = value.date().isoformat()
            return Cell(f"{day} {_clock(rest)}", Kind.MOMENT) if rest else Cell(day, Kind.DAY)
        case date():
            return Cell(value.isoformat(), Kind.DAY)
        case time():
            return Cell(_clock(value.hour * 3600 + value.minute * 60 + value.second), Kind.TIME)
        case timedelta():
            return Cell(_clock(int(value.total_seconds())), Kind.TIME)
    text = str(value).strip()
    return Cell(text, Kind.ERROR) if text in ERRORS else Cell(text)


ERRORS = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!")
)
