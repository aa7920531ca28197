"""Workbooks in Office Open XML (ECMA-376), of both its forms, transitional and strict.

Read here, not by a library, for three things that a clerk's file needs and none of them tells: a formula
whose result was never stored, the format of a number in a sheet that is read as a stream, and merged areas
beside it.
"""

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from application.intake.sheets.cell import EMPTY, Area, Cell, Kind, Row, Sheet
from application.intake.sheets.markup import is_on, local, read_part
from application.intake.sheets.numbers import TWO_PLACES, Sort, shown, sort_of
from application.intake.sheets.reasons import DAMAGED, TOO_BIG, TOO_WIDE
from domain.refusal import invalid

BOOK = "xl/workbook.xml"
MOST_COLUMNS = 512
MOST_ROWS = 300_000
# Programs fill whole rows with formats; so many cells without a value are passed over.
_MOST_EMPTY = 250_000


class _Format(NamedTuple):
    sort: Sort = "number"
    code: str = ""
    struck: bool = False


class _Listed(NamedTuple):
    name: str
    hidden: bool
    part: str


class _Book(NamedTuple):
    texts: list[Cell]
    struck: frozenset[int]
    formats: list[_Format]
    since_1904: bool


def read_xlsx(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    """Go through the sheets of a workbook. Raises `Invalid`."""
    parts = set(archive.namelist())
    main = _main_part(archive, parts)
    listed, since_1904 = _listed(archive, main)
    beside = posixpath.dirname(main)
    texts, struck = _texts(archive, f"{beside}/sharedStrings.xml", parts)
    book = _Book(
        texts=texts,
        struck=frozenset(struck),
        formats=_formats(archive, f"{beside}/styles.xml", parts),
        since_1904=since_1904,
    )
    for each in listed:
        if each.part in parts:
            reading = _SheetReading(book)
            read_part(archive, each.part, start=reading.start, end=reading.end, text=reading.text)
            yield Sheet(
                name=each.name,
                rows=reading.rows,
                hidden=each.hidden,
                merged=tuple(reading.merged),
                struck=frozenset(reading.struck),
                hidden_rows=frozenset(reading.hidden),
            )


def _main_part(archive: zipfile.ZipFile, parts: set[str]) -> str:
    """Return where the workbook lies; programs may name it as they like."""
    if BOOK in parts:
        return BOOK
    targets = _related(archive, "_rels/.rels", parts)
    found = next((path for path in targets.values() if path.endswith("workbook.xml") and path in parts), None)
    if found is None:
        raise invalid(DAMAGED)
    return found


def _related(archive: zipfile.ZipFile, part: str, parts: set[str]) -> Mapping[str, str]:
    """Return the parts that another is related to, by the ids of the relations."""
    found: dict[str, str] = {}
    folder = posixpath.dirname(posixpath.dirname(part))

    def start(name: str, given: Mapping[str, str]) -> None:
        if name == "Relationship" and given.get("TargetMode") != "External":
            target = given["Target"]
            path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            found[given["Id"]] = posixpath.normpath(path)

    if part in parts:
        read_part(archive, part, start=start)
    return found


def _listed(archive: zipfile.ZipFile, main: str) -> tuple[list[_Listed], bool]:
    """Return the sheets of a workbook in their order, and whether its days count from 1904."""
    folder, file = posixpath.split(main)
    targets = _related(archive, f"{folder}/_rels/{file}.rels", set(archive.namelist()))
    found: list[_Listed] = []
    since_1904 = False

    def start(name: str, given: Mapping[str, str]) -> None:
        nonlocal since_1904
        if name == "workbookPr":
            since_1904 = given.get("date1904") in ("1", "true")
        elif name == "sheet":
            relation = next(value for key, value in given.items() if local(key) == "id" and "}" in key)
            found.append(
                _Listed(
                    name=given["name"],
                    hidden=given.get("state", "visible") != "visible",
                    part=targets.get(relation, ""),
                )
            )

    read_part(archive, main, start=start)
    return found, since_1904


def _texts(archive: zipfile.ZipFile, part: str, parts: set[str]) -> tuple[list[Cell], set[int]]:
    """Return the texts that cells share, and which of them are struck through, be it in part.

    What stands above them to be pronounced is left out.
    """
    found: list[Cell] = []
    struck: set[int] = set()
    pieces: list[str] = []
    inside = pronounced = False

    def start(name: str, given: Mapping[str, str]) -> None:
        nonlocal inside, pronounced
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            pronounced = True
        elif name == "strike" and is_on(given):
            struck.add(len(found))
        inside = name == "t" and not pronounced

    def end(name: str) -> None:
        nonlocal inside, pronounced
        inside = False
        if name == "rPh":
            pronounced = False
        elif name == "si":
            found.append(Cell("".join(pieces).strip()))

    if part in parts:
        read_part(archive, part, start=start, end=end, text=lambda t: pieces.append(t) if inside else None)
    return found, struck


def _formats(archive: zipfile.ZipFile, part: str, parts: set[str]) -> list[_Format]:
    """Return how the numbers of each style are shown."""
    codes: dict[int, str] = {}
    found: list[_Format] = []
    fonts: list[bool] = []
    inside = False

    def start(name: str, given: Mapping[str, str]) -> None:
        nonlocal inside
        if name == "numFmt":
            codes[int(given["numFmtId"])] = given["formatCode"]
        elif name == "font":
            fonts.append(False)
        elif name == "strike" and fonts:
            fonts[-1] = is_on(given)
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            number = int(given.get("numFmtId", "0"))
            code = codes.get(number) or TWO_PLACES.get(number, "")
            font = int(given.get("fontId", "0"))
            struck = font < len(fonts) and fonts[font]
            found.append(_Format(sort=sort_of(number, code), code=code, struck=struck))

    def end(name: str) -> None:
        nonlocal inside
        if name == "cellXfs":
            inside = False

    if part in parts:
        read_part(archive, part, start=start, end=end)
    return found


class _SheetReading:
    """Makes rows of what the parser meets in a sheet."""

    def __init__(self, book: _Book) -> None:
        self.rows: list[Row] = []
        self.merged: list[Area] = []
        self.struck: set[tuple[int, int]] = set()
        self.hidden: set[int] = set()
        self._book = book
        self._row: Row = []
        self._place = 0
        self._type = ""
        self._style = 0
        self._formula = self._wanted = False
        self._pieces: list[str] = []
        self._empty = 0

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """Begin an element."""
        if name == "c":
            place = given.get("r")
            self._place = len(self._row) if place is None else _column(place)
            self._type, self._style = given.get("t", "n"), int(given.get("s", "0"))
            self._formula = False
            self._pieces.clear()
        elif name in ("v", "t"):
            self._wanted = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._begin_row(given.get("r"))
            if given.get("hidden") in ("1", "true"):
                self.hidden.add(len(self.rows) - 1)
        elif name == "mergeCell":
            self.merged.append(_area(given["ref"]))

    def text(self, text: str) -> None:
        """Take text in."""
        if self._wanted:
            self._pieces.append(text)

    def end(self, name: str) -> None:
        """End an element."""
        if name == "c":
            self._end_cell("".join(self._pieces))
        elif name in ("v", "t"):
            self._wanted = False

    def _begin_row(self, number: str | None) -> None:
        place = len(self.rows) if number is None else int(number) - 1
        if place >= MOST_ROWS:
            # A row far below, of formats alone, is common; what is in it counts.
            self._row = []
            return
        while len(self.rows) <= place:
            self.rows.append([])
        self._row = self.rows[place]

    def _end_cell(self, stored: str) -> None:
        cell = self._cell(stored)
        if not cell.text and cell.kind is Kind.TEXT:
            self._empty += 1
            if self._empty > _MOST_EMPTY:
                raise invalid(TOO_BIG)
            return
        if self._place >= MOST_COLUMNS:
            raise invalid(TOO_WIDE)
        if not self.rows or self._row is not self.rows[-1]:
            raise invalid(TOO_BIG)
        self._row.extend([EMPTY] * (self._place + 1 - len(self._row)))
        self._row[self._place] = cell
        if self._is_struck(stored):
            self.struck.add((len(self.rows) - 1, self._place))

    def _is_struck(self, stored: str) -> bool:
        formats = self._book.formats
        if self._style < len(formats) and formats[self._style].struck:
            return True
        return self._type == "s" and bool(stored) and int(stored) in self._book.struck

    def _cell(self, stored: str) -> Cell:
        kind = self._type
        if kind == "s":
            return self._book.texts[int(stored)] if stored else EMPTY
        if kind == "inlineStr" or (kind == "str" and not self._formula):
            return Cell(stored.strip())
        if kind == "e":
            return Cell(stored, Kind.ERROR)
        if not stored and self._formula:
            return Cell("", Kind.FORMULA)
        if kind == "str" or not stored:
            return Cell(stored.strip())
        if kind == "b":
            return Cell("TRUE" if stored in ("1", "true") else "FALSE", Kind.FLAG)
        if kind == "d":
            return _of_iso(stored)
        formats = self._book.formats
        form = formats[self._style] if self._style < len(formats) else _Format()
        return _shown(stored, sort=form.sort, code=form.code, since_1904=self._book.since_1904)


def _shown(stored: str, *, sort: Sort, code: str, since_1904: bool) -> Cell:
    try:
        return shown(stored, sort=sort, code=code, since_1904=since_1904)
    except (ValueError, OverflowError):
        return Cell(stored, Kind.ERROR)


def _of_iso(stored: str) -> Cell:
    """Return the cell of a day or a moment that is stored as text, as the strict form may."""
    day, _, clock = stored.removesuffix("Z").partition("T")
    clock = clock.partition(".")[0].removesuffix(":00")
    if not clock or clock == "00:00":
        return Cell(day, Kind.DAY)
    return Cell(f"{day} {clock}", Kind.MOMENT)


def _column(reference: str) -> int:
    """Return the column of a reference such as AB12, counted from 0."""
    column = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    return column - 1


def _area(reference: str) -> Area:
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = map(_place, (first, last or first))
    return top, left, bottom, right


def _place(reference: str) -> tuple[int, int]:
    return int(reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 1, _column(reference)
