"""The census form, or any table of children: what its cells say, by the columns of the form."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from hashlib import sha256

from msgspec.structs import replace as restated

from application.intake.imports.census import EntryOnPaper, Section, filled, read
from application.intake.imports.paper import (
    Unreadable,
    columns_of,
    in_column,
    reasons_of,
    unreadable,
)
from application.intake.imports.reasons import NO_COLUMN, NOTHING_CHOSEN
from application.intake.imports.roster_cells import (
    BORN,
    CARER,
    CARER_KIND,
    CLASS,
    COLUMNS,
    DEPENDING,
    ENROLMENT,
    GRADE,
    KIND,
    NAME,
    NUMBER,
    PAIRED_ON,
    SEX,
    TELLING,
    RosterRow,
    RowReader,
)
from application.intake.papers import people
from application.intake.papers.finding import (
    ColumnRead,
    SheetNotRead,
    Table,
    columns_read,
    refuse_twice,
    tables_in,
)
from application.intake.papers.settled import (
    SETTLE,
    RowSettled,
    is_of_settling,
    settled_in,
)
from application.intake.papers.table_rows import TableRow, cell_at
from application.intake.papers.units import unit_of
from application.intake.papers.words import Role, Words, words
from application.intake.sheets.cell import Cell, Kind, Sheet
from application.intake.sheets.reading import read_sheets
from domain.choices import CarerKind, Sex
from domain.effects import Effect
from domain.id_number import is_id_number, told_by
from domain.normal import normal_number
from domain.phone import is_phone
from domain.refusal import Reason, Text

ID_SAYS_OTHERWISE = Reason(
    code="id_says_otherwise",
    zh="号码所含的出生日期或性别与本行不一致；已照本行登记，请核对",
    en="The number says another date of birth or sex than the row. The row was recorded as it is; check it.",
)
NOT_A_PHONE = Reason(
    code="not_a_phone",
    zh="不是完整的电话号码；已照原样登记，请核对",
    en="Not a whole telephone number. It was recorded as it is; check it.",
)
NO_DAY = Text(
    zh="整份文件同一天的，请写明（--enrolled-on，接口为 enrolled_on）",
    en="Name the day for the whole file: --enrolled-on, over HTTP enrolled_on.",
)
# Where one of these stands, a row is of one child.
_OF_ONE_CHILD = frozenset((NUMBER, SEX, BORN, ENROLMENT.columns["id_number"]))
# A list of no more than these pairs children who are known, or else says when they were enrolled.
_OF_A_PAIR = frozenset((NUMBER, NAME, GRADE, CLASS, CARER, CARER_KIND, PAIRED_ON))
SLASH = Reason(code="slash", zh="不能含有“/”", en="Must not contain a slash.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterForm:
    """A form as it was read: every row that says anything, of every sheet that has a header.

    `columns` say what each heading was taken for, `skipped` how many rows were none of a child, and what.
    Where somebody has `settled` what of it is to be taken, by line, it has the rows of which anything is;
    `settled_rows` are the cells of all of them.
    """

    file_sha256: str
    rows: tuple[RosterRow, ...]
    sheets_not_read: tuple[SheetNotRead, ...] = ()
    columns: tuple[ColumnRead, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    settled: Mapping[int, RowSettled] | None = None
    settled_rows: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


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
    sheets = read_sheets(data)
    settled = settled_in(sheets)
    if settled is not None:
        sheets = [sheet for sheet in sheets if not is_of_settling(sheet)]
    found, not_read = tables_in(sheets, kind=KIND, words=all_words)
    rows = tuple(_every_row(found, all_words, enrolled_on=enrolled_on))
    if settled is not None and not any(each.wanted for each in settled.values()):
        not_read.append(SheetNotRead(sheet=SETTLE, reason=NOTHING_CHOSEN))
    every = [table for _, _, there in found for table in there]
    skipped = sum((Counter(table.skipped) for table in every), Counter())
    return RosterForm(
        file_sha256=sha256(data).hexdigest(),
        rows=tuple(row for row in rows if settled is None or _is_wanted(settled.get(row.line))),
        settled=settled,
        settled_rows={} if settled is None else {row.line: row.cells for row in rows},
        sheets_not_read=tuple(not_read),
        columns=tuple(dict.fromkeys(column for table in every for column in columns_read(table))),
        skipped={what: count for what, count in skipped.items() if count},
    )


def _is_wanted(settled: RowSettled | None) -> bool:
    return settled is not None and settled.wanted


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
    # A number of the child's tells sex and birthday.
    told = [SEX, BORN] if TELLING.intersection(headings) else []
    there = dict.fromkeys([*headings, *told, *([day] if filed and day else [])])
    pairs = CARER in headings and not _OF_ONE_CHILD.intersection(headings)
    # Without them rows speak of children who are known.
    enrols = {SEX, BORN} <= there.keys() and not (day not in there and _OF_A_PAIR.issuperset(_own(table)))
    required = ENROLMENT.required if enrols else (NAME,)
    columns_of([*there], known=known, required=required, advice={day or "": NO_DAY})
    refuse_twice(table)
    filed_as = PAIRED_ON if pairs else day
    reading = RowReader(table=table, all_words=all_words, filed=filed, filed_as=filed_as)
    for row in table.rows:
        for part, each in enumerate(_each_child(row, table) if pairs else (row,)):
            read_row = replace(reading.row(each), part=part)
            if any(read_row.cells.values()) or read_row.faults or read_row.nameless:
                yield read_row


def _own(table: Table) -> Iterator[str]:
    """Go through the columns of the form that a table has."""
    for place in table.places:
        if place.heading is not None and place.heading.role in (Role.COLUMN, Role.KIND):
            yield place.heading.column


def _each_child(row: TableRow, table: Table) -> Iterator[TableRow]:
    """Go through the children whom a line of a list of pairs names: a carer may have several."""
    place = next(p.column for p in table.places if p.heading and p.heading.column == NAME)
    cell = cell_at(row.cells, place)
    names = people.people(cell.text) if cell.kind is Kind.TEXT else []
    if len(names) < 2:
        yield row
        return
    for name in names:
        yield restated(row, cells=[Cell(name) if n == place else each for n, each in enumerate(row.cells)])


def understood(row: RosterRow) -> ChildOnPaper:
    """Understand a row. Raises Unreadable with the columns that the enrolment needs and that can't be.

    What only depends on the enrolment is left out where it can't be understood, and told.
    """
    not_read = [
        PartNotRead(columns=(letter,), reason=in_column(NO_COLUMN, letter)) for letter in row.nameless
    ]
    if not_read and not any(row.says(column) for column in row.cells):
        raise Unreadable(not_read[0].reason)
    not_read += [PartNotRead(columns=(), reason=reason) for reason in row.asked]
    depending: list[EntryOnPaper] = []
    more: list[EntryOnPaper] = []
    for section in DEPENDING:
        if any(row.says(column) for column in section.titles):
            try:
                first, *others = _apart(read(_as_listed(section, row), row), row)
            except Unreadable as error:
                not_read += [PartNotRead(columns=section.titles, reason=each) for each in error.reasons]
                continue
            depending.append(first)
            more += others
    # The ids of entries go by their place: what comes in beside the form stands behind it.
    depending += more
    if reasons := reasons_of((partial(read, ENROLMENT, row), partial(_whole_unit, row))):
        raise Unreadable(*reasons)
    enrolment = read(ENROLMENT, row)
    asked = (*_at_odds(enrolment), *_not_to_ring(depending))
    not_read += [PartNotRead(columns=(), reason=reason) for reason in asked]
    return ChildOnPaper(
        unit=_whole_unit(row),
        enrolment=enrolment,
        depending=tuple(depending),
        not_read=tuple(not_read),
    )


def _as_listed(section: Section, row: RosterRow) -> Section:
    """Return a section as a list has it: without a column for the day it means that of the list."""
    if section.day_column is None or section.day_column in row.cells:
        return section
    return replace(section, day_column=None)


def _apart(entry: EntryOnPaper, row: RosterRow) -> Iterator[EntryOnPaper]:
    """Go through the pairings that an entry stands for, one for each carer; any other entry is one."""
    if not entry.section.action.has(Effect.STARTS_PAIRING):
        yield entry
        return
    kinds = {each.zh: each for each in CarerKind}
    named = [(entry.values["carer"], entry.values["kind"]), *((n, kinds[k]) for n, k in row.pairings)]
    for names, kind in named:
        for name in people.people(names) or [names]:
            yield replace(entry, values={**entry.values, "carer": name, "kind": kind})


def _at_odds(enrolment: EntryOnPaper) -> Iterator[Reason]:
    """Go through what the numbers of a child say otherwise than the row, as questions."""
    said = enrolment.values
    born = said["birth_date"].strftime("%Y%m%d")
    for field_name in ("id_number", "student_no"):
        number = normal_number(said.get(field_name) or "").removeprefix("G")
        if is_id_number(number) and told_by(number) != (born, said["sex"] is Sex.MALE):
            yield in_column(ID_SAYS_OTHERWISE, ENROLMENT.columns[field_name])


def _not_to_ring(entries: Sequence[EntryOnPaper]) -> Iterator[Reason]:
    """Go through the telephone numbers of a row that are none, as questions."""
    for entry in entries:
        said = entry.values.get("phone")
        most = next((field.spec.max_length for field, _ in entry.section.fields if field.name == "phone"), 0)
        # One that is too long is refused.
        if said is not None and len(said) <= most and not is_phone(said):
            yield in_column(NOT_A_PHONE, entry.section.columns["phone"])


def _whole_unit(row: RosterRow) -> str:
    return "/".join(filter(None, (_unit(row, GRADE), _unit(row, CLASS))))


def _unit(row: RosterRow, column: str) -> str:
    # A class of a kindergarten has a name and no grade.
    if column == GRADE and row.says(CLASS) and (GRADE in row.cells or unit_of(row[CLASS])):
        filled(row, GRADE)
    if "/" in row[column]:
        raise unreadable(SLASH, column)
    return row[column]
