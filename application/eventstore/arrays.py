"""The values of a column as one array parameter of PostgreSQL, in its own binary format.

psycopg sends lists, and looks at each element to find out its type. Here the type is known, and most saves
are of one event: that look would cost more than the rest of the sending.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import adapt, pq

from application.eventstore.values import refuse_naive, refuse_nul

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_size = struct.Struct(">i").pack
_head = struct.Struct(">iiIii").pack
_NULL = _size(-1)


class Column(NamedTuple):
    """Values, None among them, for `CAST(:name AS type[])`; `type` is one of the keys of `TYPES`.

    Raises ValueError for naive datetimes and for text that holds a NUL.
    """

    type: str
    values: Sequence[Any]


class _Type(NamedTuple):
    """A type by PostgreSQL's number for it, and how a value of it is sent."""

    oid: int
    encode: Callable[[Any], bytes]


def _text(text: str) -> bytes:
    refuse_nul(text)
    return text.encode()


def _moment(moment: datetime) -> bytes:
    refuse_naive(moment)
    since = moment - _EPOCH
    return struct.pack(">q", (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def _uuid(uuid: UUID) -> bytes:
    return uuid.bytes


TYPES = {
    "uuid": _Type(2950, _uuid),
    "bigint": _Type(20, struct.Struct(">q").pack),
    "text": _Type(25, _text),
    "bytea": _Type(17, bytes),
    "timestamptz": _Type(1184, _moment),
}


class ColumnDumper(adapt.Dumper):
    """Sends columns without saying of which type they are: that is in the text."""

    format = pq.Format.BINARY

    def dump(self, obj: Column) -> bytes:
        oid, encode = TYPES[obj.type]
        items, nulls = [], False
        for value in obj.values:
            if value is None:
                nulls = True
                items.append(_NULL)
            else:
                sent = encode(value)
                items.append(_size(len(sent)) + sent)
        # Dimensions, whether there is a NULL, type of the elements; of the one dimension its size and start.
        return _head(1, nulls, oid, len(items), 1) + b"".join(items)
