"""A read model rebuilt beside the live one, and put in its place in one transaction.

Readers have the live tables to the last, and the runner goes on feeding them. Who is killed leaves tables
behind that nobody reads; the next one begins by dropping them.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from projections.database import Database, Log, Transaction
from projections.feeding import Feed
from projections.outbox import dead_letters
from projections.positions import CatchUpTimeout, advance, position_of, rewind
from projections.runner import LOCK, LOCK_SECONDS, ReadModel, fed_to_the_end, written

SHADOW, OLD = "_beside", "_old"
# Names of indexes are one space for all tables, and SQLite can't change one: those of a rebuilt model end
# in `SHADOW` every other time. A statement that drops an index has to name both, IF EXISTS.
_INDEX = re.compile(r"\s*CREATE\s+(UNIQUE\s+)?INDEX\s+(?P<name>\w+)", re.IGNORECASE)
_DISCARDED_AT_ONCE = 2000


def renew(
    *,
    database: Database,
    log: Log,
    model: ReadModel,
    now: Callable[[], datetime],
    batch: int = 500,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Rebuild a read model, dead letters included, while everybody goes on working.

    `progress` is told how many events were worked off. Raises CatchUpTimeout, or StandsStill where the model
    can't be made; then the live one is as it was.
    """
    lock = f"{LOCK}{SHADOW}"
    with database.advisory(lock) as mine:
        if not mine:
            raise CatchUpTimeout(f"another process is making {model.name} anew")
        feed = Feed(
            name=model.name + SHADOW,
            database=database,
            log=log,
            now=now,
            work=partial(written, model, shadow=SHADOW),
            batch=batch,
        )
        _begin(database, model)
        fed_to_the_end(feed, database, log, lock=f"{lock}-feed", progress=progress)
        with database.advisory(LOCK, wait_seconds=LOCK_SECONDS) as still:
            if not still:
                raise CatchUpTimeout("another process has been feeding the read models for too long")
            # What the live model has gained meanwhile; it gains nothing more while we hold its lock.
            fed_to_the_end(feed, database, log, lock=f"{lock}-feed", progress=progress)
            live, new = (position_of(database, name) for name in (model.name, feed.name))
            with database.transaction() as tx:
                _put_in_place(tx, model)
                advance(tx, name=model.name, start=live, end=new, now=now())
        for table in model.tables:
            _discard(database, table + OLD)


def _begin(database: Database, model: ReadModel) -> None:
    """Make the tables beside the live ones, by the statements of those."""
    for table in model.tables:
        for left in (table + SHADOW, table + OLD):
            _discard(database, left)
    taken = _names(database)
    tables = re.compile(rf"\b({'|'.join(map(re.escape, model.tables))})\b")

    def shadowed(statement: str) -> str:
        index = _INDEX.match(statement)
        if index and index["name"] in taken:
            statement = statement.replace(index["name"], index["name"] + SHADOW, 1)
        return tables.sub(lambda found: found[0] + SHADOW, statement)

    with database.transaction() as tx:
        rewind(tx, name=model.name + SHADOW)
        dead_letters.forget(tx, follower=model.name + SHADOW)
        for statement in model.ddl:
            tx.run(shadowed(statement))


def _put_in_place(tx: Transaction, model: ReadModel) -> None:
    for table in model.tables:
        tx.run(f"ALTER TABLE {table} RENAME TO {table}{OLD}")
        tx.run(f"ALTER TABLE {table}{SHADOW} RENAME TO {table}")
    rewind(tx, name=model.name + SHADOW)
    dead_letters.adopt(tx, follower=model.name, made_by=model.name + SHADOW)


def _discard(database: Database, table: str) -> None:
    """Drop a table that nobody reads, where there is one; on SQLite bit by bit, for the writers' sake."""
    if table not in _names(database):
        return
    removed = int(database.dialect == "sqlite")
    while removed:
        with database.transaction() as tx:
            # SQLite overwrites what it drops: a million rows at once would keep writers waiting for minutes.
            some = f"SELECT rowid FROM {table} LIMIT {_DISCARDED_AT_ONCE}"  # noqa: S608  from this program
            removed = tx.run(f"DELETE FROM {table} WHERE rowid IN ({some})")  # noqa: S608
    with database.transaction() as tx:
        tx.run(f"DROP TABLE {table}")


def _names(database: Database) -> set[str]:
    """Return the names of all tables and indexes."""
    rows = database.all(
        "SELECT name FROM sqlite_master"
        if database.dialect == "sqlite"
        else "SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace(current_schema())"
    )
    return {str(row["name"]) for row in rows}
