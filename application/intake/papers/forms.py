"""Sheets that are no tables, read as one: forms of one child a page, and names against days with marks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from application.intake.papers.grids import grid
from application.intake.papers.record_books import may_be_a_book, record_book
from application.intake.papers.table_rows import cell_at
from application.intake.papers.words import Role, SheetWords, Words
from application.intake.sheets.cell import EMPTY, Area, Cell, Row, Sheet, merged_down

# A form has so many labels with something beside them at least, not all of them in the row of the name.
_LEAST, _BELOW = 4, 2
_LOOKED_AT = 60
_NAMES = ("姓名", "儿童姓名")
_PEOPLE = ("父亲", "母亲", "监护人")
_REMARKS = "备注"
_LABEL = re.compile(r"([^\s:：，,；;。]{1,20})[:：]")
_BESIDE = ("signature", "filed_by", "filed_on")


@dataclass(slots=True)
class _Form:
    """What one form says, by the headings of a table; `rest` is what stands under no label that is known."""

    row: int
    cells: dict[str, Cell] = field(default_factory=dict)
    struck: set[str] = field(default_factory=set)
    rest: list[str] = field(default_factory=list)


def as_lines(sheet: Sheet, known: SheetWords, words: Words) -> Sheet:
    """Return a sheet as a table where it is one of forms or a grid of days; any other as it is."""
    if (found := grid(sheet, known, words)) is not None:
        return found
    if may_be_a_book(sheet, known):
        found = record_book(sheet, known, _Reading(sheet, known, words).pairs)
        return sheet if found is None else found
    if not _Reading(sheet.top(_LOOKED_AT), known, words).begins():
        return sheet
    reading = _Reading(sheet, known, words)
    reading.read()
    return reading.table()


class _Reading:
    """The forms of one sheet on their way into a table."""

    def __init__(self, sheet: Sheet, known: SheetWords, words: Words) -> None:
        self._sheet = sheet
        self._known = known
        self._words = words
        self._rows = merged_down(sheet).rows
        self._ends = {(top, left): right for top, left, _, right in sheet.merged}
        self._areas: Sequence[Area] = sheet.merged
        self._groups = list(self._inherited())
        self._forms: list[_Form] = []
        self._above: list[str] = []

    def _inherited(self) -> Iterator[str]:
        """Go through the rows, each with the group that a row above names for what stands further right."""
        at, group = 0, ""
        for row in self._rows:
            first = next((n for n, each in enumerate(row) if each.text), len(row))
            if first <= at or first == len(row):
                group = ""
            yield group
            text = row[first].text if first < len(row) else ""
            if text and self._known.is_group(text):
                at, group = first, text

    def begins(self) -> bool:
        """Return whether the first rows are of a form: a name beside its label, and more below.

        One that nobody has filled in has labels alone, and more rows of them than any header.
        """
        named: int | None = None
        filled: dict[str, int] = {}
        labelled = 0
        for number, row in enumerate(self._rows):
            for heading, cell, places in self.pairs(number, row):
                if named is None and heading in _NAMES:
                    if len(places) == 1 and not cell.text:
                        # The name is a heading with others beside it.
                        return False
                    named = number
                if cell.text:
                    filled.setdefault(heading, number)
            first = next((cell.text for cell in row if cell.text), "")
            labelled += self._named(first, "") is not None
        if named is None:
            return False
        if not any(heading in _NAMES for heading in filled):
            return labelled > _BELOW
        return len(filled) >= _LEAST and sum(number != named for number in filled.values()) >= _BELOW

    def read(self) -> None:
        """Read all forms: each page has as many rows above the name as the first."""
        names = [number for number, row in enumerate(self._rows) if self._names_somebody(number, row)]
        start = next((number for number, row in enumerate(self._rows) if any(each.text for each in row)), 0)
        above = names[0] - start if names else 0
        ends = (*(number - above for number in names[1:]), len(self._rows))
        for named, end in zip(names, ends, strict=False):
            self._forms.append(_Form(row=named))
            for number in range(named - above, end):
                self._read_row(number, titled=number < named)

    def _names_somebody(self, number: int, row: Row) -> bool:
        return any(heading in _NAMES and cell.text for heading, cell, _ in self.pairs(number, row))

    def _read_row(self, number: int, *, titled: bool) -> None:
        row = self._rows[number]
        taken: set[int] = set()
        for heading, cell, places in self.pairs(number, row):
            taken |= places
            self._take(heading, cell, number, places)
        said = list(dict.fromkeys(each.text for n, each in enumerate(row) if each.text and n not in taken))
        if not said:
            return
        if titled or any(self._words.begins(what, said[0]) for what in _BESIDE):
            self._above += (text for text in said if text not in self._above)
        elif number == 0 or said != [each.text for each in self._rows[number - 1] if each.text]:
            self._forms[-1].rest.append(" ".join(said))

    def _take(self, heading: str, cell: Cell, number: int, places: set[int]) -> None:
        form = self._forms[-1]
        there = form.cells.get(heading, EMPTY)
        if not there.text:
            form.cells[heading] = cell
        elif cell.text and cell.text != there.text:
            form.rest.append(f"{heading} {cell.text}")
        if any((number, n) in self._sheet.struck for n in places):
            form.struck.add(heading)

    def pairs(self, number: int, row: Row) -> Iterator[tuple[str, Cell, set[int]]]:
        """Go through the labels of a row, each with what stands beside it, and where both stand.

        A label beside another one stands alone.
        """
        group, column = self._groups[number], 0
        while column < len(row):
            text, beside = row[column].text, self._end(number, column) + 1
            after = cell_at(row, beside)
            if text and self._known.is_group(text) and self._named(after.text, text):
                group, column = text, beside
                continue
            heading = self._named(text, group)
            if heading is None:
                yield from self._within(text, column)
            elif self._named(after.text, group) is None:
                last = self._end(number, beside)
                cell, places = after, {column, beside}
                if not after.text and (below := self._below(number, row, column)) is not None:
                    cell = below
                yield heading, cell, places
                # Whose telephone it is says who is named in front of it.
                group = next((each for each in _PEOPLE if heading.startswith(each)), group)
                column = last + 1
                continue
            elif after.text:
                yield heading, EMPTY, {column}
            column = beside

    def _below(self, number: int, row: Row, column: int) -> Cell | None:
        """Return what stands below a label that is alone in its row."""
        if sum(bool(each.text) for each in row) != 1 or number + 1 >= len(self._rows):
            return None
        said = [each for each in self._rows[number + 1] if each.text]
        there = cell_at(self._rows[number + 1], column)
        alone = len(said) == 1 and there.text and self._named(there.text, "") is None
        return there if alone and there.text != row[column].text else None

    def _end(self, number: int, column: int) -> int:
        """Return the last column of the cell that begins in one."""
        if (right := self._ends.get((number, column))) is not None:
            return right
        return next(
            (right for top, left, bottom, right in self._areas if left == column and top <= number <= bottom),
            column,
        )

    def _named(self, text: str, group: str) -> str | None:
        """Return the heading that a label is in a table; None for any other text."""
        if not text or (found := self._known.heading(text, above=group)) is None:
            return None
        return found.column if found.role in (Role.COLUMN, Role.WHO) else f"{group}{text}" if group else text

    def _within(self, text: str, column: int) -> Iterator[tuple[str, Cell, set[int]]]:
        """Go through the labels within a cell, such as 姓名：王小明 性别：男."""
        labels = [each for each in _LABEL.finditer(text) if self._named(each[1], "") is not None]
        if not labels or labels[0].start():
            return
        ends = [*(each.start() for each in labels[1:]), len(text)]
        for each, end in zip(labels, ends, strict=True):
            heading = self._named(each[1], "")
            if heading is not None:
                yield heading, Cell(text[each.end() : end].strip(" ,，;；")), {column}

    def table(self) -> Sheet:
        """Return the forms as a table, each as a line that has the number of its first row."""
        headings = list(dict.fromkeys(heading for form in self._forms for heading in form.cells))
        if any(form.rest for form in self._forms) and _REMARKS not in headings:
            headings.append(_REMARKS)
        above: list[Row] = [[Cell(text)] for text in self._above]
        rows = [[self._cell(form, heading) for heading in headings] for form in self._forms]
        first = len(above) + 1
        numbers = [self._sheet.line(form.row) for form in self._forms]
        return self._sheet._replace(
            rows=[*above, [Cell(heading) for heading in headings], *rows],
            merged=(),
            lines=(*[1] * first, *numbers),
            struck=frozenset(
                (first + n, headings.index(heading))
                for n, form in enumerate(self._forms)
                for heading in form.struck
            ),
            hidden_rows=frozenset(
                first + n for n, form in enumerate(self._forms) if form.row in self._sheet.hidden_rows
            ),
        )

    @staticmethod
    def _cell(form: _Form, heading: str) -> Cell:
        cell = form.cells.get(heading, EMPTY)
        if heading != _REMARKS or not form.rest:
            return cell
        return Cell("；".join(filter(None, (cell.text, *form.rest))))
