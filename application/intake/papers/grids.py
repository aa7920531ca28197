"""A grid of names and days: a line for each mark, on the day above it, of the child beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from application.intake.papers.table_rows import cell_at
from application.intake.papers.words import Role, SheetWords, Words, normal
from application.intake.sheets.cell import EMPTY, Cell, Kind, Row, Sheet, merged_across, merged_down

HEADER_WITHIN_ROWS = 30
_NAME, _DAY, _TYPE, _OUTCOME, _CONTENT, _CARER = "儿童姓名", "日期", "类型", "结果", "内容", "记录人"
_MINUTES, _IN_MINUTES = "时长(分钟)", "分钟"
# The fewest days that make a grid, and by what its lines are numbered: 503 is row 5, column 3.
_LEAST, _BY_ROW = 3, 100
_LIKE_A_DAY = re.compile(
    r"(?:(?:19|20)\d{2}[年./-])?(?:(?:1[0-2]|0?[1-9])[月./-])?(?:[12]\d|3[01]|0?[1-9])[日号]?|第.{1,3}[周次]"
)
_MONTH = re.compile(r"(?:(?:(?:19|20)\d{2})年)?(?:1[0-2]|0?[1-9])月(?:份)?")
_SAID = (_TYPE, _OUTCOME, _CONTENT, _MINUTES)
_DONE = frozenset("√✓✔☑vVＶ●") | {"是", "有", "已", "对"}
_NOTHING = frozenset("-—–/／\\0") | {"否", "无", "——"}
_LABEL = re.compile(r"([^\s:：，,；;。]{1,20})[:：]\s*([^\s:：，,；;。（(]+)")
_TEACHERS = ("班主任", "负责人", "登记人", "经办人")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """Where a grid begins: its headings by column, and its days."""

    last: int
    headings: dict[int, str]
    days: dict[int, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A line that was made of a mark, and where that stands."""

    row: int
    column: int
    cells: Row


def grid(sheet: Sheet, known: SheetWords, words: Words) -> Sheet | None:
    """Return a grid as a table of lines; None of any other sheet."""
    if known.role(_DAY) is not Role.COLUMN:
        return None
    first = sheet.top(HEADER_WITHIN_ROWS + 1)
    header = _header(merged_down(first).rows, merged_across(first).rows, known)
    if header is None:
        return None
    rows = merged_down(sheet).rows
    above = [cell.text for row in sheet.rows[: header.last] for cell in row if cell.text]
    kind = _kind([*above, sheet.name], known)
    timed = any(_IN_MINUTES in text for text in above)
    carer = _carer(above, known) if _CARER not in known.columns(header.headings.values()) else ""
    columns = list(header.headings)
    made: list[_Made] = []
    for number in range(header.last + 1, len(rows)):
        row = rows[number]
        own = [cell_at(row, column) for column in columns]
        if not _is_of_a_child(row, header, known, words):
            continue
        for column, day in header.days.items():
            said = _mark(cell_at(row, column), kind, known, timed=timed)
            if said is not None:
                made.append(_Made(row=number, column=column, cells=[*own, day, *said, Cell(carer)]))
    return _table(sheet, header, above, made, carer=carer)


def _table(
    sheet: Sheet, header: _Header, above: Sequence[str], made: Sequence[_Made], *, carer: str
) -> Sheet:
    """Return the lines below their headings; a column in which nothing stands is none."""
    heads = [*header.headings.values(), _DAY, *_SAID, *([_CARER] if carer else [])]
    fixed = len(header.headings) + 1
    kept = [n for n in range(len(heads)) if n < fixed or any(each.cells[n].text for each in made)]
    first = len(above) + 1
    struck = frozenset(
        (first + n, at)
        for n, each in enumerate(made)
        for at, column in enumerate([*header.headings, each.column])
        if (each.row, column) in sheet.struck
    )
    return sheet._replace(
        rows=[
            *([Cell(text)] for text in above),
            [Cell(heads[n]) for n in kept],
            *([each.cells[n] for n in kept] for each in made),
        ],
        merged=(),
        lines=(*[1] * first, *(sheet.line(each.row) * _BY_ROW + each.column + 1 for each in made)),
        struck=struck,
        hidden_rows=frozenset(first + n for n, each in enumerate(made) if each.row in sheet.hidden_rows),
    )


def _header(rows: Sequence[Row], across: Sequence[Row], known: SheetWords) -> _Header | None:
    """Find the row that has the names and the days, or the days below their months."""
    for number, row in enumerate(rows[:HEADER_WITHIN_ROWS]):
        named = {n: cell.text for n, cell in enumerate(row) if known.heading(cell.text) is not None}
        meant = known.columns(named.values())
        if _NAME not in meant:
            continue
        if _DAY in meant:
            return None
        for last in (number, number + 1):
            days = _days(rows, across, number, last)
            if len(days) >= _LEAST:
                return _Header(last=last, headings=named, days=days)
    return None


def _days(rows: Sequence[Row], across: Sequence[Row], first: int, last: int) -> dict[int, Cell]:
    if last >= len(rows):
        return {}
    days: dict[int, Cell] = {}
    for column, cell in enumerate(rows[last]):
        month = cell_at(across[first], column).text if last != first else ""
        if cell.kind in (Kind.DAY, Kind.MOMENT):
            days[column] = cell
        elif cell.text and _LIKE_A_DAY.fullmatch(cell.text) and (last == first or _MONTH.fullmatch(month)):
            days[column] = Cell(f"{month.removesuffix('份')}{cell.text.rstrip('日号')}日") if month else cell
    return days


def _is_of_a_child(row: Row, header: _Header, known: SheetWords, words: Words) -> bool:
    """Return whether a row names a child: it is no sum, no signature and not the header again."""
    said = [cell.text for cell in row if cell.text]
    if not said or any(words.says("total", text) for text in said[:2]):
        return False
    if any(words.begins(what, said[0]) for what in ("signature", "filed_by", "filed_on")):
        return False
    at = next(n for n, text in header.headings.items() if known.columns([text]) == {_NAME})
    name = cell_at(row, at).text
    return bool(name) and known.heading(name) is None


def _mark(cell: Cell, kind: str, known: SheetWords, *, timed: bool) -> Row | None:
    """Return type, result, contents and minutes that a mark says; None where it says that there was nothing.

    A number is of minutes where the grid is `timed`.
    """
    text = cell.text
    if not text or normal(text) in _NOTHING or text in _NOTHING:
        return None
    if text in _DONE:
        return _said(outcome=_took_place(kind, known))
    if timed and text.isdecimal():
        return _said(outcome=_took_place(kind, known), minutes=cell)
    if (word := known.value(_TYPE, text)) is not None:
        return _said(kind=Cell(word), outcome=_took_place(word, known))
    if known.value(_OUTCOME, text) is not None or len(text) == 1:
        # What a sign means that may mean anything is asked for as the result.
        return _said(outcome=cell)
    return _said(content=cell)


def _said(*, kind: Cell = EMPTY, outcome: Cell = EMPTY, content: Cell = EMPTY, minutes: Cell = EMPTY) -> Row:
    return [kind, outcome, content, minutes]


def _took_place(kind: str, known: SheetWords) -> Cell:
    return Cell(known.took_place.get(normal(kind), ""))


def _kind(texts: Sequence[str], known: SheetWords) -> str:
    kinds = {kind for text in texts for word, kind in known.kinds.items() if word in normal(text)}
    return kinds.pop() if len(kinds) == 1 else ""


def _carer(above: Sequence[str], known: SheetWords) -> str:
    """Return who kept the grid, where a text above says so of one person."""
    found = {
        name
        for text in above
        for label, name in _LABEL.findall(text)
        if known.columns([label]) == {_CARER} or normal(label) in _TEACHERS
    }
    return found.pop() if len(found) == 1 else ""
