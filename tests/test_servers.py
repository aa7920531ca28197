"""The ground the tests stand on: real servers, run by nobody in particular, a fresh database each time."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import psycopg
import pytest
import redis

from tests.support.processes import Server
from tests.support.servers import owner_of

ROOT = Path(__file__).parent.parent

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only where we are root is there somebody else to be"
)


def test_postgres_answers_with_its_version(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT version()").fetchone()

    assert row is not None
    assert row[0].startswith("PostgreSQL ")


def test_postgres_keeps_what_it_acknowledged(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        settings = [
            connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            for name in ("fsync", "synchronous_commit")
        ]

    assert settings == [("on",), ("on",)]


def test_redis_answers_and_evicts_nothing(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping() is True
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@needs_root
def test_postgres_does_not_run_as_root(postgres_server: Server) -> None:
    if postgres_server.process is None:
        pytest.skip("the server was there before us")

    assert owner_of(postgres_server.process) != 0


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_an_empty_postgres_database(empty_postgres_url: str, time: str) -> None:
    with psycopg.connect(empty_postgres_url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        connection.execute("CREATE TABLE left_behind (told_by text)")
        connection.execute("INSERT INTO left_behind VALUES (%s)", (time,))

    assert tables == []


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_an_empty_redis_database(redis_db_url: str, time: str) -> None:
    with redis.Redis.from_url(redis_db_url) as client:
        keys = client.keys()
        client.set("left_behind", time)

    assert keys == []


def test_a_database_url_names_a_database_that_is_not_yet_used(database_url: str, tmp_path: Path) -> None:
    if database_url.startswith("sqlite:///"):
        assert database_url == f"sqlite:///{tmp_path}/care.db"
        assert not (tmp_path / "care.db").exists()
    else:
        with psycopg.connect(database_url) as connection:
            assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a killed parent cannot be noticed")
def test_a_server_ends_even_when_its_test_run_is_killed(tmp_path: Path) -> None:
    story = textwrap.dedent(
        """
        import os, signal
        from tests.support.servers import started_redis

        with started_redis() as server:
            print(server.url, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )

    killed = subprocess.run(
        [sys.executable, "-c", story],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    url = killed.stdout.strip()
    assert url.startswith("redis://"), killed.stderr
    assert _is_gone(url)


def _is_gone(url: str) -> bool:
    # Each refused or answered connection takes its turn; the server needs a few milliseconds to notice.
    with redis.Redis.from_url(url, socket_timeout=5) as client:
        for _ in range(20_000):
            try:
                client.ping()
            except redis.ConnectionError:
                return True
    return False
