"""The columns of the census form as the fields of types declare them, and what the cells below them say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from string import Formatter
from typing import Any, Protocol
from uuid import UUID

from application.intake.imports.paper import Unreadable, knowing, read_count, read_day, reasons_of, unreadable
from domain.care_action import CareAction
from domain.catalogue import care_actions_by_type
from domain.effects import Effect
from domain.event import Details
from domain.fields import Choice, Column, Field, fields_of
from domain.reasons import MISSING, UNKNOWN_WORD

YES_NO = {"是": True, "否": False}
# The ids of what a row says go by its place in it: for ever in this order, and whatever else after these.
_IN_ORDER = (Effect.IDENTIFIES, Effect.TELLS_OF_PARENT, Effect.NAMES_GUARDIAN, Effect.STARTS_PAIRING)


class Row(Protocol):
    """A row of the form, its trimmed cells by column; "" where there is none."""

    def __getitem__(self, column: str, /) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The columns of one entry that a row may hold, by the name of its field.

    `given` is what the titles themselves say, such as which parent. `day_column` holds the day of the entry;
    None where it is that of the enrolment.
    """

    action: CareAction
    columns: Mapping[str, str]
    given: Mapping[str, Choice]
    day_column: str | None

    @property
    def titles(self) -> tuple[str, ...]:
        """Every column of the section."""
        return (*self.columns.values(), *([self.day_column] if self.day_column else ()))

    @property
    def fields(self) -> Iterator[tuple[Field, Column]]:
        """The fields that have a column."""
        for field in fields_of(self.action.details):
            if field.spec.column is not None:
                yield field, field.spec.column

    def is_of(self, details: Details) -> bool:
        """Return whether an entry is about the same as this section."""
        same = (getattr(details, name) is word for name, word in self.given.items())
        return isinstance(details, self.action.details) and all(same)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which such an entry can't be made."""
        needed = (self.columns[field.name] for field, _ in self.fields if field.required)
        return (*needed, *([self.day_column] if self.day_column else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryOnPaper:
    """What a section of a row says, by field; a carer by name. `day` None is that of the enrolment."""

    section: Section
    values: Mapping[str, Any]
    day: date | None

    def details(self, *, carer: Callable[[str, str], UUID]) -> Details:
        """Make the details of the entry; `carer` finds the carer of a name in a column."""
        columns = self.section.columns
        named = {field.name for field, _ in self.section.fields if field.base is UUID}
        carers = {name: carer(self.values[name], columns[name]) for name in named & self.values.keys()}
        make: Callable[..., Details] = self.section.action.details
        return make(**self.section.given, **{**self.values, **carers})

    def by_column(self) -> Iterator[tuple[str, object]]:
        """Go through what is said, by column."""
        for name, value in self.values.items():
            yield self.section.columns[name], value
        if self.section.day_column is not None:
            yield self.section.day_column, self.day


def sections() -> tuple[Section, ...]:
    """Return the sections of the form: the enrolment first, then what depends on it."""
    actions = sorted(care_actions_by_type().values(), key=_place)
    return tuple(section for action in actions for section in _sections_of(action))


def read(section: Section, row: Row) -> EntryOnPaper:
    """Read a section of a row. Raises `Unreadable` with every column that can't be read."""
    reads: dict[str, Callable[[], Any]] = {
        field.name: partial(_value, field, column, row, section.columns[field.name])
        for field, column in section.fields
    }
    try:
        cells = {name: read_cell() for name, read_cell in reads.items()}
        day = _day(section, row)
    except Unreadable:
        raise Unreadable(*reasons_of([*reads.values(), partial(_day, section, row)])) from None
    values = {name: value for name, value in cells.items() if value is not None}
    return EntryOnPaper(section=section, values=values, day=day)


def _day(section: Section, row: Row) -> date | None:
    column = section.day_column
    return read_day(filled(row, column), column=column) if column else None


def filled(row: Row, column: str) -> str:
    """Return a cell that must not be empty. Raises `Unreadable`."""
    if not row[column]:
        raise unreadable(MISSING, column)
    return row[column]


def _place(action: CareAction) -> int:
    return next((n for n, effect in enumerate(_IN_ORDER) if action.has(effect)), len(_IN_ORDER))


def _sections_of(action: CareAction) -> Iterator[Section]:
    titles = {f.name: f.spec.column.title for f in fields_of(action.details) if f.spec.column is not None}
    if not titles:
        return
    named = {name for title in titles.values() for _, name, _, _ in Formatter().parse(title) if name}
    for given in _each(action.details, named):
        words = {name: word.zh for name, word in given.items()}
        columns = {name: title.format(**words) for name, title in titles.items()}
        yield Section(action=action, columns=columns, given=given, day_column=action.day_column)


def _each(details: type[Details], named: set[str]) -> Iterator[Mapping[str, Choice]]:
    """Go through the words of the one field that titles name; once without any where they name none."""
    if not named:
        yield {}
        return
    (name,) = named
    (field,) = (field for field in fields_of(details) if field.name == name)
    for word in field.base:
        yield {name: word}


def _value(field: Field, column: Column, row: Row, title: str) -> Any:
    text = column.settle(filled(row, title) if field.required else row[title])
    if not text or text in column.unknown:
        return None
    if field.base is bool:
        return _word(text, YES_NO, title, more=column.unknown[:2])
    if field.base is date:
        return read_day(text, column=title)
    if field.base is int:
        return read_count(text, column=title)
    if isinstance(field.base, type) and issubclass(field.base, Choice):
        return _word(text, {each.zh: each for each in field.base}, title)
    normal = field.spec.normal or str
    if column.fault is not None and (reason := column.fault(normal(text))):
        raise unreadable(reason, title)
    return text


def _word(text: str, words: Mapping[str, Any], title: str, *, more: tuple[str, ...] = ()) -> Any:
    if text not in words:
        raise unreadable(knowing(UNKNOWN_WORD, (*words, *more)), title)
    return words[text]
