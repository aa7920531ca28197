"""An activity with 300 children, until it stands in every file, against as many saves one by one."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

from application.access import SYSTEM
from application.activities.registry import ActivitySubmission
from application.recording.outcome import NOWHERE
from application.system import System
from benchmarks.figures import Report
from benchmarks.places import on_postgres, opened, server
from benchmarks.rounds import Work, interleaved, ratio
from benchmarks.samples import ORG, carer_of, enrolled, visit
from domain.choices import ActivityKind
from domain.event import Occurred
from domain.streams.activities.activity import ActivityHeld, Participant

CHILDREN = 300


def measure(report: Report) -> None:
    """Measure an activity and single visits of the same children in turn."""
    with server() as url, on_postgres(url) as place, opened(place) as system:
        carer, children = carer_of(system), enrolled(system, CHILDREN)

        def single() -> Callable[[], object]:
            ready = [visit(child, carer) for child in children]
            return lambda: [
                system.submissions.submit(each, actor=SYSTEM, provenance=NOWHERE) for each in ready
            ]

        participants = tuple(Participant(child_id=child) for child in children)
        works = {"single": single, "activity": _activity(system, participants)}
        rounds = interleaved("groups", works)
    report.rates("groups", rounds, units=CHILDREN)
    report.add("activity_300", ratio(rounds, "single", "activity"), rounds=len(rounds["single"]))


def _activity(system: System, participants: tuple[Participant, ...]) -> Work:
    def run() -> None:
        details = ActivityHeld(kind=ActivityKind.LECTURE, topic="防溺水", participants=participants)
        system.activities.record(
            actor=SYSTEM,
            activity_id=uuid4(),
            org=ORG,
            submission=ActivitySubmission(occurred=Occurred.on(date(2026, 3, 5)), details=details),
            provenance=NOWHERE,
        )
        while system.fan_outs.step():
            pass

    return lambda: run
