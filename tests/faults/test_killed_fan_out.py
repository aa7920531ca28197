"""kill -9 in the middle of a fan-out: each child has it exactly once, and nobody twice."""

import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.activities.registry import ActivitySubmission
from application.eventstore.database import utc_now
from application.intake.submission import Submission
from application.recording.filing import Filing
from application.recording.outcome import NOWHERE
from application.system import System
from domain.choices import ActivityKind
from domain.days import local_day
from domain.event import Occurred
from domain.streams.activities.activity import ActivityHeld, ActivityVoided, Participant
from tests.faults.test_killed_workers import SCHOOL, enrol, opened, types, worker
from tests.support.world import eventually

ACTIVITY = UUID("00000000-0000-4000-8000-00000000ac01")
SHEETS = UUID("00000000-0000-4000-8000-00000000bc01")
TODAY = local_day(utc_now())


SIZES = pytest.mark.parametrize(
    ("children", "kills"),
    [
        pytest.param(120, (30, 70), marks=pytest.mark.timeout(120)),
        pytest.param(1000, (1, 49, 333, 500), marks=[pytest.mark.slow(seconds=15), pytest.mark.timeout(600)]),
    ],
)


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What writes `entry` into many files: how it is recorded, and how it is taken back."""

    entry: str
    stream: UUID
    hold: Callable[[System, int], None]
    void: Callable[[System], None]


@SIZES
@pytest.mark.parametrize("named", ["an activity", "a sheet"])
def test_each_child_has_it_exactly_once(
    children: int, kills: tuple[int, ...], named: str, tmp_path: Path
) -> None:
    cause, environ = CAUSES[named], {"CARELEDGER_DATA_DIR": str(tmp_path)}
    with opened(environ) as system:
        system.organisations.ensure(SCHOOL, actor=SYSTEM)
        enrol(system, range(children))
        cause.hold(system, children)
        for visit in kills:
            struck(environ, visit, log=tmp_path / "log")
            cause.hold(system, children)
        assert 0 < types(system)[cause.entry] < children, "the kills came in the middle"
        with worker(environ, "tests.faults.mortal_worker", "none", "0", log=tmp_path / "log"):
            eventually(lambda: states(system, cause.stream) == {"recorded": children}, seconds=300)
        assert per_child(system, cause.entry) == dict.fromkeys(range(1, children + 1), 1)

        cause.void(system)
        struck(environ, kills[0], log=tmp_path / "log")
        with worker(environ, "tests.faults.mortal_worker", "none", "0", log=tmp_path / "log"):
            eventually(lambda: states(system, cause.stream) == {"voided": children}, seconds=300)
        voided = per_child(system, "event_voided")
        assert {c: n for c, n in voided.items() if c <= children} == dict.fromkeys(range(1, children + 1), 1)
        assert types(system)[cause.entry] == children


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


def measure(system: System, children: int) -> None:
    """Record a health day and its one sheet, as a client does who got no answer the first time."""
    everybody = [{"child": str(UUID(int=n + 1)), "height_cm": 100 + n % 50} for n in range(children)]
    said(system, 0, "group_action_opened", org=SCHOOL, title="健康日")
    said(system, 1, "children_measured", provider="镇卫生院", children=everybody)


def unmeasure(system: System) -> None:
    """Take the sheet back."""
    words = {"target": str(UUID(int=SHEETS.int + 1)), "reason": "误登", "approved_by": "王校长"}
    said(system, 2, "event_voided", stream_kind="group_action", based_on=2, **words)


def said(  # the envelope of a submission
    system: System,
    number: int,
    type_: str,
    *,
    org: str | None = None,
    stream_kind: str | None = None,
    based_on: int | None = None,
    **details: Any,
) -> None:
    """Record an entry on the stream of the health day."""
    submission = Submission(
        event_id=UUID(int=SHEETS.int + number),
        stream_id=SHEETS,
        stream_kind=stream_kind,
        type=type_,
        occurred_on=TODAY,
        org=org,
        based_on=based_on,
        details=details,
    )
    system.submissions.submit(submission, actor=SYSTEM, provenance=NOWHERE)


def struck(environ: dict[str, str], visit: int, *, log: Path) -> None:
    """Run a worker until it dies after its n-th child, before it noted any of its batch as done."""
    with worker(environ, "tests.faults.mortal_worker", "fanout.recorded", str(visit), log=log) as process:
        assert process.wait(timeout=60) == -signal.SIGKILL


def states(system: System, stream: UUID) -> dict[str, int]:
    counts = Filing(database=system.database, now=system.now).counts([stream])[stream]
    return {state: count for state, count in counts.items() if count}


def per_child(system: System, event_type: str) -> dict[int, int]:
    rows = system.database.all("SELECT originator_id FROM events WHERE topic = :topic", topic=event_type)
    return dict(sorted(Counter(row["originator_id"].int for row in rows).items()))


CAUSES = {
    "an activity": Cause(entry="participation_recorded", stream=ACTIVITY, hold=hold, void=void),
    "a sheet": Cause(entry="health_check_recorded", stream=SHEETS, hold=measure, void=unmeasure),
}
