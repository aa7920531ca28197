"""Statements on one connection to SQLite, and what its driver raises as the errors of `database`."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from application.eventstore.database import (
    AppendOnly,
    DatabaseError,
    DatabaseUnavailable,
    Record,
    Transaction,
    UniqueViolation,
)
from application.eventstore.sqltext import by_place, for_sqlite, upsert_statement
from application.eventstore.values_sqlite import bound, stored_all

_UNIQUE = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PROTOCOL,
}


class SQLiteTransaction(Transaction):
    """Runs statements on a connection, in a transaction block or each by itself."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, sql: str, /, **params: Any) -> list[Record]:
        cursor, found = self._executed(sql, params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in found]

    def tuples(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        return self._executed(sql, params)[1]

    def run(self, sql: str, /, **params: Any) -> int:
        return self._executed(sql, params)[0].rowcount

    def many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        try:
            text, names = by_place(sql)
            self._connection.executemany(text, (stored_all([row[name] for name in names]) for row in rows))
        except sqlite3.Error as error:
            self.failed = True
            raise _translation(error) from error

    def _upsert(
        self,
        *,
        table: str,
        key: tuple[str, ...],
        columns: tuple[str, ...],
        rows: Sequence[Mapping[str, Any]],
    ) -> None:
        self.many(upsert_statement(table=table, key=key, columns=columns), rows)

    def _executed(self, sql: str, params: Mapping[str, Any]) -> tuple[sqlite3.Cursor, list[tuple[Any, ...]]]:
        try:
            cursor = self._connection.execute(for_sqlite(sql), bound(params))
            return cursor, cursor.fetchall()
        except sqlite3.Error as error:
            self.failed = True
            raise _translation(error) from error


@contextmanager
def block(connection: sqlite3.Connection, *, begin: str) -> Iterator[Transaction]:
    with translated():
        connection.execute(begin)
    try:
        yield (tx := SQLiteTransaction(connection))
        if not tx.failed:
            with translated():
                connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver raises into the errors of `database`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translation(error) from error


def _translation(error: sqlite3.Error) -> DatabaseError:
    """Return the error of `database`."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _UNIQUE:
        return UniqueViolation(str(error))
    if code == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        return AppendOnly(str(error))
    closed = isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error)
    if closed or code & 0xFF in _UNAVAILABLE:
        return DatabaseUnavailable(str(error))
    return DatabaseError(str(error))
