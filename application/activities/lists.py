"""The lists of an activity: which child each student number in them stands for."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from application.access import Actor
from application.children.care_record import CareRecord
from application.eventstore.database import Database
from application.reasons import CHILD_OR_NUMBER
from domain.event import Details
from domain.org import within
from domain.refusal import invalid, refuses
from domain.streams.activities.activity import Absentee, Activity, ActivityAmended, ActivityHeld, Participant

P = TypeVar("P", Participant, Absentee)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Finds the children whom the lists of activities name."""

    database: Database
    record: CareRecord

    @refuses(CHILD_OR_NUMBER)
    def resolved(self, details: Details, activity: Activity, *, event_id: UUID, actor: Actor) -> Details:
        """Name each child by its id, where the actor may know of it; note how far the actor sees.

        A number that stood for nobody when this was first said stands for nobody when it is repeated.
        """
        if not isinstance(details, ActivityHeld | ActivityAmended):
            return details
        _refuse_unnamed(details)
        here = [x.participant for x in activity.listed if x.cause.event_id == event_id]
        unresolved = {p.student_no for p in here} | {p.student_no for p in activity.absent}
        both: list[Participant | Absentee] = [*details.participants, *details.absent]
        numbers = {p.student_no for p in both if p.student_no} - unresolved
        ids = self._ids(numbers, actor=actor)
        # Who has left since is still who was listed.
        then = {p.child_id for p in here} | {p.child_id for p in activity.absent}
        if left := numbers - ids.keys() if then - {None} else ():
            bearers = self.record.meant(left, scope="")
            ids |= {number: child for number in left for child in bearers[number] if child in then}

        def named(listed: P) -> P:
            child_id = ids.get(listed.student_no or "")
            return listed if child_id is None else replace(listed, child_id=child_id, student_no=None)

        return replace(
            details,
            participants=tuple(map(named, details.participants)),
            absent=tuple(map(named, details.absent)),
            scope=actor.org,
        )

    def _ids(self, numbers: Collection[str], *, actor: Actor) -> dict[str, UUID]:
        """Find the children whom numbers stand for, within the actor's sight."""
        found = self.record.meant(numbers, scope=actor.org)
        ids = {number: ids[0] for number, ids in found.items() if len(ids) == 1}
        rows = self.database.all(
            "SELECT child_id, org FROM child_status WHERE child_id IN :ids", ids=tuple(ids.values())
        )
        seen = {row["child_id"] for row in rows if within(row["org"], actor.org)}
        return {number: child_id for number, child_id in ids.items() if child_id in seen}


def _refuse_unnamed(details: ActivityHeld | ActivityAmended) -> None:
    """Refuse who is named by neither id nor number, or by both."""
    for name in ("participants", "absent"):
        for i, listed in enumerate(getattr(details, name)):
            if (listed.child_id is None) == (listed.student_no is None):
                raise invalid(CHILD_OR_NUMBER, f"/details/{name}/{i}")
