"""What the read models need of the database and of the log, however they were built."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import datetime
from operator import itemgetter
from typing import Any, Protocol, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.event import Event

Record = dict[str, Any]
T = TypeVar("T")


def made(of: type[T], rows: Iterable[Mapping[str, Any]]) -> tuple[T, ...]:
    """Make a value of each row, by the columns that this program knows: a newer one may have added others."""
    kind: Any = of
    names = kind.__struct_fields__ if issubclass(kind, Struct) else tuple(f.name for f in fields(kind))
    values = itemgetter(*names)
    return tuple([of(**dict(zip(names, values(row), strict=True))) for row in rows])


class Transaction(Protocol):
    """Statements that are kept together or not at all."""

    def all(self, sql: str, /, **params: Any) -> list[Record]:
        """Every row of the answer."""

    def one(self, sql: str, /, **params: Any) -> Record | None:
        """The first row of the answer, or None."""

    def run(self, sql: str, /, **params: Any) -> int:
        """The number of rows that a statement has touched."""

    def many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each row."""

    def upsert(self, *, table: str, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows in, each in the place of the one with the same key."""


class Database(Protocol):
    """One SQL text for both engines."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgres`."""

    @property
    def unavailable(self) -> type[Exception]:
        """What is raised when the database can't be reached, or is busy: no event is to blame."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Write: all is kept at the end of the block, or nothing when it raises."""

    def all(self, sql: str, /, **params: Any) -> list[Record]:
        """Every row of one reading statement."""

    def one(self, sql: str, /, **params: Any) -> Record | None:
        """The first row of one reading statement, or None."""

    def write(self, sql: str, /, *, lasting: bool = True, **params: Any) -> list[tuple[Any, ...]]:
        """Run one statement that is a transaction by itself, and return every row of its answer.

        With `lasting` False a crash of the server within the second may undo it.
        """

    def exchange(
        self,
        taken: str,
        /,
        *,
        dropped: Sequence[str],
        table: str,
        key: Sequence[str],
        rows: Sequence[Mapping[str, Any]],
        lasting: bool = True,
        **params: Any,
    ) -> bool:
        """Take a row away and, where it was there, drop others and put rows in; all of it or nothing."""

    def advisory(self, name: str, *, wait_seconds: float = 0.0) -> AbstractContextManager[bool]:
        """Hold a named lock for the block; yields False when another holds it for too long."""


class Place(Protocol):
    """An event as far as it is known without decoding it; `event_id` None for one of another program."""

    @property
    def position(self) -> int: ...
    @property
    def stream_id(self) -> UUID: ...
    @property
    def event_id(self) -> UUID | None: ...
    @property
    def type(self) -> str: ...


class Log(Protocol):
    """The events, decoded."""

    def after(self, position: int, *, limit: int) -> Sequence[Event]:
        """Read the log after a position, in order."""

    def places(self, position: int, *, limit: int) -> Sequence[Place]:
        """Read the same without decoding it: what can't be read is there as well."""

    def head(self) -> tuple[int, datetime | None]:
        """Return the last position and when it was recorded."""

    def recorded_after(self, position: int) -> datetime | None:
        """Return when the next event behind a position was recorded, whether it can be read or not."""

    def streams(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, tuple[Event, ...]]:
        """Read many streams at once, each in order of version."""
