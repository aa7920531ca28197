"""One clock for all who share a PostgreSQL: its own, whatever their hosts say."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from application.eventstore import server_clock
from application.eventstore.database import Database, utc_now
from application.eventstore.engines import open_database
from application.eventstore.server_clock import ServerClock
from tests.support.clocks import move_clock
from tests.support.proxy import wire_to
from tests.support.world import eventually

HOUR = timedelta(hours=1)


@contextmanager
def opened(url: str, *, host: timedelta = timedelta(0), pool_size: int = 2) -> Iterator[Database]:
    with closing(open_database(url, pool_size=pool_size, host_clock=lambda: utc_now() + host)) as database:
        yield database


def told(database: Database) -> float:
    """How many seconds the time that was given lies behind the server's."""
    now = database.now()
    ((server,),) = database.tuples("SELECT clock_timestamp()")
    return float((server - now).total_seconds())


@pytest.mark.parametrize("host", [HOUR, -HOUR])
def test_a_host_that_is_an_hour_off_has_the_servers_time_and_says_so_once(
    host: timedelta, postgres_db_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_clock, "READ_AGAIN_SECONDS", 0.0)
    with opened(postgres_db_url, host=host) as database:
        behind = [told(database) for _ in range(100)]

        assert min(behind) >= 0
        assert max(behind) < 1
        assert round(database.clock_skew_seconds()) == host.total_seconds()
    assert [r.getMessage() for r in caplog.records if "off the database" in r.getMessage()] == [
        f"this host's clock is {host.total_seconds():.0f} s off the database's, which is the one that counts"
    ]


def test_between_two_readings_a_jump_of_the_host_changes_nothing(postgres_db_url: str) -> None:
    jumps = [timedelta(0)]
    with closing(open_database(postgres_db_url, host_clock=lambda: utc_now() + jumps[-1])) as database:
        jumps.append(HOUR)
        assert 0 <= told(database) < 1
        assert round(database.clock_skew_seconds()) == 3600


def test_it_follows_a_server_whose_clock_was_moved(
    postgres_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_clock, "READ_AGAIN_SECONDS", 0.05)
    move_clock(postgres_db_url, timedelta(0))
    with opened(postgres_db_url) as database:
        move_clock(postgres_db_url, -HOUR)
        eventually(lambda: utc_now() - database.now() > timedelta(minutes=59), seconds=10)


def test_while_the_server_is_out_of_reach_its_time_goes_on(
    postgres_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_clock, "READ_AGAIN_SECONDS", 0.0)
    server = urlsplit(postgres_db_url)
    assert server.port is not None
    with wire_to(server.port) as wire:
        url = server._replace(netloc=server.netloc.replace(f":{server.port}", f":{wire.port}")).geturl()
        with opened(url, host=HOUR) as database:
            wire.cut()
            before, began = database.now(), time.monotonic()
            time.sleep(0.2)
            after = database.now()
            assert abs((after - before).total_seconds() - (time.monotonic() - began)) < 0.1
            assert time.monotonic() - began < 2
            wire.mend()
            eventually(lambda: abs(utc_now() - database.now()) < timedelta(seconds=1), seconds=20)


def test_whoever_holds_the_only_connection_is_told_the_time(
    postgres_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_clock, "READ_AGAIN_SECONDS", 0.0)
    with opened(postgres_db_url, pool_size=1) as database, database.transaction():
        began = time.monotonic()
        assert abs(utc_now() - database.now()) < timedelta(seconds=5)
        assert time.monotonic() - began < 1


def test_an_answer_that_took_too_long_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_clock, "READ_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(server_clock, "LONGEST_ROUND_TRIP_SECONDS", 0.05)
    began = utc_now()
    clock = ServerClock(lambda: began, host_clock=utc_now)

    def slow() -> object:
        time.sleep(0.1)
        return began - HOUR

    clock.refresh(slow)  # type: ignore[arg-type]
    assert clock.now() >= began
    clock.refresh(lambda: began - HOUR)
    assert clock.now() < began


def test_on_sqlite_the_host_is_the_database(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/care.db", host=HOUR) as database:
        assert abs(database.now() - utc_now() - HOUR) < timedelta(seconds=1)
        assert database.clock_skew_seconds() == 0
