"""One way to speak to SQLite and to PostgreSQL, with one SQL text for both.

What makes a text portable:

- parameters are `:name`; `IN :name` and `NOT IN :name` take a tuple, which may be empty;
- columns are declared as uuid, timestamptz, date, text, bigint, bytea, jsonb or boolean, and their values
  come back as UUID, datetime (aware, UTC), date, str, int, bytes, dict or list, and bool;
- an expression over such a column names its type in the alias, `max(due_at) AS "due_at [timestamptz]"`:
  SQLite knows the type of bare columns only. The key in the row is `due_at`;
- a dict or a list given as a parameter is a JSON document, a tuple is a list of values.

Refused on both engines alike: naive datetimes, and text that holds a NUL.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from operator import itemgetter
from threading import local
from typing import Any, Literal, TypeVar

from application.eventstore.life import Life

Dialect = Literal["sqlite", "postgres"]
Record = dict[str, Any]
Clock = Callable[[], datetime]
T = TypeVar("T")

WAIT_SECONDS = 30.0


class Prepared(str):
    """A statement that is run so often that an engine may keep it ready.

    One object for each text, made once: as a constant, or kept by what it was made of.
    """

    __slots__ = ()


class DatabaseError(Exception):
    """The database refused, and nothing of the transaction was kept."""


class DatabaseUnavailable(DatabaseError):
    """The database could not be reached, was busy for too long, or gave up half-way: try again later.

    When it comes out of a commit, the transaction may or may not have been kept.
    """


class ConnectionLost(DatabaseUnavailable):
    """The connection broke while a statement ran that was a transaction by itself: it may have been kept."""


class Superseded(DatabaseError):
    """What was to be written was for a life of the server that may be over; nothing was kept."""


class UniqueViolation(DatabaseError):
    """A row with the same key is there already."""


class AppendOnly(DatabaseError):
    """Something tried to change or to remove what is kept for ever."""


class NotDurable(DatabaseError):
    """The database is set up so that a power cut may lose what was acknowledged."""


def utc_now() -> datetime:
    """The host's clock, in UTC. Whoever has a database goes by `Database.now` instead."""
    return datetime.now(UTC)  # noqa: TID251  the one place


def last_of_each(
    rows: Sequence[Mapping[str, Any]], *, table: str, key: Sequence[str]
) -> list[Mapping[str, Any]]:
    """Of rows with the same key the last. Raises ValueError where rows differ in their columns."""
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError(f"rows for {table} differ in their columns")
    key_of = itemgetter(*key)
    return list({key_of(row): row for row in rows}.values())


class Transaction(ABC):
    """Statements that are kept together or not at all, or that read one snapshot."""

    dialect: Dialect
    failed = False

    @abstractmethod
    def all(self, sql: str, /, **params: Any) -> list[Record]:
        """Every row of the answer."""

    @abstractmethod
    def tuples(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Every row of the answer, as bare tuples: the quick way."""

    @abstractmethod
    def run(self, sql: str, /, **params: Any) -> int:
        """The number of rows that a statement has touched."""

    @abstractmethod
    def many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each of the rows, in their order."""

    def one(self, sql: str, /, **params: Any) -> Record | None:
        """The first row of the answer, or None."""
        return next(iter(self.all(sql, **params)), None)

    def upsert(self, *, table: str, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows in, each in the place of the one with the same `key` columns; of two the last stays.

        All rows have the same columns.
        """
        if last := last_of_each(rows, table=table, key=key):
            self._upsert(table=table, key=tuple(key), columns=tuple(last[0]), rows=last)

    @abstractmethod
    def _upsert(
        self,
        *,
        table: str,
        key: tuple[str, ...],
        columns: tuple[str, ...],
        rows: Sequence[Mapping[str, Any]],
    ) -> None: ...


class Database(ABC):
    """A database that may be used by many threads of the one process that opened it."""

    dialect: Dialect
    unavailable: type[Exception] = DatabaseUnavailable

    # Grows when a connection was lost, or one came to another life of the server: what is kept in memory of
    # the database may not hold any more. Asks nobody, so it is late by what the network takes to notice.
    generation = 0

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._thread = local()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Write: all is committed at the end of the block, or nothing when it raises.

        A failed statement cannot be swallowed: the block then ends in DatabaseError. Raises RuntimeError
        inside another transaction of this thread, and after a fork.
        """
        self._refuse_after_fork()
        if self.writing:
            raise RuntimeError("a transaction inside a transaction of the same thread would wait for itself")
        self._thread.writing = True
        try:
            with self._writing() as tx:
                yield tx
                if tx.failed:
                    raise DatabaseError("a statement failed and its error was swallowed: nothing was kept")
        finally:
            self._thread.writing = False

    @property
    def writing(self) -> bool:
        """Return whether this thread is in a transaction."""
        return getattr(self._thread, "writing", False)

    def write(
        self, sql: str, /, *, lasting: bool = True, generation: int | None = None, **params: Any
    ) -> list[tuple[Any, ...]]:
        """Run one statement that is a transaction by itself, and give every row of its answer.

        With `lasting` False it gives rows back (RETURNING), and a crash of the server within the second may
        undo it: for what is then done again. With `generation` it is run in that one alone. Raises
        RuntimeError after a fork, Superseded, and ConnectionLost.
        """
        with self.transaction() as tx:
            self.refuse_superseded(generation)
            return tx.tuples(sql, **params)

    def refuse_superseded(self, generation: int | None) -> None:
        """Raise Superseded where a generation is given, and is over.

        Ask with a connection in hand: one that came to another life of the server has been noted then.
        """
        if generation not in {None, self.generation}:
            raise Superseded

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
        """Take a row away and, where it was there, drop others and put rows in their places.

        False where it was not there, and nothing was changed. `taken` and each of `dropped` is a DELETE that
        ends with its WHERE clause, in which no OR stands outside of brackets; no row may be concerned by two
        of them, or be dropped and put in. Rows go in as by `Transaction.upsert`. `lasting` and what is raised
        is as with `write`.
        """
        with self.transaction() as tx:
            if found := tx.run(taken, **params) > 0:
                for each in dropped:
                    tx.run(each, **params)
                tx.upsert(table=table, key=key, rows=rows)
            return found

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Read: every statement of the block sees the same state. Writing is refused."""
        self._refuse_after_fork()
        with self._snapshot() as tx:
            yield tx

    def all(self, sql: str, /, **params: Any) -> list[Record]:
        """Every row of one reading statement, which needs no snapshot held for it."""
        return self._read(lambda tx: tx.all(sql, **params))

    def one(self, sql: str, /, **params: Any) -> Record | None:
        """The first row of one reading statement, or None."""
        return self._read(lambda tx: tx.one(sql, **params))

    def tuples(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Every row of one reading statement, as bare tuples."""
        return self._read(lambda tx: tx.tuples(sql, **params))

    def tuples_meanwhile(
        self, sql: Prepared, meanwhile: Callable[[], T], /, **params: Any
    ) -> tuple[list[tuple[Any, ...]], T]:
        """Ask one reading statement, do something else while the answer is on its way, and give both.

        Which of the two sees the earlier state is open. `meanwhile` reads in another database, and may be
        done twice.
        """
        return self.tuples(sql, **params), meanwhile()

    @abstractmethod
    def now(self) -> datetime:
        """The time (UTC) by the database's clock: one for all who share the database.

        On SQLite that is the host's, and it may be set back; on PostgreSQL the server's, see `server_clock`.
        Never fails: while the server is out of reach its time is reckoned.
        """

    @abstractmethod
    def clock_skew_seconds(self) -> float:
        """How far this host's clock is ahead of the database's; less than 0 where it is behind."""

    @abstractmethod
    def advisory(self, name: str, *, wait_seconds: float = 0.0) -> AbstractContextManager[bool]:
        """Hold a named lock for the block, across threads, processes and machines of this database.

        Yields False when another holds it and has not let go within `wait_seconds`. A lock ends with the
        process that holds it; on PostgreSQL also with its connection.
        """

    def prove_writable(self) -> None:
        """Write a row and keep it. Raises DatabaseUnavailable where that can't be done."""
        with self.transaction() as tx:
            tx.run("UPDATE write_probe SET written_at = :now WHERE one = 1", now=self.now())

    @abstractmethod
    def life(self) -> Life:
        """Ask which life of the server this is: another token, and what it held may be lost or other.

        Raises DatabaseUnavailable.
        """

    @abstractmethod
    def forget(self) -> None:
        """Remove from the files what is left of overwritten values, as far as the engine can be told to."""

    @abstractmethod
    def close(self) -> None:
        """Let go of every connection. Closing twice is allowed."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[Transaction]: ...

    @abstractmethod
    def _snapshot(self) -> AbstractContextManager[Transaction]: ...

    @abstractmethod
    def _read(self, read: Callable[[Transaction], T]) -> T: ...

    def _refuse_after_fork(self) -> None:
        if os.getpid() != self._pid:
            raise RuntimeError("the database was opened before the fork: open it in the process that uses it")
