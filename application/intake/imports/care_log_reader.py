"""A line of a record of visits, calls and talks: what its cells say, by the columns of the log."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from application.intake.imports.care_log_cells import (
    CARER,
    CASE,
    COLUMNS,
    CONTENT,
    COUNTERPART,
    DAY,
    LINE_CODE,
    MINUTES,
    NAME,
    NUMBER,
    OUTCOME,
    REQUIRED,
    TIME,
    TYPE,
    WRITTEN_ON,
    PaperCells,
)
from application.intake.imports.paper import (
    RefusedLine,
    columns_of,
    in_column,
)
from application.intake.imports.reasons import BAD_LINE, CELL_STRUCK, NO_COLUMN, ROW_STRUCK
from application.intake.papers import values
from application.intake.papers.beside_names import apart, is_marked
from application.intake.papers.finding import (
    Table,
    refuse_twice,
)
from application.intake.papers.table_rows import TableRow, cell_at
from application.intake.papers.values import Around, NotUnderstood
from application.intake.papers.words import Role, SheetWords, Words, normal
from application.intake.sheets.cell import EMPTY, Cell
from domain.care_actions.home_visit_made import ACTION as VISIT
from domain.refusal import Reason

GRADE, CLASS = "年级", "班级"
KIND = "care_log"
_NO_FAULTS: Mapping[str, Reason] = MappingProxyType({})
NO_ANSWERS: Mapping[int, Mapping[str, str]] = MappingProxyType({})

OUTCOME_UNCLEAR = Reason(
    code="outcome_unclear",
    zh="内容中写到没有见到人或没有接通；请加一栏“结果”写明",
    en="The record speaks of having reached nobody. Add a column for the result that says how it went.",
)
_ONE_PARENT = ("父亲", "母亲")
# The person who was looked for was not there.
NOT_MET = "未见到"
BETWEEN_PEOPLE = re.compile("[、，,和与及跟/+ ]+")
_IN_BRACKETS = re.compile(r"[(（][^)）]*[)）]")
_TOGETHER: Mapping[frozenset[str | None], str] = {
    frozenset(("儿童", "监护人")): "儿童和监护人",
    frozenset(("父亲", "母亲")): "父母",
}

# What is printed on a visit sheet; the rest is filled in by hand.
_PRINTED = frozenset((LINE_CODE, CASE, NAME, NUMBER, CARER, GRADE, CLASS, "序号", "学校"))
_OF_WHOM_AND_WHEN = frozenset((DAY, NAME, NUMBER, TYPE))
_LOOKED_THROUGH = 400
# Remarks that may say how it went.
_OF_HOW_IT_WENT = frozenset(("备注", "效果"))
_SELDOM_TWICE = (NUMBER, NAME, CONTENT)
_SPANS = re.compile("[-—–~～至到]")


class LogReader:
    """How the lines of one table are read."""

    def __init__(
        self,
        table: Table,
        all_words: Words,
        *,
        answered: Mapping[int, Mapping[str, str]] = NO_ANSWERS,
        above: int = 0,
    ) -> None:
        """`answered` is by the lines of the file, of which so many stand `above` the table.

        Raises `Invalid` where a column that a log needs is not there.
        """
        self._table = table
        self._answered = answered
        self._above = above
        self._words = all_words
        self._known = all_words.sheets[KIND]
        self._kind = kind_of(table, self._known)
        self._places = {p.heading.column: p.column for p in table.places if p.heading}
        self._own = [(column, self._places.get(column)) for column in COLUMNS]
        self._kept = [p for p in table.places if p.heading and p.heading.role is Role.REMARK]
        own = [p.heading.column for p in table.places if p.heading and p.heading.role is Role.COLUMN]
        unknown = [p.said for p in table.places if p.heading is None]
        there = [
            *dict.fromkeys(own),
            *unknown,
            *([TYPE] if self._kind and TYPE not in own else []),
        ]
        # The code of a line may say who its carer is.
        required = [column for column in REQUIRED if column != CARER or LINE_CODE not in self._places]
        columns_of(there, known=COLUMNS, required=required)
        refuse_twice(table)
        self.blank = 0
        # The same days, words and names stand in many lines.
        self._read: dict[str, dict[Cell, str | Reason]] = {column: {} for column in COLUMNS}
        self._hours: dict[Cell, tuple[str, int | None] | None] = {}

    def lines(self) -> Iterator[PaperCells | RefusedLine]:
        """Go through the lines that say anything."""
        places = frozenset(place.column for place in self._table.places)
        for row in self._table.rows:
            line = self._table.sheet.line(row.row)
            if any(cell.text for cell in row.cells[self._table.width :]):
                yield RefusedLine(line=line, reason=BAD_LINE)
            elif nameless := [n for n, cell in enumerate(row.cells) if cell.text and n not in places]:
                reason = in_column(NO_COLUMN, f"第 {nameless[0] + 1} 列")
                yield RefusedLine(line=line, reason=reason)
            elif self._is_blank(row):
                self.blank += 1
            elif (struck := self._struck(row)) is not None:
                yield RefusedLine(line=line, reason=struck)
            else:
                yield self.line(row, line)

    def _struck(self, row: TableRow) -> Reason | None:
        """Return why a line of which something is struck through is none."""
        struck = [p for p in self._table.places if (row.row, p.column) in self._table.sheet.struck]
        if not struck:
            return None
        named = any(p.heading is not None and p.heading.column in _OF_WHOM_AND_WHEN for p in struck)
        return ROW_STRUCK if named else in_column(CELL_STRUCK, struck[0].said)

    def _is_blank(self, row: TableRow) -> bool:
        """Return whether nobody has filled in a line of a visit sheet: only what was printed stands there."""
        if not self._cell(row, LINE_CODE).text:
            return False
        filled = (p for p in self._table.places if p.heading and cell_at(row.cells, p.column).text)
        said = {place.heading.column for place in filled if place.heading}
        return said <= _PRINTED

    def line(self, row: TableRow, line: int) -> PaperCells:
        """Read a row: every column as a value or why it is none, and as remarks what has no column."""
        width = len(row.cells)
        said = {
            column: row.cells[place] if place is not None and place < width else EMPTY
            for column, place in self._own
        }
        written = tuple([cell.text for cell in said.values()])
        unread = self._answer(said, line)
        cells: dict[str, str] = {}
        read: str | Reason | None
        faults: dict[str, Reason] = {}
        for column, cell in said.items():
            if cell is EMPTY:
                cells[column] = ""
                continue
            read = self._read[column].get(cell)
            if read is None:
                read = "" if cell.blank else self._reading(column, cell)
            if isinstance(read, Reason):
                cells[column], faults[column] = "", read
            else:
                cells[column] = read
        remarks = [*self._remarks(row), *unread]
        self._settle(cells, faults, said, remarks)
        remarks += self._lost(cells, said)
        read_so = tuple([cells[column] for column in COLUMNS])
        return PaperCells(
            line=line,
            # Of nearly all lines both are one object.
            cells=written if read_so == written else read_so,
            written=written,
            faults=faults or _NO_FAULTS,
            remarks=tuple(remarks),
            grade=self._cell(row, GRADE).text or row.grade,
            group=self._cell(row, CLASS).text or row.group,
            code=self._cell(row, LINE_CODE).text,
            case_no=self._cell(row, CASE).text,
            hidden=row.row in self._table.sheet.hidden_rows,
        )

    def _answer(self, said: dict[str, Cell], line: int) -> list[tuple[str, str]]:
        """Put into the columns of a line what was answered, and return what stood there."""
        over = self._answered.get(self._above + line, {}) if self._answered else {}
        unread = [(column, said[column].text) for column in over if said[column].text]
        said.update((column, Cell(word)) for column, word in over.items())
        return unread

    def _reading(self, column: str, cell: Cell) -> str | Reason:
        """Read a cell, or return why it can't be understood."""
        read: str | Reason
        try:
            how = self._name if column == NAME else READERS[column]
            read = how(cell, self._table.around)
        except NotUnderstood as error:
            read = error.reason
        if column not in _SELDOM_TWICE:
            self._read[column][cell] = read
        return read

    def _hour(self, day: Cell) -> tuple[str, int | None] | None:
        """Return the hour behind a day, and the minutes of a span; None where that can't be understood."""
        if day not in self._hours:
            try:
                self._hours[day] = values.hour_behind(day)
            except NotUnderstood:
                self._hours[day] = None
        return self._hours[day]

    def _settle(
        self,
        cells: dict[str, str],
        faults: dict[str, Reason],
        said: Mapping[str, Cell],
        remarks: Sequence[tuple[str, str]],
    ) -> None:
        """Put into each column what another one says of it: the hour behind a day, the minutes of a span."""
        if not cells[TYPE] and TYPE not in faults:
            cells[TYPE] = self._kind
        for column in (TYPE, OUTCOME):
            cells[column] = self._known.value(column, cells[column]) or cells[column]
        cells[COUNTERPART] = self._people(cells[COUNTERPART])
        told = OUTCOME in self._places or said[OUTCOME].text
        if not told and self._may_be_nobody(said, remarks):
            faults[OUTCOME] = OUTCOME_UNCLEAR
        elif not told:
            # What is written down without a column for how it went took place.
            cells[OUTCOME] = self._known.took_place.get(normal(cells[TYPE]), "")
        self._when(cells, faults, said)

    def _when(self, cells: dict[str, str], faults: dict[str, Reason], said: Mapping[str, Cell]) -> None:
        if TIME in faults and self._words.says("part_of_day", said[TIME].text):
            del faults[TIME]
            return
        day, clock = said[DAY], said[TIME]
        if DAY in faults or not clock.text:
            behind = self._hour(day)
            if behind is None:
                return
            hour, lasted = behind
            if hour and DAY in faults:
                try:
                    cells[DAY] = values.day(Cell(values.before_hour(day)), self._table.around)
                except NotUnderstood:
                    return
                del faults[DAY]
            if clock.text:
                # The column for it says when; what stands behind the day is kept in words.
                return
            cells[TIME] = hour or cells[TIME]
        else:
            lasted = None
            if _SPANS.search(clock.text) and TIME not in faults:
                cells[TIME], lasted = values.times(clock)
        if lasted is not None and not said[MINUTES].text:
            cells[MINUTES] = str(lasted)

    def _may_be_nobody(self, said: Mapping[str, Cell], remarks: Sequence[tuple[str, str]]) -> bool:
        """Return whether a line may speak of having reached nobody; then how it went is asked for."""
        texts = [said[CONTENT].text, said[COUNTERPART].text]
        texts += [text for heading, text in remarks if self._column(heading) in _OF_HOW_IT_WENT]
        return any(self._known.speaks_of_nobody(text[:_LOOKED_THROUGH]) for text in texts)

    def _column(self, heading: str) -> str:
        found = self._known.heading(heading)
        return found.column if found is not None else ""

    def _people(self, text: str) -> str:
        """Return the word of the log for those whom a cell names, or the text itself."""
        if (known := self._known.value(COUNTERPART, text)) is not None:
            return known
        people = {
            self._known.value(COUNTERPART, each) for each in BETWEEN_PEOPLE.split(_IN_BRACKETS.sub("", text))
        }
        if len(people) == 1:
            return people.pop() or text
        return _TOGETHER.get(frozenset(people), text)

    def _remarks(self, row: TableRow) -> Iterator[tuple[str, str]]:
        for place in self._kept:
            if text := cell_at(row.cells, place.column).text:
                yield place.said, text

    def _lost(self, cells: Mapping[str, str], said: Mapping[str, Cell]) -> Iterator[tuple[str, str]]:
        """Go through words of which the word of the log says less: whose grandmother was met."""
        if is_marked(said[NAME].text, self._words):
            yield NAME, said[NAME].text
        sought, minutes = said[COUNTERPART].text, said[MINUTES].text
        said_so = normal(sought) == normal(cells[COUNTERPART]) and cells[OUTCOME] != NOT_MET
        if sought and not (said_so and self._tells(cells)):
            yield COUNTERPART, sought
        if cells[MINUTES] and not values.is_exact(minutes):
            yield MINUTES, minutes
        if said[TIME].text and self._words.says("part_of_day", said[TIME].text):
            yield TIME, said[TIME].text
        elif said[TIME].text and (behind := self._hour(said[DAY])) and behind[0] not in ("", cells[TIME]):
            yield DAY, said[DAY].text

    def _name(self, cell: Cell, _around: Around) -> str:
        return apart(values.name(cell), self._words)[0]

    def _tells(self, cells: Mapping[str, str]) -> bool:
        """Return whether an entry tells those who are named apart: a visit says of a parent only that."""
        return cells[COUNTERPART] not in _ONE_PARENT or cells[TYPE] not in VISIT.paper

    def _cell(self, row: TableRow, column: str) -> Cell:
        place = self._places.get(column)
        return EMPTY if place is None else cell_at(row.cells, place)


def kind_of(table: Table, known: SheetWords) -> str:
    """Return the type of all lines, where the headings or else the texts above say it; otherwise ""."""
    headings = [place.said for place in table.places if place.heading and place.heading.role is Role.COLUMN]
    for texts in (headings, [*table.above, table.sheet.name]):
        kinds = {kind for text in texts for word, kind in known.kinds.items() if word in normal(text)}
        if len(kinds) == 1:
            return kinds.pop()
    return ""


READERS: Mapping[str, Callable[[Cell, Around], str]] = {
    DAY: values.day,
    TIME: values.alone(lambda cell: values.times(cell)[0]),
    NUMBER: values.alone(values.number),
    NAME: values.alone(values.name),
    TYPE: values.alone(values.text),
    CARER: values.alone(values.name),
    COUNTERPART: values.alone(values.text),
    OUTCOME: values.alone(values.text),
    MINUTES: values.alone(values.minutes),
    CONTENT: values.alone(values.text),
    WRITTEN_ON: values.day,
}
