"""The migration step: once, by whoever comes first, however many come at once."""

import subprocess
import sys
from contextlib import ExitStack

import pytest

from application.eventstore.database import Database
from application.eventstore.engines import open_database
from application.eventstore.migrations.migrate import (
    Misplaced,
    NotMigrated,
    SchemaTooNew,
    assert_migrated,
    migrate,
)
from application.eventstore.migrations.tables import KEYS, OLDEST_PROGRAM
from application.program import VERSION, as_numbers
from tests.application.eventstore.support import TABLES

PROCESSES = 8
STARTS = """
import sys
from application.eventstore.engines import open_database
from application.eventstore.migrations.migrate import assert_migrated, migrate
def wait_for_the_others():
    print("ready", flush=True)
    sys.stdin.readline()
wait_for_the_others()
db = open_database(sys.argv[1])
wait_for_the_others()
migrate(db, ddl=["CREATE TABLE once (x bigint)"])
assert_migrated(db)
db.close()
"""


def test_eight_processes_that_start_at_once_on_an_empty_database_all_start(database_url: str) -> None:
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", STARTS, database_url],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(PROCESSES)
        ]
        for _ in ("open", "migrate"):
            for process in started:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            for process in started:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
        errors = [process.communicate(timeout=60)[1] for process in started]

    assert [process.returncode for process in started] == [0] * PROCESSES, errors


def test_the_step_may_be_taken_again(db: Database) -> None:
    migrate(db, ddl=TABLES)
    migrate(db, ddl=TABLES)

    assert_migrated(db)
    assert db.tuples("SELECT part, version FROM schema_version") == [("events", n) for n in range(1, 4)]


def test_a_statement_that_is_new_is_run_and_an_old_one_is_not(db: Database) -> None:
    create = "CREATE TABLE view (x bigint)"
    migrate(db, ddl=[create])

    migrate(db, ddl=[create, "ALTER TABLE view ADD COLUMN y bigint"])

    assert db.all("SELECT x, y FROM view") == []


def test_missing_tables_are_named(db: Database) -> None:
    with pytest.raises(NotMigrated, match="events are at version 0"):
        assert_migrated(db)
    with pytest.raises(NotMigrated, match="keys are at version 0"):
        assert_migrated(db, part=KEYS)


def test_a_step_that_fails_leaves_nothing_behind(db: Database) -> None:
    with pytest.raises(Exception, match="syntax"):
        migrate(db, ddl=["CREATE TABLE half (x bigint)", "CREATE NONSENSE"])

    with pytest.raises(NotMigrated):
        assert_migrated(db)


def test_tables_of_a_newer_program_are_refused(db: Database) -> None:
    migrate(db)
    with db.transaction() as tx:
        tx.run("UPDATE schema_program SET oldest = '99.0.0'")

    with pytest.raises(SchemaTooNew, match=r"need 99\.0\.0 or newer"):
        assert_migrated(db)
    with pytest.raises(SchemaTooNew):
        migrate(db)


def test_newer_tables_that_name_this_program_as_the_oldest_will_do(db: Database) -> None:
    migrate(db)
    with db.transaction() as tx:
        tx.run(
            "INSERT INTO schema_version SELECT part, max(version) + 1, max(applied_at) "
            "FROM schema_version GROUP BY part"
        )

    assert_migrated(db)
    migrate(db)

    with db.transaction() as tx:
        tx.run("DELETE FROM schema_program")
    with pytest.raises(SchemaTooNew, match="this program knows"):
        assert_migrated(db)


def test_a_store_never_forgets_which_program_is_the_oldest(db: Database) -> None:
    migrate(db)
    (before,) = db.all("SELECT part, oldest FROM schema_program")
    with db.transaction() as tx:
        tx.run("UPDATE schema_program SET oldest = '0.1.9'")
    migrate(db)

    assert db.all("SELECT part, oldest FROM schema_program") == [before]
    assert before["oldest"] == OLDEST_PROGRAM
    assert as_numbers("0.10.0") > as_numbers("0.9.1") > as_numbers("0.9")
    assert as_numbers(OLDEST_PROGRAM) <= as_numbers(VERSION)


def test_a_statement_that_was_not_run_is_missed(db: Database) -> None:
    migrate(db, ddl=["CREATE TABLE view (x bigint)"])
    assert_migrated(db, ddl=["CREATE TABLE view (x bigint)"])

    with pytest.raises(NotMigrated, match="1 tables, columns or indexes"):
        assert_migrated(db, ddl=["CREATE TABLE view (x bigint)", "CREATE INDEX view_x ON view (x)"])


def test_older_tables_will_do_for_a_copy_of_them_and_none_will_not(db: Database) -> None:
    with pytest.raises(NotMigrated):
        assert_migrated(db, older=True)
    migrate(db)
    with db.transaction() as tx:
        tx.run("DELETE FROM schema_version WHERE version > 1")

    assert_migrated(db, older=True)
    with pytest.raises(NotMigrated):
        assert_migrated(db)


def test_keys_do_not_lie_beside_the_events(db: Database) -> None:
    migrate(db)

    with pytest.raises(Misplaced, match="keys must not lie in the database of the events"):
        migrate(db, part=KEYS)


def test_events_do_not_lie_beside_the_keys(db: Database, database_url: str) -> None:
    other = open_database(database_url)
    migrate(other, part=KEYS)
    other.close()

    with pytest.raises(Misplaced):
        migrate(db)
