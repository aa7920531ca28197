"""Two workers on one PostgreSQL: who holds a lock is killed, and the other takes over in seconds."""

import signal
from pathlib import Path

import psycopg
import pytest

from application.access import SYSTEM
from application.eventstore.database import utc_now
from application.eventstore.engine_postgres import PostgresDatabase, lock_key
from projections.positions import position_of
from tests.faults.test_killed_workers import opened, worker
from tests.support.world import eventually

TAKEOVER_SECONDS = 10.0


@pytest.mark.parametrize(
    "point", ["relay.written", pytest.param("relay.planned", marks=pytest.mark.slow(seconds=3))]
)
def test_a_lock_ends_with_the_process_that_held_it(point: str, tmp_path: Path, postgres_db_url: str) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path), "CARELEDGER_DATABASE_URL": postgres_db_url}
    log = tmp_path / "log"
    with opened(environ) as system:
        system.organisations.ensure("county/township/school/3/4", actor=SYSTEM)
        with worker(environ, "tests.faults.stuck_worker", point, log=log) as stuck:
            eventually(lambda: f"stuck at {point}" in log.read_text(), seconds=30)
            with worker(environ, "workers", log=tmp_path / "other"):
                eventually(lambda: "the watch is on" in (tmp_path / "other").read_text(), seconds=30)
                assert position_of(system.database, "relay") == 0
                assert holders(postgres_db_url, "relay") == 1

                stuck.send_signal(signal.SIGKILL)
                head, _ = system.log.head()
                eventually(lambda: position_of(system.database, "relay") == head, seconds=TAKEOVER_SECONDS)
                stuck.wait(timeout=10)


def holders(url: str, name: str) -> int:
    """How many sessions hold a named lock."""
    key = lock_key(name)
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND classid = %s AND objid = %s",
            ((key >> 32) & 0xFFFFFFFF, key & 0xFFFFFFFF),
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_the_server_finds_out_by_itself_that_a_machine_has_vanished(postgres_db_url: str) -> None:
    database = PostgresDatabase(url=postgres_db_url, pool_size=1, host_clock=utc_now)
    try:
        names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
        asked = ", ".join(f"current_setting('{name}')" for name in names)
        with database.transaction() as tx:
            assert tx.tuples(f"SELECT {asked}") == [("10", "5", "3", "25000")]
        with database._connect() as connection:
            assert connection.info.get_parameters()["keepalives_idle"] == "10"
            assert connection.info.get_parameters()["tcp_user_timeout"] == "25000"
    finally:
        database.close()
