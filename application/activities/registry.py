"""Activities: what was held once for many children, recorded once, on a stream of its own.

What follows for each child is written by `application.fan_out`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from uuid import UUID

from application.access import Action, Actor, require
from application.activities.recording import ActivityRecording
from application.basis import UNBOUND, Basis
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.listing import behind
from application.reasons import CHILD_OR_NUMBER
from application.recording.filing import Filed, Filing
from application.recording.outcome import Provenance
from application.recording.recording import Recording
from domain.event import Details, NewEvent, Occurred
from domain.fields import faults_of
from domain.ids import is_own, own_id
from domain.org import checked_path
from domain.reasons import IS_VOID, RESERVED_ID
from domain.refusal import Fault, Invalid, Refused, Unknown, invalid, refuses
from domain.status import ActivityStatus
from domain.streams.activities.activity import (
    Activity,
    ActivityHeld,
    Listed,
    fold_activity,
)
from domain.streams.activities.kind import KIND
from domain.subtree import WITHIN, below

# Those that this program knows: a newer one may have added others.
_COLUMNS = ", ".join(field.name for field in fields(ActivityStatus))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivitySubmission:
    """What somebody says of an activity: when it happened, who recorded it, when it was written down."""

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
        recording: ActivityRecording,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._database = database
        self._recording = recording
        self._filing = Filing(database=database, now=now)

    @refuses(
        RESERVED_ID,
        CHILD_OR_NUMBER,
        Recording.record_many,
        KIND.by_type[ActivityHeld.TYPE].check,
        checked_path,
    )
    def record(
        self,
        *,
        actor: Actor,
        activity_id: UUID,
        org: str,
        submission: ActivitySubmission,
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
        return self._record(
            submission,
            actor=actor,
            activity_id=activity_id,
            event_id=event_id,
            org=org,
            based_on=based_on,
            provenance=provenance,
        )

    @refuses(RESERVED_ID, CHILD_OR_NUMBER, IS_VOID, Recording.record_many)
    def change(
        self,
        *,
        actor: Actor,
        activity_id: UUID,
        event_id: UUID,
        submission: ActivitySubmission,
        based_on: int | None,
        provenance: Provenance,
    ) -> ActivityKnown:
        """Amend, correct or void an activity under an event id that the client has chosen.

        Raises `Unknown`; `Stale` where it is based on another version, `VersionRequired` for a decision
        that names none.
        """
        if is_own(event_id):
            raise invalid(RESERVED_ID, "/event_id")
        return self._record(
            submission,
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

    @refuses(KIND.unknown)
    def seen(self, activity_id: UUID, *, actor: Actor) -> Activity:
        """Load an activity that the actor may know of. Raises `Unknown`."""
        activity = self.load(activity_id)
        if activity.held is None:
            raise Unknown(Fault(reason=KIND.unknown))
        require(actor, Action.READ, org=activity.org)
        return activity

    def participations(
        self, activity: Activity, *, after: int = -1, limit: int = 100
    ) -> list[tuple[Listed, Filed]]:
        """Return the participants behind a number, with how far each of them is."""
        filed = self._filing.behind(activity.activity_id, after=after, limit=limit)
        # Read after the activity, the rows may know of a participant who was added since.
        return [(activity.listed[each.number], each) for each in filed if each.number < len(activity.listed)]

    def counts(self, activity_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, int]]:
        """Count the participants of activities by their state."""
        return self._filing.counts(activity_ids)

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
        """Return the activities of `org` and all below it by when they were held, those after `after`."""
        org = org or actor.org
        require(actor, Action.READ, org=org)
        rows = self._database.all(
            f"SELECT {_COLUMNS} FROM activity_status WHERE {WITHIN}"  # noqa: S608  constants
            " AND occurred_on >= :first AND occurred_on <= :last AND (occurred_at, activity_id) > (:at, :id)"
            " ORDER BY occurred_at, activity_id LIMIT :limit",
            **below(org),
            **behind(after),
            first=first or date.min,
            last=last or date.max,
            limit=limit,
        )
        return [ActivityStatus(**row) for row in rows]

    @refuses(seen, Basis.refuse_other)
    def retry(self, activity_id: UUID, *, actor: Actor, basis: Basis = UNBOUND) -> Activity:
        """Let what was put aside be tried again at once. Raises `Unknown`."""
        activity = self.seen(activity_id, actor=actor)
        require(actor, Action.SUBMIT, org=activity.org)
        basis.refuse_other(activity.version)
        self._filing.retry(activity_id)
        return activity

    @refuses(seen, Filing.dismiss)
    def dismiss(
        self, activity_id: UUID, number: int, *, reason: str, actor: Actor, basis: Basis = UNBOUND
    ) -> Activity:
        """Say that a quarantined participant is not to be recorded, and why; twice is once.

        Raises `Unknown`, and `Conflict` where it is not quarantined, or was dismissed for another reason.
        """
        activity = self.seen(activity_id, actor=actor)
        require(actor, Action.SUBMIT, org=activity.org)
        self._filing.dismiss(
            activity_id,
            number,
            of=len(activity.listed),
            version=activity.version,
            reason=reason,
            by=actor.name,
            basis=basis,
        )
        return activity

    def _record(
        self,
        submission: ActivitySubmission,
        *,
        actor: Actor,
        activity_id: UUID,
        event_id: UUID,
        org: str | None,
        based_on: int | None,
        provenance: Provenance,
    ) -> ActivityKnown:
        if faults := tuple(faults_of(submission.details, at="")):
            raise Invalid(*faults)
        new_event = NewEvent(
            event_id=event_id,
            occurred=submission.occurred,
            details=submission.details,
            recorded_by=submission.recorded_by or actor.name,
            recorder_said=submission.recorded_by is not None,
            written_on=submission.written_on,
            based_on=based_on,
            org=org,
        )
        (outcome,) = self._recording.record_many(
            actor=actor,
            stream_id=activity_id,
            new_events=[new_event],
            provenance=provenance,
        )
        if isinstance(outcome, Refused):
            raise _of_body(outcome, chosen_id=org is None)
        return ActivityKnown(
            activity_id=activity_id, event_id=event_id, version=outcome.version, new=outcome.new
        )


def _of_body(refused: Refused, *, chosen_id: bool) -> Refused:
    """Point to the fields of a request: details lie at its top, and who opens a stream chose no event id."""
    whole = () if chosen_id else ("/event_id",)
    pointers = ("" if f.pointer in whole else f.pointer.removeprefix("/details") for f in refused.faults)
    return type(refused)(*(replace(f, pointer=p) for f, p in zip(refused.faults, pointers, strict=True)))
