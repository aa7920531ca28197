"""A line of a table of children in the columns of the census form: what each cell says of the child."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from application.intake.imports.census import sections
from application.intake.imports.paper import column_letter, in_column, stray, unreadable
from application.intake.imports.reasons import (
    CELL_STRUCK,
    NAME_KEPT,
    PLACE_KEPT,
    ROW_HIDDEN,
    ROW_STRUCK,
    TAKEN_OFF,
)
from application.intake.papers import values
from application.intake.papers.beside_names import apart, child_name
from application.intake.papers.finding import Table, by_column
from application.intake.papers.table_rows import Place, TableRow, cell_at
from application.intake.papers.units import parted
from application.intake.papers.values import Around, NotUnderstood, is_part_of, refuse_broken
from application.intake.papers.whereabouts import is_away_at, works_at
from application.intake.papers.words import Role, SheetWords, Words
from application.intake.sheets.cell import EMPTY, Cell, Kind
from domain.choices import Sex
from domain.id_number import is_id_number, told_by
from domain.normal import normal_number
from domain.refusal import Reason

ENROLMENT, *DEPENDING = sections()
NUMBER, NAME, SEX, BORN = (ENROLMENT.columns[n] for n in ("student_no", "name", "sex", "birth_date"))
TELLING = frozenset((ENROLMENT.columns["id_number"], NUMBER))
# Where the child belongs below its school: no field of the enrolment, but the organisation of its envelope.
GRADE, CLASS = "年级", "班级"
COLUMNS = (*(title for section in (ENROLMENT, *DEPENDING) for title in section.titles), GRADE, CLASS)
KIND = "roster"
CARER, CARER_KIND, PAIRED_ON = "结对帮扶人", "结对类型", "结对日期"
ASKED = "是否外出务工"
PARENTS = {"父亲是否外出务工": "父亲外出", "母亲是否外出务工": "母亲外出"}
WHICH_PARENT = Reason(
    code="which_parent",
    zh="只写了一方外出，看不出是父亲还是母亲；请在父亲、母亲是否外出务工两栏写明",
    en="One parent is away, and nobody can tell which. Say it in the columns of father and mother.",
)
WHEREABOUTS_UNCLEAR = Reason(
    code="whereabouts_unclear",
    zh="看不出父亲、母亲是否外出务工，已存入备注；请在父亲、母亲是否外出务工两栏写明",
    en="Nobody can tell whether father and mother are away. It was kept as a remark; say it in the columns "
    "of father and mother.",
)
AWAY_UNSAID = Reason(
    code="away_unsaid",
    zh="写了务工地，看不出是否外出务工；请在是否外出务工一栏写明",
    en="There is a place of work, and nobody can tell whether the parent is away. Say it in the column for "
    "that.",
)
_NOTHING = ("empty", "none", "unknown")
GUARDIAN = "监护人姓名"
REMARKS = "备注"
_PLACES = ("务工地", "住址", "地址")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One row of the form: its trimmed cells by column; `line` is its row in the sheet.

    `sheet` is the name of that sheet where more than one has rows, `sheet_number` its place in the
    workbook, counted from 1. `nameless` are the columns, as the sheet letters them, in which something
    stands under an empty header. `faults` are the columns whose cells can't be understood. `part` counts
    the children whom one line names, from 0.
    """

    line: int
    cells: dict[str, str]
    sheet: str | None = None
    sheet_number: int | None = None
    nameless: tuple[str, ...] = ()
    faults: Mapping[str, Reason] = field(default_factory=dict)
    pairings: tuple[tuple[str, str], ...] = ()
    asked: tuple[Reason, ...] = ()
    part: int = 0

    def __getitem__(self, column: str) -> str:
        """Return a cell. Raises `Unreadable` where it can't be understood."""
        if (reason := self.faults.get(column)) is not None:
            raise unreadable(reason, column)
        return self.cells.get(column, "")

    def says(self, column: str) -> bool:
        """Return whether anything stands in a column."""
        return column in self.faults or bool(self.cells.get(column))


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReader:
    """How the lines of one table are read; `filed` is the day of the list, and `filed_as` what it is of."""

    table: Table
    all_words: Words
    filed: Cell | None
    filed_as: str | None = ENROLMENT.day_column

    def row(self, row: TableRow) -> RosterRow:
        """Read a line."""
        said = dict(by_column(row, [p for p in self.table.places if _role(p) is Role.COLUMN]))
        taken, asked = self._taken(said, row)
        self._fill(said, row)
        self._whereabouts(said)
        asked += self._places_of_work(said)
        kept = list(self._absent(said))
        asked += self._beside(said, kept)
        kept += self._remarks(row, taken)
        if kept:
            # A heading says what a remark is about, but for the one that says that it is one.
            texts = (text if heading == REMARKS else f"{heading}：{text}" for heading, text in kept)
            said[REMARKS] = Cell("；".join(filter(None, [said.get(REMARKS, EMPTY).text, *texts])))
        cells: dict[str, str] = {}
        faults: dict[str, Reason] = {}
        for column, cell in said.items():
            try:
                read_cell = _reader(column, self.all_words)
                cells[column] = "" if cell.blank else read_cell(cell, self.table.around)
            except NotUnderstood as error:
                cells[column], faults[column] = "", error.reason
        self._strike(cells, faults, row)
        by_numbers(cells, faults, said)
        if row.row in self.table.sheet.hidden_rows:
            asked.append(ROW_HIDDEN)
        return RosterRow(
            line=self.table.sheet.line(row.row),
            cells=cells,
            faults=faults,
            nameless=tuple(column_letter(n) for n in self._stray(row)),
            pairings=self._pairings(row, taken),
            asked=tuple(asked),
        )

    def _strike(self, cells: dict[str, str], faults: dict[str, Reason], row: TableRow) -> None:
        """Refuse what is struck through: where that is the name of the child, the row."""
        own = [p for p in self.table.places if _role(p) is Role.COLUMN and self._is_struck(row, p)]
        struck = [place.heading.column for place in own if place.heading]
        for column in struck:
            cells[column], faults[column] = "", CELL_STRUCK
        if NAME in struck:
            faults.clear()
            faults[NAME] = ROW_STRUCK

    def _is_struck(self, row: TableRow, place: Place) -> bool:
        return (row.row, place.column) in self.table.sheet.struck

    def _stray(self, row: TableRow) -> tuple[int, ...]:
        return stray([cell.text for cell in row.cells], [place.column for place in self.table.places])

    def _taken(self, said: dict[str, Cell], row: TableRow) -> tuple[set[int], list[Reason]]:
        """Put into the columns of the form what stands under other headings.

        Return the places that say no more than that, and what can't be understood under headings without a
        column of the form.
        """
        taken: set[int] = set()
        asked: list[Reason] = []
        for place in self.table.places:
            cell, role = cell_at(row.cells, place.column), _role(place)
            if cell.blank or place.heading is None or role in (Role.COLUMN, Role.PASSED):
                continue
            if (reason := CELL_STRUCK if self._is_struck(row, place) else _broken(cell)) is not None:
                asked.append(in_column(reason, place.said))
                taken.add(place.column)
                continue
            column = place.heading.column
            if role is Role.KIND and self._is_first(said, place):
                said[CARER], said[CARER_KIND] = cell, Cell(place.heading.given or "")
                taken.add(place.column)
            elif role is Role.WHOSE and said.get(GUARDIAN, EMPTY).text and said.get(column, EMPTY).blank:
                said[column] = cell
                taken.add(place.column)
            elif role is Role.BOTH_PARENTS:
                asked += self._parents(said, cell)
        return taken, asked

    def _is_first(self, said: Mapping[str, Cell], place: Place) -> bool:
        """Return whether the row has room for the carer under a heading that is a kind."""
        kind = said.get(CARER_KIND, EMPTY).text
        return not said.get(CARER, EMPTY).text and (not kind or kind == place.heading_kind)

    def _pairings(self, row: TableRow, taken: set[int]) -> tuple[tuple[str, str], ...]:
        """Return the carers under further headings that are kinds, each with its kind."""
        found: list[tuple[str, str]] = []
        for place in self.table.places:
            cell = cell_at(row.cells, place.column)
            if _role(place) is not Role.KIND or cell.blank or place.column in taken:
                continue
            if not self.all_words.says("empty", cell.text) and not self.all_words.says("none", cell.text):
                found.append((cell.text, place.heading_kind))
        return tuple(found)

    def _fill(self, said: dict[str, Cell], row: TableRow) -> None:
        """Put into the columns of the form what the lines around, or the headings, say of them."""
        if CLASS in said and said.get(GRADE, EMPTY).blank and (unit := parted(said[CLASS].text)):
            said[GRADE], said[CLASS] = map(Cell, unit)
        for column, text in ((GRADE, row.grade), (CLASS, row.group)):
            if text and not said.get(column, EMPTY).text:
                said[column] = Cell(text)
        day = self.filed_as
        if self.filed is not None and day is not None and said.get(day, EMPTY).blank:
            said[day] = self.filed
        if (
            said.get(CARER, EMPTY).text
            and said.get(CARER_KIND, EMPTY).blank
            and (kind := self._kind_of_carers())
        ):
            said[CARER_KIND] = Cell(kind)

    def _kind_of_carers(self) -> str | None:
        """Return the kind that the heading of the column of the carers is itself."""
        own = (p for p in self.table.places if _role(p) is Role.COLUMN)
        heads = (p.said for p in own if p.heading and p.heading.column == CARER)
        return next(filter(None, (self._known.value(CARER_KIND, head) for head in heads)), None)

    @property
    def _known(self) -> SheetWords:
        return self.all_words.sheets[KIND]

    def _parents(self, said: dict[str, Cell], cell: Cell) -> Iterator[Reason]:
        """Put into the columns of both parents what one word says of them, and ask where it doesn't tell."""
        meant = self._known.value("父母务工状况", cell.text)
        untold = [column for column in PARENTS if not said.get(column, EMPTY).text]
        for column in untold:
            if meant in ("双方外出", PARENTS[column]):
                said[column] = Cell("是")
            elif meant == "均未外出":
                said[column] = Cell("否")
        if meant == "一方外出" and len(untold) == len(PARENTS):
            yield in_column(WHICH_PARENT, "父母务工状况")
        elif meant is None and untold and not self._says_nothing(cell.text):
            yield in_column(WHEREABOUTS_UNCLEAR, "父母务工状况")

    def _says_nothing(self, word: str) -> bool:
        return any(self.all_words.says(what, word) for what in _NOTHING)

    def _places_of_work(self, said: dict[str, Cell]) -> Iterator[Reason]:
        """Take from where a parent works that it is away, and ask where that doesn't tell."""
        for column in PARENTS:
            where = column.removesuffix(ASKED) + "务工地"
            cell = said.get(where, EMPTY)
            if cell.blank or not said.get(column, EMPTY).blank or self._says_nothing(cell.text):
                continue
            if is_away_at(cell.text):
                said[column] = Cell("是")
            else:
                yield in_column(AWAY_UNSAID, where)

    def _whereabouts(self, said: dict[str, Cell]) -> None:
        """Part what says where a parent works, and that it does."""
        for column in PARENTS:
            text = said.get(column, EMPTY).text
            if not text or self._known.value(column, text) or self._known.says_else(column, text):
                continue
            place = works_at(text)
            where = column.removesuffix(ASKED) + "务工地"
            if place is not None and (not place or said.get(where, EMPTY).blank):
                said[column] = Cell("是")
                if place:
                    said[where] = Cell(place)

    def _absent(self, said: dict[str, Cell]) -> Iterator[tuple[str, str]]:
        """Empty the cells that say that there is nothing to say, and go through what they say of that."""
        for column, cell in said.items():
            word, says = cell.text, self.all_words.says
            known = _FORMS.get(column)
            nobody = known in _OF_WHAT_MAY_NOT_BE and says("none", word)
            not_known = known in _OF_WORDS and says("unknown", word)
            beside = self._known.says_else(column, word)
            if not word or not (nobody or not_known or beside or says("empty", word)):
                continue
            said[column] = EMPTY
            # In the form a stroke in the place of a parent's name is not the same as an empty cell.
            if not says("empty", word) or column.endswith("姓名"):
                yield column, word

    def _beside(self, said: dict[str, Cell], kept: list[tuple[str, str]]) -> Iterator[Reason]:
        """Take off what stands beside names, and words that are no names or places, and ask about them.

        Of the child itself that may be refused: see `child_name`.
        """
        words = self.all_words
        for column, cell in said.items():
            text, how = cell.text, _FORMS.get(column)
            if not text or cell.kind is not Kind.TEXT:
                continue
            if how is _NAME and column != CARER:
                name, beside = apart(text, words)
                is_none = words.says("no_name", name)
                if column == NAME:
                    # Whoever is refused keeps what stands there.
                    if beside and (known := self._child_name(text)):
                        kept.append((column, text))
                        said[column] = Cell(known)
                        yield in_column(TAKEN_OFF, column)
                elif is_none or beside:
                    said[column] = EMPTY if is_none else Cell(name)
                    kept.append((column, text))
                    yield in_column(NAME_KEPT if is_none else TAKEN_OFF, column)
            elif column.endswith(_PLACES) and words.says("no_place", text):
                said[column] = EMPTY
                kept.append((column, text))
                yield in_column(PLACE_KEPT, column)

    def _child_name(self, text: str) -> str:
        try:
            return child_name(text, self.all_words)
        except NotUnderstood:
            return ""

    def _remarks(self, row: TableRow, taken: set[int]) -> Iterator[tuple[str, str]]:
        for place in self.table.places:
            text = cell_at(row.cells, place.column).text
            if not text or place.column in taken or self.all_words.says("empty", text):
                continue
            role = _role(place)
            if role in (Role.REMARK, Role.WHOSE, Role.BOTH_PARENTS) or (
                role is Role.KIND and self.all_words.says("none", text)
            ):
                yield place.said, text


def _broken(cell: Cell) -> Reason | None:
    try:
        refuse_broken(cell)
    except NotUnderstood as error:
        return error.reason
    return None


def _role(place: Place) -> Role | None:
    return None if place.heading is None else place.heading.role


def by_numbers(cells: dict[str, str], faults: dict[str, Reason], said: Mapping[str, Cell]) -> None:
    """Take sex and birthday from the numbers of a child where the row leaves them out.

    Where the row says a part of the birthday, its month or its day, the number must say the same.
    """
    said_numbers = (normal_number(cells.get(column, "")).removeprefix("G") for column in sorted(TELLING))
    number = next(filter(is_id_number, said_numbers), "")
    if not number:
        return
    day, male = told_by(number)
    born = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    if not cells.get(BORN) and (BORN not in faults or is_part_of(born, said[BORN].text)):
        cells[BORN] = born
        faults.pop(BORN, None)
    if not cells.get(SEX) and SEX not in faults:
        cells[SEX] = Sex.MALE.zh if male else Sex.FEMALE.zh


def _reader(column: str, all_words: Words) -> Callable[[Cell, Around], str]:
    """Return what reads the cells of a column of the form."""
    how = _FORMS.get(column)
    if column == NAME:
        return lambda cell, _around: child_name(values.name(cell), all_words)
    if how is not None:
        return how
    read_words = values.words_of(column, known=all_words.sheets[KIND], all_words=all_words)
    return lambda cell, _around: read_words(cell)


def _forms() -> Iterator[tuple[str, Callable[[Cell, Around], str]]]:
    for section in (ENROLMENT, *DEPENDING):
        if section.day_column is not None:
            yield section.day_column, values.day
        for each, _ in section.fields:
            if each.base is date:
                # The year of a sheet is none in which its children were born.
                yield section.columns[each.name], _DAY_OF_BIRTH
            elif each.base is int:
                yield section.columns[each.name], values.alone(values.count)
            elif each.base is UUID or each.name == "name":
                yield section.columns[each.name], _NAME
            elif each.name == "phone":
                yield section.columns[each.name], _PHONE
            elif each.name in ("student_no", "id_number"):
                yield section.columns[each.name], _NUMBER
            elif each.base is str:
                yield section.columns[each.name], _TEXT
    yield GRADE, _TEXT
    yield CLASS, _TEXT


_NAME, _PHONE, _NUMBER, _TEXT, _DAY_OF_BIRTH = map(
    values.alone, (values.name, values.phone, values.number, values.text, values.day)
)
_FORMS: Mapping[str, Callable[[Cell, Around], str]] = dict(_forms())
_OF_WHAT_MAY_NOT_BE = (_NAME, _PHONE, _NUMBER)
_OF_WORDS = (_NAME, _PHONE, _NUMBER, _TEXT, _DAY_OF_BIRTH)
