"""The vocabulary in which a kind of event describes its fields, once.

From these descriptions follow the request schema, the OpenAPI entry, the history text, what is
sealed under the child's key, and the checks that hold wherever an event comes from.
"""

import dataclasses
import re
import types
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Self, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.normal import is_blank
from domain.reasons import BLANK, CONTROL_CHARACTER, TOO_FEW, TOO_LARGE, TOO_LONG, TOO_MANY, TOO_SMALL
from domain.refusal import Fault, Reason, Text

MAX_TEXT = 4000


class Choice(StrEnum):
    """A word from a closed list, with its Chinese and English label."""

    zh: str
    en: str

    def __new__(cls, value: str, zh: str, en: str) -> Self:
        """Make a member whose value is the wire word."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        member.en = en
        return member

    @classmethod
    def from_word(cls, word: str) -> Self:
        """Find the member with this wire word. Raises ValueError."""
        found = next((m for m in cls if m.value == word), None)
        if found is None:
            raise ValueError(f"{word} is none of {', '.join(cls)}")
        return found

    @classmethod
    def from_label(cls, label: str) -> Self | None:
        """Find the member with this Chinese label, as paper writes it; None when there is none."""
        return next((m for m in cls if m.zh == label), None)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The column of the census form in which a field stands.

    A `title` with the name of another field in braces stands for one column for each word of that field, its
    Chinese label in the place of the braces. `unknown` are words that say no more than an empty cell, the
    usual ones first. `settle` gives what is recorded of a text, and `fault` what is wrong with it.
    """

    title: str
    unknown: tuple[str, ...] = ()
    settle: Callable[[str], str] = str
    fault: Callable[[str], Reason | None] | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """What is known of a field beyond its type.

    `personal` fields are sealed under the key of the stream. Bounds are inclusive; lengths count
    code points of text or items of a list. Texts that have one `normal` form say the same. A `hint` tells
    clients the form, where the type does not. `column` is where paper has it.
    """

    label: Text
    personal: bool = False
    minimum: int | None = None
    maximum: int | None = None
    min_length: int = 0
    max_length: int = 200
    normal: Callable[[str], str] | None = None
    hint: str | None = None
    column: Column | None = None


def described(
    zh: str,
    en: str,
    *,
    default: Any = dataclasses.MISSING,
    personal: bool = False,
    minimum: int | None = None,
    maximum: int | None = None,
    min_length: int = 0,
    max_length: int = 200,
    normal: Callable[[str], str] | None = None,
    hint: str | None = None,
    column: str | Column | None = None,
) -> Any:
    """Declare a dataclass field together with its description."""
    spec = FieldSpec(
        label=Text(zh=zh, en=en),
        personal=personal,
        minimum=minimum,
        maximum=maximum,
        min_length=min_length,
        max_length=max_length,
        normal=normal,
        hint=hint,
        column=Column(title=column) if isinstance(column, str) else column,
    )
    return dataclasses.field(default=default, metadata={"spec": spec})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a details class, read off its declaration."""

    name: str
    spec: FieldSpec
    base: Any
    many: bool
    optional: bool
    required: bool

    @property
    def boundless(self) -> bool:
        """Whether no value breaks a bound: a date or a word from a list has none."""
        return isinstance(self.base, type) and issubclass(self.base, bool | Choice | UUID | date)


def fields_of(details: type) -> tuple[Field, ...]:
    """Return the described fields of a details class, in order."""
    if details not in _FIELDS:
        _FIELDS[details] = tuple(_read(details))
    return _FIELDS[details]


_FIELDS: dict[type, tuple[Field, ...]] = {}


def _read(details: type) -> Iterator[Field]:
    hints = get_type_hints(details)
    for item in dataclasses.fields(details):
        hint, optional, many = hints[item.name], False, False
        if get_origin(hint) in (Union, types.UnionType):
            hint = next(a for a in get_args(hint) if a is not type(None))
            optional = True
        if get_origin(hint) is tuple:
            hint, many = get_args(hint)[0], True
        yield Field(
            name=item.name,
            spec=item.metadata["spec"],
            base=hint,
            many=many,
            optional=optional,
            required=item.default is dataclasses.MISSING,
        )


def say_the_same(one: object, other: object) -> bool:
    """Return whether two details say the same, whatever the spelling of numbers and names in them."""
    if one == other:
        return True
    if type(one) is not type(other):
        return False
    return all(
        _in_normal_form(getattr(one, field.name), field) == _in_normal_form(getattr(other, field.name), field)
        for field in fields_of(type(one))
    )


def _in_normal_form(value: Any, field: Field) -> Any:
    normal = field.spec.normal
    return value if normal is None or value is None else normal(value)


@cache
def may_say_none(details: Any) -> frozenset[str]:
    """Return the fields of which an empty list says that there is none, for left out they say nothing."""
    return frozenset(f.name for f in fields_of(details) if f.many and f.optional)


def faults_of(details: object, *, at: str = "/details") -> Iterator[Fault]:
    """Find what breaks the described bounds, each with the pointer of its field below `at`."""
    for field, boundless in _bounded(type(details)):
        value = getattr(details, field.name)
        if not value and (value is None or (value == () and not field.spec.min_length)):
            continue
        if _in_bounds(value, field, boundless=boundless):
            continue
        pointer = f"{at}/{field.name}"
        if field.many:
            if len(value) < field.spec.min_length:
                yield Fault(reason=TOO_FEW, pointer=pointer)
            if len(value) > field.spec.max_length:
                yield Fault(reason=TOO_MANY, pointer=pointer)
            if not boundless:
                for i, item in enumerate(value):
                    yield from _faults_of_value(item, field, f"{pointer}/{i}")
        else:
            yield from _faults_of_value(value, field, pointer)


def _in_bounds(value: Any, field: Field, *, boundless: bool) -> bool:
    """Return whether nothing is wrong with a value, where that is soon told: most are in order."""
    spec, kind = field.spec, type(value)
    if kind is str and not field.many:
        fine = len(value) <= spec.max_length and not _CONTROL.search(value)
        return fine and not ((spec.min_length or field.required) and is_blank(value))
    if kind is int:
        return (spec.minimum is None or value >= spec.minimum) and (
            spec.maximum is None or value <= spec.maximum
        )
    return boundless and kind is tuple and spec.min_length <= len(value) <= spec.max_length


def _bounded(details: type) -> tuple[tuple[Field, bool], ...]:
    """Return the fields that may break a bound, and of each whether that is a list of what has none."""
    if details not in _BOUNDED:
        fields = fields_of(details)
        _BOUNDED[details] = tuple((f, f.boundless) for f in fields if f.many or not f.boundless)
    return _BOUNDED[details]


_BOUNDED: dict[type, tuple[tuple[Field, bool], ...]] = {}


def _faults_of_value(value: object, field: Field, pointer: str) -> Iterator[Fault]:
    spec = field.spec
    match value:
        case str() if not isinstance(value, Choice):
            yield from text_faults(value, pointer, max_length=MAX_TEXT if field.many else spec.max_length)
            if (spec.min_length or field.required) and is_blank(value):
                yield Fault(reason=BLANK, pointer=pointer)
        case bool() | Choice() | UUID() | date():
            return
        case int():
            if spec.minimum is not None and value < spec.minimum:
                yield Fault(reason=TOO_SMALL, pointer=pointer)
            if spec.maximum is not None and value > spec.maximum:
                yield Fault(reason=TOO_LARGE, pointer=pointer)
        case _ if dataclasses.is_dataclass(value):
            yield from faults_of(value, at=pointer)


# Unicode's categories Cc and Cs without newline and tab.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def text_faults(value: str, pointer: str, *, max_length: int) -> Sequence[Fault]:
    """Find what is wrong with a text: its length in code points, control characters."""
    too_long, control = len(value) > max_length, _CONTROL.search(value) is not None
    if not too_long and not control:
        return ()
    found = ((TOO_LONG, too_long), (CONTROL_CHARACTER, control))
    return [Fault(reason=reason, pointer=pointer) for reason, so in found if so]
