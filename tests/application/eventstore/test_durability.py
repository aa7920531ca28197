"""What was acknowledged survives a power cut, or the store does not start."""

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from application.eventstore.database import ConnectionLost, Database, DatabaseUnavailable, NotDurable
from application.eventstore.engine_sqlite import refuse_unless_durable
from application.eventstore.engines import open_database
from application.eventstore.migrations.migrate import migrate
from application.eventstore.postgres import PostgresRecorder
from application.eventstore.recorder import CareStoredEvent, EventIdTaken, Row
from tests.application.eventstore.support import TABLES, an_event

# Notes at each commit whether it waits for the disk.
AT_COMMIT = (
    "CREATE TABLE derived (name text PRIMARY KEY)",
    "CREATE TABLE at_commit (n bigint GENERATED ALWAYS AS IDENTITY, of text, setting text)",
    """
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO at_commit (of, setting) VALUES (TG_TABLE_NAME, current_setting('synchronous_commit'));
        RETURN NULL;
    END $$
    """,
    *(
        f"CREATE CONSTRAINT TRIGGER note AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION note()"
        for table in ("derived", "events")
    ),
)


@pytest.fixture
def postgres(postgres_db_url: str) -> Iterator[Database]:
    db = open_database(postgres_db_url, pool_size=3)
    yield db
    db.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    db = open_database(f"sqlite:///{tmp_path}/care.db")
    yield db
    db.close()


def test_postgres_with_synchronous_commit_off_is_refused(postgres_db_url: str) -> None:
    with psycopg.connect(postgres_db_url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))

    with pytest.raises(NotDurable, match="synchronous_commit"):
        open_database(postgres_db_url)


def test_a_server_that_is_not_there_is_named_unavailable() -> None:
    with pytest.raises(DatabaseUnavailable):
        open_database("postgresql://care@127.0.0.1:1/care")


def test_every_connection_to_sqlite_is_durable(sqlite: Database) -> None:
    settings = ("journal_mode", "synchronous", "foreign_keys")

    with sqlite.transaction() as tx:
        writer = [tx.tuples(f"PRAGMA {name}")[0][0] for name in settings]
    with sqlite.reading() as tx:
        reader = [tx.tuples(f"PRAGMA {name}")[0][0] for name in settings]

    assert writer == reader == ["wal", 2, 1]


@pytest.mark.parametrize("setting", ["synchronous = NORMAL", "foreign_keys = OFF", "journal_mode = DELETE"])
def test_a_connection_to_sqlite_that_is_set_otherwise_is_refused(tmp_path: Path, setting: str) -> None:
    connection = sqlite3.connect(tmp_path / "other.db", isolation_level=None)
    for right in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {right}")
    refuse_unless_durable(connection)
    connection.execute(f"PRAGMA {setting}")

    with pytest.raises(NotDurable):
        refuse_unless_durable(connection)
    connection.close()


def test_the_files_of_sqlite_are_the_owners_alone(sqlite: Database, tmp_path: Path) -> None:
    with sqlite.transaction() as tx, sqlite.advisory("relay"):
        tx.run("CREATE TABLE t (x bigint)")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}

    assert {"care.db", "care.db-wal", "care.db.relay.lock"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_a_transaction_outlives_the_connections_that_a_restart_has_killed(
    postgres: Database, postgres_db_url: str
) -> None:
    with postgres.reading(), postgres.reading(), postgres.reading(), postgres.transaction():
        pass
    _kill_connections(postgres_db_url)
    with postgres.transaction() as tx:
        tx.run("CREATE TABLE t (x bigint)")

    _kill_connections(postgres_db_url)
    found = postgres.all("SELECT count(*) AS n FROM t")

    assert found == [{"n": 0}]


def test_a_save_outlives_the_connections_that_a_restart_has_killed(
    postgres: Database, postgres_db_url: str
) -> None:
    migrate(postgres, ddl=TABLES)
    recorder = PostgresRecorder(db=postgres)
    events = [an_event() for _ in range(3)]

    for event in events:
        recorder.insert_events([event], rows=[a_row(event)])
        _kill_connections(postgres_db_url)

    assert [event.event_id for event in recorder.after(0, 10)] == [event.event_id for event in events]


def test_a_save_whose_answer_is_lost_is_found_in_the_log(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(postgres, ddl=TABLES)
    recorder, event = PostgresRecorder(db=postgres), an_event()
    write = postgres.write

    def written_and_lost(sql: str, /, **params: object) -> None:
        write(sql, **params)
        raise ConnectionLost("the answer did not come")

    monkeypatch.setattr(postgres, "write", written_and_lost)
    positions = recorder.insert_events([event])

    assert [found.position for found in recorder.stream([event.originator_id])] == positions
    with pytest.raises(EventIdTaken):
        recorder.insert_events([replace(event, state=b"another seal")])


def test_only_what_may_be_done_again_does_not_wait_for_the_disk(postgres: Database) -> None:
    migrate(postgres, ddl=TABLES)
    with postgres.transaction() as tx:
        for statement in AT_COMMIT:
            tx.run(statement)
    recorder, event = PostgresRecorder(db=postgres), an_event()
    put = {"table": "derived", "key": ["name"], "rows": [{"name": "b"}]}

    postgres.write("INSERT INTO derived (name) VALUES ('a') RETURNING name", lasting=False)
    postgres.exchange("DELETE FROM derived WHERE name = 'a'", dropped=[], **put, lasting=False)  # type: ignore[arg-type]
    recorder.insert_events([event], rows=[a_row(event)])
    postgres.write("INSERT INTO derived (name) VALUES ('c')")
    postgres.exchange("DELETE FROM derived WHERE name = 'b'", dropped=[], **put)  # type: ignore[arg-type]
    with postgres.transaction() as tx:
        tx.run("INSERT INTO derived (name) VALUES ('d')")

    assert postgres.tuples("SELECT of, setting FROM at_commit ORDER BY n") == [
        ("derived", "off"),
        ("derived", "off"),
        ("events", "on"),
        ("derived", "on"),
        ("derived", "on"),
        ("derived", "on"),
    ]


def test_a_connection_that_dies_in_a_transaction_says_so_and_keeps_nothing(
    postgres: Database, postgres_db_url: str
) -> None:
    def write_and_lose_the_connection() -> None:
        with postgres.transaction() as tx:
            tx.run("CREATE TABLE t (x bigint)")
            _kill_connections(postgres_db_url)
            tx.run("INSERT INTO t VALUES (1)")

    with pytest.raises(DatabaseUnavailable):
        write_and_lose_the_connection()

    assert postgres.all("SELECT to_regclass('t') AS t") == [{"t": None}]


def a_row(event: CareStoredEvent) -> Row:
    return Row(table="status", key={"child": event.originator_id}, values={"visits": 1})


def _kill_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
