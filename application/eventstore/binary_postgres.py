"""Values in PostgreSQL's own binary format, by the nine types that columns are declared as."""

import struct
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from application.eventstore.values import refuse_naive, refuse_nul

Encode = Callable[[Any], bytes]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.date().toordinal()
_number = struct.Struct(">q").pack
_day_number = struct.Struct(">i").pack
_size = struct.Struct(">i").pack
_head = struct.Struct(">iiIii").pack
_NULL = _size(-1)


class Type(NamedTuple):
    """A type by PostgreSQL's number for it, that of an array of it, and how a value of it is sent.

    `size` is given where each takes as many bytes.
    """

    oid: int
    array_oid: int
    encode: Encode
    size: int | None = None


def _text(text: Any) -> bytes:
    # Most are this, and are told by their type alone.
    if type(text) is str and "\x00" not in text:
        return text.encode()
    word = text.value if isinstance(text, Enum) else text
    if not isinstance(word, str):
        raise TypeError(f"a {type(word).__name__} is no text")
    refuse_nul(word)
    return word.encode()


def _moment(moment: datetime) -> bytes:
    refuse_naive(moment)
    since = moment - _EPOCH
    return _number((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def _day(day: date) -> bytes:
    if isinstance(day, datetime):
        raise TypeError("a datetime is no date")
    return _day_number(day.toordinal() - _EPOCH_DAY)


def _uuid(uuid: UUID) -> bytes:
    return uuid.int.to_bytes(16)


def _boolean(flag: Any) -> bytes:
    return b"\x01" if flag else b"\x00"


def _jsonb(document: Any) -> bytes:
    return b"\x01" + msgspec.json.encode(document)


TYPES = {
    "uuid": Type(2950, 2951, _uuid, 16),
    "bigint": Type(20, 1016, _number, 8),
    "text": Type(25, 1009, _text),
    "bytea": Type(17, 1001, bytes),
    "timestamptz": Type(1184, 1185, _moment, 8),
    "date": Type(1082, 1182, _day, 4),
    "boolean": Type(16, 1000, _boolean, 1),
    "jsonb": Type(3802, 3807, _jsonb),
}


def array(of: Type, values: Iterable[Any]) -> bytes:
    """Return an array of values, None among them."""
    encode = of.encode
    sent = [None if value is None else encode(value) for value in values]
    if of.size is not None:
        size = _size(of.size)
        items = [_NULL if each is None else size + each for each in sent]
    else:
        items = [_NULL if each is None else _size(len(each)) + each for each in sent]
    # Dimensions, whether there is a NULL, type of the elements; of the one dimension its size and start.
    return _head(1, None in sent, of.oid, len(items), 1) + b"".join(items)


def encoder(oid: int) -> Encode:
    """Return how a parameter of a type is sent. Raises TypeError for a type that no column has."""
    if oid not in _ENCODERS:
        raise TypeError(f"no column has the type that PostgreSQL knows as {oid}")
    return _ENCODERS[oid]


def _array_encoder(of: Type) -> Encode:
    return lambda values: array(of, values)


# Of documents that are text already.
_JSON_OID = 114
_ENCODERS: dict[int, Encode] = {
    _JSON_OID: _text,
    **{each.oid: each.encode for each in TYPES.values()},
    **{each.array_oid: _array_encoder(each) for each in TYPES.values()},
}
