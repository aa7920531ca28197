"""An entry in one line, for people: its label and the fields that are filled in, Chinese and English."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from domain.fields import Choice, fields_of
from domain.refusal import Text

Names = Mapping[UUID, str]
# What a value is called in Chinese and in English.
Both = tuple[str, str]
_EMPTY = (None, (), "")
_YES_NO: Mapping[bool, Both] = {True: ("是", "yes"), False: ("否", "no")}


def line_of(label: Text, details: object, names: Names) -> Text:
    """Return an entry in one line. `names` are those of carers by id; others are shown by their id."""
    zh: list[str] = []
    en: list[str] = []
    for name, called in _labels(_kind(details)):
        value = getattr(details, name)
        if value not in _EMPTY:
            in_zh, in_en = _shown(value, names)
            zh.append(f"{called.zh}：{in_zh}")
            en.append(f"{called.en}: {in_en}")
    return Text(zh=f"{label.zh}：{'；'.join(zh)}", en=f"{label.en}: {'; '.join(en)}")


@cache
def _labels(details: type) -> tuple[tuple[str, Text], ...]:
    return tuple((field.name, field.spec.label) for field in fields_of(details))


def _shown(value: object, names: Names) -> Both:
    return _shower(_kind(value))(value, names)


@cache
def _shower(kind: type) -> Callable[..., Both]:
    """Return what shows the values of a type; looked up once for each type."""
    if issubclass(kind, Choice):
        return lambda value, _names: (value.zh, value.en)
    for base, shower in _SHOWERS:
        if issubclass(kind, base):
            return shower
    return _of_fields if hasattr(kind, "__dataclass_fields__") else _as_text


def _as_text(value: object, _names: Names) -> Both:
    return (text := str(value)), text


def _named(value: UUID, names: Names) -> Both:
    return (name := names.get(value) or str(value)), name


def _many(values: tuple[object, ...], names: Names) -> Both:
    both = [_shown(value, names) for value in values]
    return "、".join(zh for zh, _ in both), ", ".join(en for _, en in both)


def _mapping(values: Mapping[str, object], names: Names) -> Both:
    both = [(key, _shown(value, names)) for key, value in values.items()]
    return ", ".join(f"{k}={zh}" for k, (zh, _) in both), ", ".join(f"{k}={en}" for k, (_, en) in both)


def _of_fields(value: object, names: Names) -> Both:
    both = [_shown(getattr(value, name), names) for name, _ in _labels(_kind(value))]
    return " ".join(zh for zh, _ in both), " ".join(en for _, en in both)


_SHOWERS: tuple[tuple[type, Callable[..., Both]], ...] = (
    (bool, lambda value, _names: _YES_NO[value]),
    (UUID, _named),
    (tuple, _many),
    (Mapping, _mapping),
)


def _kind(value: object) -> Any:
    # mypy takes `type[object]` for something that can't be hashed.
    return type(value)
