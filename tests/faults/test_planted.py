"""Faults planted on purpose: what looks for lost alerts must find them, else it proves nothing."""

import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from application.eventstore.database import utc_now
from application.system import System
from projections.outbox.due import due_timers
from projections.positions import position_of
from tests.faults.test_killed_workers import all_told_once, enrol, opened, somebody_to_tell, worker
from tests.support.world import eventually
from tests.workers.sink import running_sink

MODULE = "tests.faults.planted_worker"
STRIKES, SHARE = 3, 20


@pytest.mark.slow(seconds=50)
@pytest.mark.parametrize(
    ("fault", "point", "found"),
    [
        pytest.param("none", "relay.written", False, id="no fault"),
        pytest.param("none", "deliver.claimed", False, id="no fault in sending"),
        pytest.param("position", "planted.position", True, id="a position before its effect"),
        pytest.param("accepted", "planted.accepted", True, id="accepted before it is sent"),
    ],
)
def test_a_planted_fault_is_found(fault: str, point: str, found: bool, tmp_path: Path) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path), "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1"}
    children = STRIKES * SHARE
    with opened(environ) as system, running_sink() as sink:
        somebody_to_tell(system, sink)
        for strike in range(STRIKES):
            enrol(system, range(strike * SHARE, (strike + 1) * SHARE))
            struck_dead(environ, fault, point, log=tmp_path / "log")
        with worker(environ, MODULE, fault, "nowhere", "0", log=tmp_path / "log"):
            eventually(lambda: at_rest(system), seconds=90)

        if found:
            with pytest.raises(AssertionError, match="lost"):
                all_told_once(system, sink, children=children)
        else:
            all_told_once(system, sink, children=children)


def struck_dead(environ: Mapping[str, str], fault: str, point: str, *, log: Path) -> None:
    """Run a worker until it dies at a point."""
    with worker(environ, MODULE, fault, point, "1", log=log) as process:
        assert process.wait(timeout=60) == -signal.SIGKILL


def at_rest(system: System) -> bool:
    """Whether a worker has nothing left to do, as far as it knows."""
    head, _ = system.log.head()
    waiting = system.database.one(
        "SELECT 1 FROM delivery WHERE state IN ('pending', 'unknown', 'sending') LIMIT 1"
    )
    due = due_timers(system.database, now=utc_now(), limit=1)
    return position_of(system.database, "relay") == head and not due and waiting is None
