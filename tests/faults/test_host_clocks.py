"""Hosts whose clocks are an hour off share one PostgreSQL: its clock is the one that counts."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from falcon import testing

from api.app import create_app
from application.access import SYSTEM, Role
from application.eventstore.database import utc_now
from application.settings import read_settings
from application.system import System, migrate_system, open_system
from domain.days import local_day, start_of_day
from projections import tables
from projections.outbox.due import SILENCE, all_timers
from projections.outbox.heartbeat import last_beat, silent_loops
from tests.api.support import enrolment
from tests.faults.test_killed_workers import accepted, somebody_to_tell, types, worker
from tests.support.actions import Desk
from tests.support.clocks import move_clock, shifted
from tests.support.world import eventually
from tests.workers.sink import Sink, alerts_told, running_sink

HOUR = timedelta(hours=1)
MORE = 12


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


@contextmanager
def opened(environ: dict[str, str], *, moved: timedelta, host: timedelta = timedelta(0)) -> Iterator[System]:
    """A system over a database whose clock was moved, on a host that is off from there by `host`."""
    settings = read_settings(environ)
    move_clock(settings.database_url, moved)
    migrate_system(settings, ddl=tables.DDL)
    system = open_system(settings, host_clock=lambda: utc_now() + moved + host)
    try:
        yield system
    finally:
        system.close()


def skews(log: Path) -> list[timedelta]:
    """How far the clocks were off that hosts have warned of, to ten seconds."""
    warned = re.findall(r"clock is (-?\d+) s off", log.read_text())
    return [timedelta(seconds=round(int(seconds), -1)) for seconds in warned]


def until(hour: int, minute: int) -> tuple[date, timedelta]:
    """A day in Shanghai, and how far its `hour` o'clock and some minutes lie ahead."""
    day = local_day(utc_now()) + timedelta(days=1)
    return day, start_of_day(day, hour=hour) + timedelta(minutes=minute) - utc_now()


def test_alerts_ring_once_and_by_the_clock_of_the_database(
    tmp_path: Path, postgres_db_url: str, sink: Sink
) -> None:
    environ = {
        "CARELEDGER_DATA_DIR": str(tmp_path),
        "CARELEDGER_DATABASE_URL": postgres_db_url,
        "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
    }
    day, moved = until(7, 30)
    log = tmp_path / "log"

    def host(by: timedelta) -> dict[str, str]:
        return environ | shifted(moved + by, folder=tmp_path)

    with opened(environ, moved=moved) as system:
        somebody_to_tell(system, sink)
        desk = Desk(system)
        child = desk.enrol(str(day - timedelta(days=14)))

        with worker(host(HOUR), "workers", log=log):
            eight = start_of_day(day, hour=8)
            eventually(lambda: timers(system) == [(child, eight)], seconds=60)
            await_rounds(system, 3)
            assert types(system)["alert_raised"] == 0

        moved += HOUR
        move_clock(postgres_db_url, moved)
        with worker(host(-HOUR), "workers", log=log):
            eventually(lambda: accepted(system) == 1, seconds=60)
            with worker(host(HOUR), "workers", log=log):
                # Else the first of the two may have done all before the other one has begun.
                eventually(lambda: len(skews(log)) == 3, seconds=60)
                for _ in range(MORE):
                    desk.enrol(str(day - timedelta(days=20)))
                eventually(lambda: accepted(system) == 1 + MORE, seconds=60)
                await_rounds(system, 3)
                # Our own system reads the moved clock at its next reading, 5 s later where one took too long.
                eventually(lambda: silent_loops(system.database, now=system.now()) == (), seconds=30)

        assert types(system)["alert_raised"] == types(system)["alert_notified"] == 1 + MORE
        assert types(system).keys() == {
            *("child_enrolled", "alert_raised", "alert_notified"),
            *("org_unit_created", "recipient_registered"),
        }
        rows = system.database.all("SELECT recorded_at, topic FROM events ORDER BY notification_id")
        streams = system.database.all(
            "SELECT count(*) AS n, max(originator_version) AS last FROM events GROUP BY originator_id"
        )
    dated = [row["recorded_at"] for row in rows]
    assert dated == sorted(dated)
    rung = next(row["recorded_at"] for row in rows if row["topic"] == "alert_raised")
    assert timedelta(0) < rung - eight < HOUR
    assert utc_now() + moved - dated[-1] < timedelta(minutes=5)
    assert [row for row in streams if row["n"] != row["last"]] == []
    told = alerts_told(sink)
    assert set(told.values()) == {1}
    assert len(told) == 1 + MORE
    assert Counter(skews(log)) == {HOUR: 2, -HOUR: 1}


@pytest.mark.parametrize(
    ("hour", "host", "status"), [(0, -HOUR, 201), (0, timedelta(0), 201), (-1, HOUR, 422)]
)
def test_what_day_it_is_says_the_database(
    hour: int, host: timedelta, status: int, tmp_path: Path, postgres_db_url: str
) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path), "CARELEDGER_DATABASE_URL": postgres_db_url}
    day, moved = until(0, 20)
    with opened(environ, moved=moved + timedelta(hours=hour), host=host) as system:
        _, key = system.api_keys.create(actor=SYSTEM, name="office", role=Role.MANAGER)
        http = testing.TestClient(create_app(system))
        child = uuid4()

        answered = http.simulate_put(
            f"/v1/children/{child}",
            json=enrolment(child, day=str(day)),
            headers={"Authorization": f"Bearer {key}"},
        )

        assert answered.status_code == status, answered.json
        if status == 422:
            assert answered.json["errors"][0]["code"] == "in_the_future"
        else:
            (event,) = system.log.stream(child)
            assert event.recorded_at is not None
            assert timedelta(0) <= event.recorded_at - start_of_day(day) < HOUR
        assert round(system.database.clock_skew_seconds()) == host.total_seconds()


def timers(system: System) -> list[tuple[UUID, datetime]]:
    return [(timer.key, timer.due_at) for timer in all_timers(system.database) if timer.kind == SILENCE]


def await_rounds(system: System, rounds: int) -> None:
    """Wait until the sweep has completed some more rounds."""
    for _ in range(rounds):
        before = last_beat(system.database, "sweep")
        eventually(lambda before=before: last_beat(system.database, "sweep") != before, seconds=30)
