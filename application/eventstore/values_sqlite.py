"""Values as they lie in SQLite: as text that sorts as it should, a moment as UTC with six digits and a Z."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from types import NoneType
from typing import Any, cast
from uuid import UUID

import msgspec

from application.eventstore.values import refuse_naive, refuse_nul


def bound(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as they are stored."""
    return dict(zip(params, stored_all(params.values()), strict=True))


# Most values are of these, and are told by their type alone.
_AS_THEY_ARE = frozenset({NoneType, int, bytes, bool})


def stored_all(values: Iterable[Any]) -> list[Any]:
    """Return parameters as they are stored."""
    return [
        value
        if (kind := type(value)) in _AS_THEY_ARE or (kind is str and "\x00" not in value)
        else _stored(value)
        for value in values
    ]


def _stored(value: Any) -> Any:
    if type(value) is UUID:
        # As str() does, in a quarter of the time.
        return msgspec.to_builtins(value)
    match value.value if isinstance(value, Enum) else value:
        case str() as text:
            refuse_nul(text)
            return text
        case None | bool() | int() | float() | bytes() as plain:
            return plain
        case UUID() as uuid:
            return str(uuid)
        case datetime() as moment:
            refuse_naive(moment)
            return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date() as day:
            return day.isoformat()
        case tuple() as values:
            return json.dumps(stored_all(values), ensure_ascii=False)
        case dict() | list() as document:
            return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    raise TypeError(f"a {type(value).__name__} cannot be stored")


def register_types() -> None:
    """Teach the driver to give values back as what they were, by the types of their columns."""
    converters = {
        # As UUID() does, in a tenth of the time.
        "uuid": lambda raw: msgspec.convert(raw.decode(), UUID),
        "timestamptz": lambda raw: datetime.fromisoformat(raw.decode()),
        "date": lambda raw: date.fromisoformat(raw.decode()),
        "jsonb": json.loads,
        "boolean": lambda raw: raw != b"0",
    }
    for name, convert in converters.items():
        sqlite3.register_converter(name, cast("Any", convert))
