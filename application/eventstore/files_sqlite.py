"""The files of a SQLite database, told from others of the same names by device and inode.

SQLite goes on writing into a file that was removed or renamed. And it takes a log (-wal) for that of whatever
file lies beside it: next to a file that was put in its place, the log of the one before would be played into
that.
"""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import IO

FileId = tuple[int, int]
# Of the file, of its log and of the index of that; None for one that is not there.
Files = tuple[FileId | None, FileId | None, FileId | None]
_SUFFIXES = ("", "-wal", "-shm")


def file_id(path: str) -> FileId | None:
    """Device and inode of what is at a path, or None."""
    try:
        found = os.stat(path)  # noqa: PTH116  # asked in every transaction: a Path costs as much again
    except OSError:
        return None
    return found.st_dev, found.st_ino


def files_at(path: Path) -> Files:
    """What is at the path of a database."""
    main, log, index = (file_id(f"{path}{suffix}") for suffix in _SUFFIXES)
    return main, log, index


def put_aside(before: Files, path: Path) -> None:
    """Rename a log, and its index, that is not of the file at the path; nothing is deleted.

    They get the ending .aside-INODE, after themselves. A log that came with a new file stays. Where the file
    is the one from before again, it is given its own back.
    """
    now = files_at(path)
    if now[0] is None:
        return
    for suffix, was, found in zip(_SUFFIXES[1:], before[1:], now[1:], strict=True):
        at, came_back = Path(f"{path}{suffix}"), now[0] == before[0]
        if found is not None and (found != was) is came_back:
            at.rename(_aside(at, found))
        if came_back and was is not None and _aside(at, was).exists():
            _aside(at, was).rename(at)


def _aside(path: Path, which: FileId) -> Path:
    return path.with_name(f"{path.name}.aside-{which[1]}")


def hold(path: Path) -> IO[bytes]:
    """Let others see that the database is open here, until what is returned is closed or the process ends."""
    handle = os.fdopen(os.open(_held(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def in_use(path: Path) -> bool:
    """Return whether a process has the database open, also after its file was removed."""
    if not _held(path).exists():
        return False
    with _held(path).open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _held(path: Path) -> Path:
    return path.with_name(f"{path.name}.held.lock")


def ledger_in(connection: sqlite3.Connection) -> str | None:
    """Which ledger a database says it is of, or None where it says nothing."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger'").fetchone() is None:
        return None
    row = connection.execute("SELECT CAST(ledger_id AS TEXT) FROM ledger").fetchone()
    return None if row is None else str(row[0])
