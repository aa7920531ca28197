"""The values of a column as one array parameter of PostgreSQL, in its own binary format.

psycopg sends lists, and looks at each element to find out its type. Here the type is known, and that look
would cost more than the rest of the sending.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import adapt, pq

from application.eventstore.binary_postgres import TYPES, array


class Column(NamedTuple):
    """Values, None among them, for `CAST(:name AS type[])`; `type` is one of the keys of `TYPES`.

    Raises ValueError for naive datetimes and for text that holds a NUL.
    """

    type: str
    values: Sequence[Any]

    def sent(self) -> bytes:
        """Return the array as it is sent."""
        return array(TYPES[self.type], self.values)


class ColumnDumper(adapt.Dumper):
    """Sends columns without saying of which type they are: that is in the text."""

    format = pq.Format.BINARY

    def dump(self, obj: Column) -> bytes:
        return obj.sent()
