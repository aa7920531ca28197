"""PostgreSQL under the common interface of `database`.

Never a pipeline: one that has to send much hangs for ever, with every lock that it holds. psycopg's own
`executemany` is one, so many rows go in statements of many rows, or one by one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Any, cast

import psycopg
from psycopg import errors, pq

from application.eventstore.arrays import Column, ColumnDumper
from application.eventstore.conninfo import conninfo
from application.eventstore.database import (
    WAIT_SECONDS,
    Clock,
    ConnectionLost,
    Database,
    DatabaseError,
    DatabaseUnavailable,
    NotDurable,
    Prepared,
    T,
    Transaction,
    last_of_each,
)
from application.eventstore.document import document
from application.eventstore.errors_postgres import SpentConnection, translated, translation
from application.eventstore.life import LIFE, Life
from application.eventstore.pool_postgres import Pool
from application.eventstore.prepared_postgres import Connection
from application.eventstore.server_clock import ServerClock
from application.eventstore.sqltext import exchange_statement, hasty_statement
from application.eventstore.transaction_postgres import PostgresTransaction

_CONNECT_SECONDS = 5
_POOL_SECONDS = 4.0
# The pool tries again after 1, 2, 4, … seconds. When it has given up, who next asks makes it try at once.
_RECONNECT_SECONDS = 3.0
# Both ends find out within half a minute that the other has vanished without a word, cable or machine: till
# then its transactions and its named locks stay. On a socket of this machine all of this means nothing.
_CLIENT_KEEPALIVE: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
_SERVER_KEEPALIVE = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
    "SET tcp_user_timeout = 25000",
)
# Who asks for the time does not queue for a connection.
_CLOCK_SECONDS = 0.1
_SETTINGS = (
    *_SERVER_KEEPALIVE,
    "SET TIME ZONE 'UTC'",
    f"SET lock_timeout = '{int(WAIT_SECONDS)}s'",
    # A client that stops half-way must not hold the lock on the order of events for ever.
    "SET idle_in_transaction_session_timeout = '60s'",
)
# Whoever writes looks rows up by their keys. A plan that was kept from when a table was almost empty would go
# through all of it, until the server has next counted its rows. Where there is no index a plan seems so dear
# by this that it would be compiled first.
_BY_INDEX = ("SET enable_seqscan = off", "SET jit = off")
# Who reads may not write. Who writes does not insist: a server may have been set to read-only for a while.
_READ_ONLY = "SET default_transaction_read_only = on"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresDatabase(Database):
    """A database on a server, over a pool of connections."""

    dialect = "postgres"

    def __init__(self, *, url: str, pool_size: int, host_clock: Clock) -> None:
        super().__init__()
        self._url = conninfo(url)
        self._life_guard = Lock()
        with translated(), self._connect() as connection:
            refuse_unless_durable(connection)
            self._clock = ServerClock(lambda: _clock_of(connection), host_clock=host_clock)
            self._life = _life_of(connection)
        # Two kinds of connections: who reads can't write by mistake, and who writes need not ask first.
        self._most_readers = pool_size
        self._readers = self._pool((*_SETTINGS, _READ_ONLY), least=1, most=pool_size)
        self._writers = self._pool((*_SETTINGS, *_BY_INDEX), least=0, most=max(1, pool_size // 2))

    def now(self) -> datetime:
        """The server's clock, read anew every few seconds by whoever asks, and for another life at once."""
        self._clock.refresh(self._read_clock, life=self.generation)
        return self._clock.now()

    def clock_skew_seconds(self) -> float:
        """How far this host's clock is ahead of the server's."""
        self._clock.refresh(self._read_clock, life=self.generation)
        return self._clock.skew_seconds()

    def life(self) -> Life:
        """Identity of the server and the database, timeline of the log that is written, start."""
        ((*life,),) = self.tuples(LIFE)
        return tuple(life)

    @contextmanager
    def advisory(self, name: str, *, wait_seconds: float = 0.0) -> Iterator[bool]:
        """Hold a named lock on a connection of its own: the pool's are for work."""
        with translated(), self._connect() as connection:
            connection.execute("; ".join(_SERVER_KEEPALIVE))
            held = _locked(connection, key=lock_key(name), wait_seconds=wait_seconds)
            try:
                yield held
            finally:
                if held:
                    # By itself it ends with the connection, and that only after the server has noticed.
                    with suppress(psycopg.Error):
                        connection.execute("SELECT pg_advisory_unlock(%s)", (lock_key(name),))

    def forget(self) -> None:
        """Nothing: old versions of rows leave with VACUUM, the write-ahead log with its recycling."""

    def close(self) -> None:
        """Let go of every connection."""
        self._readers.close()
        self._writers.close()

    def write(
        self, sql: str, /, *, lasting: bool = True, generation: int | None = None, **params: Any
    ) -> list[tuple[Any, ...]]:
        """Run one statement in one round trip. Raises Superseded and ConnectionLost."""
        self._refuse_after_fork()
        if not lasting:
            sql = hasty_statement(sql)
        connection = _taken(self._writers)
        try:
            self.refuse_superseded(generation)
            return PostgresTransaction(connection).tuples(sql, **params)
        except SpentConnection:
            connection.close()
            raise
        except DatabaseUnavailable as error:
            if connection.closed:
                raise ConnectionLost(str(error)) from None
            raise
        finally:
            self._put_back(self._writers, connection)

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
        """Do all of it in one statement, in one round trip. Raises ConnectionLost."""
        last = last_of_each(rows, table=table, key=key)
        statement = exchange_statement(
            taken=taken,
            dropped=tuple(dropped),
            table=table,
            key=tuple(key),
            columns=tuple(last[0]) if last else (),
            document="rows",
            lasting=lasting,
        )
        return bool(self.write(statement, rows=document(last), **params))

    def tuples_meanwhile(
        self, sql: Prepared, meanwhile: Callable[[], T], /, **params: Any
    ) -> tuple[list[tuple[Any, ...]], T]:
        """Send the statement off first. Where its connection turns out to be dead, all is done again."""
        return self._read(lambda tx: cast("PostgresTransaction", tx).tuples_meanwhile(sql, meanwhile, params))

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        with self._block(self._writers, _WRITE) as tx:
            yield tx

    @contextmanager
    def _snapshot(self) -> Iterator[Transaction]:
        with self._block(self._readers, _READ) as tx:
            yield tx

    def _read(self, read: Callable[[Transaction], T]) -> T:
        self._refuse_after_fork()
        for _ in range(self._most_readers + 1):
            connection = _taken(self._readers)
            try:
                return read(PostgresTransaction(connection, reader=True))
            except SpentConnection:
                connection.close()
            except DatabaseUnavailable:
                # A connection that a restart of the server has killed: the next may be alive.
                if not connection.closed:
                    raise
            finally:
                self._put_back(self._readers, connection)
        raise DatabaseUnavailable("no connection of the pool is alive")

    def _read_clock(self) -> datetime | None:
        try:
            connection = self._readers.getconn(timeout=_CLOCK_SECONDS)
        except psycopg.OperationalError:
            return None
        try:
            return _clock_of(connection)
        except psycopg.Error:
            return None
        finally:
            self._put_back(self._readers, connection)

    def _connect(self) -> Connection:
        return Connection.connect(
            self._url, connect_timeout=_CONNECT_SECONDS, autocommit=True, **_CLIENT_KEEPALIVE
        )

    def _pool(self, settings: Sequence[str], *, least: int, most: int) -> Pool:
        def configure(connection: Connection) -> None:
            connection.adapters.register_dumper(Column, ColumnDumper)
            for setting in settings:
                connection.execute(setting)
            self._met(_life_of(connection))

        return Pool(
            self._url,
            min_size=least,
            max_size=most,
            timeout=_POOL_SECONDS,
            reconnect_timeout=_RECONNECT_SECONDS,
            configure=configure,
            connection_class=Connection,
            kwargs={"autocommit": True, "connect_timeout": _CONNECT_SECONDS, **_CLIENT_KEEPALIVE},
            open=True,
        )

    @contextmanager
    def _block(self, pool: Pool, begin: str) -> Iterator[Transaction]:
        connection = self._begun(pool, begin)
        try:
            yield (tx := PostgresTransaction(connection, reader=pool is self._readers))
            if not tx.failed:
                with translated():
                    # A transaction that failed answers COMMIT with ROLLBACK, and without an error.
                    if connection.execute("COMMIT").statusmessage != "COMMIT":
                        raise DatabaseError("the database gave the transaction up: nothing was kept")
        except SpentConnection:
            connection.close()
            raise
        finally:
            _roll_back(connection)
            self._put_back(pool, connection)

    def _begun(self, pool: Pool, begin: str) -> Connection:
        # After a restart of the server every connection of the pool is dead; none has done anything yet.
        for _ in range(pool.max_size + 1):
            with translated():
                connection = pool.getconn()
                try:
                    connection.execute(begin)
                except psycopg.OperationalError:
                    self._put_back(pool, connection)
                    continue
                return connection
        raise DatabaseUnavailable("no connection of the pool is alive")

    def _put_back(self, pool: Pool, connection: Connection) -> None:
        if connection.closed:
            self._met(None)
        pool.putconn(connection)

    def _met(self, life: Life | None) -> None:
        """Note in which life of the server a new connection ends, or that one was lost (None)."""
        with self._life_guard:
            if life != self._life:
                self.generation += 1
            self._life = life or self._life


def _taken(pool: Pool) -> Connection:
    try:
        return pool.getconn()
    except psycopg.Error as error:
        raise translation(error) from None


def refuse_unless_durable(connection: Connection) -> None:
    """Raise NotDurable unless every commit is on the disk before it is acknowledged."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        row = connection.execute(f"SHOW {setting}").fetchone()
        if row is None or row[0] == "off":
            raise NotDurable(f"PostgreSQL runs with {setting} = off: what is acknowledged could be lost")


def _clock_of(connection: Connection) -> datetime:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return cast("datetime", row[0])


def _life_of(connection: Connection) -> Life:
    row = connection.execute(LIFE).fetchone()
    assert row is not None
    return row


def lock_key(name: str) -> int:
    """The number by which PostgreSQL knows a named lock."""
    return int.from_bytes(sha256(f"careledger {name}".encode()).digest()[:8], signed=True)


def _locked(connection: Connection, *, key: int, wait_seconds: float) -> bool:
    if wait_seconds <= 0:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
        return bool(row and row[0])
    connection.execute("SELECT set_config('lock_timeout', %s, false)", (f"{int(wait_seconds * 1000)}ms",))
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", (key,))
    except errors.LockNotAvailable:
        return False
    return True


def _roll_back(connection: Connection) -> None:
    if connection.info.transaction_status in {pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR}:
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
