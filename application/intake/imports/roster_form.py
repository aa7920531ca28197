"""The census form as an XLSX file: where its header stands, and what its cells say."""

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from application.intake.imports.paper import (
    Unreadable,
    columns_of,
    header_word,
    in_column,
    knowing,
    read_day,
    read_id_number,
    stray,
    unreadable,
)
from application.intake.imports.reasons import NO_COLUMN, NO_HEADER, NOT_XLSX
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.care_actions.guardian_designated import GuardianDesignated
from domain.care_actions.parent_work_recorded import ParentWorkRecorded
from domain.choices import CarerKind, Parent, Sex
from domain.fields import Choice
from domain.reasons import MISSING, UNKNOWN_WORD
from domain.refusal import Reason, invalid

NUMBER, NAME, SEX, ETHNICITY, BORN, ID_NUMBER = "学籍号", "姓名", "性别", "民族", "出生日期", "身份证号"
GRADE, CLASS, BOARDING, ADDRESS, HEALTH = "年级", "班级", "是否寄宿", "现居住地址", "健康状况"
GUARDIAN, RELATION, GUARDIAN_PHONE, GUARDIAN_ADDRESS = "监护人姓名", "与儿童关系", "监护人电话", "监护人住址"
ENROLLED_ON, CARER, CARER_KIND, PAIRED_ON = "建档日期", "结对帮扶人", "结对类型", "结对日期"
PARENT_COLUMNS = {
    Parent.FATHER: ("父亲姓名", "父亲是否外出务工", "父亲务工地", "父亲电话"),
    Parent.MOTHER: ("母亲姓名", "母亲是否外出务工", "母亲务工地", "母亲电话"),
}
AWAY = tuple(columns[1] for columns in PARENT_COLUMNS.values())
GUARDIAN_COLUMNS = (GUARDIAN, RELATION, GUARDIAN_PHONE, GUARDIAN_ADDRESS)
PAIRING_COLUMNS = (CARER, CARER_KIND, PAIRED_ON)
COLUMNS = (
    *(NUMBER, NAME, SEX, ETHNICITY, BORN, ID_NUMBER, GRADE, CLASS, BOARDING, ADDRESS, HEALTH),
    *(name for columns in PARENT_COLUMNS.values() for name in columns),
    *GUARDIAN_COLUMNS,
    ENROLLED_ON,
    *PAIRING_COLUMNS,
)
REQUIRED = (NUMBER, NAME, SEX, BORN, ENROLLED_ON)
HEADER_WITHIN_ROWS = 30
YES_NO = {"是": True, "否": False}
# What papers say of the whereabouts of a parent where nobody knows; it is what an empty cell says.
NOT_KNOWN = ("", "不详", "未知", "不清楚", "不明")

SHEET_HIDDEN = Reason(code="sheet_hidden", zh="隐藏的工作表，未读取", en="A hidden sheet: it was not read.")
EXAMPLE_SHEET = Reason(
    code="example_sheet",
    zh="名称表明是示例，未读取；如是正式内容请改名",
    en="Its name says that it is an example: it was not read. Rename it if it is none.",
)
EXAMPLE_WORDS = ("示例", "样例", "范例", "样表", "填表说明")
SLASH = Reason(code="slash", zh="不能含有“/”", en="Must not contain a slash.")

C = TypeVar("C", bound=Choice)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One row of the form: its trimmed cells by column; `line` is its row in the sheet.

    `sheet` is the name of that sheet where more than one has rows. `nameless` are the columns, as the sheet
    letters them, in which something stands under an empty header.
    """

    line: int
    cells: dict[str, str]
    sheet: str | None = None
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
class PairingOnPaper:
    """With whom, as what and since when a child is paired."""

    carer: str
    kind: CarerKind
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PartNotRead:
    """What depends on the enrolment and can't be understood: the columns that it stands in, and why."""

    columns: tuple[str, ...]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOnPaper:
    """What a row says, understood; `unit` is the path below the school.

    The child is enrolled without what is `not_read`: parents, guardian and pairing depend on it, not it on
    them.
    """

    unit: str
    enrolled_on: date
    profile: ChildEnrolled
    parents: tuple[ParentWorkRecorded, ...]
    guardian: GuardianDesignated | None
    pairing: PairingOnPaper | None
    not_read: tuple[PartNotRead, ...] = ()


def read_roster(data: bytes) -> RosterForm:
    """Read a census form, all sheets that are shown. Raises `Invalid` where it can't be read as a whole."""
    read: list[tuple[str, list[RosterRow]]] = []
    not_read: list[SheetNotRead] = []
    found = False
    for sheet in _sheets(data):
        header = _header(sheet.rows)
        if header is None or sheet.hidden or any(word in sheet.name for word in EXAMPLE_WORDS):
            reason = NO_HEADER if header is None else SHEET_HIDDEN if sheet.hidden else EXAMPLE_SHEET
            if any(any(row) for row in sheet.rows):
                not_read.append(SheetNotRead(sheet=sheet.name, reason=reason))
            continue
        place, titles = header
        found = True
        columns = columns_of(titles, known=COLUMNS, required=REQUIRED)
        read.append((sheet.name, list(_rows(sheet.rows, columns, below=place))))
    if not found:
        raise invalid(NO_HEADER)
    many = sum(bool(rows) for _, rows in read) > 1
    rows = [replace(row, sheet=name) if many else row for name, rows in read for row in rows]
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
        if NUMBER in titles and NAME in titles:
            return place, titles
    return None


def _sheets(data: bytes) -> Iterator[_Sheet]:
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

    def part(columns: tuple[str, ...], read: Callable[[], T]) -> T | None:
        if not _any(row, columns):
            return None
        try:
            return read()
        except Unreadable as error:
            not_read.append(PartNotRead(columns=columns, reason=error.reason))
            return None

    parents = [part(cols, partial(_parent, row, parent)) for parent, cols in PARENT_COLUMNS.items()]
    guardian = part(GUARDIAN_COLUMNS, partial(_guardian, row))
    pairing = part(PAIRING_COLUMNS, partial(_pairing, row))
    return ChildOnPaper(
        unit="/".join(filter(None, (_unit(row, GRADE), _unit(row, CLASS)))),
        profile=ChildEnrolled(
            name=_filled(row, NAME),
            student_no=_filled(row, NUMBER),
            sex=_word(row, SEX, Sex),
            birth_date=read_day(_filled(row, BORN), column=BORN),
            id_number=read_id_number(row[ID_NUMBER], column=ID_NUMBER),
            ethnicity=row[ETHNICITY] or None,
            address=row[ADDRESS] or None,
            boarding=_yes_no(row, BOARDING),
            health=row[HEALTH] or None,
        ),
        enrolled_on=read_day(_filled(row, ENROLLED_ON), column=ENROLLED_ON),
        parents=tuple(parent for parent in parents if parent is not None),
        guardian=guardian,
        pairing=pairing,
        not_read=tuple(not_read),
    )


def _parent(row: RosterRow, parent: Parent) -> ParentWorkRecorded:
    name, away, place, phone = PARENT_COLUMNS[parent]
    return ParentWorkRecorded(
        parent=parent,
        away=None if row[away] in NOT_KNOWN else _yes_no(row, away),
        name=row[name] or None,
        place=row[place] or None,
        phone=row[phone] or None,
    )


def _guardian(row: RosterRow) -> GuardianDesignated:
    return GuardianDesignated(
        name=_filled(row, GUARDIAN),
        relation=row[RELATION] or None,
        phone=row[GUARDIAN_PHONE] or None,
        address=row[GUARDIAN_ADDRESS] or None,
    )


def _pairing(row: RosterRow) -> PairingOnPaper:
    return PairingOnPaper(
        carer=_filled(row, CARER),
        kind=_word(row, CARER_KIND, CarerKind),
        day=read_day(_filled(row, PAIRED_ON), column=PAIRED_ON),
    )


def _unit(row: RosterRow, column: str) -> str:
    if column == GRADE and row[CLASS]:
        _filled(row, GRADE)
    if "/" in row[column]:
        raise unreadable(SLASH, column)
    return row[column]


def _any(row: RosterRow, columns: Sequence[str]) -> bool:
    return any(row[column] for column in columns)


def _filled(row: RosterRow, column: str) -> str:
    if not row[column]:
        raise unreadable(MISSING, column)
    return row[column]


def _word(row: RosterRow, column: str, kind: type[C]) -> C:
    found = kind.from_label(_filled(row, column))
    if found is None:
        raise unreadable(knowing(UNKNOWN_WORD, [each.zh for each in kind]), column)
    return found


def _yes_no(row: RosterRow, column: str) -> bool | None:
    if row[column] and row[column] not in YES_NO:
        words = [*YES_NO, *(NOT_KNOWN[1:3] if column in AWAY else ())]
        raise unreadable(knowing(UNKNOWN_WORD, words), column)
    return YES_NO.get(row[column])
