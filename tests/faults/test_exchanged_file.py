"""A SQLite file that is exchanged or removed under a running server: nothing goes into one without a name."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from application.eventstore.copy_sqlite import copy_sqlite
from application.eventstore.database import DatabaseUnavailable
from application.eventstore.engines import open_database
from tests.api.support import api_world

EXCHANGES: dict[str, Callable[[Path, Path], None]] = {}


def exchange(function: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
    EXCHANGES[function.__name__] = function
    return function


@exchange
def renamed_over(file: Path, copy: Path) -> None:
    copy.replace(file)


@exchange
def moved_away_first(file: Path, copy: Path) -> None:
    file.rename(file.with_name("before.db"))
    copy.rename(file)


@exchange
def removed_with_its_log(file: Path, copy: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink()
    shutil.copyfile(copy, file)


@pytest.mark.parametrize("how", EXCHANGES)
@pytest.mark.parametrize("name", ["care.db", "keys.db"])
def test_what_is_acknowledged_is_in_the_file_that_is_there(tmp_path: Path, name: str, how: str) -> None:
    urls = {"database_url": f"sqlite:///{tmp_path}/care.db", "keys_url": f"sqlite:///{tmp_path}/keys.db"}
    with api_world(tmp_path, **urls) as world:
        child, carer = world.enrol(), world.carer()
        file, copy = tmp_path / name, tmp_path / "copy.db"
        copy_sqlite(file, copy, ask=(), limit_seconds=10)

        EXCHANGES[how](file, copy)
        ready = world.http.simulate_get("/readyz").status_code
        told = {event: record(world, child, carer, event) for event in (str(uuid4()) for _ in range(3))}
        enrolled = [world.enrol()]
        again = world.http.simulate_get("/readyz").status_code

    kept = answers(tmp_path / "care.db", "SELECT event_id FROM events")
    with_keys = answers(tmp_path / "keys.db", "SELECT stream_id FROM stream_key WHERE key IS NOT NULL")
    assert (ready, again) == (503, 200)
    # The probe has noticed: what comes behind it goes into the new file.
    assert set(told.values()) == {201}
    assert {event for event, status in told.items() if status == 201} <= kept
    assert {*enrolled, child} <= with_keys


def test_a_write_that_notices_is_not_acknowledged(tmp_path: Path) -> None:
    with closing(probed(tmp_path / "a.db")) as database:
        copy_sqlite(tmp_path / "a.db", tmp_path / "copy.db", ask=(), limit_seconds=10)
        (tmp_path / "copy.db").replace(tmp_path / "a.db")
        generation = database.generation

        with pytest.raises(DatabaseUnavailable):
            database.write("INSERT INTO told (word) VALUES ('lost')")
        database.write("INSERT INTO told (word) VALUES ('kept')")

        assert answers(tmp_path / "a.db", "SELECT word FROM told") == {"kept"}
        assert database.tuples("SELECT word FROM told") == [("kept",)]
        assert database.generation > generation
    assert answers(tmp_path / "a.db", "SELECT word FROM told") == {"kept"}


def test_a_read_that_notices_is_refused(tmp_path: Path) -> None:
    with closing(probed(tmp_path / "a.db")) as database:
        database.write("INSERT INTO told (word) VALUES ('old')")
        assert database.tuples("SELECT word FROM told") == [("old",)]
        probed(tmp_path / "b.db").close()
        (tmp_path / "b.db").replace(tmp_path / "a.db")

        with pytest.raises(DatabaseUnavailable):
            database.tuples("SELECT word FROM told")
        # The log of the file before was not played into this one, and is still there.
        assert database.tuples("SELECT word FROM told") == []
        assert len(list(tmp_path.glob("a.db-wal.aside-*"))) == 1


def test_a_removed_file_is_not_made_anew_and_comes_back(tmp_path: Path) -> None:
    with closing(probed(tmp_path / "a.db")) as database:
        database.write("INSERT INTO told (word) VALUES ('old')")
        (tmp_path / "a.db").rename(tmp_path / "away.db")
        for ask in (lambda: database.write("INSERT INTO told (word) VALUES ('x')"), database.prove_writable):
            with pytest.raises(DatabaseUnavailable):
                ask()
        with pytest.raises(DatabaseUnavailable):
            database.tuples("SELECT word FROM told")
        assert not (tmp_path / "a.db").exists()

        (tmp_path / "away.db").rename(tmp_path / "a.db")
        assert {"old"} <= {word for (word,) in database.tuples("SELECT word FROM told")}
        database.prove_writable()


def test_the_file_of_another_ledger_is_refused_until_the_own_is_back(tmp_path: Path) -> None:
    for name in ("a.db", "b.db"):
        with closing(probed(tmp_path / name)) as database:
            database.write("CREATE TABLE ledger (one bigint, ledger_id uuid)")
            database.write("INSERT INTO ledger VALUES (1, :id)", id=uuid4())
    with closing(open_database(f"sqlite:///{tmp_path}/a.db")) as database:
        database.write("INSERT INTO told (word) VALUES ('before')")
        (tmp_path / "a.db").rename(tmp_path / "own.db")
        (tmp_path / "b.db").rename(tmp_path / "a.db")
        for _ in range(3):
            with pytest.raises(DatabaseUnavailable):
                database.write("INSERT INTO told (word) VALUES ('x')")
        assert answers(tmp_path / "a.db", "SELECT word FROM told") == set()
        (tmp_path / "own.db").replace(tmp_path / "a.db")
        database.write("INSERT INTO told (word) VALUES ('mine')")
        assert answers(tmp_path / "a.db", "SELECT word FROM told") >= {"before", "mine"}


def probed(path: Path) -> Any:
    database = open_database(f"sqlite:///{path}")
    database.write("CREATE TABLE told (word text)")
    database.write("CREATE TABLE write_probe (one bigint, written_at timestamptz)")
    return database


def record(world: Any, child: str, carer: str, event: str) -> int:
    body = {"type": "talk_held", "occurred_on": "2026-03-05", "details": {"carers": [carer]}}
    status: int = world.caller.put(f"/v1/children/{child}/events/{event}", body).status_code
    return status


def answers(path: Path, question: str) -> set[str]:
    """Ask a file as a process would that is started later."""
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as connection:
        return {value for (value,) in connection.execute(question)}
