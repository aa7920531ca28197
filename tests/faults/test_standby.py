"""The way leads to a standby, or to a server that is not there yet: unavailable, and lived through."""

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from application.eventstore.base import CareRecorder
from application.eventstore.database import DatabaseUnavailable
from application.eventstore.engines import open_database
from application.eventstore.migrations.migrate import migrate
from application.eventstore.postgres import PostgresRecorder
from application.settings import read_settings
from application.system import migrate_system
from projections import tables
from tests.api.support import api_world
from tests.application.eventstore.support import an_event
from tests.faults.test_killed_workers import worker
from tests.support.replication import Pair, running_pair
from tests.support.world import eventually


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with running_pair() as pair:
        for name in ("events", "care", "office"):
            pair.create(name)
        yield pair


def only(url: str, database: str = "care") -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def test_a_standby_is_unavailable_and_a_failover_is_lived_through(pair: Pair, tmp_path: Path) -> None:
    with closing(open_database(pair.url("events"))) as db:
        migrate(db)
        recorder: CareRecorder = PostgresRecorder(db=db)
        kept = [an_event() for _ in range(5)]
        pair.synchronous(on=True)
        for event in kept:
            recorder.insert_events([event])
        with pytest.raises(DatabaseUnavailable):
            open_database(only(pair.standby.url))
        life, generation = db.life(), db.generation
        environ = {
            "CARELEDGER_DATA_DIR": str(tmp_path),
            "CARELEDGER_DATABASE_URL": only(pair.standby.url),
            "CARELEDGER_UNWATCHED": "1",
        }
        log = tmp_path / "log"
        migrate_system(
            read_settings({**environ, "CARELEDGER_DATABASE_URL": pair.url("care")}), ddl=tables.DDL
        )
        with worker(environ, "workers", log=log) as waiting:
            eventually(lambda: "not started yet" in log.read_text(), seconds=60)
            pair.fail_over()
            eventually(lambda: "the watch is on" in log.read_text(), seconds=60)
            assert waiting.poll() is None
            waiting.send_signal(signal.SIGTERM)
            assert waiting.wait(timeout=20) == 0
        assert "Traceback" not in log.read_text()

        added = an_event()
        eventually(lambda: written(recorder, added), seconds=20)

        # A promoted server passes over some positions.
        (*_, last) = before = recorder.after(0, 100)
        assert [e.event_id for e in before] == [e.event_id for e in kept]
        assert [e.event_id for e in recorder.after(last.position or 0, 100)] == [added.event_id]
        assert db.life() != life
        assert db.generation > generation
    pair.follow()


def written(recorder: CareRecorder, event: object) -> bool:
    try:
        recorder.insert_events([event])  # type: ignore[list-item]
    except DatabaseUnavailable:
        return False
    return True


def test_a_server_that_takes_no_writes_is_not_ready_and_can_be_read(pair: Pair, tmp_path: Path) -> None:
    urls = {"database_url": only(pair.primary.url, "office"), "keys_url": f"sqlite:///{tmp_path}/keys.db"}
    with api_world(tmp_path, **urls) as world:
        child, carer = world.enrol(), world.carer()
        path = f"/v1/children/{child}/events/{uuid4()}"
        body = {"type": "talk_held", "occurred_on": "2026-03-05", "details": {"carers": [carer]}}
        assert world.http.simulate_get("/readyz").status_code == 200

        set_read_only(pair, on=True)
        refused = [world.caller.put(path, body) for _ in range(10)]
        read = world.caller.get(f"/v1/children/{child}")
        ready = world.http.simulate_get("/readyz")
        set_read_only(pair, on=False)
        eventually(lambda: world.http.simulate_get("/readyz").status_code == 200, seconds=20)

        assert {(r.status_code, r.json["code"]) for r in refused} == {(503, "unavailable")}
        assert all(int(r.headers["retry-after"]) > 0 for r in refused)
        assert read.status_code == 200
        assert ready.status_code == 503
        assert {c["name"] for c in ready.json["checks"] if not c["ok"]} == {"writable"}
        assert world.caller.put(path, body).status_code == 201


def set_read_only(pair: Pair, *, on: bool) -> None:
    """Do what a provider does to a server whose disk is full, also to the connections that are open."""
    with psycopg.connect(pair.primary.url, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
        connection.execute("SELECT pg_reload_conf()")
        eventually(
            lambda: (
                connection.execute("SHOW default_transaction_read_only").fetchone()
                == ("on" if on else "off",)
            ),
            seconds=10,
        )
