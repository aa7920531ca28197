"""A read model made anew beside the live one, and put in its place in one transaction.

Readers have the live tables to the last, and the runner goes on feeding them. Who is killed leaves tables
behind that nobody reads; the next one begins by dropping them.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from projections import dead_letters
from projections.database import Database, Log, Transaction
from projections.feeding import Feed
from projections.positions import CatchUpTimeout, advance, position_of, rewind
from projections.runner import LOCK, LOCK_SECONDS, ReadModel, fed_to_the_end, written

BESIDE = "_beside"
_INDEX = re.compile(r"\s*(CREATE|DROP)\s+(UNIQUE\s+)?INDEX\b", re.IGNORECASE)


def renew(
    *,
    database: Database,
    log: Log,
    model: ReadModel,
    now: Callable[[], datetime],
    batch: int = 500,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Make a read model anew, dead letters included, while everybody goes on working.

    `progress` is told how many events were worked off. Raises CatchUpTimeout, or StandsStill where the model
    can't be made; then the live one is as it was.
    """
    lock = f"{LOCK}{BESIDE}"
    with database.advisory(lock) as mine:
        if not mine:
            raise CatchUpTimeout(f"another process is making {model.name} anew")
        feed = Feed(
            name=model.name + BESIDE,
            database=database,
            log=log,
            now=now,
            work=partial(written, model, beside=BESIDE),
            batch=batch,
        )
        with database.transaction() as tx:
            _begin(tx, model)
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


def _begin(tx: Transaction, model: ReadModel) -> None:
    for table in model.tables:
        tx.run(f"DROP TABLE IF EXISTS {table}{BESIDE}")
    rewind(tx, name=model.name + BESIDE)
    dead_letters.forget(tx, follower=model.name + BESIDE)
    tables = re.compile(rf"\b({'|'.join(map(re.escape, model.tables))})\b")
    for statement in model.ddl:
        if not _INDEX.match(statement):
            tx.run(tables.sub(lambda found: found[0] + BESIDE, statement))


def _put_in_place(tx: Transaction, model: ReadModel) -> None:
    """Swap the tables. The indexes are made last, under the names that the migration step knows them by."""
    for table in model.tables:
        tx.run(f"DROP TABLE {table}")
        tx.run(f"ALTER TABLE {table}{BESIDE} RENAME TO {table}")
    for statement in model.ddl:
        if _INDEX.match(statement):
            tx.run(statement)
    rewind(tx, name=model.name + BESIDE)
    dead_letters.adopt(tx, follower=model.name, made_by=model.name + BESIDE)
