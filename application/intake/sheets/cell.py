"""What a cell of a sheet shows, and what kind of value stands behind it."""

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What stands behind the text of a cell."""

    # There is one of each, so it is told by itself: Enum would look up its name every time.
    __hash__ = object.__hash__

    TEXT = "text"
    NUMBER = "number"
    # A number of more digits than the program that wrote it keeps: its last digits are zeros now.
    RUINED = "ruined"
    DAY = "day"
    MOMENT = "moment"
    TIME = "time"
    FLAG = "flag"
    # The program could not work out what to show, such as #N/A.
    ERROR = "error"
    # A formula whose result was never stored.
    FORMULA = "formula"


class Cell(NamedTuple):
    """A cell: its text as somebody sees it, without blanks at the ends; a day and a time in ISO 8601.

    `places` are the digits that its format shows behind the point of a number, 0 where it doesn't say.
    """

    text: str
    kind: Kind = Kind.TEXT
    places: int = 0

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it, not even an error."""
        return not self.text and self.kind is Kind.TEXT


EMPTY = Cell("")
Row = list[Cell]
Area = tuple[int, int, int, int]


class Sheet(NamedTuple):
    """A sheet as it was read: row 1 of the sheet is `rows[0]`, whatever stands in it.

    `lines` are the numbers that people find the rows under, where these are not 1, 2, 3 and so on: the
    physical lines of a text. `merged` are areas that show one value: first row, first column, last row and
    last column, counted from 0. `broken` are the numbers of lines that can't be read. `struck` are the places
    of cells of which something is struck through, `hidden_rows` the rows that are not shown, as far as the
    format of the file tells.
    """

    name: str
    rows: list[Row]
    hidden: bool = False
    merged: tuple[Area, ...] = ()
    lines: tuple[int, ...] | None = None
    broken: tuple[int, ...] = ()
    struck: frozenset[tuple[int, int]] = frozenset()
    hidden_rows: frozenset[int] = frozenset()

    def line(self, row: int) -> int:
        """Return the number that people find a row under; rows are counted from 0."""
        return row + 1 if self.lines is None else self.lines[row]

    def top(self, rows: int) -> "Sheet":
        """Return the sheet with its first rows alone."""
        return self._replace(
            rows=self.rows[:rows], merged=tuple(area for area in self.merged if area[0] < rows)
        )


def merged_down(sheet: Sheet) -> Sheet:
    """Return the sheet with the value of each merged area in all of its rows, in its first column."""
    return _spread(sheet, across=False)


def merged_across(sheet: Sheet) -> Sheet:
    """Return the sheet with the value of each merged area in all of its cells."""
    return _spread(sheet, across=True)


def _spread(sheet: Sheet, *, across: bool) -> Sheet:
    if not sheet.merged:
        return sheet
    rows = [list(row) for row in sheet.rows]
    for top, left, bottom, right in sheet.merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        last = right if across else left
        for row in rows[top : bottom + 1]:
            row.extend([EMPTY] * (last + 1 - len(row)))
            row[left : last + 1] = [value] * (last + 1 - left)
    return sheet._replace(rows=rows)
