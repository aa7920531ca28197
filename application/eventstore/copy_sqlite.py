"""A copy of a live SQLite database, whole and of one moment."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from application.eventstore.database import WAIT_SECONDS, DatabaseError, DatabaseUnavailable

_STEPS_BETWEEN_LOOKS = 10_000


def copy_sqlite(
    source: Path, target: Path, *, ask: Sequence[str], limit_seconds: float
) -> list[list[tuple[Any, ...]]]:
    """Copy a database that others may be writing to, and give what the copy answers to each of `ask`.

    Nobody waits for it. What was overwritten or destroyed in the source is not in the copy. Raises
    DatabaseError, also where the copy is damaged, and DatabaseUnavailable when it takes too long.
    """
    # An empty file is taken as it is, with its mode; one of its own would follow the umask.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    until = monotonic() + limit_seconds
    # On a connection of its own, without a transaction: `Connection.backup` waits for ever where one is open.
    with _opened(source, "mode=rw") as connection:
        connection.execute(f"PRAGMA busy_timeout = {int(min(WAIT_SECONDS, limit_seconds) * 1000)}")
        connection.set_progress_handler(lambda: int(monotonic() >= until), _STEPS_BETWEEN_LOOKS)
        connection.execute("VACUUM INTO ?", (str(target),))
    with _opened(target, "mode=ro&immutable=1") as connection:
        damage = connection.execute("PRAGMA integrity_check").fetchall()
        if damage != [("ok",)]:
            raise DatabaseError(f"the copy is damaged: {damage[0][0]}")
        return [connection.execute(question).fetchall() for question in ask]


@contextmanager
def _opened(path: Path, how: str) -> Iterator[sqlite3.Connection]:
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
        ) as connection:
            yield connection
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise DatabaseUnavailable("the copy has taken too long and was given up") from error
        raise DatabaseError(str(error)) from error
