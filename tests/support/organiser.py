"""Somebody who holds activities."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from application.access import SYSTEM, Actor
from application.activities.registry import ActivityKnown, ActivitySubmission
from application.recording.outcome import NOWHERE
from domain.care_actions.participation_recorded import ParticipationRecorded
from domain.choices import ActivityKind
from domain.event import Details, Occurred
from domain.streams.activities.activity import (
    ActivityHeld,
    ActivityVoided,
    Participant,
)
from tests.support.actions import SCHOOL, Desk

DAY = date(2026, 5, 20)


class Organiser:
    """Somebody who holds activities."""

    def __init__(self, desk: Desk, *, actor: Actor = SYSTEM) -> None:
        self.desk, self.actor, self.system = desk, actor, desk.system

    def hold(self, *children: UUID | str, activity: UUID | None = None, **more: Any) -> ActivityKnown:
        """Record a lecture; a text is a student number."""
        words: dict[str, Any] = {"kind": ActivityKind.LECTURE, "topic": "防溺水", "minutes": 45}
        words |= {"participants": listed(*children)} | more
        org, day = words.pop("org", SCHOOL), words.pop("day", DAY)
        return self.system.activities.record(
            actor=self.actor,
            activity_id=activity or uuid4(),
            org=org,
            submission=ActivitySubmission(occurred=Occurred.on(day), details=ActivityHeld(**words)),
            provenance=NOWHERE,
        )

    def change(
        self, activity: UUID, details: Details, *, event_id: UUID | None = None, version: int | None = None
    ) -> ActivityKnown:
        return self.system.activities.change(
            actor=self.actor,
            activity_id=activity,
            event_id=event_id or uuid4(),
            submission=ActivitySubmission(occurred=Occurred.on(date(2026, 6, 30)), details=details),
            based_on=version,
            provenance=NOWHERE,
        )

    def void(self, activity: UUID, *, version: int = 1) -> ActivityKnown:
        return self.change(activity, ActivityVoided(reason="未举行", approved_by="王校长"), version=version)

    def fan_out(self) -> int:
        """Write all that is due; give how many looks that took."""
        looks = 0
        while done := self.system.fan_outs.step():
            looks += done
        return looks

    def states(self, activity: UUID) -> list[tuple[str, str | None]]:
        activities = self.system.activities
        participations = activities.participations(activities.load(activity), limit=10_000)
        return [(filed.state, filed.code) for _, filed in participations]

    def took_part(self, child: UUID) -> list[ParticipationRecorded]:
        return [said for _, said in self.desk.child(child).of(ParticipationRecorded)]


def listed(*children: UUID | str) -> tuple[Participant, ...]:
    return tuple(
        Participant(student_no=c) if isinstance(c, str) else Participant(child_id=c) for c in children
    )
