"""Tables as text: whatever encoding and separator the program chose that wrote them."""

import csv
import re
from collections.abc import Iterator, Sequence

from application.intake.sheets.cell import EMPTY, Cell, Row, Sheet
from application.intake.sheets.reasons import BAD_ENCODING, TOO_WIDE
from application.intake.sheets.xlsx import MOST_COLUMNS
from domain.refusal import invalid

SEPARATORS = (",", "\t", ";", "，", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# Almost every text in one of these two can be read as the other as well: what makes more sense is meant.
_EAST_ASIAN = ("gb18030", "cp950")
_USUAL = frozenset(
    "姓名性別别日期年月出生學学籍號号班級级校家長长訪访電电話话監监護护人男女父母關关係系地址結结果對对象"
    "內内容記记錄录備备註注住兒儿童老師师奶爺爷外心談谈情況况"
)
_SAMPLE = 1 << 16
# A file of which more lines than this share can't be decoded is in another encoding.
_MOST_BROKEN = 0.1
_LOOKED_AT = 30
# With its end. A StringIO would hold the whole once more, in four bytes a character.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# What is longer seldom stands there twice.
_SHORT = 20


def read_text(data: bytes) -> Sheet:
    """Read a table as text.

    Lines that can't be decoded or have a stray quote are `broken`. Raises `Invalid`.
    """
    lines, undecoded = _decoded(data)
    separator = _separator(lines)
    rows: list[Row] = []
    numbers: list[int] = []
    broken = list(undecoded)
    # The same days, words and names stand in many lines.
    known: dict[str, Cell] = {"": EMPTY}
    for number, cells in _records(lines, separator):
        if cells is None:
            broken.append(number)
        elif number not in undecoded:
            if len(cells) > MOST_COLUMNS:
                raise invalid(TOO_WIDE)
            rows.append([known.get(text) or _cell(text, known) for text in map(str.strip, cells)])
            numbers.append(number)
    return Sheet(name="", rows=rows, lines=tuple(numbers), broken=tuple(sorted(set(broken))))


def _cell(text: str, known: dict[str, Cell]) -> Cell:
    cell = Cell(text)
    if len(text) <= _SHORT:
        known[text] = cell
    return cell


def _decoded(data: bytes) -> tuple[list[str], frozenset[int]]:
    """Return the lines with their ends, and the numbers of those that can't be decoded. Raises `Invalid`."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _lines_of(data[len(mark) :], encoding)
    if unmarked := _without_mark(data):
        return _lines_of(data, unmarked)
    encodings = ("utf-8", max(_EAST_ASIAN, key=lambda each: _sense(data, each)))
    for encoding in encodings:
        try:
            return _split(data.decode(encoding)), frozenset()
        except UnicodeDecodeError:
            continue
    # One byte in one line must not cost the others; the encoding that fewer lines contradict is meant.
    lines, broken = min((_by_line(data, encoding) for encoding in encodings), key=lambda found: len(found[1]))
    if len(broken) > max(1, len(lines) * _MOST_BROKEN):
        raise invalid(BAD_ENCODING)
    return lines, broken


def _sense(data: bytes, encoding: str) -> int:
    """Return how many of the characters that papers are full of a text has in an encoding."""
    return sum(map(_USUAL.__contains__, data[:_SAMPLE].decode(encoding, errors="ignore")))


def _without_mark(data: bytes) -> str | None:
    """Tell UTF-16 without its mark by where its zeros stand."""
    start = data[:4096]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) // 20 or even == odd:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _lines_of(data: bytes, encoding: str) -> tuple[list[str], frozenset[int]]:
    try:
        return _split(data.decode(encoding)), frozenset()
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise invalid(BAD_ENCODING) from None
        return _by_line(data, encoding)


def _by_line(data: bytes, encoding: str) -> tuple[list[str], frozenset[int]]:
    found: list[str] = []
    broken: set[int] = set()
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        try:
            found.append(line.decode(encoding))
        except UnicodeDecodeError:
            found.append(line.decode(encoding, errors="replace"))
            broken.add(number)
    return found, frozenset(broken)


def _split(text: str) -> list[str]:
    if "\x00" in text[:4096]:
        raise invalid(BAD_ENCODING)
    return _LINE.findall(text)


def _separator(lines: Sequence[str]) -> str:
    """Return the separator by which the first lines fall into the most columns."""
    start = lines[:_LOOKED_AT]
    return max(
        SEPARATORS,
        key=lambda each: (max((line.count(each) for line in start), default=0) > 0, _columns(start, each)),
    )


def _columns(lines: Sequence[str], separator: str) -> int:
    """Return how many separators most lines have that have any."""
    counts = sorted(count for line in lines if (count := line.count(separator)))
    return counts[len(counts) // 2] if counts else 0


def _records(lines: Sequence[str], separator: str) -> Iterator[tuple[int, list[str] | None]]:
    """Go through the records with the line that each begins on; None where it is no CSV.

    After a faulty record reading goes on with the next line: a stray quote costs one line.
    """
    start = 0
    while start < len(lines):
        reader = csv.reader(
            map(lines.__getitem__, range(start, len(lines))), delimiter=separator, strict=True
        )
        begins = start
        try:
            for cells in reader:
                yield begins + 1, cells
                begins = start + reader.line_num
        except csv.Error:
            yield begins + 1, None
            start = begins + 1
        else:
            return
