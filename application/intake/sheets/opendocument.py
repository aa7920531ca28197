"""What calamine doesn't tell of an OpenDocument sheet: rows not shown, and text that is struck through."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from application.intake.sheets.cell import Row
from application.intake.sheets.markup import local, read_part

CONTENT, STYLES = "content.xml", "styles.xml"
_NOT_SHOWN = ("collapse", "filter")
_THROUGH = ("text-line-through-style", "text-line-through-type")
_CELLS = ("table-cell", "covered-table-cell")


@dataclass(slots=True)
class Look:
    """How the cells of a sheet look: rows that are hidden as spans of first row and number, and cells."""

    hidden: list[tuple[int, int]] = field(default_factory=list)
    struck: list[tuple[int, int, int, int]] = field(default_factory=list)

    def hidden_rows(self, most: int) -> frozenset[int]:
        """Return the hidden ones of so many rows."""
        return frozenset(row for first, many in self.hidden for row in range(first, min(first + many, most)))

    def struck_cells(self, cells: Sequence[Row]) -> frozenset[tuple[int, int]]:
        """Return the places of cells with struck text in some rows; a file may say it of far more."""
        return frozenset(self._struck(cells))

    def _struck(self, cells: Sequence[Row]) -> Iterator[tuple[int, int]]:
        for row, rows, column, columns in self.struck:
            for each in range(row, min(row + rows, len(cells))):
                yield from ((each, n) for n in range(column, min(column + columns, len(cells[each]))))


def looks(archive: zipfile.ZipFile) -> Mapping[str, Look]:
    """Return how the sheets of a file look, by their names. Raises `Invalid` where it is damaged."""
    reading = _Reading()
    for part in (STYLES, CONTENT):
        if part in archive.namelist():
            read_part(archive, part, start=reading.start, end=reading.end, text=reading.text)
    return reading.found


class _Reading:
    """Follows the elements of a file: its styles first, which its cells name."""

    def __init__(self) -> None:
        self.found: dict[str, Look] = {}
        self._styles: dict[str, bool] = {}
        self._style = ""
        self._look = Look()
        self._row = self._rows = self._column = self._columns = 0
        self._of_row = self._of_cell = self._of_span = ""
        self._said = False

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """Begin an element."""
        said = {local(key): value for key, value in given.items()}
        if name == "style":
            self._style = said.get("name", "")
            self._styles[self._style] = self._styles.get(said.get("parent-style-name", ""), False)
        elif name == "text-properties" and self._style:
            through = [said[key] for key in _THROUGH if key in said]
            if through:
                self._styles[self._style] = any(each != "none" for each in through)
        elif name == "table":
            self._look = self.found.setdefault(said.get("name", ""), Look())
            self._row = 0
        elif name == "table-row":
            self._begin_row(said)
        elif name in _CELLS:
            self._columns = _many(said.get("number-columns-repeated"))
            self._of_cell, self._said = said.get("style-name", self._of_row), False
        elif name == "span":
            self._of_span = said.get("style-name", "")

    def _begin_row(self, said: Mapping[str, str]) -> None:
        self._rows, self._column = _many(said.get("number-rows-repeated")), 0
        self._of_row = said.get("default-cell-style-name", "")
        if said.get("visibility") in _NOT_SHOWN:
            self._look.hidden.append((self._row, self._rows))

    def text(self, text: str) -> None:
        """Take text of a cell."""
        style = self._of_span or self._of_cell
        if text.strip() and self._styles.get(style):
            self._said = True

    def end(self, name: str) -> None:
        """End an element."""
        if name == "style":
            self._style = ""
        elif name == "span":
            self._of_span = ""
        elif name in _CELLS:
            if self._said:
                self._look.struck.append((self._row, self._rows, self._column, self._columns))
            self._column += self._columns
            self._of_cell, self._said = "", False
        elif name == "table-row":
            self._row += self._rows


def _many(said: str | None) -> int:
    """Return how often something is repeated; what is no number is once."""
    return int(said) if said is not None and said.isdecimal() else 1
