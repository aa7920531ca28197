"""SQLite under the common interface of `database`: one writer at a time, readers that never wait."""

import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from time import monotonic, sleep

from application.eventstore.database import (
    WAIT_SECONDS,
    Clock,
    Database,
    DatabaseError,
    DatabaseUnavailable,
    NotDurable,
    T,
    Transaction,
)
from application.eventstore.files_sqlite import Files, file_id, files_at, hold, ledger_in, put_aside
from application.eventstore.life import Life
from application.eventstore.transaction_sqlite import SQLiteTransaction, block, translated
from application.eventstore.values_sqlite import register_types

_OLDEST = (3, 35, 0)
_FULL = 2
_POLL_SECONDS = 0.02
WAIT_MS = int(WAIT_SECONDS * 1000)
PROBE_MS = 3_000
_SETTINGS = (
    f"PRAGMA busy_timeout = {WAIT_MS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",
    # A replaced row is a deleted row: without this, INSERT OR REPLACE slips past the triggers.
    "PRAGMA recursive_triggers = ON",
    # A destroyed key leaves no bytes behind in the file.
    "PRAGMA secure_delete = ON",
)


class SQLiteDatabase(Database):
    """A database in one file, readable by its owner only."""

    dialect = "sqlite"

    def __init__(self, *, path: str, pool_size: int, host_clock: Clock) -> None:
        super().__init__()
        self._host_clock = host_clock
        if sqlite3.sqlite_version_info < _OLDEST:
            raise NotDurable(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 is needed")
        register_types()
        self._path = Path(path).absolute()
        self._pool_size = pool_size
        self._idle: list[sqlite3.Connection] = []
        self._guard = Lock()
        self._turn = Lock()
        self._closed = False
        self._name = str(self._path)
        # A file that was removed is not made anew: it would be an empty ledger.
        self._uri = f"{self._path.as_uri()}?mode=rw"
        self._lost = False
        self._create()
        self._held = hold(self._path)
        self._files, self._writer = self._opened()

    def now(self) -> datetime:
        """The host's clock: the file has no other."""
        return self._host_clock()

    def clock_skew_seconds(self) -> float:
        """Nothing: it is the same clock."""
        return 0.0

    def prove_writable(self) -> None:
        """Write a row and keep it, on the connection that serves, and wait for others for a moment only."""
        self._refuse_after_fork()
        with self._written(wait_ms=PROBE_MS) as tx:
            tx.run("UPDATE write_probe SET written_at = :now WHERE one = 1", now=self.now())

    def life(self) -> Life:
        """What tells the file at the path from another of its name."""
        if (found := file_id(self._name)) is None:
            raise DatabaseUnavailable("there is no file at the path of the database")
        return found

    @contextmanager
    def advisory(self, name: str, *, wait_seconds: float = 0.0) -> Iterator[bool]:
        """Hold a named lock: a file beside the database, locked by the kernel."""
        tame = re.sub(r"[^a-z0-9]+", "-", name.lower())
        try:
            handle = os.open(f"{self._path}.{tame}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            # A disk that is full or read-only has no room for the name.
            raise DatabaseUnavailable(f"no lock can be made: {error.strerror}") from error
        try:
            yield _flock(handle, until=monotonic() + wait_seconds)
        finally:
            os.close(handle)

    def close(self) -> None:
        """Let go of every connection, after the transaction that is being written."""
        with self._turn, self._guard:
            self._closed = True
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle.clear()
            self._held.close()

    def forget(self) -> None:
        """Empty the write-ahead log: then overwritten bytes are in no file of the database any more."""
        with self._turn, translated():
            self._open_again()
            busy = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            self._refuse_exchanged()
        if busy:
            raise DatabaseUnavailable("readers have kept the write-ahead log from being emptied: try again")

    def _writing(self) -> AbstractContextManager[Transaction]:
        return self._written()

    @contextmanager
    def _written(self, *, wait_ms: int = WAIT_MS) -> Iterator[Transaction]:
        # Threads queue here; only other processes are waited for by polling.
        if not self._turn.acquire(timeout=wait_ms / 1000):
            raise DatabaseUnavailable("another thread has been writing for too long")
        try:
            self._refuse_closed()
            self._open_again()
            with _waiting(self._writer, wait_ms), block(self._writer, begin="BEGIN IMMEDIATE") as tx:
                yield tx
            # Behind the commit: what went into a file that had lost its name by then is not acknowledged.
            self._refuse_exchanged()
        finally:
            self._turn.release()

    @contextmanager
    def _snapshot(self) -> Iterator[Transaction]:
        with self._reader() as connection, block(connection, begin="BEGIN") as tx:
            yield tx

    def _read(self, read: Callable[[Transaction], T]) -> T:
        self._refuse_after_fork()
        with self._reader() as connection:
            return read(SQLiteTransaction(connection))

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        if self._lost:
            self._open_again_in_turn()
        with self._guard:
            self._refuse_closed()
            connection = self._idle.pop() if self._idle else None
            generation = self.generation
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
        try:
            self._refuse_exchanged()
            yield connection
        finally:
            with self._guard:
                enough = len(self._idle) >= self._pool_size
                over = self._closed or self._lost or generation != self.generation
                keep = not (over or enough or connection.in_transaction)
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    def _refuse_exchanged(self) -> None:
        """Raise DatabaseUnavailable where the file at the path is not the one that was opened."""
        if not self._lost and file_id(self._name) == self._files[0]:
            return
        with self._guard:
            if not self._lost:
                self._lost = True
                self.generation += 1
            for connection in self._idle:
                connection.close()
            self._idle.clear()
        raise DatabaseUnavailable("the file of the database was exchanged or removed")

    def _open_again_in_turn(self) -> None:
        if self.writing or not self._turn.acquire(timeout=WAIT_SECONDS):
            raise DatabaseUnavailable("the file of the database was exchanged or removed")
        try:
            self._refuse_closed()
            self._open_again()
        finally:
            self._turn.release()

    def _open_again(self) -> None:
        """Go on with the file that is at the path now, if it is of the same ledger; only in one's turn."""
        if not self._lost:
            return
        try:
            with self.advisory("open", wait_seconds=WAIT_SECONDS):
                if file_id(self._name) != self._files[0]:
                    # Wherever the file before is now, it holds what was acknowledged also without its log.
                    self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                put_aside(self._files, self._path)
            files, writer = self._files, self._writer
            if files_at(self._path)[0] != files[0]:
                self._to_wal()
                files, writer = self._opened()
                if ledger_in(writer) != ledger_in(self._writer):
                    writer.close()
                    raise DatabaseUnavailable("the file at the path is that of another ledger")
            elif files_at(self._path) != files:
                raise DatabaseUnavailable("the log of the file was taken away while it was open")
        except (DatabaseError, sqlite3.Error, OSError) as error:
            raise DatabaseUnavailable(str(error)) from error
        with self._guard:
            before, self._writer, self._files = self._writer, writer, files
            self._lost = False
        if before is not writer:
            before.close()

    def _opened(self) -> tuple[Files, sqlite3.Connection]:
        before = file_id(self._name)
        connection = self._connect()
        with translated():
            # From the first read on the log and its index are there, and stay until the last one closes.
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        files = files_at(self._path)
        if before is None or files[0] != before:
            connection.close()
            raise DatabaseUnavailable("the file of the database was exchanged while it was opened")
        return files, connection

    def _refuse_closed(self) -> None:
        if self._closed:
            raise DatabaseUnavailable("the database is closed")

    def _create(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Only a file that is not there yet is opened: to close a file of SQLite's drops all locks that other
        # connections of this process hold on it.
        with suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._to_wal()

    def _to_wal(self) -> None:
        # Two processes that switch a new file to WAL at once would see "locked", whatever the timeout.
        with self.advisory("open", wait_seconds=WAIT_SECONDS):
            with translated():
                connection = sqlite3.connect(self._uri, isolation_level=None, uri=True)
            try:
                with translated():
                    connection.execute(_SETTINGS[0])
                    connection.execute("PRAGMA journal_mode = WAL").fetchall()
            finally:
                connection.close()

    def _connect(self) -> sqlite3.Connection:
        with translated():
            connection = sqlite3.connect(
                self._uri,
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES,
                cached_statements=256,
            )
            for setting in _SETTINGS:
                connection.execute(setting)
            refuse_unless_durable(connection)
        return connection


def refuse_unless_durable(connection: sqlite3.Connection) -> None:
    """Raise NotDurable unless every commit is on the disk before it is acknowledged."""
    (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
    (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
    (foreign_keys,) = connection.execute("PRAGMA foreign_keys").fetchone()
    if (journal, synchronous, foreign_keys) != ("wal", _FULL, 1):
        raise NotDurable(
            f"SQLite runs with journal_mode={journal}, synchronous={synchronous}, "
            f"foreign_keys={foreign_keys} instead of wal, {_FULL} and 1"
        )


@contextmanager
def _waiting(connection: sqlite3.Connection, wait_ms: int) -> Iterator[None]:
    """Let a connection wait for other processes that long at most."""
    if wait_ms == WAIT_MS:
        yield
        return
    with translated():
        connection.execute(f"PRAGMA busy_timeout = {wait_ms}")
    try:
        yield
    finally:
        with translated():
            connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")


def _flock(handle: int, *, until: float) -> bool:
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if monotonic() >= until:
            return False
        sleep(_POLL_SECONDS)
