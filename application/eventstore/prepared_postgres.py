"""Statements that connections to PostgreSQL keep ready (ADR 37).

Each is prepared at its first use on a connection, under a name that follows from its text, and then run by
that name, a transaction by itself: parameters and rows go in the server's own binary format, and past the
cursor of psycopg, which would look at every value anew to find out its type. What the server has forgotten is
prepared again; psycopg lets it forget everything after a ROLLBACK.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import adapt, errors, generators, pq
from psycopg.abc import Transformer

from application.eventstore.arrays import Column
from application.eventstore.binary_postgres import Encode, encoder
from application.eventstore.database import Prepared
from application.eventstore.sqltext import numbered

_BINARY = pq.Format.BINARY
_DONE = {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}
# The name is unknown, as after DISCARD ALL, or a table has got other columns: nothing was run.
_FORGOTTEN = (errors.InvalidSqlStatementName, errors.FeatureNotSupported)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A statement as one connection has it ready."""

    name: bytes
    parameters: Sequence[tuple[str, Encode]]
    formats: Sequence[pq.Format]
    columns: Sequence[str]
    rows: Transformer

    def bound(self, params: Mapping[str, Any]) -> list[bytes | None]:
        """Return the parameters as they are sent."""
        sent: list[bytes | None] = []
        for name, encode in self.parameters:
            value = params[name]
            if value is None:
                sent.append(None)
            else:
                sent.append(value.sent() if type(value) is Column else encode(value))
        return sent


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that remembers what it has ready."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.ready: dict[Prepared, _Ready] = {}


@dataclass(slots=True)
class Asked:
    """A statement on its way: whoever has asked takes the answer before the connection does anything else."""

    connection: Connection
    sql: Prepared
    params: Mapping[str, Any]
    ready: _Ready = field(compare=False)

    def tuples(self) -> list[tuple[Any, ...]]:
        """Wait for the answer and give its rows. Raises psycopg.Error."""
        result, ready = self._answer()
        return ready.rows.load_rows(0, result.ntuples, tuple)

    def records(self) -> list[dict[str, Any]]:
        """Return them by the names of their columns."""
        result, ready = self._answer()
        return ready.rows.load_rows(
            0, result.ntuples, lambda values: dict(zip(ready.columns, values, strict=True))
        )

    def _answer(self) -> tuple[pq.abc.PGresult, _Ready]:
        ready = self.ready
        try:
            result = _answer(self.connection)
        except _FORGOTTEN:
            with suppress(errors.InvalidSqlStatementName):
                self.connection.execute(b"DEALLOCATE " + ready.name)
            del self.connection.ready[self.sql]
            again = ask(self.connection, self.sql, self.params)
            ready, result = again.ready, _answer(self.connection)
        ready.rows.set_pgresult(result, set_loaders=False)
        return result, ready


def ask(connection: Connection, sql: Prepared, params: Mapping[str, Any]) -> Asked:
    """Send a statement off. Raises psycopg.Error; TypeError and ValueError for what can't be sent."""
    ready = connection.ready.get(sql) or _ready(connection, sql)
    connection.pgconn.send_query_prepared(ready.name, ready.bound(params), ready.formats, _BINARY)
    return Asked(connection, sql, params, ready)


def _answer(connection: Connection) -> pq.abc.PGresult:
    """Wait as psycopg does: a signal is heard meanwhile, and a connection that breaks is told."""
    result: pq.abc.PGresult = connection.wait(generators.execute(connection.pgconn))[-1]
    if result.status not in _DONE:
        raise errors.error_from_result(result, encoding=connection.info.encoding)
    return result


def _ready(connection: Connection, sql: Prepared) -> _Ready:
    text, names = numbered(sql)
    # By its text, so that behind a pooler too, where others have used the connection, a name never means
    # another statement.
    name = f"care_{sha256(text.encode()).hexdigest()[:32]}".encode()
    connection.pgconn.send_prepare(name, text.encode())
    with suppress(errors.DuplicatePreparedStatement):
        _answer(connection)
    connection.pgconn.send_describe_prepared(name)
    told = _answer(connection)
    rows = adapt.Transformer.from_context(connection)
    rows.set_loader_types([told.ftype(n) for n in range(told.nfields)], pq.Format.BINARY)
    ready = _Ready(
        name=name,
        parameters=[(each, encoder(told.param_type(n))) for n, each in enumerate(names)],
        formats=[pq.Format.BINARY] * len(names),
        # The type that an alias names for SQLite is no part of the column's name.
        columns=[(told.fname(n) or b"").decode().partition(" [")[0] for n in range(told.nfields)],
        rows=rows,
    )
    connection.ready[sql] = ready
    return ready
