"""The tables of a text document in Office Open XML (ECMA-376 part 1, 17.4)."""

import zipfile
from collections.abc import Mapping

from application.intake.sheets.cell import EMPTY, Area, Cell, Row, Sheet
from application.intake.sheets.markup import is_on, local, read_part
from application.intake.sheets.reasons import TOO_WIDE
from application.intake.sheets.xlsx import MOST_COLUMNS
from domain.refusal import invalid

DOCUMENT = "word/document.xml"
_MOST_TITLES = 10


def read_docx(archive: zipfile.ZipFile) -> list[Sheet]:
    """Return a sheet for each table of the document, in their order. Raises `Invalid`."""
    reading = _Reading()
    read_part(archive, DOCUMENT, start=reading.start, end=reading.end, text=reading.text)
    return reading.sheets()


class _Reading:
    """Makes tables of what the parser meets. A table within a cell is text of that cell."""

    def __init__(self) -> None:
        self.found: list[Sheet] = []
        self._depth = 0
        self._rows: list[Row] = []
        self._row: Row = []
        self._pieces: list[str] = []
        self._span = 1
        self._goes_on = False
        self._began: dict[int, tuple[int, int, int]] = {}
        self._merged: list[Area] = []
        self._wanted = False
        self._above: list[str] = []
        self._titles = 0
        self._struck: set[tuple[int, int]] = set()

    def sheets(self) -> list[Sheet]:
        """Return the tables; what stands below the last one says something of it too, such as its day."""
        if not self.found or not self._above:
            return self.found
        *others, last = self.found
        below = [[Cell(text)] for text in self._above]
        more = len(below)
        merged = tuple((top + more, left, end + more, right) for top, left, end, right in last.merged)
        lines = (*[0] * more, *(last.lines or ()))
        struck = frozenset((row + more, column) for row, column in last.struck)
        return [*others, last._replace(rows=[*below, *last.rows], lines=lines, merged=merged, struck=struck)]

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """Begin an element."""
        if name == "tbl":
            self._depth += 1
            if self._depth == 1:
                # What is written above a table is read as its title.
                self._rows = [[Cell(text)] for text in self._above]
                self._titles, self._above = len(self._rows), []
                self._began, self._merged, self._struck = {}, [], set()
        elif name == "p" and not self._depth:
            self._pieces = []
        elif self._depth == 1 and name == "tr":
            self._row = []
        elif self._depth == 1 and name == "tc":
            self._pieces, self._span, self._goes_on = [], 1, False
        elif self._depth and name in ("strike", "dstrike") and is_on(given):
            self._struck.add((len(self._rows), len(self._row)))
        elif name == "gridSpan":
            self._span = min(int(_value(given) or 1), MOST_COLUMNS)
        elif name == "vMerge":
            self._goes_on = _value(given) != "restart"
            if not self._goes_on:
                self._began[len(self._row)] = (
                    len(self._rows),
                    len(self._row),
                    len(self._row) + self._span - 1,
                )
        elif name in ("br", "p") and self._pieces:
            self._pieces.append("\n")
        self._wanted = name == "t"

    def text(self, text: str) -> None:
        """Take text in."""
        if self._wanted:
            self._pieces.append(text)

    def end(self, name: str) -> None:
        """End an element."""
        self._wanted = False
        if name == "tbl":
            self._depth -= 1
            if self._depth == 0:
                self.found.append(self._sheet())
        elif name == "p" and not self._depth:
            self._above = [*self._above, *filter(None, ["".join(self._pieces).strip()])][-_MOST_TITLES:]
        elif self._depth == 1 and name == "tc":
            self._end_cell()
        elif self._depth == 1 and name == "tr":
            self._rows.append(self._row)

    def _sheet(self) -> Sheet:
        lines = (*[0] * self._titles, *range(1, len(self._rows) - self._titles + 1))
        return Sheet(
            name=str(len(self.found) + 1),
            rows=self._rows,
            merged=tuple(self._merged),
            lines=lines,
            struck=frozenset(self._struck),
        )

    def _end_cell(self) -> None:
        column, row = len(self._row), len(self._rows)
        if column + self._span > MOST_COLUMNS:
            raise invalid(TOO_WIDE)
        cell = EMPTY if self._goes_on else Cell("".join(self._pieces).strip())
        self._row += [cell, *[EMPTY] * (self._span - 1)]
        if self._goes_on and column in self._began:
            top, left, right = self._began[column]
            self._merged = [each for each in self._merged if each[:2] != (top, left)]
            self._merged.append((top, left, row, right))
        elif self._span > 1:
            self._merged.append((row, column, row, column + self._span - 1))


def _value(given: Mapping[str, str]) -> str | None:
    return next((value for key, value in given.items() if local(key) == "val"), None)
