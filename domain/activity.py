"""The activity: something held once for many children, and what follows from it for each of them.

Its stream tells who was there. What each child's own stream must say is worked out here, as drafts whose ids
follow from the activity and the child: however often they are offered, each is recorded once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.care_actions.event_corrected import EventCorrected
from domain.care_actions.event_voided import EventVoided
from domain.care_actions.home_visit_made import HomeVisitMade, VisitKind
from domain.care_actions.participation_recorded import ParticipationRecorded
from domain.choices import ActivityKind, Met, Role, VisitOutcome
from domain.decisions import refuse_same_approver
from domain.event import Details, Draft, Event, Occurred
from domain.fields import described
from domain.ids import own_id
from domain.reasons import IN_THE_FUTURE, IS_VOID, NOTHING_CORRECTED, WRITTEN_BEFORE
from domain.refusal import Fault, Invalid, Reason, conflict, invalid

MOST_PARTICIPANTS = 2000
TWICE = Reason(
    code="participant_twice", zh="该儿童已列入这次活动", en="The child is listed for this activity already."
)
NEEDS_FOUND = Reason(
    code="needs_found",
    zh="集中家访日须逐一写明家访结果；其他活动不写",
    en="On a collective visit day each child has what the visit found; in other activities none has.",
)
NEEDS_CARERS = Reason(
    code="needs_carers", zh="集中家访日须写明走访人", en="A collective visit day names who visited."
)
NOBODY = Reason(code="nobody_listed", zh="没有列出任何儿童", en="Lists no child.")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFound:
    """What a visit on a collective visit day found. Without `carers` of its own those of the day went."""

    outcome: VisitOutcome = described("结果", "Outcome")
    met: tuple[Met, ...] = described("见到", "Met", max_length=3, default=())
    carers: tuple[UUID, ...] = described("走访人", "Carers", max_length=20, default=())
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    record: str | None = described("内容", "Record", max_length=4000, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A child that was there, by its id or by its student number."""

    child_id: UUID | None = described("儿童", "Child", default=None)
    student_no: str | None = described("学籍号", "Student number", max_length=32, default=None)
    role: Role = described("身份", "Role", default=Role.PARTICIPANT)
    found: VisitFound | None = described("家访情况", "What the visit found", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absentee:
    """A child that was expected and did not come. Nothing of it goes into the child's file."""

    child_id: UUID | None = described("儿童", "Child", default=None)
    student_no: str | None = described("学籍号", "Student number", max_length=32, default=None)
    reason: str | None = described("原因", "Reason", max_length=200, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityHeld(Details):
    """What was held, and who was there. `scope` bounds the children whom its recorder may know of."""

    TYPE: ClassVar[str] = "activity_held"

    kind: ActivityKind = described("类型", "Kind")
    topic: str = described("主题", "Topic", personal=True)
    participants: tuple[Participant, ...] = described(
        "参加儿童", "Participants", personal=True, min_length=1, max_length=MOST_PARTICIPANTS
    )
    absent: tuple[Absentee, ...] = described(
        "缺席儿童", "Absent", personal=True, max_length=MOST_PARTICIPANTS, default=()
    )
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=100_000, default=None)
    place: str | None = described("地点", "Place", personal=True, default=None)
    carers: tuple[UUID, ...] = described("组织人", "Carers", max_length=50, default=())
    scope: str = described("登记范围", "Scope of the recorder", max_length=300, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityAmended(Details):
    """Children who were there too, or absent too, and had been left out."""

    TYPE: ClassVar[str] = "activity_amended"

    participants: tuple[Participant, ...] = described(
        "参加儿童", "Participants", personal=True, max_length=MOST_PARTICIPANTS, default=()
    )
    absent: tuple[Absentee, ...] = described(
        "缺席儿童", "Absent", personal=True, max_length=MOST_PARTICIPANTS, default=()
    )
    scope: str = described("登记范围", "Scope of the recorder", max_length=300, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCorrected(Details):
    """What is true of the whole activity instead; what is left out was right."""

    TYPE: ClassVar[str] = "activity_corrected"

    reason: str = described("原因", "Reason", personal=True, max_length=1000)
    approved_by: str = described("审批人（自述）", "Approved by (as claimed)", personal=True, max_length=64)
    held_on: date | None = described("发生日期", "Held on", default=None)
    topic: str | None = described("主题", "Topic", personal=True, default=None)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=100_000, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityVoided(Details):
    """The activity never was, and nobody took part in it."""

    TYPE: ClassVar[str] = "activity_voided"

    reason: str = described("原因", "Reason", personal=True, max_length=1000)
    approved_by: str = described("审批人（自述）", "Approved by (as claimed)", personal=True, max_length=64)


EVENT_TYPES: tuple[type[Details], ...] = (ActivityHeld, ActivityAmended, ActivityCorrected, ActivityVoided)
DECISIONS = (ActivityCorrected, ActivityVoided)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One participant: its number in the activity (from 0), and the event that listed it."""

    number: int
    participant: Participant
    cause: Event


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One activity as its stream tells it; `held` None before it was recorded."""

    activity_id: UUID
    version: int = 0
    held: Event | None = None
    listed: tuple[Listed, ...] = ()
    absent: tuple[Absentee, ...] = ()
    corrections: tuple[Event, ...] = ()
    void: Event | None = None

    @property
    def org(self) -> str:
        """The organisation that held it."""
        return self.held.org if self.held else ""

    def standing(self, *, version: int | None = None) -> tuple[Occurred, ActivityHeld]:
        """Give when and what it was, after its corrections; with `version` as it stood then."""
        assert self.held is not None
        said, occurred = self.held.details, self.held.occurred
        assert isinstance(said, ActivityHeld)
        for correction in self.corrections:
            change = correction.details
            assert isinstance(change, ActivityCorrected)
            if version is not None and correction.originator_version > version:
                break
            occurred = Occurred.on(change.held_on) if change.held_on else occurred
            minutes = said.minutes if change.minutes is None else change.minutes
            said = replace(said, topic=change.topic or said.topic, minutes=minutes)
        return occurred, said


def fold_activity(activity_id: UUID, events: Iterable[Event]) -> Activity:
    """Fold an activity's stream, in order of version."""
    activity = Activity(activity_id=activity_id)
    for event in events:
        activity = replace(activity, version=event.originator_version)
        match event.details:
            case ActivityHeld() | ActivityAmended():
                first = len(activity.listed)
                # Of what was destroyed with its key, nothing is left to list.
                new = enumerate(event.details.participants or (), start=first)
                listed = (Listed(number=n, participant=p, cause=event) for n, p in new)
                activity = replace(
                    activity,
                    held=activity.held or event,
                    listed=(*activity.listed, *listed),
                    absent=(*activity.absent, *(event.details.absent or ())),
                )
            case ActivityCorrected():
                activity = replace(activity, corrections=(*activity.corrections, event))
            case ActivityVoided():
                activity = replace(activity, void=event)
    return activity


def decide_activity(activity: Activity, event: Event, *, today: date) -> None:
    """Refuse what may not be said of an activity. Raises `Invalid` or `Conflict`."""
    said = event.details
    if activity.void is not None:
        raise conflict(IS_VOID)
    match said:
        case ActivityHeld():
            _refuse_impossible_days(event, today=today)
            _refuse_wrong_lists(activity, said, kind=said.kind, carers=bool(said.carers))
        case ActivityAmended():
            if not said.participants and not said.absent:
                raise invalid(NOBODY, "/participants")
            _, held = activity.standing()
            _refuse_wrong_lists(activity, said, kind=held.kind, carers=bool(held.carers))
        case ActivityCorrected():
            if (said.held_on, said.topic, said.minutes) == (None, None, None):
                raise invalid(NOTHING_CORRECTED)
            if said.held_on is not None and said.held_on > today:
                raise invalid(IN_THE_FUTURE, "/held_on")
    if isinstance(said, DECISIONS):
        by = event.metadata.actor if event.metadata.principal else None
        refuse_same_approver((event.recorded_by, by), said.approved_by, "/approved_by")


def drafts_for(activity: Activity, listed: Listed, *, child_id: UUID) -> tuple[Draft, ...]:
    """Give all that the child's own stream must say of the activity, in this order.

    That is what was recorded when the child was listed, then each correction since, then the voiding. A void
    activity still gives the first draft: so a writer who had not heard of the voiding finds its place taken,
    and can't add it afterwards.
    """
    first = _first_draft(activity, listed, child_id=child_id)
    drafts = [first]
    for event in activity.corrections:
        if event.originator_version > listed.cause.originator_version:
            fields = _corrected_fields(event, listed)
            if fields:
                drafts.append(_follow_up(event, first, child_id=child_id, fields=fields))
    if activity.void is not None:
        drafts.append(_follow_up(activity.void, first, child_id=child_id))
    return tuple(drafts)


def _first_draft(activity: Activity, listed: Listed, *, child_id: UUID) -> Draft:
    cause = listed.cause
    occurred, held = activity.standing(version=cause.originator_version)
    return Draft(
        event_id=own_id(cause.event_id, str(child_id)),
        occurred=occurred,
        details=_said(activity, held, listed.participant),
        recorded_by=cause.recorded_by,
        written_on=cause.written_on,
        source_event_id=cause.event_id,
    )


def _said(activity: Activity, held: ActivityHeld, participant: Participant) -> Details:
    found = participant.found
    if found is None:
        return ParticipationRecorded(
            activity=activity.activity_id,
            kind=held.kind,
            topic=held.topic,
            role=participant.role,
            minutes=held.minutes,
        )
    return HomeVisitMade(
        carers=found.carers or held.carers,
        outcome=found.outcome,
        kind=VisitKind.COLLECTIVE,
        met=found.met,
        minutes=found.minutes,
        record=found.record,
    )


def _corrected_fields(event: Event, listed: Listed) -> dict[str, Any]:
    """Give what a correction of the activity changes in a child's entry; of a visit only its day."""
    said = event.details
    assert isinstance(said, ActivityCorrected)
    details = {"topic": said.topic, "minutes": said.minutes} if listed.participant.found is None else {}
    details = {name: value for name, value in details.items() if value is not None}
    day = {"occurred_on": said.held_on.isoformat()} if said.held_on else {}
    return day | ({"details": details} if details else {})


def _follow_up(event: Event, first: Draft, *, child_id: UUID, fields: dict[str, Any] | None = None) -> Draft:
    said = event.details
    details: Details
    assert isinstance(said, DECISIONS)
    if fields:
        details = EventCorrected(
            target=first.event_id, fields=fields, reason=said.reason, approved_by=said.approved_by
        )
    else:
        details = EventVoided(target=first.event_id, reason=said.reason, approved_by=said.approved_by)
    return Draft(
        event_id=own_id(event.event_id, str(child_id)),
        occurred=event.occurred,
        details=details,
        recorded_by=event.recorded_by,
        source_event_id=event.event_id,
    )


def _refuse_wrong_lists(
    activity: Activity, said: ActivityHeld | ActivityAmended, *, kind: ActivityKind, carers: bool
) -> None:
    faults = [*_twice(activity, said), *_not_of_kind(said, kind=kind, carers=carers)]
    if faults:
        raise Invalid(*faults)


def _twice(activity: Activity, said: ActivityHeld | ActivityAmended) -> Iterator[Fault]:
    known = {(p.child_id, p.student_no) for p in _all(activity)}
    for name in ("participants", "absent"):
        for i, listed in enumerate(getattr(said, name)):
            key = (listed.child_id, listed.student_no)
            if key in known:
                yield Fault(reason=TWICE, pointer=f"/{name}/{i}")
            known.add(key)


def _all(activity: Activity) -> Iterator[Participant | Absentee]:
    yield from (listed.participant for listed in activity.listed)
    yield from activity.absent


def _not_of_kind(
    said: ActivityHeld | ActivityAmended, *, kind: ActivityKind, carers: bool
) -> Iterator[Fault]:
    visits = kind is ActivityKind.VISIT_DAY
    for i, participant in enumerate(said.participants):
        if (participant.found is not None) is not visits:
            yield Fault(reason=NEEDS_FOUND, pointer=f"/participants/{i}/found")
        elif participant.found is not None and not (carers or participant.found.carers):
            yield Fault(reason=NEEDS_CARERS, pointer=f"/participants/{i}/found/carers")


def _refuse_impossible_days(event: Event, *, today: date) -> None:
    written, day = event.written_on, event.occurred.day
    if day > today:
        raise invalid(IN_THE_FUTURE, "/occurred_on" if event.occurred.at is None else "/occurred_at")
    if written is not None and written > today:
        raise invalid(IN_THE_FUTURE, "/written_on")
    if written is not None and written < day:
        raise invalid(WRITTEN_BEFORE, "/written_on")
