"""What a line of a care log means, however it is spelled: what tells it from the other lines of its child.

Said of an entry that is on record and of one that a line proposes alike, by the words that are known now.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from functools import cached_property
from typing import Generic, TypeVar

import msgspec

from application.intake.imports.care_log_cells import (
    CARER,
    COUNTERPART,
    DAY,
    MINUTES,
    NUMBER,
    TIME,
    TYPE,
    WRITTEN_ON,
    PaperCells,
    action_of,
    occurred_of,
)
from application.intake.imports.care_log_reader import BETWEEN_PEOPLE
from application.intake.papers.values import NotUnderstood, day
from application.intake.papers.words import Role, SheetWords, normal
from application.intake.sheets.cell import Cell
from domain.catalogue import care_actions_by_type
from domain.choices import Met
from domain.event import Details, Event, NewEvent
from domain.normal import normal_name
from domain.wire import to_wire

T = TypeVar("T")
_DAYS = (DAY, WRITTEN_ON)
# Headings in front of what of a cell says more than the word of the log.
_OWN = (COUNTERPART, MINUTES, TIME, CARER)
# The words of the log that the fields of an entry say; of a visit that met nobody they say none.
_TOLD = frozenset(("儿童", "监护人", "父亲", "母亲", "帮扶人", "学校", "其他"))
_TOLD_OF_VISIT = frozenset(("儿童", "监护人"))
_GROUPS = {
    "父母": ("父亲", "母亲"),
    "儿童和监护人": ("儿童", "监护人"),
    "祖父母": ("祖父", "祖母"),
    "外祖父母": ("外祖父", "外祖母"),
}
_INEXACT = "约"
_WHO_CAME = ("carers", "accompanied_by")
_STOPS = "。．.，,；;！!、 "


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an entry means: `parts` are texts that mean the same if and only if they are equal.

    `sought` are the people of whom only the cell said who they are; None where nobody knows any more.
    """

    parts: tuple[str, ...]
    sought: frozenset[str] | None

    def may_be(self, other: "Meaning") -> bool:
        """Return whether both may mean the same line."""
        return self.parts == other.parts and (
            None in (self.sought, other.sought) or self.sought == other.sought
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """What an id is made of; for ever in this order."""
        return (*self.parts, "", *sorted(self.sought or ()))


class Meant:
    """An entry, whose meaning is worked out where somebody asks for it."""

    def __init__(self, entry: Event | NewEvent, *, known: SheetWords, line: PaperCells | None = None) -> None:
        self._entry = entry
        self._known = known
        self._line = line

    @cached_property
    def meaning(self) -> Meaning:
        """What the entry means; see `meaning_of`."""
        return meaning_of(self._entry, known=self._known, line=self._line)

    @property
    def about(self) -> tuple[str, date]:
        """What two entries have in common that mean the same."""
        return self._entry.details.TYPE, self._entry.occurred.day


class Known(Generic[T]):
    """What is known by what it means."""

    def __init__(self, known: Iterable[tuple[Meant, T]] = ()) -> None:
        self._found: dict[tuple[str, date], list[tuple[Meant, T]]] = defaultdict(list)
        for meant, value in known:
            self.add(meant, value)

    def add(self, meant: Meant, value: T) -> None:
        """Take in what is known from now on."""
        self._found[meant.about].append((meant, value))

    def find(self, meant: Meant) -> T | None:
        """Find what means the same, that of which all is known first."""
        there = self._found.get(meant.about, ())
        alike = [each for each in there if each[0].meaning.may_be(meant.meaning)]
        alike.sort(key=lambda each: each[0].meaning.sought is None)
        return alike[0][1] if alike else None


def meaning_of(
    entry: Event | NewEvent, *, known: SheetWords, line: PaperCells | None = None, whoever: bool = False
) -> Meaning:
    """Return what an entry means; `line` is the one that proposes it.

    With `whoever` it means the same whoever the carers are.
    """
    details = entry.details
    content, remarks, sought = _parted(_record(details), known)
    said = to_wire(details)
    said.pop(care_actions_by_type()[details.TYPE].record or "", None)
    if whoever:
        said = {name: value for name, value in said.items() if name not in _WHO_CAME}
        remarks = [each for each in remarks if not each.startswith(f"{CARER}：")]
    if line is not None:
        sought = line.as_written(COUNTERPART)
    # Who of several is named first says nothing.
    fields = msgspec.json.encode(sorted((name, _in_order(value)) for name, value in said.items())).decode()
    at = entry.occurred.at.astimezone(UTC) if entry.occurred.at else None
    moments = (entry.occurred.day, at, entry.written_on)
    return Meaning(
        parts=(
            details.TYPE,
            fields,
            *("" if each is None else each.isoformat() for each in moments),
            content,
            *sorted(remarks),
        ),
        sought=_sought(sought, details, known),
    )


def is_whole(line: PaperCells) -> bool:
    """Return whether the cells of a line say of which child and day it is, and what was done.

    The year of a day may stand in a title, the type as well; and more children than one bear a name.
    """
    if not line.as_written(NUMBER) or not line.as_written(TYPE):
        return False
    try:
        for column in _DAYS:
            written, read = line.as_written(column), line[column]
            if written and written != read and day(Cell(written)) != read:
                return False
    except NotUnderstood:
        return False
    return True


def is_of(line: PaperCells, entry: Event | NewEvent, *, known: SheetWords) -> bool:
    """Return whether an entry that was made of the same cells is of this line.

    A remark more or less makes no other line; remarks that say something else do, and so does a carer whom
    no cell names, but the code of the line.
    """
    if line.code and not line.as_written(CARER) and line[CARER] != entry.recorded_by:
        return False
    if not is_whole(line) and (entry.details.TYPE, entry.occurred) != (
        action_of(line).type,
        occurred_of(line),
    ):
        return False
    if line.record == _record(entry.details):
        return True
    mine, theirs = (frozenset(_parted(text, known)[1]) for text in (line.record, _record(entry.details)))
    return mine <= theirs or theirs <= mine


def _record(details: Details) -> str:
    record = care_actions_by_type()[details.TYPE].record
    return getattr(details, record) or "" if record else ""


def _parted(record: str, known: SheetWords) -> tuple[str, list[str], str | None]:
    """Part what is recorded in words: the contents, the remarks behind it, and who was sought."""
    if "：" not in record:
        return _words(record), [], None
    content, remarks, sought = list[str](), list[tuple[str, str]](), None
    for row in record.split("\n"):
        heading, mark, text = row.partition("：")
        if mark and _is_heading(heading, known):
            remarks.append((heading, text))
        elif remarks:
            remarks[-1] = remarks[-1][0], f"{remarks[-1][1]}\n{row}"
        else:
            content.append(row)
    for heading, text in remarks:
        sought = text if heading == COUNTERPART else sought
    others = [_remark(heading, text) for heading, text in remarks if heading != COUNTERPART]
    return _words("\n".join(content)), others, sought


def _in_order(value: object) -> object:
    return sorted(value, key=str) if isinstance(value, list) else value


def _words(text: str) -> str:
    """Return the normal form of a text without the stop at its end."""
    return normal_name(text).rstrip(_STOPS)


def _is_heading(text: str, known: SheetWords) -> bool:
    found = known.heading(text)
    return text in _OWN or (found is not None and found.role is Role.REMARK)


def _remark(heading: str, text: str) -> str:
    # How long is a field; that it is not exact is all that the remark adds.
    return f"{normal(heading)}：{_INEXACT if heading == MINUTES else _words(text)}"


def _sought(text: str | None, details: Details, known: SheetWords) -> frozenset[str] | None:
    """Return those whom a cell names beyond what the fields say; None where fields and record don't tell."""
    met: Sequence[Met] | None = getattr(details, "met", None)
    if not text:
        return None if met and Met.PARENT in met else frozenset()
    told = _TOLD if met is None else _TOLD_OF_VISIT if met else frozenset[str]()
    alone = known.value(COUNTERPART, text) is not None
    people = (_person(each, known) for each in ([text] if alone else BETWEEN_PEOPLE.split(text)) if each)
    return frozenset(one for each in people for one in _GROUPS.get(each, (each,))) - told


def _person(word: str, known: SheetWords) -> str:
    """Return the one word for those whom some words mean; a guardian may be one of many."""
    said, meant = normal(word), known.value(COUNTERPART, word)
    return (
        known.people.get(said) or (meant if meant in _TOLD - {"监护人"} or meant == "父母" else None) or said
    )
