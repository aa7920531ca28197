"""The migration step: once, by whoever comes first, however many come at once."""

import subprocess
import sys
from contextlib import ExitStack

import pytest

from application.eventstore.database import Database, open_database
from application.eventstore.migrations.migrate import (
    Misplaced,
    NotMigrated,
    SchemaTooNew,
    assert_migrated,
    migrate,
)
from application.eventstore.migrations.tables import KEYS
from tests.application.eventstore.support import TABLES

PROCESSES = 8
STARTS = """
import sys
from application.eventstore.database import open_database
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
        tx.run("UPDATE schema_version SET version = version + 99")

    with pytest.raises(SchemaTooNew):
        assert_migrated(db)
    with pytest.raises(SchemaTooNew):
        migrate(db)


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
