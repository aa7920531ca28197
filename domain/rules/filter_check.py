"""What a filter given as data must fulfil: it may ask only for what the entries of its type can say."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from domain.choices import Party
from domain.fields import Choice, Field, fields_of, text_faults
from domain.ledger.event_type import EventType
from domain.reasons import TOO_FEW, TOO_LARGE, TOO_MANY, TOO_SMALL, UNKNOWN_WORD
from domain.refusal import Fault, Reason, escaped, refuses
from domain.rules.filters import YES_NO
from domain.rules.rule import Filter, words_allowed

MAX_ITEMS = 20
MAX_MINUTES = 1440
MAX_LEAST = 100_000
MAX_WORD = 40

NO_SUCH_FILTER = Reason(
    code="no_such_filter",
    zh="该类型没有可按词筛选的这一字段",
    en="This type has no such field with a fixed list of words.",
)
HAS_NO_CARERS = Reason(code="has_no_carers", zh="该类型不记录帮扶人", en="This type does not record a carer.")
HAS_NO_RECORD = Reason(code="has_no_record", zh="该类型没有记录内容", en="This type takes no record.")
HAS_NO_MINUTES = Reason(code="has_no_minutes", zh="该类型不记录时长", en="This type takes no minutes.")
NOT_A_TIME = Reason(
    code="not_a_time",
    zh="须写作 HH:MM，且先早后晚",
    en="Must be two times of the day, written HH:MM, the earlier first.",
)
NO_SUCH_FIELD = Reason(
    code="no_such_field",
    zh="该类型没有适合如此筛选的这一字段",
    en="This type has no such field to ask this of.",
)
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_ROLE = re.compile(r"[a-z][a-z_]{0,39}")

Fields = Mapping[str, Field]


@refuses(
    NO_SUCH_FILTER, NO_SUCH_FIELD, HAS_NO_CARERS, HAS_NO_RECORD, HAS_NO_MINUTES, NOT_A_TIME, UNKNOWN_WORD
)
def faults_of_filter(wanted: Filter, event_type: EventType, at: str) -> Iterator[Fault]:
    """Find what is wrong with a filter of entries of a type."""
    fields = {field.name: field for field in fields_of(event_type.details)}
    yield from faults_of_where(wanted.where, fields, f"{at}/where")
    if wanted.by is not None and not event_type.names_carers:
        yield Fault(reason=HAS_NO_CARERS, pointer=f"{at}/by")
    if wanted.record and event_type.record is None:
        yield Fault(reason=HAS_NO_RECORD, pointer=f"{at}/record")
    if wanted.min_minutes is not None:
        if "minutes" not in fields:
            yield Fault(reason=HAS_NO_MINUTES, pointer=f"{at}/min_minutes")
        yield from bounds(wanted.min_minutes, f"{at}/min_minutes", maximum=MAX_MINUTES)
    for name, check in _FURTHER.items():
        said = getattr(wanted, name)
        if said is not None:
            yield from length(said, f"{at}/{name}")
            yield from check(said, fields, f"{at}/{name}")


def faults_of_where(where: Mapping[str, tuple[str, ...]], fields: Fields, at: str) -> Iterator[Fault]:
    """Find what is wrong with the words that some fields of a type are to have."""
    for name, words in where.items():
        pointer = f"{at}/{escaped(name)}"
        field = fields.get(name)
        if field is None or not (_is_choice(field.base) or field.base is bool):
            yield Fault(reason=NO_SUCH_FILTER, pointer=pointer)
            continue
        yield from length(words, pointer)
        for i, word in enumerate(words):
            if not _known(word, field):
                yield Fault(reason=UNKNOWN_WORD, pointer=f"{pointer}/{i}")


def bounds(value: int, pointer: str, *, maximum: int, minimum: int = 1) -> Iterator[Fault]:
    """Find a number that is too small or too large."""
    if value < minimum:
        yield Fault(reason=TOO_SMALL, pointer=pointer)
    if value > maximum:
        yield Fault(reason=TOO_LARGE, pointer=pointer)


def length(items: Any, pointer: str) -> Iterator[Fault]:
    """Find a list that is empty or too long."""
    if not items:
        yield Fault(reason=TOO_FEW, pointer=pointer)
    if len(items) > MAX_ITEMS:
        yield Fault(reason=TOO_MANY, pointer=pointer)


def _known(word: str, field: Field) -> bool:
    if field.base is bool:
        return word in YES_NO.values()
    return words_allowed((word,), field.base) <= set(field.base)


def _is_choice(base: object) -> bool:
    return isinstance(base, type) and issubclass(base, Choice)


def _all_of(said: Mapping[str, tuple[str, ...]], fields: Fields, at: str) -> Iterator[Fault]:
    many = {name: field for name, field in fields.items() if field.many and _is_choice(field.base)}
    yield from faults_of_where(said, many, at)


def _says(said: Mapping[str, tuple[str, ...]], fields: Fields, at: str) -> Iterator[Fault]:
    for name, words in said.items():
        pointer = f"{at}/{escaped(name)}"
        if name not in fields or fields[name].base is not str:
            yield Fault(reason=NO_SUCH_FIELD, pointer=pointer)
        yield from length(words, pointer)
        for i, word in enumerate(words):
            yield from text_faults(word, f"{pointer}/{i}", max_length=MAX_WORD)


def _filled(said: tuple[str, ...], fields: Fields, at: str) -> Iterator[Fault]:
    for i, name in enumerate(said):
        if name not in fields:
            yield Fault(reason=NO_SUCH_FIELD, pointer=f"{at}/{i}")


def _at_least(said: Mapping[str, int], fields: Fields, at: str) -> Iterator[Fault]:
    for name, least in said.items():
        pointer = f"{at}/{escaped(name)}"
        if name not in fields or not (fields[name].many or fields[name].base is int):
            yield Fault(reason=NO_SUCH_FIELD, pointer=pointer)
        yield from bounds(least, pointer, maximum=MAX_LEAST)


def _parties(said: tuple[tuple[str, ...], ...], fields: Fields, at: str) -> Iterator[Fault]:
    ends = [name for name, field in fields.items() if field.base is Party and not field.many]
    if not ends or len(said) > len(ends):
        yield Fault(reason=NO_SUCH_FIELD, pointer=at)
    for i, group in enumerate(said):
        yield from length(group, f"{at}/{i}")
        for j, word in enumerate(group):
            if not words_allowed((word,), Party) <= set(Party):
                yield Fault(reason=UNKNOWN_WORD, pointer=f"{at}/{i}/{j}")


def _open(said: tuple[str, str], fields: Fields, at: str) -> Iterator[Fault]:
    if "minutes" not in fields:
        yield Fault(reason=HAS_NO_MINUTES, pointer=at)
    if not all(map(_TIME.fullmatch, said)) or said[0] >= said[1]:
        yield Fault(reason=NOT_A_TIME, pointer=at)


def _role(said: tuple[str, ...], _fields: Fields, at: str) -> Iterator[Fault]:
    for i, word in enumerate(said):
        if not _ROLE.fullmatch(word):
            yield Fault(reason=UNKNOWN_WORD, pointer=f"{at}/{i}")


def _nothing(_said: Any, _fields: Fields, _at: str) -> Iterator[Fault]:
    return iter(())


# By the name of the field of a filter, as `domain.rules.filters` asks them.
_FURTHER: Mapping[str, Callable[[Any, Fields, str], Iterator[Fault]]] = {
    "all_of": _all_of,
    "says": _says,
    "filled": _filled,
    "at_least": _at_least,
    "parties": _parties,
    "open": _open,
    "on": _nothing,
    "role": _role,
    "holds": _nothing,
}
