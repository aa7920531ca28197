"""Reading typed values out of JSON or TOML, strictly: every fault is found, and its place is named."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec

from domain.reasons import MISSING, UNKNOWN_FIELD, WRONG_VALUE
from domain.refusal import Fault, Invalid, escaped

T = TypeVar("T")


def convert(kind: type[T], data: object, *, at: str = "") -> T:
    """Make a dataclass of plain values.

    Raises `Invalid` with every field that is unknown, missing or mistyped, at any depth.
    """
    faults = tuple(faults_of_shape(kind, data, at=at))
    if faults:
        raise Invalid(*faults)
    return msgspec.convert(data, type=kind)


def faults_of_shape(kind: type, data: object, *, at: str) -> Iterator[Fault]:
    """Find where plain values do not have the shape of a dataclass."""
    if not isinstance(data, Mapping):
        yield Fault(reason=WRONG_VALUE, pointer=at)
        return
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(cast("Any", kind))}
    for name in data:
        if name not in fields:
            yield Fault(reason=UNKNOWN_FIELD, pointer=f"{at}/{escaped(name)}")
    for name, field in fields.items():
        if name in data:
            yield from _faults_of_value(hints[name], data[name], f"{at}/{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            yield Fault(reason=MISSING, pointer=f"{at}/{name}")


def _faults_of_value(hint: Any, value: object, at: str) -> Iterator[Fault]:
    if get_origin(hint) is UnionType and NoneType in get_args(hint) and value is not None:
        (hint,) = (each for each in get_args(hint) if each is not NoneType)
    item = get_args(hint)[0] if get_origin(hint) is tuple else None
    if dataclasses.is_dataclass(hint):
        yield from faults_of_shape(cast("type", hint), value, at=at)
    elif dataclasses.is_dataclass(item) and isinstance(value, Sequence) and not isinstance(value, str):
        for i, each in enumerate(value):
            yield from faults_of_shape(cast("type", item), each, at=f"{at}/{i}")
    else:
        try:
            msgspec.convert(value, type=hint)
        except msgspec.ValidationError:
            yield Fault(reason=WRONG_VALUE, pointer=at)
