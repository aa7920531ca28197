"""Activities: what was held once for many children, recorded once, on a stream of its own.

What follows for each child is written by `application.activities.fanout`; which of it is still to be done
stands in `participation`, in rows that are written in the transaction of the activity's event.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from msgspec.structs import replace as restated

from application.access import Action, Actor, require
from application.activities.participation import Participation, Participations, waiting_row
from application.carers.registry import Carers
from application.children.care_record import CareRecord
from application.envelope import event_by
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.eventstore.recorder import EventIdTaken, Row
from application.listing import behind
from application.reasons import CHILD_OR_NUMBER, ID_IN_USE, ID_REUSED, UNKNOWN_CARER
from application.recording.outcome import Provenance
from application.recording.session import in_reach
from application.streams import until_settled
from domain.choices import ActivityKind
from domain.days import local_day
from domain.event import Details, Event, Occurred
from domain.fields import faults_of
from domain.ids import is_own, own_id
from domain.ledger.decide import refuse_stale
from domain.org import checked_path, county_of, within
from domain.reasons import RESERVED_ID
from domain.refusal import Fault, Invalid, Reason, Unknown, conflict, invalid
from domain.status import ActivityStatus, activity_status_of
from domain.streams.activities.activity import (
    DECISIONS,
    EVENT_TYPES,
    Absentee,
    Activity,
    ActivityAmended,
    ActivityCorrected,
    ActivityHeld,
    Participant,
    decide_activity,
    fold_activity,
)
from domain.streams.activities.following import action_written
from domain.streams.activities.kind import KIND
from domain.subtree import WITHIN, below

UNKNOWN_ACTIVITY = Reason(code="unknown_activity", zh="没有这一活动", en="No such activity.")
P = TypeVar("P", Participant, Absentee)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says of an activity: when, written down when, by whom."""

    occurred: Occurred
    details: Details
    recorded_by: str | None = None
    written_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityKnown:
    """An activity after something was recorded of it; `new` is False where nothing was new."""

    activity_id: UUID
    event_id: UUID
    version: int
    new: bool


class Activities:
    """The activities of all organisations."""

    def __init__(
        self,
        *,
        log: EventLog,
        database: Database,
        record: CareRecord,
        carers: Carers,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._database = database
        self._record = record
        self._carers = carers
        self._now = now
        self._participation = Participations(database=database, now=now)

    def record(
        self,
        *,
        actor: Actor,
        activity_id: UUID,
        org: str,
        said: Said,
        provenance: Provenance,
        based_on: int | None = None,
    ) -> ActivityKnown:
        """Record an activity with all who were there; the same again is nothing new.

        Raises `Stale` where it is based on another version, `Conflict` where the id belongs to something
        else, or to an activity with other content.
        """
        org = checked_path(org)
        if is_own(activity_id):
            raise invalid(RESERVED_ID)
        event_id = own_id(activity_id, ActivityHeld.TYPE)
        return self._say(
            said,
            actor=actor,
            activity_id=activity_id,
            event_id=event_id,
            org=org,
            based_on=based_on,
            provenance=provenance,
        )

    def change(
        self,
        *,
        actor: Actor,
        activity_id: UUID,
        event_id: UUID,
        said: Said,
        based_on: int | None,
        provenance: Provenance,
    ) -> ActivityKnown:
        """Amend, correct or void an activity under an event id that the client has chosen.

        Raises `Unknown`; `Stale` where it is based on another version, `VersionRequired` for a decision
        that names none.
        """
        if is_own(event_id):
            raise invalid(RESERVED_ID, "/event_id")
        return self._say(
            said,
            actor=actor,
            activity_id=activity_id,
            event_id=event_id,
            org=None,
            based_on=based_on,
            provenance=provenance,
        )

    def load(self, activity_id: UUID) -> Activity:
        """Load an activity; one that is not known has version 0."""
        return fold_activity(activity_id, self._log.stream(activity_id))

    def seen(self, activity_id: UUID, *, actor: Actor) -> Activity:
        """Load an activity that the actor may know of. Raises `Unknown`."""
        activity = self.load(activity_id)
        if activity.held is None:
            raise Unknown(Fault(reason=UNKNOWN_ACTIVITY))
        require(actor, Action.READ, org=activity.org)
        return activity

    def participations(self, activity: Activity, *, after: int = -1, limit: int = 100) -> list[Participation]:
        """Give the participants behind a number, with how far each of them is."""
        return self._participation.participations(activity, after=after, limit=limit)

    def counts(self, activity_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, int]]:
        """Count the participants of activities by their state."""
        return self._participation.counts(activity_ids)

    def listed(
        self,
        *,
        actor: Actor,
        org: str = "",
        first: date | None = None,
        last: date | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int = 100,
    ) -> list[ActivityStatus]:
        """Give the activities of `org` and all below it by when they were held, those after `after`."""
        org = org or actor.org
        require(actor, Action.READ, org=org)
        rows = self._database.all(
            f"SELECT * FROM activity_status WHERE {WITHIN}"  # noqa: S608  a constant
            " AND occurred_on >= :first AND occurred_on <= :last AND (occurred_at, activity_id) > (:at, :id)"
            " ORDER BY occurred_at, activity_id LIMIT :limit",
            **below(org),
            **behind(after),
            first=first or date.min,
            last=last or date.max,
            limit=limit,
        )
        return [ActivityStatus(**row) for row in rows]

    def retry(self, activity_id: UUID, *, actor: Actor) -> None:
        """Let what was put aside be tried again at once. Raises `Unknown`."""
        require(actor, Action.SUBMIT, org=self.seen(activity_id, actor=actor).org)
        self._participation.retry(activity_id)

    def dismiss(self, activity_id: UUID, number: int, *, reason: str, actor: Actor) -> None:
        """Say that a quarantined participant is not to be recorded, and why. Raises `Unknown`, `Conflict`."""
        activity = self.seen(activity_id, actor=actor)
        require(actor, Action.SUBMIT, org=activity.org)
        self._participation.dismiss(activity, number, reason=reason, by=actor.name)

    def _say(
        self,
        said: Said,
        *,
        actor: Actor,
        activity_id: UUID,
        event_id: UUID,
        org: str | None,
        based_on: int | None,
        provenance: Provenance,
    ) -> ActivityKnown:
        faults = tuple(faults_of(said.details, at=""))
        if faults:
            raise Invalid(*faults)
        return until_settled(
            lambda: self._said_once(
                said,
                actor=actor,
                activity_id=activity_id,
                event_id=event_id,
                org=org,
                based_on=based_on,
                provenance=provenance,
            )
        )

    def _said_once(
        self,
        said: Said,
        *,
        actor: Actor,
        activity_id: UUID,
        event_id: UUID,
        org: str | None,
        based_on: int | None,
        provenance: Provenance,
    ) -> ActivityKnown:
        stream = self._log.stream(activity_id)
        activity = fold_activity(activity_id, stream)
        self._refuse_out_of_reach(activity, stream, said.details, org=org, actor=actor)
        event = event_by(
            actor,
            stream_id=activity_id,
            version=activity.version + 1,
            event_id=event_id,
            occurred=said.occurred,
            details=self._resolved(said.details, activity, event_id=event_id, actor=actor),
            org=org or activity.org,
            kind=KIND.name,
        )
        event = restated(
            event,
            recorded_by=said.recorded_by or actor.name,
            written_on=said.written_on,
            metadata=restated(event.metadata, correlation_id=provenance.correlation_id),
        )
        if (known := next((e for e in stream if e.event_id == event_id), None)) is not None:
            if not _same(known, event, recorder_said=said.recorded_by is not None):
                raise conflict(ID_REUSED, "/event_id" if org is None else "")
            version = known.originator_version
            return ActivityKnown(activity_id=activity_id, event_id=event_id, version=version, new=False)
        decision = isinstance(said.details, DECISIONS)
        refuse_stale(activity.version, based_on=based_on, required=decision)
        decide_activity(activity, event, today=local_day(self._now()))
        self._refuse_unknown_carers(event.details, org=event.org, actor=actor)
        after = fold_activity(activity_id, [*stream, event])
        try:
            self._log.append([event], rows=self._rows(after, event))
        except EventIdTaken:
            if self._log.event(event_id) in (None, *self._log.stream(activity_id)):
                raise
            raise conflict(ID_REUSED, "/event_id") from None
        return ActivityKnown(activity_id=activity_id, event_id=event_id, version=after.version, new=True)

    def _refuse_out_of_reach(
        self, activity: Activity, stream: Sequence[Event], said: Details, *, org: str | None, actor: Actor
    ) -> None:
        require(actor, Action.SUBMIT, org=actor.org, event_type=said.TYPE)
        if isinstance(said, ActivityHeld):
            if said.kind is ActivityKind.VISIT_DAY:
                require(actor, Action.SUBMIT, org=actor.org, event_type=action_written(visits=True).type)
            assert org is not None
            require(actor, Action.SUBMIT, org=org)
            if stream and stream[0].type not in {each.type for each in EVENT_TYPES}:
                raise conflict(ID_IN_USE)
        elif activity.held is None:
            raise Unknown(Fault(reason=UNKNOWN_ACTIVITY))
        if activity.held is not None:
            require(actor, Action.SUBMIT, org=activity.org)

    def _resolved(self, said: Details, activity: Activity, *, event_id: UUID, actor: Actor) -> Details:
        """Name each child by its id, where the actor may know of it; note how far the actor sees.

        Whom a number did not stand for when this was first said, it does not stand for when it is repeated.
        """
        if not isinstance(said, ActivityHeld | ActivityAmended):
            return said
        here = [x.participant for x in activity.listed if x.cause.event_id == event_id]
        unresolved = {p.student_no for p in here} | {p.student_no for p in activity.absent}
        both: list[Participant | Absentee] = [*said.participants, *said.absent]
        for name in ("participants", "absent"):
            for i, listed in enumerate(getattr(said, name)):
                if (listed.child_id is None) == (listed.student_no is None):
                    raise invalid(CHILD_OR_NUMBER, f"/{name}/{i}")
        numbers = {p.student_no for p in both if p.student_no} - unresolved
        ids = self._ids(list(numbers), actor=actor)
        # Who has left since is still who was listed.
        then = {p.child_id for p in here} | {p.child_id for p in activity.absent}
        if gone := numbers - ids.keys() if then - {None} else ():
            bearers = self._record.meant(gone, scope="")
            ids |= {number: child for number in gone for child in bearers[number] if child in then}

        def named(listed: P) -> P:
            child_id = ids.get(listed.student_no or "")
            return listed if child_id is None else replace(listed, child_id=child_id, student_no=None)

        return replace(
            said,
            participants=tuple(map(named, said.participants)),
            absent=tuple(map(named, said.absent)),
            scope=actor.org,
        )

    def _ids(self, numbers: Sequence[str | None], *, actor: Actor) -> dict[str, UUID]:
        """Find the children whom numbers stand for, within the actor's sight."""
        found = self._record.meant({n for n in numbers if n}, scope=actor.org)
        ids = {number: ids[0] for number, ids in found.items() if len(ids) == 1}
        rows = self._database.all(
            "SELECT child_id, org FROM child_status WHERE child_id IN :ids", ids=tuple(ids.values())
        )
        seen = {row["child_id"] for row in rows if within(row["org"], actor.org)}
        return {number: child_id for number, child_id in ids.items() if child_id in seen}

    def _refuse_unknown_carers(self, said: Details, *, org: str, actor: Actor) -> None:
        if not isinstance(said, ActivityHeld | ActivityAmended):
            return
        named: dict[UUID, str] = {}
        if isinstance(said, ActivityHeld):
            named = {carer: f"/carers/{i}" for i, carer in enumerate(said.carers)}
        for i, participant in enumerate(said.participants):
            for j, carer in enumerate(participant.found.carers if participant.found else ()):
                named.setdefault(carer, f"/participants/{i}/found/carers/{j}")
        orgs, counties = self._carers.orgs(tuple(named)), (county_of(org),)
        missing = [c for c in named if not in_reach(orgs.get(c), actor=actor, counties=counties)]
        if missing:
            raise Invalid(*(Fault(reason=UNKNOWN_CARER, pointer=named[c]) for c in missing))

    def _rows(self, activity: Activity, event: Event) -> list[Row]:
        """Make the rows that go with an event: the status, and what is to be done for whom because of it."""
        values = asdict(activity_status_of(activity))
        adding = isinstance(event.details, ActivityHeld | ActivityAmended)
        affected = [x for x in activity.listed if not adding or x.cause.event_id == event.event_id]
        if isinstance(event.details, ActivityCorrected):
            # Of who was dismissed nothing is corrected; a voiding takes back what may be there after all.
            left = self._participation.dismissed(activity.activity_id)
            affected = [listed for listed in affected if listed.number not in left]
        status = Row(table="activity_status", key={"activity_id": values.pop("activity_id")}, values=values)
        return [status, *(waiting_row(activity, listed, now=self._now()) for listed in affected)]


def _same(known: Event, said: Event, *, recorder_said: bool) -> bool:
    """Tell whether two events with one id say the same. Who repeats it may see more by now, or less."""
    recorder = not recorder_said or known.recorded_by == said.recorded_by

    def content(event: Event) -> tuple[object, ...]:
        details = event.details
        if isinstance(details, ActivityHeld | ActivityAmended):
            details = replace(details, scope="")
        # The day of a change is the day on which it was first said.
        occurred = event.occurred if isinstance(event.details, ActivityHeld) else None
        return occurred, details, event.written_on, event.org

    return known.erased or (recorder and content(known) == content(said))
