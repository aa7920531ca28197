"""How schools write days, times and numbers on paper, and what cannot be read."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from uuid import UUID

from application.intake.imports.reasons import BAD_DATE, BAD_NUMBER, COLUMN_TWICE
from domain.days import PLAUSIBLE_YEARS
from domain.event import Details
from domain.fields import fields_of
from domain.org import checked_path
from domain.refusal import Fault, Invalid, Reason, Refused, Text, invalid, refuses

Progress = Callable[[int, int], None]

SCHOOL_DEPTH = 3
NOT_A_SCHOOL = Reason(
    code="not_a_school",
    zh="请写明学校的完整路径“县/镇/学校”",
    en="Give the full path of the school: COUNTY/TOWNSHIP/SCHOOL.",
)
BELOW_ZERO = Reason(code="below_zero", zh="不能小于零", en="Must not be negative.")
MISSING_COLUMN = Reason(
    code="missing_column", zh="表头缺少必需的列", en="The header lacks a required column."
)
UNKNOWN_COLUMN = Reason(
    code="unknown_column",
    zh="表头有无法识别的列，请删去、改名，或说明其含义（--map 表头=栏目，接口为 map）",
    en="The header has an unknown column. Remove or rename it, or say what it means: --map HEADING=COLUMN, "
    "over HTTP map.",
)

_BY_ANSWER = (
    "；不改文件也可以回答：--answer 行=编号，接口为 answers",
    " Or answer without changing the file: --answer LINE=NUMBER, over HTTP `answers`.",
)
_DAY = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A line that was not recorded; `line` is its place in the file, the header counted.

    `sheet` names the sheet of a workbook in which more than one has lines. `others` are what else is to be
    mended.
    """

    line: int
    reason: Reason
    sheet: str | None = None
    others: tuple[Reason, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Everything that is to be mended."""
        return (self.reason, *self.others)


class Unreadable(Exception):
    """Cells cannot be read. The `reasons` name their columns and never what stands in them."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(", ".join(each.code for each in reasons))
        self.reasons = reasons

    @property
    def reason(self) -> Reason:
        """The first of the reasons."""
        return self.reasons[0]


def reasons_of(reads: Iterable[Callable[[], object]]) -> tuple[Reason, ...]:
    """Return why some of what is read cannot be, each reason once."""
    found: dict[Reason, None] = {}
    for read in reads:
        try:
            read()
        except Unreadable as error:
            found |= dict.fromkeys(error.reasons)
    return tuple(found)


def unreadable(reason: Reason, column: str) -> Unreadable:
    """Make an `Unreadable` that says in which column."""
    return Unreadable(in_column(reason, column))


def in_column(reason: Reason, column: str) -> Reason:
    """Return the reason with the name of the column in front."""
    return Reason(code=reason.code, zh=f"{column}：{reason.zh}", en=f"{column}: {reason.en}")


def naming(reason: Reason, words: Iterable[str]) -> Reason:
    """Return the reason with words of the form, never of a cell, behind it."""
    said = "、".join(word or "（空）" for word in words)
    return Reason(code=reason.code, zh=f"{reason.zh}：{said}", en=f"{reason.en.rstrip('.')}: {said}")


def proposing(reason: Reason, case_numbers: Sequence[str]) -> Reason:
    """Return the reason with the files that may be meant: proposed, and never chosen."""
    if not case_numbers:
        return reason
    return Reason(
        code=reason.code,
        zh=f"{reason.zh.rstrip('。')}；姓名相近的档案（只是建议，请核对）：{'、'.join(case_numbers)}",
        en=f"{reason.en} Files with a name nearly the same, to be checked: {', '.join(case_numbers)}.",
    )


def candidates(reason: Reason, told: Sequence[tuple[str, str]], *, elsewhere: bool = False) -> Reason:
    """Return the reason with who may be meant: case numbers, each with the class. Nobody is chosen.

    `elsewhere` says that they bear the name, but not in the class that is said.
    """
    if not told:
        return reason
    who_zh = "、".join(f"{number}（{unit}）" if unit else number for number, unit in told)
    who_en = ", ".join(f"{number} ({unit})" if unit else number for number, unit in told)
    zh, en = (
        ("本校叫这个名字的在别处", "Of this name in the school, but elsewhere")
        if elsewhere
        else (
            "可能是",
            "It may be",
        )
    )
    return Reason(
        code=reason.code,
        zh=f"{reason.zh.rstrip('。')}；{zh}：{who_zh}",
        en=f"{reason.en} {en}: {who_en}.",
    )


def answerable(reason: Reason) -> Reason:
    """Return a question with how it is answered without changing the file."""
    zh, en = _BY_ANSWER
    return Reason(code=reason.code, zh=f"{reason.zh.rstrip('。')}{zh}", en=f"{reason.en}{en}")


def knowing(reason: Reason, words: Iterable[str]) -> Reason:
    """Return the reason with the words that would be understood."""
    said = "、".join(words)
    return Reason(code=reason.code, zh=f"{reason.zh}；可填：{said}", en=f"{reason.en} It knows: {said}.")


def stray(row: Sequence[str], places: Iterable[int]) -> tuple[int, ...]:
    """Find the filled cells of a row that stand under no header, counted from zero."""
    named = set(places)
    return tuple(place for place, cell in enumerate(row) if cell.strip() and place not in named)


def column_letter(place: int) -> str:
    """Return how spreadsheets letter a column, counted from 0."""
    letters = ""
    while place >= 0:
        place, letter = place // 26 - 1, place % 26
        letters = chr(65 + letter) + letters
    return letters


def explained(refused: Refused, details: type[Details] | None = None) -> tuple[Reason, ...]:
    """Return the reasons of a refusal in words for a clerk, each with the name of the field it concerns."""
    return tuple(dict.fromkeys(_explained(fault, details) for fault in refused.faults))


def _explained(fault: Fault, details: type[Details] | None) -> Reason:
    parts = fault.pointer.split("/")
    if parts[-1] in _ENVELOPE:
        return in_column(fault.reason, _ENVELOPE[parts[-1]])
    labels = {f.name: f.spec.label for f in fields_of(details)} if details else {}
    label = labels.get(parts[2]) if len(parts) > 2 else None
    if label is None:
        return fault.reason
    reason = fault.reason
    return Reason(code=reason.code, zh=f"{label.zh}：{reason.zh}", en=f"{label.en}: {reason.en}")


_ENVELOPE = {
    "occurred_on": "日期",
    "occurred_at": "日期",
    "written_on": "登记日期",
    "counterpart": "对象",
    "content": "内容",
    "outcome": "结果",
    "minutes": "时长(分钟)",
}


@refuses(NOT_A_SCHOOL)
def school_path(path: str) -> str:
    """Return the path of a school, or raise `Invalid`."""
    path = checked_path(path)
    if path.count("/") != SCHOOL_DEPTH - 1:
        raise invalid(NOT_A_SCHOOL, "/org")
    return path


def columns_of(
    header: Sequence[str],
    *,
    known: Sequence[str],
    required: Sequence[str],
    advice: Mapping[str, Text] = MappingProxyType({}),
) -> dict[str, int]:
    """Find where each column stands, whatever their order; a blank header is no column.

    Raises `Invalid` with the places of all columns that are unknown, or of the first that is missing or
    given twice.
    """
    places: dict[str, int] = {}
    unknown = {place: name for place, name in enumerate(header) if name and name not in known}
    if unknown:
        reason = naming(UNKNOWN_COLUMN, unknown.values())
        raise Invalid(*(Fault(reason=reason, pointer=f"/columns/{place + 1}") for place in unknown))
    for place, name in enumerate(header):
        if not name:
            continue
        if name in places:
            raise invalid(COLUMN_TWICE, f"/columns/{place + 1}")
        places[name] = place
    for name in required:
        if name not in places:
            reason = in_column(MISSING_COLUMN, name)
            if name in advice:
                reason = Reason(
                    code=reason.code,
                    zh=f"{reason.zh}；{advice[name].zh}",
                    en=f"{reason.en} {advice[name].en}",
                )
            raise Invalid(*invalid(reason, "/columns").faults)
    return places


def read_day(text: str, *, column: str) -> date:
    """Read a day in one of the two styles. Raises Unreadable."""
    found = _DAY.fullmatch(text)
    try:
        day = date(int(found[1]), int(found[3]), int(found[4])) if found else None
    except ValueError:
        day = None
    if day is None or day.year not in PLAUSIBLE_YEARS:
        raise unreadable(BAD_DATE, column)
    return day


def read_count(text: str, *, column: str) -> int | None:
    """Read a whole number from zero up; None for an empty cell. Raises Unreadable."""
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise unreadable(BAD_NUMBER, column)
    if text.startswith("-") and int(text):
        raise unreadable(BELOW_ZERO, column)
    return int(text)


def derived_id(digest: bytes) -> UUID:
    """Make an id of a keyed digest: the same for ever, and it tells nothing about what it stands for."""
    return UUID(bytes=digest[:16], version=5)
