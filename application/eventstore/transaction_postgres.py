"""Statements on one connection to PostgreSQL, with the portable texts and values of `database`."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

import psycopg
from psycopg import pq
from psycopg.rows import RowFactory, tuple_row
from psycopg.types.json import Jsonb

from application.eventstore.arrays import Column
from application.eventstore.database import Prepared, Record, Transaction
from application.eventstore.document import document
from application.eventstore.errors_postgres import translation
from application.eventstore.prepared_postgres import Asked, Connection, ask
from application.eventstore.sqltext import for_postgres, upsert_document_statement
from application.eventstore.values import refuse_naive, refuse_nul

R = TypeVar("R")

# What the server has forgotten can be run again only where it was to be a transaction by itself.
_ALONE = pq.TransactionStatus.IDLE


class PostgresTransaction(Transaction):
    """Runs statements on a connection, in a transaction block or each by itself."""

    dialect = "postgres"

    def __init__(self, connection: Connection, *, reader: bool = False) -> None:
        self._connection = connection
        # On one that only reads, a write is refused because we asked for that: then the mistake is ours.
        self._reader = reader

    def all(self, sql: str, /, **params: Any) -> list[Record]:
        if type(sql) is Prepared and self._connection.pgconn.transaction_status == _ALONE:
            return self._asked(sql, params, Asked.records)
        return self._rows(sql, params, row_factory=_as_dicts)

    def tuples(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        if type(sql) is Prepared and self._connection.pgconn.transaction_status == _ALONE:
            return self._asked(sql, params, Asked.tuples)
        return self._rows(sql, params, row_factory=tuple_row)

    def run(self, sql: str, /, **params: Any) -> int:
        try:
            return self._connection.execute(for_postgres(sql), _bound(params)).rowcount
        except psycopg.Error as error:
            self.failed = True
            raise translation(error, reader=self._reader) from None

    def many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            self.run(sql, **row)

    def tuples_meanwhile(
        self, sql: Prepared, meanwhile: Callable[[], R], params: Mapping[str, Any]
    ) -> tuple[list[tuple[Any, ...]], R]:
        """Send a statement off, do something else, and give the rows of the answer and what was done."""
        try:
            asked = ask(self._connection, sql, params)
            try:
                done = meanwhile()
            except BaseException:
                # The answer is taken all the same: others will use the connection.
                with suppress(psycopg.Error):
                    asked.tuples()
                raise
            return asked.tuples(), done
        except psycopg.Error as error:
            self.failed = True
            raise translation(error, reader=self._reader) from None

    def _asked(
        self, sql: Prepared, params: Mapping[str, Any], answered: Callable[[Asked], list[R]]
    ) -> list[R]:
        try:
            return answered(ask(self._connection, sql, params))
        except psycopg.Error as error:
            self.failed = True
            raise translation(error, reader=self._reader) from None

    def _rows(self, sql: str, params: Mapping[str, Any], *, row_factory: RowFactory[R]) -> list[R]:
        try:
            cursor = self._connection.cursor(binary=True, row_factory=row_factory)
            cursor.execute(for_postgres(sql), _bound(params))
            # `description` would tell as much, and describe each column.
            answers = cursor.pgresult is not None and cursor.pgresult.nfields > 0
            return cursor.fetchall() if answers else []
        except psycopg.Error as error:
            self.failed = True
            raise translation(error, reader=self._reader) from None

    def _upsert(
        self,
        *,
        table: str,
        key: tuple[str, ...],
        columns: tuple[str, ...],
        rows: Sequence[Mapping[str, Any]],
    ) -> None:
        statement = upsert_document_statement(table=table, key=key, columns=columns, document="rows")
        self.run(statement, rows=document(rows))


def _bound(params: Mapping[str, Any]) -> dict[str, Any]:
    return {n: value if type(value) is Column else _sent(value) for n, value in params.items()}


def _sent(value: Any) -> Any:
    match value.value if isinstance(value, Enum) else value:
        case str() as text:
            refuse_nul(text)
            return text
        case datetime() as moment:
            refuse_naive(moment)
            return moment
        case dict() | list() as document:
            return Jsonb(document)
        case tuple() as values:
            return [_sent(item) for item in values]
        case plain:
            return plain


def _as_dicts(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Record]:
    # The type that an alias names for SQLite is no part of the column's name.
    names = [column.name.partition(" [")[0] for column in cursor.description or ()]
    return lambda values: dict(zip(names, values, strict=True))
