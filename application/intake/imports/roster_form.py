"""The census form as an XLSX file: where its header stands, and what its cells say."""

import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from application.intake.imports.census import EntryOnPaper, filled, read, sections
from application.intake.imports.paper import Unreadable, columns_of, header_word, in_column, stray, unreadable
from application.intake.imports.reasons import NO_COLUMN, NO_HEADER, NOT_XLSX
from domain.refusal import Reason, invalid

ENROLMENT, *DEPENDING = sections()
NUMBER, NAME, BORN = (ENROLMENT.columns[name] for name in ("student_no", "name", "birth_date"))
# Where the child belongs below its school: no field of the enrolment, but the organisation of its envelope.
GRADE, CLASS = "年级", "班级"
COLUMNS = (*(title for section in (ENROLMENT, *DEPENDING) for title in section.titles), GRADE, CLASS)
HEADER_WITHIN_ROWS = 30

SHEET_HIDDEN = Reason(
    code="sheet_hidden", zh="隐藏的工作表，未读取", en="The sheet is hidden and was not read."
)
EXAMPLE_SHEET = Reason(
    code="example_sheet",
    zh="名称表明是示例，未读取；如是正式内容请改名",
    en="Its name says that it is an example, so it was not read. Rename it if it isn't one.",
)
EXAMPLE_WORDS = ("示例", "样例", "范例", "样表", "填表说明")
SLASH = Reason(code="slash", zh="不能含有“/”", en="Must not contain a slash.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One row of the form: its trimmed cells by column; `line` is its row in the sheet.

    `sheet` is the name of that sheet where more than one has rows, `sheet_number` its place in the workbook,
    counted from 1. `nameless` are the columns, as the sheet
    letters them, in which something stands under an empty header.
    """

    line: int
    cells: dict[str, str]
    sheet: str | None = None
    sheet_number: int | None = None
    nameless: tuple[str, ...] = ()

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetNotRead:
    """A sheet that says something and was not read, and why."""

    sheet: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterForm:
    """A form as it was read: every row that says anything, of every sheet that has a header."""

    file_sha256: str
    rows: tuple[RosterRow, ...]
    sheets_not_read: tuple[SheetNotRead, ...] = ()


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


def read_roster(data: bytes) -> RosterForm:
    """Read a census form, all sheets that are shown. Raises `Invalid` where it can't be read as a whole."""
    read: list[tuple[int, str, list[RosterRow]]] = []
    not_read: list[SheetNotRead] = []
    found = False
    for number, sheet in enumerate(_sheets(data), start=1):
        header = _header(sheet.rows)
        if header is None or sheet.hidden or any(word in sheet.name for word in EXAMPLE_WORDS):
            reason = NO_HEADER if header is None else SHEET_HIDDEN if sheet.hidden else EXAMPLE_SHEET
            if any(any(row) for row in sheet.rows):
                not_read.append(SheetNotRead(sheet=sheet.name, reason=reason))
            continue
        place, titles = header
        found = True
        columns = columns_of(titles, known=COLUMNS, required=ENROLMENT.required)
        read.append((number, sheet.name, list(_rows(sheet.rows, columns, below=place))))
    if not found:
        raise invalid(NO_HEADER)
    many = sum(bool(rows) for _, _, rows in read) > 1
    rows = [
        replace(row, sheet=name, sheet_number=number) if many else row
        for number, name, rows in read
        for row in rows
    ]
    return RosterForm(file_sha256=sha256(data).hexdigest(), rows=tuple(rows), sheets_not_read=tuple(not_read))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    name: str
    hidden: bool
    rows: list[list[str]]


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, list[str]] | None:
    """Find where the header stands, and what it says."""
    for place, cells in enumerate(rows[:HEADER_WITHIN_ROWS]):
        titles = [header_word(cell) for cell in cells]
        if NAME in titles and (NUMBER in titles or BORN in titles):
            return place, titles
    return None


def _sheets(data: bytes) -> Iterator[_Sheet]:
    # Not at the top: it is a sixth of what every command would load before it begins.
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            for sheet in book.worksheets:
                # Some programs write a size of one cell, beyond which nothing would be read.
                sheet.reset_dimensions()
            sheets = [
                _Sheet(
                    name=s.title,
                    hidden=s.sheet_state != "visible",
                    rows=[[_text(v) for v in row] for row in s.iter_rows(values_only=True)],
                )
                for s in book.worksheets
            ]
    except Exception:  # noqa: BLE001  the library raises whatever its parsers raise
        raise invalid(NOT_XLSX) from None
    yield from sheets


def _text(value: Any) -> str:
    """Write a cell as a clerk would have typed it."""
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value).strip()


def _rows(sheet: Sequence[Sequence[str]], columns: dict[str, int], *, below: int) -> Iterator[RosterRow]:
    from openpyxl.utils import get_column_letter

    for line, cells in enumerate(sheet[below + 1 :], start=below + 2):
        named = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
        nameless = tuple(get_column_letter(place + 1) for place in stray(cells, columns.values()))
        if any(named.values()) or nameless:
            yield RosterRow(line=line, cells=named, nameless=nameless)


def understood(row: RosterRow) -> ChildOnPaper:
    """Understand a row. Raises Unreadable with the first column that the enrolment needs and can't be.

    What only depends on the enrolment is left out where it can't be understood, and told.
    """
    not_read = [
        PartNotRead(columns=(letter,), reason=in_column(NO_COLUMN, letter)) for letter in row.nameless
    ]
    if not_read and not any(row.cells.values()):
        raise Unreadable(not_read[0].reason)
    depending: list[EntryOnPaper] = []
    for section in DEPENDING:
        if any(row[column] for column in section.titles):
            try:
                depending.append(read(section, row))
            except Unreadable as error:
                not_read.append(PartNotRead(columns=section.titles, reason=error.reason))
    return ChildOnPaper(
        unit="/".join(filter(None, (_unit(row, GRADE), _unit(row, CLASS)))),
        enrolment=read(ENROLMENT, row),
        depending=tuple(depending),
        not_read=tuple(not_read),
    )


def _unit(row: RosterRow, column: str) -> str:
    if column == GRADE and row[CLASS]:
        filled(row, GRADE)
    if "/" in row[column]:
        raise unreadable(SLASH, column)
    return row[column]
