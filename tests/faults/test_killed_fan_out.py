"""kill -9 in the middle of a fan-out: each child of the activity has it exactly once, and nobody twice."""

import signal
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.activities.registry import ActivitySubmission
from application.eventstore.database import utc_now
from application.recording.outcome import NOWHERE
from application.system import System
from domain.choices import ActivityKind
from domain.days import local_day
from domain.event import Occurred
from domain.streams.activities.activity import ActivityHeld, ActivityVoided, Participant
from tests.faults.test_killed_workers import SCHOOL, enrol, opened, types, worker
from tests.support.world import eventually

ACTIVITY = UUID("00000000-0000-4000-8000-00000000ac01")
TODAY = local_day(utc_now())


@pytest.mark.parametrize(
    ("children", "kills"),
    [
        pytest.param(120, (30, 70), marks=pytest.mark.timeout(120)),
        pytest.param(1000, (1, 49, 333, 500), marks=[pytest.mark.slow(seconds=15), pytest.mark.timeout(600)]),
    ],
)
def test_each_child_has_it_exactly_once(children: int, kills: tuple[int, ...], tmp_path: Path) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path)}
    with opened(environ) as system:
        system.organisations.ensure(SCHOOL, actor=SYSTEM)
        enrol(system, range(children))
        hold(system, children)
        for visit in kills:
            struck(environ, visit, log=tmp_path / "log")
            hold(system, children)
        assert 0 < types(system)["participation_recorded"] < children, "the kills came in the middle"
        with worker(environ, "tests.faults.mortal_worker", "none", "0", log=tmp_path / "log"):
            eventually(lambda: states(system) == {"recorded": children}, seconds=300)
        assert per_child(system, "participation_recorded") == dict.fromkeys(range(1, children + 1), 1)

        void(system)
        struck(environ, kills[0], log=tmp_path / "log")
        with worker(environ, "tests.faults.mortal_worker", "none", "0", log=tmp_path / "log"):
            eventually(lambda: states(system) == {"voided": children}, seconds=300)
        assert per_child(system, "event_voided") == dict.fromkeys(range(1, children + 1), 1)
        assert types(system)["participation_recorded"] == children


def hold(system: System, children: int) -> None:
    """Record the activity, as a client does who got no answer the first time."""
    everybody = tuple(Participant(child_id=UUID(int=n + 1)) for n in range(children))
    details = ActivityHeld(kind=ActivityKind.LECTURE, topic="防溺水", participants=everybody)
    system.activities.record(
        actor=SYSTEM,
        activity_id=ACTIVITY,
        org=SCHOOL,
        submission=ActivitySubmission(occurred=Occurred.on(TODAY), details=details),
        provenance=NOWHERE,
    )


def void(system: System) -> None:
    system.activities.change(
        actor=SYSTEM,
        activity_id=ACTIVITY,
        event_id=UUID(int=ACTIVITY.int + 1),
        submission=ActivitySubmission(
            occurred=Occurred.on(TODAY), details=ActivityVoided(reason="Not held.", approved_by="Wang")
        ),
        based_on=1,
        provenance=NOWHERE,
    )


def struck(environ: dict[str, str], visit: int, *, log: Path) -> None:
    """Run a worker until it dies after its n-th child, before it noted any of its batch as done."""
    with worker(environ, "tests.faults.mortal_worker", "fanout.recorded", str(visit), log=log) as process:
        assert process.wait(timeout=60) == -signal.SIGKILL


def states(system: System) -> dict[str, int]:
    counts = system.activities.counts([ACTIVITY])[ACTIVITY]
    return {state: count for state, count in counts.items() if count}


def per_child(system: System, event_type: str) -> dict[int, int]:
    rows = system.database.all("SELECT originator_id FROM events WHERE topic = :topic", topic=event_type)
    return dict(sorted(Counter(row["originator_id"].int for row in rows).items()))
