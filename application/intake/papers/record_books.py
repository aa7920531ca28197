"""A book of one child: who it is of stands above the table of its visits and talks, and not in its lines."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from application.intake.papers.words import Role, SheetWords
from application.intake.sheets.cell import EMPTY, Cell, Row, Sheet

Labelled = Callable[[int, Row], Iterator[tuple[str, Cell, set[int]]]]
_DAY, _TIME, _NAME = "日期", "时间", "儿童姓名"
# What is said once for all lines.
_OF_ALL = (_NAME, "学籍号", "个案编号", "年级", "班级", "记录人")
_LEAST, _WITHIN, _TITLED = 3, 30, 2


def may_be_a_book(sheet: Sheet, known: SheetWords) -> bool:
    """Return whether the first rows have a header that doesn't say of whom its lines are."""
    dated = known.role(_DAY) is Role.COLUMN
    return dated and any(_is_header(row, known) for row in sheet.rows[:_WITHIN])


def record_book(sheet: Sheet, known: SheetWords, labelled: Labelled) -> Sheet | None:
    """Return a book as a table whose lines say whom they are of; None of any other sheet.

    `labelled` goes through the labels of a row with what stands beside each. Of several books below each
    other each has its lines.
    """
    headers = [number for number, row in enumerate(sheet.rows) if _is_header(row, known)]
    width = max(len(row) for row in sheet.rows)
    rows: list[Row] = list(sheet.rows)
    begun = 0
    for place, header in enumerate(headers):
        said = _said_above(sheet.rows, begun, header, labelled)
        if not said.get(_NAME, EMPTY).text:
            # The same book goes on, on another page.
            if place == 0:
                return None
            continue
        end = _end(sheet.rows, header, headers[place + 1 :], labelled)
        there = known.columns(cell.text for cell in sheet.rows[header])
        own = [heading for heading in _OF_ALL if heading not in there]
        rows[header] = [*_padded(sheet.rows[header], width), *map(Cell, own)]
        for number in range(begun if place else header, end):
            row = sheet.rows[number]
            if number < header:
                rows[number] = []
            elif number > header and any(cell.text for cell in row):
                rows[number] = [*_padded(row, width), *(said.get(heading, EMPTY) for heading in own)]
        begun = end
    return sheet._replace(rows=rows)


def _is_header(row: Row, known: SheetWords) -> bool:
    """Return whether a row heads columns of a record without saying of whom."""
    said = [cell.text for cell in row if cell.text]
    columns = known.columns(said)
    dated = _DAY in columns or _TIME in columns
    return dated and len(columns) >= _LEAST and len(columns) * 2 > len(said) and _NAME not in columns


def _said_above(rows: Sequence[Row], first: int, last: int, labelled: Labelled) -> Mapping[str, Cell]:
    """Return what stands beside labels in some rows, the last of each."""
    return {
        heading: cell
        for number in range(first, last)
        for heading, cell, _ in labelled(number, rows[number])
        if cell.text and heading in _OF_ALL
    }


def _end(rows: Sequence[Row], header: int, later: Sequence[int], labelled: Labelled) -> int:
    """Return where the lines below a header end: before the rows that say of whom another book is."""
    until = later[0] if later else len(rows)
    for number in range(header + 1, until):
        if any(heading == _NAME and cell.text for heading, cell, _ in labelled(number, rows[number])):
            return _without_title(rows, header, number)
    return until


def _without_title(rows: Sequence[Row], header: int, end: int) -> int:
    """Return where lines end before a title, which stands alone in its row."""
    while end - 1 > header and sum(bool(cell.text) for cell in rows[end - 1]) < _TITLED:
        end -= 1
    return end


def _padded(row: Row, width: int) -> Row:
    return [*row, *[EMPTY] * (width - len(row))]
