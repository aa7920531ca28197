"""kill -9 of the worker between any two of its effects: every alert is raised once and reaches the outside.

The sink is a real HTTP server; a kill costs it one repeat for each recipient at most, under the same id.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import redis

from application.access import SYSTEM
from application.eventstore.database import utc_now
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE
from application.settings import read_settings
from application.system import System, migrate_system, open_system
from domain.days import local_day
from domain.streams.organisations.unit import RecipientRegistered
from projections import tables
from tests.support.processes import launched
from tests.support.world import SECRET, eventually
from tests.workers.sink import Posted, Sink, alerts_in, running_sink
from tests.workers.test_crashes import POINTS
from workers.messages import MOST_SINGLES as FEW

ROOT = Path(__file__).parents[2]
SCHOOL = "county/township/school"
SHORT = ("relay.written", "sweep.watched", "deliver.sent")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


@pytest.mark.parametrize(
    ("broker", "points", "children"),
    [
        pytest.param("embedded", SHORT, 60, marks=pytest.mark.timeout(300)),
        pytest.param("embedded", POINTS, 2000, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
        pytest.param("redis", POINTS, 2000, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
def test_no_alert_is_lost_or_raised_twice(  # noqa: PLR0917  fixtures and cases
    broker: str,
    points: tuple[str, ...],
    children: int,
    tmp_path: Path,
    sink: Sink,
    request: pytest.FixtureRequest,
) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path), "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1"}
    if broker == "redis":
        environ["CARELEDGER_REDIS_URL"] = request.getfixturevalue("redis_db_url")
    fate, kills, enrolled = random.Random(7), 0, 0
    with opened(environ) as system:
        somebody_to_tell(system, sink)
        shares = {point: FEW for point in points if point in {"deliver.claimed", "deliver.kept"}}
        crowd = (children - FEW * (len(shares) + 1)) // (len(points) - len(shares))

        for point in points:
            # Of a few each goes by itself, a crowd goes in digests.
            share = shares.get(point, crowd)
            enrol(system, range(enrolled, enrolled + share))
            enrolled += share
            kills += struck(environ, point, fate.randint(1, 2), log=tmp_path / "log")
            if broker == "redis":
                redis.Redis.from_url(environ["CARELEDGER_REDIS_URL"]).flushdb()
        with worker(environ, "tests.faults.mortal_worker", "none", "0", log=tmp_path / "log"):
            enrol(system, range(enrolled, children - FEW))
            eventually(lambda: accepted(system) == children - FEW, seconds=600 if children > 100 else 200)
            singles = len(alone(sink))
            enrol(system, range(children - FEW, children))
            eventually(lambda: accepted(system) == children, seconds=60)

        assert kills >= len(points) // 2
        repeats = all_told_once(system, sink, children=children)
    assert singles < len(alone(sink))
    # One call to the recipient is on its way at a time; every run but the last ends with a SIGKILL.
    assert repeats <= len(points)


@pytest.mark.slow(seconds=12)
def test_after_a_kill_beside_the_canary_s_ring_the_pings_go_on(tmp_path: Path, sink: Sink) -> None:
    environ = {
        "CARELEDGER_DATA_DIR": str(tmp_path),
        "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
        "CARELEDGER_PING_URL": sink.url,
        "CARELEDGER_PING_SECONDS": "1",
    }
    with opened(environ) as system:
        for visit in (1, 2):
            # It is in the log, and its timer is not settled: the next look finds it there.
            assert struck(environ, "sweep.sang", visit, log=tmp_path / "log") == 1
            with worker(environ, "tests.faults.mortal_worker", "none", "0", log=tmp_path / "log"):
                heard = len(sink.got_at)
                eventually(lambda heard=heard: len(sink.got_at) >= heard + 3, seconds=40)  # type: ignore[misc]

        (row,) = system.database.all(
            "SELECT count(*) AS n, count(DISTINCT originator_version) AS versions FROM events "
            "WHERE topic = 'canary_rang'"
        )
        planned = system.database.all("SELECT cause FROM delivery WHERE step = 'canary'")
        assert row["n"] - 1 <= len(planned) == len({each["cause"] for each in planned}) <= row["n"]


def all_told_once(system: System, sink: Sink, *, children: int) -> int:
    """Hold what was recorded and what came in against what must be; give how many requests were repeats."""
    said = types(system)
    assert (said["alert_raised"], said["alert_notified"]) == (children, children), "lost, or raised twice"
    parcels = {posted.headers["webhook-id"]: alerts_in(posted) for posted in sink.posted}
    every = Counter(alert for alerts in parcels.values() for alert in alerts)
    assert (len(every), set(every.values())) == (children, {1}), "lost, or told in two parcels"
    return len(sink.posted) - len(parcels)


def alone(sink: Sink) -> list[Posted]:
    return [posted for posted in sink.posted if json.loads(posted.body)["type"] == "alert.uncontacted"]


def somebody_to_tell(system: System, sink: Sink) -> None:
    system.organisations.ensure(SCHOOL, actor=SYSTEM)
    hook = RecipientRegistered(
        recipient=uuid4(), name="Hook", channel="webhook", address=sink.url, secret=SECRET, catch_all=True
    )
    system.organisations.recipients.register(SCHOOL, details=hook, actor=SYSTEM)


def enrol(system: System, numbers: range) -> None:
    """Enrol children who were last heard of twenty days ago."""
    long_ago = local_day(utc_now()) - timedelta(days=20)
    for number in numbers:
        enrolment = Submission(
            event_id=uuid4(),
            type="child_enrolled",
            child_id=UUID(int=number + 1),
            org=f"{SCHOOL}/3/4",
            occurred_on=long_ago,
            details={"name": "Lin", "student_no": f"T{number}", "sex": "female", "birth_date": "2016-05-20"},
        )
        system.submissions.submit(enrolment, actor=SYSTEM, provenance=NOWHERE)


def struck(environ: Mapping[str, str], point: str, visit: int, *, log: Path) -> int:
    """Run a worker until it dies at a point; give 1 where it did, 0 where it never came there.

    To a letterbox that the one before held it comes only when that one is known to be gone.
    """
    with worker(environ, "tests.faults.mortal_worker", point, str(visit), log=log) as process:
        try:
            return int(process.wait(timeout=60 if point.startswith("deliver") else 8) == -signal.SIGKILL)
        except subprocess.TimeoutExpired:
            return 0


@contextmanager
def worker(
    environ: Mapping[str, str], module: str, *words: str, log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker process until the end of the block."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            launched([sys.executable, "-m", module, *words], stop_signal=signal.SIGKILL, account=None),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


@contextmanager
def opened(environ: Mapping[str, str]) -> Iterator[System]:
    settings = read_settings(environ)
    migrate_system(settings, ddl=tables.DDL)
    system = open_system(settings)
    try:
        yield system
    finally:
        system.close()


def accepted(system: System) -> int:
    row = system.database.one("SELECT count(*) AS n FROM delivery WHERE state = 'accepted'")
    return int(row["n"]) if row else 0


def types(system: System) -> Counter[str]:
    rows = system.database.all("SELECT topic, count(*) AS n FROM events GROUP BY topic")
    return Counter({row["topic"]: row["n"] for row in rows})
