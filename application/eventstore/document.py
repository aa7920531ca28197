"""Rows as one JSON parameter, in which PostgreSQL finds the types of their table."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from types import NoneType
from typing import Any
from uuid import UUID

import msgspec

from application.eventstore.values import refuse_naive, refuse_nul


def document(rows: Iterable[Mapping[str, Any]]) -> str:
    """The text of some rows. Raises ValueError as the database does."""
    return msgspec.json.encode(
        [{name: _in_json(value) for name, value in row.items()} for row in rows]
    ).decode()


# Most values are of these, and there are very many of them: they are told by their type alone.
_AS_THEY_ARE = frozenset({NoneType, UUID, int, bool, date})


def _in_json(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_THEY_ARE or (kind is str and "\x00" not in value):
        return value
    match value.value if isinstance(value, Enum) else value:
        case str() as text:
            refuse_nul(text)
            return text
        case datetime() as moment:
            refuse_naive(moment)
            return moment
        case bytes() as raw:
            return f"\\x{raw.hex()}"
        case plain:
            return plain
