"""The census form, or any table of children: what its cells say, by the columns of the form."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from uuid import UUID

from application.intake.imports.census import EntryOnPaper, filled, read, sections
from application.intake.imports.paper import (
    Unreadable,
    column_letter,
    columns_of,
    in_column,
    stray,
    unreadable,
)
from application.intake.imports.reasons import NO_COLUMN
from application.intake.papers import values
from application.intake.papers.finding import (
    ColumnRead,
    SheetNotRead,
    Table,
    by_column,
    columns_read,
    given_twice,
    tables_in,
)
from application.intake.papers.table_rows import TableRow, cell_at
from application.intake.papers.values import Around, NotUnderstood
from application.intake.papers.words import Role, Words, words
from application.intake.sheets.cell import EMPTY, Cell, Sheet
from application.intake.sheets.reading import read_sheets
from domain.choices import Sex
from domain.id_number import is_id_number, told_by
from domain.normal import normal_number
from domain.refusal import Reason, Text

ENROLMENT, *DEPENDING = sections()
NUMBER, NAME, BORN = (ENROLMENT.columns[name] for name in ("student_no", "name", "birth_date"))
# Where the child belongs below its school: no field of the enrolment, but the organisation of its envelope.
GRADE, CLASS = "年级", "班级"
COLUMNS = (*(title for section in (ENROLMENT, *DEPENDING) for title in section.titles), GRADE, CLASS)
KIND = "roster"
REMARKS = "备注"

ID_SAYS_OTHERWISE = Reason(
    code="id_says_otherwise",
    zh="号码所含的出生日期或性别与本行不一致；已照本行登记，请核对",
    en="The number says another date of birth or sex than the row. The row was recorded as it is; check it.",
)
NO_DAY = Text(
    zh="整份文件同一天的，用 --enrolled-on 写明",
    en="Name the day for the whole file with --enrolled-on.",
)
SLASH = Reason(code="slash", zh="不能含有“/”", en="Must not contain a slash.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One row of the form: its trimmed cells by column; `line` is its row in the sheet.

    `sheet` is the name of that sheet where more than one has rows, `sheet_number` its place in the
    workbook, counted from 1. `nameless` are the columns, as the sheet letters them, in which something
    stands under an empty header. `faults` are the columns whose cells can't be understood.
    """

    line: int
    cells: dict[str, str]
    sheet: str | None = None
    sheet_number: int | None = None
    nameless: tuple[str, ...] = ()
    faults: Mapping[str, Reason] = field(default_factory=dict)

    def __getitem__(self, column: str) -> str:
        """Return a cell. Raises `Unreadable` where it can't be understood."""
        if (reason := self.faults.get(column)) is not None:
            raise unreadable(reason, column)
        return self.cells.get(column, "")

    def says(self, column: str) -> bool:
        """Return whether anything stands in a column."""
        return column in self.faults or bool(self.cells.get(column))


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterForm:
    """A form as it was read: every row that says anything, of every sheet that has a header.

    `columns` say what each heading was taken for, `skipped` how many rows were none of a child, and what.
    """

    file_sha256: str
    rows: tuple[RosterRow, ...]
    sheets_not_read: tuple[SheetNotRead, ...] = ()
    columns: tuple[ColumnRead, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartNotRead:
    """What depends on the enrolment and can't be understood: the columns that it stands in, and why."""

    columns: tuple[str, ...]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOnPaper:
    """What a row says, understood; `unit` is the path below the school.

    The child is enrolled without what is `not_read`: that is, like the `depending`, of entries that rest on
    the enrolment.
    """

    unit: str
    enrolment: EntryOnPaper
    depending: tuple[EntryOnPaper, ...]
    not_read: tuple[PartNotRead, ...] = ()

    @property
    def enrolled_on(self) -> date:
        """The day of the enrolment."""
        assert self.enrolment.day is not None
        return self.enrolment.day

    @property
    def entries(self) -> tuple[EntryOnPaper, ...]:
        """Everything that the row says, the enrolment first."""
        return (self.enrolment, *self.depending)


def read_roster(
    data: bytes, *, enrolled_on: date | None = None, all_words: Words | None = None
) -> RosterForm:
    """Read the tables of children of a file, on all sheets that are shown. Raises `Invalid` where none can
    be read.

    `enrolled_on` is the day of the enrolment where the file says none.
    """
    all_words = words() if all_words is None else all_words
    found, not_read = tables_in(read_sheets(data), kind=KIND, words=all_words)
    every = [table for _, _, there in found for table in there]
    skipped = sum((Counter(table.skipped) for table in every), Counter())
    return RosterForm(
        file_sha256=sha256(data).hexdigest(),
        rows=tuple(_every_row(found, all_words, enrolled_on=enrolled_on)),
        sheets_not_read=tuple(not_read),
        columns=tuple(dict.fromkeys(column for table in every for column in columns_read(table))),
        skipped={what: count for what, count in skipped.items() if count},
    )


def _every_row(
    found: Sequence[tuple[int, Sheet, Sequence[Table]]], all_words: Words, *, enrolled_on: date | None
) -> Iterator[RosterRow]:
    """Go through the rows of all sheets, each with its sheet where more than one has any."""
    read = [
        (number, sheet.name, [row for t in there for row in _rows(t, all_words, enrolled_on=enrolled_on)])
        for number, sheet, there in found
    ]
    many = sum(bool(rows) for _, _, rows in read) > 1
    for number, name, rows in read:
        for row in rows:
            yield replace(row, sheet=name, sheet_number=number) if many else row


def _rows(table: Table, all_words: Words, *, enrolled_on: date | None) -> Iterator[RosterRow]:
    """Go through the lines of a table that say anything."""
    headings = [place.heading.column if place.heading else place.said for place in table.places]
    known = (
        *COLUMNS,
        *(p.heading.column for p in table.places if p.heading and p.heading.role is not Role.COLUMN),
    )
    filed = table.filed_on or (Cell(enrolled_on.isoformat()) if enrolled_on else None)
    day = ENROLMENT.day_column
    there = dict.fromkeys([*headings, *([day] if filed and day else [])])
    columns_of(
        [*there, *given_twice(table)], known=known, required=ENROLMENT.required, advice={day or "": NO_DAY}
    )
    reading = _Reading(table=table, all_words=all_words, filed=filed)
    for row in table.rows:
        read_row = reading.row(row)
        if any(read_row.cells.values()) or read_row.faults or read_row.nameless:
            yield read_row


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How the lines of one table are read."""

    table: Table
    all_words: Words
    filed: Cell | None

    def row(self, row: TableRow) -> RosterRow:
        """Read a line."""
        said = dict(
            by_column(row, [p for p in self.table.places if p.heading and p.heading.role is Role.COLUMN])
        )
        self._fill(said, row)
        if remarks := [*self._remarks(row, said)]:
            # A heading says what a remark is about, but for the one that says that it is one.
            texts = (text if heading == REMARKS else f"{heading}：{text}" for heading, text in remarks)
            said[REMARKS] = Cell("；".join(texts))
        cells: dict[str, str] = {}
        faults: dict[str, Reason] = {}
        for column, cell in said.items():
            try:
                read_cell = _reader(column, self.all_words)
                cells[column] = "" if cell.blank else read_cell(cell, self.table.around)
            except NotUnderstood as error:
                cells[column], faults[column] = "", error.reason
        places = [place.column for place in self.table.places]
        return RosterRow(
            line=self.table.sheet.line(row.row),
            cells=cells,
            faults=faults,
            nameless=tuple(column_letter(n) for n in stray([c.text for c in row.cells], places)),
        )

    def _fill(self, said: dict[str, Cell], row: TableRow) -> None:
        """Put into the columns of the form what other columns, or the lines around, say of them."""
        for place in self.table.places:
            cell = cell_at(row.cells, place.column)
            if place.heading is None or not cell.text:
                continue
            match place.heading.role:
                case Role.KIND if not said.get("结对帮扶人", EMPTY).text:
                    said["结对帮扶人"], said["结对类型"] = cell, Cell(place.heading.given or "")
                case Role.WHOSE if said.get("监护人姓名", EMPTY).text:
                    said.setdefault(place.heading.column, cell)
                case Role.BOTH_PARENTS:
                    self._parents(said, cell)
        for column, text in ((GRADE, row.grade), (CLASS, row.group)):
            if text and not said.get(column, EMPTY).text:
                said[column] = Cell(text)
        day = ENROLMENT.day_column
        if self.filed is not None and day is not None and said.get(day, EMPTY).blank:
            said[day] = self.filed

    def _parents(self, said: dict[str, Cell], cell: Cell) -> None:
        meant = self.all_words.sheets[KIND].value("父母务工状况", cell.text)
        for column, both in (("父亲是否外出务工", "父亲外出"), ("母亲是否外出务工", "母亲外出")):
            if meant in ("双方外出", both) and not said.get(column, EMPTY).text:
                said[column] = Cell("是")

    def _remarks(self, row: TableRow, said: Mapping[str, Cell]) -> Iterator[tuple[str, str]]:
        for place in self.table.places:
            cell = cell_at(row.cells, place.column)
            if place.heading is None or not cell.text or self.all_words.says("empty", cell.text):
                continue
            role = place.heading.role
            if role is Role.KIND and said.get("结对帮扶人") is not cell:
                # A child may have a carer of each kind; the row has room for the first.
                yield place.said, cell.text
            elif (
                role is Role.REMARK
                or (role is Role.WHOSE and said.get(place.heading.column) is not cell)
                or role is Role.BOTH_PARENTS
            ):
                yield place.said, cell.text


def _reader(column: str, all_words: Words) -> Callable[[Cell, Around], str]:
    """Return what reads the cells of a column of the form."""
    how = _FORMS.get(column)
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
                yield section.columns[each.name], values.alone(values.day)
            elif each.base is int:
                yield section.columns[each.name], values.alone(values.count)
            elif each.base is UUID or each.name == "name":
                yield section.columns[each.name], values.alone(values.name)
            elif each.name in ("student_no", "id_number", "phone"):
                yield section.columns[each.name], values.alone(values.number)
            elif each.base is str:
                yield section.columns[each.name], values.alone(values.text)
    yield GRADE, values.alone(values.text)
    yield CLASS, values.alone(values.text)


_FORMS: Mapping[str, Callable[[Cell, Around], str]] = dict(_forms())


def understood(row: RosterRow) -> ChildOnPaper:
    """Understand a row. Raises Unreadable with the first column that the enrolment needs and can't be.

    What only depends on the enrolment is left out where it can't be understood, and told.
    """
    not_read = [
        PartNotRead(columns=(letter,), reason=in_column(NO_COLUMN, letter)) for letter in row.nameless
    ]
    if not_read and not any(row.says(column) for column in row.cells):
        raise Unreadable(not_read[0].reason)
    depending: list[EntryOnPaper] = []
    for section in DEPENDING:
        if any(row.says(column) for column in section.titles):
            try:
                depending.append(read(section, row))
            except Unreadable as error:
                not_read.append(PartNotRead(columns=section.titles, reason=error.reason))
    enrolment = read(ENROLMENT, row)
    not_read += [PartNotRead(columns=(), reason=reason) for reason in _at_odds(enrolment)]
    return ChildOnPaper(
        unit="/".join(filter(None, (_unit(row, GRADE), _unit(row, CLASS)))),
        enrolment=enrolment,
        depending=tuple(depending),
        not_read=tuple(not_read),
    )


def _at_odds(enrolment: EntryOnPaper) -> Iterator[Reason]:
    """Go through what the numbers of a child say otherwise than the row, as questions."""
    said = enrolment.values
    born = said["birth_date"].strftime("%Y%m%d")
    for field_name in ("id_number", "student_no"):
        number = normal_number(said.get(field_name) or "").removeprefix("G")
        if is_id_number(number) and told_by(number) != (born, said["sex"] is Sex.MALE):
            yield in_column(ID_SAYS_OTHERWISE, ENROLMENT.columns[field_name])


def _unit(row: RosterRow, column: str) -> str:
    if column == GRADE and row.says(CLASS):
        filled(row, GRADE)
    if "/" in row[column]:
        raise unreadable(SLASH, column)
    return row[column]
