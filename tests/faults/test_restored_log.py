"""A backup is restored and people go on: no follower of any kind passes an event without an error."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from application.access import SYSTEM
from application.recording.outcome import NOWHERE
from application.system import System
from projections import timeline
from projections.following import Following, followers
from tests.cli.terminal import Terminal
from tests.faults.test_killed_workers import SCHOOL, opened, somebody_to_tell, types, worker
from tests.faults.test_promotions import (
    Follower,
    Load,
    alerts_of,
    enrolment,
    first_told,
    recorded,
    running,
)
from tests.support.binaries import postgres_binaries
from tests.support.databases import fresh_postgres
from tests.support.world import eventually
from tests.workers.sink import Sink, running_sink

Places = tuple[dict[str, str], dict[str, str]]


@pytest.fixture(params=["sqlite", "postgres"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    """The settings of a ledger, and of an empty place for what is restored of it."""
    shared = {"CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1", "CARELEDGER_UNWATCHED": "1"}
    live, back = ({**shared, "CARELEDGER_DATA_DIR": str(tmp_path / name)} for name in ("live", "back"))
    with ExitStack() as stack:
        if request.param == "postgres":
            server = request.getfixturevalue("postgres_url")
            for place in (live, back):
                place["CARELEDGER_DATABASE_URL"] = stack.enter_context(fresh_postgres(server))
                place["CARELEDGER_KEYS_URL"] = stack.enter_context(fresh_postgres(server))
                place["PATH"] = f"{postgres_binaries()}{os.pathsep}{os.environ['PATH']}"
        yield live, back


@pytest.mark.slow(seconds=20)
@pytest.mark.timeout(300)
def test_restored_under_live_followers(places: Places, tmp_path: Path) -> None:
    live, back = places
    with running_sink() as sink:
        with opened(live) as system:
            somebody_to_tell(system, sink)
            early, at_the_backup, late = (Follower(system) for _ in range(3))
            load = Load(system)
            with worker(live, "workers", log=tmp_path / "log"), running(load.work, load.work, late.work):
                load.more(4)
                early._step()
                load.more(4)
                Terminal(Path(live["CARELEDGER_DATA_DIR"]), **live).json("backup", tmp_path / "backup")
                at_the_backup._step()
                load.more(8)
                all_told(system, sink)
            late.to_the_end()
            before = recorded(system)

        Terminal(Path(back["CARELEDGER_DATA_DIR"]), **back).json("restore", tmp_path / "backup")
        with opened(back) as system:
            restored = recorded(system)
            assert restored.keys() < before.keys()
            going_on = [replace(f, system=system, told=list(f.told)) for f in (early, at_the_backup, late)]
            with worker(back, "workers", log=tmp_path / "log"), running(*(f.work for f in going_on)):
                for _ in range(12):
                    system.submissions.submit(enrolment(uuid4()), actor=SYSTEM, provenance=NOWHERE)
                all_told(system, sink)
                now = recorded(system)
                eventually(lambda: all(not f.pending for f in standing(system)), seconds=60)
            for follower in going_on:
                follower.to_the_end()
                # 410, and then everything: what it had of the other log, it was not left with.
                assert (follower.replaced, follower.mistakes) == (1, [])
                assert Counter(follower.told) == Counter(now.keys())
            lines = timeline.newest(system.database, org=SCHOOL, limit=10_000)
            assert {line.event_id for line in lines} == now.keys()
            assert types(system)["alert_raised"] == len(recorded(system, "child_enrolled"))
        assert "Traceback" not in (tmp_path / "log").read_text()


def all_told(system: System, sink: Sink) -> None:
    """Wait until the alert of every child that is in the log now was told."""
    children = set(recorded(system, "child_enrolled").values())
    eventually(lambda: children <= alerts_of(system).keys(), seconds=60)
    alerts = {alert for child, alert in alerts_of(system).items() if child in children}
    eventually(lambda: alerts <= first_told(sink).keys(), seconds=60)


def standing(system: System) -> tuple[Following, ...]:
    return followers(system.database, system.log, now=system.now())
