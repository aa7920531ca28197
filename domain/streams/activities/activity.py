"""The activity: something held once for many children, and what follows from it for each of them.

Its stream tells who was there; see `following` for what each child's own stream must say.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from domain.choices import ActivityKind, Met, Role, VisitOutcome
from domain.event import Details, Event, NewEvent, Occurred
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.ledger.fact import Fact
from domain.ledger.facts import BY_VERSION, Facts, fold, view
from domain.reasons import IN_THE_FUTURE, NOTHING_CORRECTED
from domain.refusal import Fault, Reason, Text, refuses

MOST_PARTICIPANTS = 2000
TWICE = Reason(
    code="participant_twice", zh="该儿童已列入这次活动", en="The child is already listed for this activity."
)
NEEDS_FOUND = Reason(
    code="needs_found",
    zh="集中家访日须逐一写明家访结果；其他活动不写",
    en="Give what each visit found on a collective visit day, and in no other activity.",
)
NEEDS_CARERS = Reason(
    code="needs_carers", zh="集中家访日须写明走访人", en="Name who visited on a collective visit day."
)
NOBODY = Reason(code="nobody_listed", zh="没有列出任何儿童", en="No child is listed.")


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
    speaker_office: str | None = described(
        "主讲人单位", "Office of the speaker", max_length=100, default=None
    )
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


def corrects(details: ActivityCorrected) -> tuple[None, dict[str, Any]]:
    """Return what changes in the activity itself, as the fields of a correction."""
    changed = {name: value for name in ("topic", "minutes") if (value := getattr(details, name)) is not None}
    day = {"occurred_on": details.held_on.isoformat()} if details.held_on else {}
    return None, day | ({"details": changed} if changed else {})


def _voids(_said: ActivityVoided) -> None:
    return None


@refuses(TWICE, NEEDS_FOUND, NEEDS_CARERS)
def _check_held(new_event: NewEvent, activity: "Activity") -> Iterator[Fault]:
    details = new_event.details
    assert isinstance(details, ActivityHeld)
    yield from _twice(activity, details)
    yield from _not_of_kind(details, kind=details.kind, carers=bool(details.carers))


@refuses(TWICE, NEEDS_FOUND, NEEDS_CARERS, NOBODY)
def _check_amended(new_event: NewEvent, activity: "Activity") -> Iterator[Fault]:
    details = new_event.details
    assert isinstance(details, ActivityAmended)
    if not details.participants and not details.absent:
        yield Fault(reason=NOBODY, pointer="/details/participants")
        return
    _, held = activity.standing()
    yield from _twice(activity, details)
    yield from _not_of_kind(details, kind=held.kind, carers=bool(held.carers))


@refuses(NOTHING_CORRECTED, IN_THE_FUTURE)
def _check_corrected(new_event: NewEvent, _activity: "Activity") -> Iterator[Fault]:
    details = new_event.details
    assert isinstance(details, ActivityCorrected)
    if (details.held_on, details.topic, details.minutes) == (None, None, None):
        yield Fault(reason=NOTHING_CORRECTED, pointer="/details")
    # It is corrected on the day on which that is said.
    elif details.held_on is not None and details.held_on > new_event.occurred.day:
        yield Fault(reason=IN_THE_FUTURE, pointer="/details/held_on")


def _twice(activity: "Activity", details: ActivityHeld | ActivityAmended) -> Iterator[Fault]:
    known = {(p.child_id, p.student_no) for p in _all(activity)}
    for name in ("participants", "absent"):
        for i, listed in enumerate(getattr(details, name)):
            key = (listed.child_id, listed.student_no)
            if key in known:
                yield Fault(reason=TWICE, pointer=f"/details/{name}/{i}")
            known.add(key)


def _all(activity: "Activity") -> Iterator[Participant | Absentee]:
    yield from (listed.participant for listed in activity.listed)
    yield from activity.absent


def _not_of_kind(
    details: ActivityHeld | ActivityAmended, *, kind: ActivityKind, carers: bool
) -> Iterator[Fault]:
    visits = kind is ActivityKind.VISIT_DAY
    for i, participant in enumerate(details.participants):
        if (participant.found is not None) is not visits:
            yield Fault(reason=NEEDS_FOUND, pointer=f"/details/participants/{i}/found")
        elif participant.found is not None and not (carers or participant.found.carers):
            yield Fault(reason=NEEDS_CARERS, pointer=f"/details/participants/{i}/found/carers")


EVENT_TYPES: tuple[EventType, ...] = (
    EventType(
        details=ActivityHeld,
        label=Text(zh="举办活动", en="Activity held"),
        correctable=False,
        voidable=False,
        check=_check_held,
    ),
    EventType(
        details=ActivityAmended,
        label=Text(zh="补登参加儿童", en="Activity amended"),
        correctable=False,
        voidable=False,
        check=_check_amended,
    ),
    EventType(
        details=ActivityCorrected,
        corrects=corrects,
        label=Text(zh="更正活动", en="Activity corrected"),
        decision=True,
        correctable=False,
        voidable=False,
        approved="approved_by",
        check=_check_corrected,
    ),
    EventType(
        details=ActivityVoided,
        voids=_voids,
        label=Text(zh="作废活动", en="Activity voided"),
        decision=True,
        correctable=False,
        voidable=False,
        approved="approved_by",
    ),
)
DECISIONS = (ActivityCorrected, ActivityVoided)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One participant: its number in the activity (from 0), and the event that listed it."""

    number: int
    participant: Participant
    cause: Event


@dataclass(frozen=True, kw_only=True)
class Activity(Facts):
    """One activity as its stream tells it."""

    ORDER = BY_VERSION

    @property
    def activity_id(self) -> UUID:
        """The id of the activity, which is that of its stream."""
        return self.stream_id

    @view(ActivityHeld)
    def _held(self) -> Fact | None:
        return next((fact for fact in self.entries if isinstance(fact.details, ActivityHeld)), None)

    @property
    def held(self) -> Event | None:
        """The event that recorded it; None before it was recorded."""
        return self._held.event if self._held else None

    @property
    def org(self) -> str:
        """The organisation that held it."""
        return self.held.org if self.held else ""

    @view(ActivityHeld, ActivityAmended)
    def _lists(self) -> tuple[Fact, ...]:
        return tuple(f for f in self.entries if isinstance(f.details, ActivityHeld | ActivityAmended))

    @view(_lists)
    def listed(self) -> tuple[Listed, ...]:
        """Who was there, in the order of recording. Of what was destroyed with its key nothing is listed."""
        lists: Iterable[tuple[Any, Event]] = ((fact.details, fact.event) for fact in self._lists)
        both = ((p, cause) for said, cause in lists for p in said.participants or ())
        return tuple(Listed(number=n, participant=p, cause=cause) for n, (p, cause) in enumerate(both))

    @view(_lists)
    def absent(self) -> tuple[Absentee, ...]:
        """Who was expected and did not come."""
        return tuple(absentee for fact in self._lists for absentee in fact.details.absent or ())

    @view(ActivityCorrected)
    def corrections(self) -> tuple[Event, ...]:
        """What was corrected of the whole activity, in the order of recording."""
        return tuple(fact.event for fact, _ in self.of(ActivityCorrected))

    @view(ActivityVoided)
    def voided(self) -> Event | None:
        """The event by which it never was."""
        fact = self.last(ActivityVoided)
        return fact.event if fact else None

    @cached_property
    def _as_of(self) -> dict[int, "Activity"]:
        return {}

    def as_of_version(self, version: int) -> "Activity":
        """Return the activity as it stood after the event with this version."""
        if version >= self.version:
            return self
        if version not in self._as_of:
            events = [f.event for f in self.entries if f.event.originator_version <= version]
            self._as_of[version] = fold_activity(self.stream_id, events)
        return self._as_of[version]

    def standing(self) -> tuple[Occurred, ActivityHeld]:
        """Return when and what it was, after its corrections."""
        assert self._held is not None
        held = self._held.details
        assert isinstance(held, ActivityHeld)
        return self._held.occurred, held


def fold_activity(activity_id: UUID, events: Iterable[Event]) -> Activity:
    """Fold an activity's stream, in order of version."""
    return fold(Activity, activity_id, events)
