"""A workbook whose marked cells are filled in: everything else in it stays as it is, byte for byte.

A cell is marked by its text, `{name}`, or `{name@B}` where column B of its row says of whom. Formats, merged
areas, formulas and pictures are those of whoever made the form.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from application.intake.sheets.markup import local, read_part, refuse_bombs
from application.intake.sheets.reasons import DAMAGED
from domain.refusal import invalid

_SHARED, _BOOK = "xl/sharedStrings.xml", "xl/workbook.xml"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_MARK = re.compile(r"\{\s*([^{}@]+?)\s*(?:@\s*([A-Z]{1,3})\s*)?\}")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TAG = re.compile(rb"<([\w.-]+:)?c\b")
_CALC = b'<calcPr fullCalcOnLoad="1"/>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A cell that is to be filled in: its place in the sheet, what with, and of whom the form says it is."""

    place: str
    name: str
    of: str | None


@dataclass(slots=True)
class _Found:
    """A cell as it lies in the part: from which byte to which, its format and its text."""

    start: int
    end: int = 0
    style: str = ""
    text: str = ""


@dataclass(slots=True)
class _Reading:
    """Reads the cells of a sheet with the places of their bytes."""

    texts: list[str]
    cells: dict[str, _Found] = field(default_factory=dict)
    _place: str = ""
    _sort: str = ""
    _said: list[str] = field(default_factory=list)
    _inside: bool = False

    def read(self, data: bytes) -> Mapping[str, _Found]:
        """Return the cells that have a text, by their places. Raises `Invalid` for what is damaged."""
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True

        def start(name: str, given: Mapping[str, str]) -> None:
            if local(name) == "c":
                self._place, self._sort, self._said = given.get("r", ""), given.get("t", ""), []
                self.cells[self._place] = _Found(start=parser.CurrentByteIndex, style=given.get("s", ""))
            self._inside = local(name) in ("v", "t")

        def end(name: str) -> None:
            self._inside = False
            if local(name) == "c":
                found = self.cells[self._place]
                found.end = data.index(b">", parser.CurrentByteIndex) + 1
                found.text = self._text("".join(self._said))

        def text(said: str) -> None:
            if self._inside:
                self._said.append(said)

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, _refuse
        try:
            parser.Parse(data, True)  # noqa: FBT003  the parser takes no names
        except (expat.ExpatError, ValueError):
            raise invalid(DAMAGED) from None
        return self.cells

    def _text(self, said: str) -> str:
        if self._sort != "s":
            return said
        number = int(said or -1)
        return self.texts[number] if 0 <= number < len(self.texts) else ""


def filled(book: bytes, value: Callable[[Mark], float | int | None]) -> tuple[bytes, int]:
    """Return a workbook with its marked cells filled in, and how many these were.

    `value` gives what belongs into a cell; None leaves it empty. Raises `Invalid` where it is no workbook,
    and whatever `value` raises.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(book))
    except zipfile.BadZipFile:
        raise invalid(DAMAGED) from None
    out, count = io.BytesIO(), 0
    with archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        refuse_bombs(archive)
        texts = _texts(archive)
        for part in archive.infolist():
            data = archive.read(part)
            if _SHEET.fullmatch(part.filename):
                data, here = _sheet(data, texts, value)
                count += here
            elif part.filename == _BOOK:
                data = _worked_out_anew(data)
            written.writestr(part, data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue(), count


def _sheet(data: bytes, texts: list[str], value: Callable[[Mark], float | int | None]) -> tuple[bytes, int]:
    cells = _Reading(texts).read(data)
    done = [(found, value(mark)) for found, mark in _marks(cells)]
    for found, number in sorted(done, key=lambda pair: -pair[0].start):
        data = data[: found.start] + _cell(data[found.start : found.end], number) + data[found.end :]
    return data, len(done)


def _marks(cells: Mapping[str, _Found]) -> Iterator[tuple[_Found, Mark]]:
    for place, found in cells.items():
        said, where = _MARK.fullmatch(found.text.strip()), _PLACE.fullmatch(place)
        if said is not None and where is not None:
            beside = cells.get(f"{said[2]}{where[2]}") if said[2] else None
            of = (beside.text.strip() if beside else "") if said[2] else None
            yield found, Mark(place=place, name=said[1], of=of)


def _cell(raw: bytes, number: float | None) -> bytes:
    """Write a cell of the same place and format that holds a number."""
    head = _TAG.match(raw)
    prefix = (head[1] or b"") if head else b""
    given = {name: re.search(rb'\b%b="([^"]*)"' % name, raw.partition(b">")[0]) for name in (b"r", b"s")}
    words = b"".join(b' %b="%b"' % (name, found[1]) for name, found in given.items() if found)
    if number is None:
        return b"<%bc%b/>" % (prefix, words)
    return b"<%bc%b><%bv>%b</%bv></%bc>" % (prefix, words, prefix, repr(number).encode(), prefix, prefix)


def _worked_out_anew(data: bytes) -> bytes:
    """Have whoever opens the workbook work out its formulas anew: the results in it are of the blank."""
    if b"<calcPr" in data:
        return re.sub(rb"<calcPr[^>]*?/>", _CALC, data, count=1)
    after = b"</definedNames>" if b"</definedNames>" in data else b"</sheets>"
    return data.replace(after, after + _CALC, 1)


def _texts(archive: zipfile.ZipFile) -> list[str]:
    if _SHARED not in archive.namelist():
        return []
    texts: list[str] = []
    inside = [False]

    def start(name: str, _given: Mapping[str, str]) -> None:
        if name == "si":
            texts.append("")
        inside[0] = name == "t"

    def end(_name: str) -> None:
        inside[0] = False

    def text(said: str) -> None:
        if inside[0] and texts:
            texts[-1] += said

    read_part(archive, _SHARED, start=start, end=end, text=text)
    return texts


def _refuse(*_: object) -> None:
    raise invalid(DAMAGED)
