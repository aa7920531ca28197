"""A statement that is kept ready answers as any other, and is made ready again where the server forgot it."""

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

import psycopg
import pytest

from application.eventstore.database import (
    Database,
    DatabaseError,
    DatabaseUnavailable,
    Prepared,
    UniqueViolation,
)
from application.eventstore.engines import open_database
from application.eventstore.prepared_postgres import Connection, ask
from tests.application.eventstore.test_database import EVERY_TYPE, INSERT, SAMPLE

READ = Prepared("SELECT * FROM sample WHERE id = :id")
LISTED = Prepared("SELECT words FROM sample WHERE day IN :days AND words <> 'a:b 100%' AND id NOT IN :ids")
LATEST = Prepared('SELECT max(at) AS "latest [timestamptz]" FROM sample')
INSERTED = Prepared(INSERT)
ONE = Prepared("SELECT 1 AS one")


class Colour(StrEnum):
    RED = "red"


@pytest.fixture
def sample(db: Database) -> Database:
    with db.transaction() as tx:
        tx.run(EVERY_TYPE)
    return db


@pytest.fixture
def alone(postgres_db_url: str) -> Iterator[Database]:
    """A database on PostgreSQL with one connection to read by."""
    database = open_database(postgres_db_url, pool_size=1)
    with database.transaction() as tx:
        tx.run(EVERY_TYPE)
        tx.run(INSERT, **SAMPLE)
    yield database
    database.close()


def test_a_name_never_means_another_statement(alone: Database, postgres_db_url: str) -> None:
    with Connection.connect(postgres_db_url, autocommit=True) as connection:
        for _ in range(2):
            assert ask(connection, ONE, {}).records() == [{"one": 1}]
            assert ask(connection, LATEST, {}).records() == [{"latest": SAMPLE["at"]}]
            # As behind a pooler, where each statement may come on the connection of somebody else.
            connection.ready.clear()
        assert ask(connection, LATEST, {}).records() == [{"latest": SAMPLE["at"]}]


def kill_all(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


def test_it_answers_as_any_other(sample: Database) -> None:
    assert sample.write(INSERTED, **SAMPLE) == []

    for _ in range(2):
        assert sample.one(READ, id=SAMPLE["id"]) == SAMPLE
        assert sample.tuples(READ, id=SAMPLE["id"]) == [tuple(SAMPLE.values())]
        assert sample.all(READ, id=UUID(int=0)) == []
        assert sample.one(LATEST) == {"latest": SAMPLE["at"]}
        assert sample.tuples(LISTED, days=(date(2026, 3, 2),), ids=()) == [(SAMPLE["words"],)]
        assert sample.tuples(LISTED, days=(), ids=(SAMPLE["id"],)) == []


def test_nothing_and_a_word_of_an_enumeration_are_sent(sample: Database) -> None:
    sample.write(INSERTED, **dict.fromkeys(SAMPLE) | {"id": SAMPLE["id"], "words": Colour.RED})

    assert sample.one(READ, id=SAMPLE["id"]) == dict.fromkeys(SAMPLE) | {"id": SAMPLE["id"], "words": "red"}


def test_what_it_breaks_is_told_and_undone(sample: Database) -> None:
    sample.write(INSERTED, **SAMPLE)

    with pytest.raises(UniqueViolation):
        sample.write(INSERTED, **SAMPLE)
    with pytest.raises(UniqueViolation), sample.transaction() as tx:
        tx.many(INSERTED, [SAMPLE | {"id": UUID(int=1)}, SAMPLE])
    with pytest.raises(DatabaseError), sample.transaction() as tx, contextlib.suppress(UniqueViolation):
        tx.tuples(INSERTED, **SAMPLE)
    with pytest.raises(DatabaseError):
        sample.tuples(INSERTED, **SAMPLE | {"id": UUID(int=1)})

    assert sample.tuples("SELECT count(*) FROM sample") == [(1,)]


def test_a_value_that_can_not_be_sent_leaves_the_connection_usable(alone: Database) -> None:
    with pytest.raises(ValueError, match="time zone"), alone.transaction() as tx:
        tx.tuples(INSERTED, **SAMPLE | {"at": datetime(2026, 3, 5)})  # noqa: DTZ001

    assert alone.one(READ, id=SAMPLE["id"]) == SAMPLE


@pytest.mark.parametrize("forget", ["DISCARD ALL", "DEALLOCATE ALL"])
def test_what_the_server_forgot_is_made_ready_again(alone: Database, forget: str) -> None:
    assert alone.one(READ, id=SAMPLE["id"]) == SAMPLE
    alone.tuples(forget)

    assert alone.one(READ, id=SAMPLE["id"]) == SAMPLE
    assert alone.one(READ, id=SAMPLE["id"]) == SAMPLE


def test_a_table_with_another_column_is_read_with_it(alone: Database) -> None:
    assert alone.one(READ, id=SAMPLE["id"]) == SAMPLE
    with alone.transaction() as tx:
        tx.run("ALTER TABLE sample ADD COLUMN more text")

    assert alone.one(READ, id=SAMPLE["id"]) == SAMPLE | {"more": None}


def test_after_a_rollback_all_are_forgotten_and_a_transaction_goes_on(alone: Database) -> None:
    added = SAMPLE | {"id": UUID(int=1)}
    alone.write(INSERTED, **added)
    for number in range(2, 12):
        # Often enough for psycopg to prepare it too.
        with alone.transaction() as tx:
            tx.run(INSERT, **added | {"id": UUID(int=number)})
    with pytest.raises(UniqueViolation), alone.transaction() as tx:
        tx.run(INSERT, **added)

    with alone.transaction() as tx:
        tx.tuples(INSERTED, **added | {"id": UUID(int=20)})
        assert tx.one(READ, id=UUID(int=20)) == added | {"id": UUID(int=20)}
    alone.write(INSERTED, **added | {"id": UUID(int=21)})
    assert alone.tuples("SELECT count(*) FROM sample") == [(14,)]


def test_a_connection_that_was_killed_is_followed_by_another(alone: Database, postgres_db_url: str) -> None:
    assert alone.one(ONE) == {"one": 1}
    kill_all(postgres_db_url)

    assert alone.one(ONE) == {"one": 1}


def test_the_server_works_on_it_meanwhile(alone: Database, postgres_db_url: str) -> None:
    asked = Prepared("SELECT words FROM sample WHERE id = :id OR words = 'at once'")

    def seen() -> int:
        with psycopg.connect(postgres_db_url, autocommit=True) as other:
            for _ in range(500):
                found = other.execute(
                    "SELECT pid FROM pg_stat_activity WHERE query LIKE '%%at once%%' AND state = 'idle'"
                    " AND query LIKE 'SELECT words%%' AND pid <> pg_backend_pid()"
                ).fetchall()
                if found:
                    return len(found)
                time.sleep(0.02)
        return 0

    assert alone.tuples_meanwhile(asked, lambda: 1, id=SAMPLE["id"]) == ([(SAMPLE["words"],)], 1)
    alone.tuples("SELECT 1")
    assert alone.tuples_meanwhile(asked, seen, id=SAMPLE["id"]) == ([(SAMPLE["words"],)], 1)


def test_whoever_fails_meanwhile_leaves_the_connection_usable(alone: Database) -> None:
    def fails() -> None:
        raise KeyError

    for _ in range(3):
        with pytest.raises(KeyError):
            alone.tuples_meanwhile(READ, fails, id=SAMPLE["id"])
        assert alone.one(READ, id=SAMPLE["id"]) == SAMPLE
    assert alone.generation == 0


def test_what_was_lost_meanwhile_is_asked_again(alone: Database, postgres_db_url: str) -> None:
    done = []

    def killed() -> int:
        done.append(1)
        if len(done) == 1:
            kill_all(postgres_db_url)
        return len(done)

    assert alone.tuples_meanwhile(ONE, lambda: 0) == ([(1,)], 0)
    found, times = alone.tuples_meanwhile(Prepared("SELECT 1 FROM pg_sleep(0.5)"), killed)

    assert (found, times) == ([(1,)], 2)


def test_a_server_that_is_gone_is_told_as_ever(alone: Database) -> None:
    alone.close()

    with pytest.raises(DatabaseUnavailable):
        alone.tuples(ONE)


def test_moments_come_in_utc(sample: Database) -> None:
    sample.write(INSERTED, **SAMPLE)

    ((at,),) = sample.tuples(LATEST)

    assert at.utcoffset() == datetime.now(UTC).utcoffset()
