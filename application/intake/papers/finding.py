"""The tables of a sheet: where their headers stand, which columns they have, and which rows are lines."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from application.intake.imports.paper import column_letter, knowing
from application.intake.imports.reasons import COLUMN_TWICE, NO_HEADER
from application.intake.papers.forms import as_lines
from application.intake.papers.near_headers import dated, naming_nearest
from application.intake.papers.own_sheets import explains
from application.intake.papers.table_rows import Header, Place, Seen, TableRow, cell_at, lines
from application.intake.papers.values import Around, NotUnderstood, plain, read_day
from application.intake.papers.words import Role, SheetWords, Words
from application.intake.sheets.cell import EMPTY, Cell, Row, Sheet, merged_across, merged_down
from domain.refusal import Fault, Invalid, Reason, invalid

HEADER_WITHIN_ROWS = 30
IS_A_ROSTER = Reason(
    code="is_a_roster",
    zh="这是花名册，不是关爱记录；请用 careledger import roster",
    en="This is a list of children, not a record of care. Use careledger import roster.",
)
IS_A_CARE_LOG = Reason(
    code="is_a_care_log",
    zh="这是关爱记录，不是花名册；请用 careledger import care-log",
    en="This is a record of care, not a list of children. Use careledger import care-log.",
)
OTHER_KIND: Mapping[str, Reason] = {"roster": IS_A_ROSTER, "care_log": IS_A_CARE_LOG}
_YEAR = re.compile(r"((?:19|20)\d{2})\s*年(?:\s*(\d{1,2})\s*月)?")
_MONTH_NAMED = re.compile(r"(?<!\d)(1[0-2]|[1-9])\s*月(?!\d*[日号])")
_BEGINS_WITH_A_DAY = re.compile(
    r"[\d〇零一二三四五六七八九十民国][\d〇零一二三四五六七八九十百民国年月日号/.\-]+"
)
# The fewest headings that begin another table.
_LEAST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that was found in a sheet. `above` are the texts that stand around it, and `around` what they
    say.

    `width` is how many cells its header has, those of the columns in front of it included.
    """

    sheet: Sheet
    places: tuple[Place, ...]
    rows: tuple[TableRow, ...]
    width: int
    around: Around = Around()
    filed_on: Cell | None = None
    above: tuple[str, ...] = ()
    totals: int = 0
    signatures: int = 0
    header_again: int = 0

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many rows are no lines, by what they are."""
        return {"total": self.totals, "signature": self.signatures, "header": self.header_again}


SHEET_HIDDEN = Reason(
    code="sheet_hidden", zh="隐藏的工作表，未读取", en="The sheet is hidden and was not read."
)
EXAMPLE_SHEET = Reason(
    code="example_sheet",
    zh="名称表明是示例，未读取；如是正式内容请改名",
    en="Its name says that it is an example, so it was not read. Rename it if it isn't one.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetNotRead:
    """A sheet that says something and was not read, and why."""

    sheet: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRead:
    """What a heading was taken for: `column` is the one it stands for, None where it is not known."""

    sheet: str
    heading: str
    column: str | None
    role: str | None
    cells: int = 0


def tables(sheet: Sheet, *, kind: str, words: Words) -> list[Table]:
    """Find the tables of a sheet that are of a kind; forms, and a grid of days, are read as one."""
    return _tables(as_lines(sheet, words.sheets[kind], words), kind=kind, words=words)


def _tables(sheet: Sheet, *, kind: str, words: Words) -> list[Table]:
    known = words.sheets[kind]
    across, filled = merged_across(sheet), merged_down(sheet)
    header = _header(across.rows, filled.rows, known=known)
    others = (each for name, each in words.sheets.items() if name != kind)
    if header is None or any(_more(_header(across.rows, filled.rows, known=o), header) for o in others):
        return []
    above = [cell for row in sheet.rows[: header.first] for cell in row if cell.text]
    found: list[Table] = []
    following = _following(across.rows, filled.rows, header, known=known)
    ended = filled._replace(rows=filled.rows[: following.first]) if following is not None else filled
    for places in _blocks(header.places):
        seen = Seen()
        rows = tuple(lines(ended, header, places, words=words, seen=seen))
        around = [*above, *map(Cell, seen.below)]
        found.append(
            Table(
                sheet=filled,
                places=places,
                rows=rows,
                width=len(sheet.rows[header.last]),
                around=_around(sheet.name, around),
                filed_on=_filed_on(around, words),
                above=tuple(cell.text for cell in above),
                totals=seen.totals,
                signatures=seen.signatures,
                header_again=seen.header_again,
            )
        )
    if following is not None:
        # Rows keep their places: what stands above another header is read as empty below it.
        below: list[Row] = [[] for _ in range(following.first)] + sheet.rows[following.first :]
        merged = tuple(area for area in sheet.merged if area[0] >= following.first)
        found += _tables(sheet._replace(rows=below, merged=merged), kind=kind, words=words)
    return found


def tables_in(
    sheets: Sequence[Sheet], *, kind: str, words: Words
) -> tuple[list[tuple[int, Sheet, list[Table]]], list[SheetNotRead]]:
    """Find the tables of a kind on every sheet, with the number of the sheet, and name the sheets not read.

    Raises `Invalid` where there is no table at all.
    """
    found: list[tuple[int, Sheet, list[Table]]] = []
    not_read: list[SheetNotRead] = []
    for number, sheet in enumerate(sheets, start=1):
        there = tables(sheet, kind=kind, words=words)
        reason = _why_not(sheet, there, words)
        if reason is None:
            found.append((number, sheet, there))
        elif any(cell.text for row in sheet.rows for cell in row) and not explains(sheet):
            not_read.append(SheetNotRead(sheet=sheet.name, reason=reason))
    if not found:
        raise invalid(_why_none(sheets, kind=kind, words=words))
    return found, not_read


def _why_not(sheet: Sheet, found: Sequence[Table], words: Words) -> Reason | None:
    """Return why a sheet is not read."""
    if not found:
        return NO_HEADER
    if sheet.hidden:
        return SHEET_HIDDEN
    # Part of a name is enough.
    return EXAMPLE_SHEET if words.contains("example", sheet.name) else None


def _why_none(sheets: Sequence[Sheet], *, kind: str, words: Words) -> Reason:
    """Return why no table of a kind was found: there is one of another kind, or none at all."""
    for other in words.sheets:
        found = [table for sheet in sheets for table in tables(sheet, kind=other, words=words)]
        if other != kind and any(_understood(each.places) * 2 > len(each.places) for each in found):
            return OTHER_KIND[other]
    looked_for = [column for each in words.sheets[kind].needs for column in sorted(each)]
    reason = knowing(NO_HEADER, looked_for)
    return naming_nearest(reason, sheets, words.sheets[kind], within=HEADER_WITHIN_ROWS)


def columns_read(table: Table) -> Iterator[ColumnRead]:
    """Go through the headings of a table, and what each was taken for."""
    filled = Counter[int]()
    for row in table.rows:
        for column, cell in enumerate(row.cells):
            if cell.text:
                filled[column] += 1
    for place in table.places:
        yield ColumnRead(
            sheet=table.sheet.name,
            heading=place.said,
            column=place.heading.column if place.heading else None,
            role=place.heading.role.value if place.heading else None,
            cells=filled[place.column],
        )


def _header(across: Sequence[Row], filled: Sequence[Row], *, known: SheetWords) -> Header | None:
    """Find the header: the first row, or two of them, that name enough columns."""
    start = next((n for n, row in enumerate(filled) if any(cell.text for cell in row)), 0)
    for first in range(start, min(len(filled), start + HEADER_WITHIN_ROWS)):
        for last in (first, first + 1):
            if last >= len(filled) or (last != first and not _is_upper(across[first], known)):
                continue
            places = _places(across, filled, first, last, known=known)
            if _is_enough(places, known) and not (last == first and _goes_on(across, filled, first, known)):
                return Header(first=first, last=last, places=places)
    return None


def _is_enough(places: Sequence[Place], known: SheetWords) -> bool:
    """Return whether headings make a header: those that are needed, or fewer with nothing unknown beside."""
    columns = _columns(places)
    if all(columns & each for each in known.needs):
        return True
    whole = all(place.heading is not None for place in places)
    return whole and bool(known.least) and all(columns & each for each in known.least)


def _following(
    across: Sequence[Row], filled: Sequence[Row], header: Header, *, known: SheetWords
) -> Header | None:
    """Find the next header that names other columns, or the same in another order."""
    is_known = lru_cache(1 << 12)(lambda text: known.heading(text) is not None)
    for first in range(header.last + 1, len(filled)):
        row = filled[first]
        if not _is_heading(row, is_known) or sum(bool(cell.text) for cell in row) < _LEAST:
            continue
        places = _places(across, filled, first, first, known=known)
        columns = _columns(places)
        if not all(columns & each for each in known.needs):
            continue
        if [(p.column, p.heading) for p in places] != [(p.column, p.heading) for p in header.places]:
            return Header(first=first, last=first, places=places)
    return None


def _goes_on(across: Sequence[Row], filled: Sequence[Row], first: int, known: SheetWords) -> bool:
    """Return whether a header has a second line that says more."""
    if first + 1 >= len(filled) or not _is_upper(across[first], known):
        return False
    alone = _places(across, filled, first, first, known=known)
    both = _places(across, filled, first, first + 1, known=known)
    return _understood(both) > _understood(alone) and _is_heading(
        filled[first + 1], lambda text: known.heading(text) is not None
    )


def _is_upper(row: Row, known: SheetWords) -> bool:
    """Return whether a row may be the upper line of a header: it parts the columns below it."""
    said = {cell.text for cell in row if cell.text}
    parts = sum(known.heading(text) is not None or known.is_group(text) for text in said)
    return parts > 1 and parts * 2 > len(said)


def _is_heading(row: Row, is_known: Callable[[str], bool]) -> bool:
    said = [cell.text for cell in row if cell.text]
    others = 0
    for text in said:
        others += not is_known(text)
        if others * 2 >= len(said):
            # Most rows are told by their first cells.
            return False
    return bool(said)


def _more(other: Header | None, header: Header) -> bool:
    """Return whether a header says more as one of another kind."""
    return other is not None and _understood(other.places) > _understood(header.places)


def _understood(places: Sequence[Place]) -> int:
    return len(_columns(places))


def _columns(places: Sequence[Place]) -> set[str]:
    return {place.heading.column for place in places if place.heading is not None}


def _places(
    across: Sequence[Row], filled: Sequence[Row], first: int, last: int, *, known: SheetWords
) -> tuple[Place, ...]:
    found: list[Place] = []
    for column in range(max(len(filled[first]), len(filled[last]))):
        lower = cell_at(filled[last], column).text
        if last == first:
            said, heading = lower, known.heading(lower)
        else:
            upper = cell_at(across[first], column).text
            # The upper line may stand in the first of its columns alone, without being merged.
            lower = "" if lower == upper else lower
            said = lower or upper
            heading = known.heading(lower, above=upper) if lower else known.heading(upper)
            if lower and heading is not None and upper:
                said = f"{upper} {lower}"
        if said:
            found.append(Place(column=column, said=" ".join(said.split()), heading=heading))
    return dated(found, filled[last + 1 :], known)


def _blocks(places: Sequence[Place]) -> list[tuple[Place, ...]]:
    """Part the columns of tables that stand side by side under the same header."""
    named = [place for place in places if place.heading is not None and place.heading.role is not Role.PASSED]
    if not named:
        return [tuple(places)]
    begins = [place.column for place in named if place.heading == named[0].heading]
    blocks = [
        tuple(p for p in places if start <= p.column < end)
        for start, end in zip(begins, [*begins[1:], 1 << 30], strict=True)
    ]
    words = [[place.heading for place in block if place in named] for block in blocks]
    if len(blocks) < 2 or any(each != words[0] for each in words) or len(words[0]) < 2:
        return [tuple(places)]
    return blocks


def _around(name: str, cells: Sequence[Cell]) -> Around:
    for text in (*(cell.text for cell in cells), name):
        found = [(int(year), int(month) if month else None) for year, month in _YEAR.findall(plain(text))]
        years, months = {year for year, _ in found}, {month for _, month in found if month}
        if len(years) > 1:
            # A school year: a day without its year may be of either.
            return Around()
        if years:
            named = _MONTH_NAMED.search(plain(name))
            alone = int(named[1]) if named and not months else None
            one = len(months) == 1 and len(set(_MONTH_NAMED.findall(plain(text)))) == 1
            return Around(year=years.pop(), month=months.pop() if one else alone)
    return Around()


def _filed_on(cells: Sequence[Cell], words: Words) -> Cell | None:
    """Find the day on which the sheet was filled in, behind the words for it or in the next cell."""
    for cell, after in pairwise((*cells, EMPTY)):
        said = words.behind("filed_on", cell.text)
        if said is None:
            continue
        day = _BEGINS_WITH_A_DAY.match(said)
        each = Cell(day[0]) if day else EMPTY if said else after
        try:
            read_day(each)
        except NotUnderstood:
            continue
        return each
    return None


def refuse_twice(table: Table) -> None:
    """Raise `Invalid` where several headings stand for one column of the form, naming them all."""
    own = [p for p in table.places if p.heading is not None and p.heading.role is Role.COLUMN]
    by_name: dict[str, list[Place]] = {}
    for place in own:
        by_name.setdefault(place.heading.column if place.heading else "", []).append(place)
    twice = {column: there for column, there in by_name.items() if len(there) > 1}
    if twice:
        faults = (
            Fault(reason=_twice(column, there), pointer=f"/columns/{there[1].column + 1}")
            for column, there in twice.items()
        )
        raise Invalid(*faults)


def _twice(column: str, places: Sequence[Place]) -> Reason:
    zh = "、".join(f"{column_letter(p.column)} 列“{p.said}”" for p in places)
    en = ", ".join(f"{column_letter(p.column)} ({p.said})" for p in places)
    return Reason(
        code=COLUMN_TWICE.code,
        zh=f"{COLUMN_TWICE.zh}：{zh}，都读作“{column}”；请只留一列，或用 --map 说明另一列的含义",
        en=f"{COLUMN_TWICE.en} {en} all mean {column}. Leave one of them, or say by --map what the other is.",
    )


def by_column(row: TableRow, places: Sequence[Place]) -> Mapping[str, Cell]:
    """Return the cells of a line by the column that each stands for."""
    return {p.heading.column: cell_at(row.cells, p.column) for p in places if p.heading is not None}
