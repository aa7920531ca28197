"""The rows below the header of a table: which are lines, and what the others are."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec import Struct

from application.intake.papers.units import parted
from application.intake.papers.values import plain
from application.intake.papers.words import Heading, Words, normal
from application.intake.sheets.cell import EMPTY, Cell, Row, Sheet

_GRADE = re.compile(
    r"(?:小学|初中|高中)?([一二三四五六七八九]年级|初[一二三]|高[一二三]|[1-9]年级|学前班|幼儿园?[大中小]班)"
)
_CLASS = re.compile(r"([\(]?[一二三四五六七八九十\d]{1,2}[\)]?班|[一二三四五六七八九十]中队)")
_LONGEST_TOTAL = 8
_REMEMBERED = 1 << 12
# Behind a label, and how many texts a row of signatures has at most, and the length of a word for "as above".
_LABELS, _MOST_BESIDE, _DITTO = (":", "："), 8, 3
_TEACHER = re.compile("班主任|老师|教师|人数|[0-9]+ ?人")
# 三(3)班 and 三.3班, in which no word says that the first is the grade.
_TOGETHER = re.compile(r"([一二三四五六七八九1-9])[(.](\d{1,2}|[一二三四五六七八九十]{1,2})\)?班$")
_IN_TITLE = re.compile(
    r"([一二三四五六七八九]年级|初[一二三]|高[一二三]|[1-9]年级)[(]?([一二三四五六七八九十]{1,2}|\d{1,2})[)]?班"
)
_ITS_NAME = "姓名"
_NOTE = ("注", "说明", "填表说明", "备注")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A column of a table: where it stands in the sheet, what its heading says and what that means."""

    column: int
    said: str
    heading: Heading | None

    @property
    def heading_kind(self) -> str:
        """The kind that the heading is itself, or ""."""
        return (self.heading.given if self.heading else None) or ""


class TableRow(Struct, frozen=True, kw_only=True, gc=False):
    """A line of a table; `row` is its place in the sheet, counted from 0.

    `grade` and `group` are of a line above it that says them of all below.
    """

    row: int
    cells: Row
    grade: str = ""
    group: str = ""


@dataclass(slots=True)
class Seen:
    """What of the rows below a header is no line."""

    totals: int = 0
    signatures: int = 0
    header_again: int = 0
    below: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    first: int
    last: int
    places: tuple[Place, ...]


def cell_at(row: Row, column: int) -> Cell:
    """Return a cell of a row, an empty one where the row is shorter."""
    return row[column] if column < len(row) else EMPTY


def lines(
    sheet: Sheet, header: Header, places: Sequence[Place], *, words: Words, seen: Seen
) -> Iterator[TableRow]:
    """Go through the lines below a header, and count in `seen` what else stands there."""
    grade, group = unit_above(sheet, header.first)
    above: Row = []
    whole = places[0].column == 0 or len(places) == sum(bool(c.text) for c in sheet.rows[header.last])
    headings = frozenset(normal(place.said.split(" ")[-1]) for place in places)
    names = frozenset(p.column for p in places if p.heading is not None and p.heading.column == _ITS_NAME)
    # The same days, words and names stand in many rows.
    is_total = lru_cache(_REMEMBERED)(lambda text: _is_total(text, words))
    is_heading = lru_cache(_REMEMBERED)(lambda text: normal(text) in headings)
    is_label = lru_cache(_REMEMBERED)(lambda text: _is_label(text, words))
    is_ditto = lru_cache(_REMEMBERED)(lambda text: words.says("ditto", text))
    for number, row in enumerate(sheet.rows[header.last + 1 :], start=header.last + 1):
        own = row if whole else _own(row, places)
        said = [cell for cell in own if cell.text or not cell.blank]
        if not said:
            continue
        texts = list(dict.fromkeys([cell.text for cell in said]))
        if any(map(is_total, texts[:2])):
            seen.totals += 1
        elif any(map(is_heading, texts[:2])) and _is_again(own, places):
            seen.header_again += 1
        elif (unit := _unit(texts)) is not None:
            grade, group = unit
        elif _is_beside(texts, words, labelled=is_label(texts[0])):
            seen.signatures += 1
            seen.below += texts
        else:
            own = _repeated(own, above, is_ditto, but=names)
            above = own
            yield TableRow(row=number, cells=own, grade=grade, group=group)


def _own(row: Row, places: Sequence[Place]) -> Row:
    """Return the cells of a row between those of a block; of the last, to the end of the row."""
    first, last = places[0].column, places[-1].column
    end = last + 1 if last < len(row) - 1 and first > 0 else len(row)
    return [cell if first <= column < end else EMPTY for column, cell in enumerate(row)]


def _is_again(row: Row, places: Sequence[Place]) -> bool:
    """Return whether a row is the header once more, as on each page of a print."""
    same = sum(normal(cell_at(row, p.column).text) == normal(p.said.split(" ")[-1]) for p in places)
    return same > 1 and same * 2 > len(places)


def _is_total(text: str, words: Words) -> bool:
    """Return whether a row begins as one of sums does: 合计, 本页合计, 合计人数."""
    said = normal(text)
    if len(said) > _LONGEST_TOTAL:
        return False
    said = said.removeprefix("本页")
    return words.says("total", said) or words.says("total", said.removesuffix("人数"))


def _is_label(text: str, words: Words) -> bool:
    """Return whether a text may say what is behind it."""
    return any(mark in text for mark in _LABELS) or words.says("signature", text)


def _is_beside(texts: Sequence[str], words: Words, *, labelled: bool) -> bool:
    """Return whether a row is of signatures or of notes, and not of a child.

    `labelled` says that its first text may be a label.
    """
    first = texts[0]
    if len(texts) == 1 and normal(first).startswith(_NOTE):
        return True
    beside = ("signature", "filed_by", "filed_on")
    return labelled and len(texts) <= _MOST_BESIDE and any(words.begins(what, first) for what in beside)


def _unit(texts: Sequence[str]) -> tuple[str, str] | None:
    """Read a line that says the class of all lines below it, such as 三年级2班, or its teacher too."""
    if len(texts) > 1 and not all(_TEACHER.search(each) for each in texts[1:]):
        return None
    said = plain(texts[0]).replace(" ", "")
    if found := _TOGETHER.match(said):
        return f"{found[1]}年级", f"{found[2]}班"
    if said.endswith("班") and (both := parted(said)):
        return both
    grade = _GRADE.match(said)
    rest = said[grade.end() :] if grade else said
    group = _CLASS.match(rest)
    after = rest[group.end() :] if group else rest
    if (not grade and not group) or len(after) > 12 or any(mark in after for mark in "，。;；"):
        return None
    return (grade[1] if grade else ""), (group[1] if group else "")


def unit_above(sheet: Sheet, header: int) -> tuple[str, str]:
    """Return the grade and class that the rows above a header say, or else the name of the sheet."""
    for row in reversed(sheet.rows[:header]):
        texts = list(dict.fromkeys(cell.text for cell in row if cell.text))
        if texts and (unit := _unit(texts) or _within(texts[0])):
            return unit
    return _unit([sheet.name]) or _within(sheet.name) or ("", "")


def _within(title: str) -> tuple[str, str] | None:
    """Return the grade and class that a title says among other words; None where it says several or none."""
    said = plain(title).replace(" ", "")
    found = {(grade, f"{group}班") for grade, group in _IN_TITLE.findall(said)}
    return found.pop() if len(found) == 1 else None


def _repeated(row: Row, above: Row, is_ditto: Callable[[str], bool], *, but: frozenset[int]) -> Row:
    """Return the row with what stands above in the place of a word that says so.

    Where nothing stands above, and of the names of children in a list of them, the word stays and is asked.
    """
    again = {n for n, cell in enumerate(row) if 0 < len(cell.text) <= _DITTO and is_ditto(cell.text)} - but
    if not again:
        return row
    return [
        there if n in again and not (there := cell_at(above, n)).blank else cell for n, cell in enumerate(row)
    ]
