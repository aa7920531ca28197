"""Activities: recorded once for all who were there, and how far the file of each of them is."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from api.answer import Answer, EventId, Exactness, Moment, Next, Org, Page, Version, personal, shown
from api.operation import FROM, IF_DECIDED, IF_NEW, IF_STILL, ORG, PAGE, TO
from api.query import moment_and_id, position
from api.request_bodies import ActivityIn, ChangeIn, DismissIn
from api.resource import Answered, Call, Resource
from api.schemas import body_with, exactly_one_text, let_hold, some_of, typed
from api.stream_files import StreamFileCounts
from application.access import Action
from application.activities.registry import Activities, ActivityKnown, ActivitySubmission
from application.intake.submission import occurred_as_said
from application.organisations.units import Units
from application.recording.filing import Filed
from application.recording.waiting import DISMISSED, RECORDED, VOIDED
from domain.choices import ActivityKind, Role
from domain.days import local_day
from domain.event import Details, Occurred
from domain.ids import own_id
from domain.ledger.decide import refuse_same_approver
from domain.normal import shown as tidied
from domain.streams.activities.activity import (
    Absentee,
    ActivityAmended,
    ActivityCorrected,
    ActivityHeld,
    ActivityVoided,
    Listed,
    Participant,
)
from domain.streams.activities.kind import KIND
from domain.wire import from_wire

RESOURCE = Resource(guide="streams", tag="activities", zh="活动", en="Recorded once for all who were there.")
ONE = "/v1/activities/{activity_id:uuid}"
ActivityId = Annotated[UUID, shown("活动编号", "Id of the activity")]
for _listed in (Participant, Absentee):
    let_hold(_listed, exactly_one_text("child_id", "student_no"))
_OURS = frozenset({"scope"})


class ActivityCounts(StreamFileCounts):
    """How many participants are in which state: see `state` of a participant."""


class ActivityLine(Answer):
    """An activity in a list."""

    activity_id: ActivityId
    version: Version
    org: Org
    kind: Annotated[ActivityKind, shown("类型", "Kind")]
    occurred_on: Annotated[date, shown("日期", "Day", "A Shanghai day.")]
    void: Annotated[bool, shown("已作废", "Void")]
    counts: Annotated[ActivityCounts, shown("参加儿童", "Counts of participants")]


class ActivityList(Page[ActivityLine]):
    """A page of activities, by the time at which they were held."""


class ActivityParticipant(Answer):
    """A participant of an activity, and how far the entry in its file is."""

    number: Annotated[int, shown("序号", "Number", "From 0, in the order in which they were named.")]
    child_id: Annotated[UUID | None, shown("儿童编号", "Id of the child", "Null where the number is named.")]
    student_no: Annotated[str | None, personal("学籍号", "Student number")]
    role: Annotated[Role, shown("身份", "Role")]
    state: Annotated[str, shown("状态", "State", "waiting, recorded, quarantined, voided or dismissed.")]
    code: Annotated[str | None, shown("原因代码", "Code", "Why it is quarantined.")]
    settled_at: Annotated[Moment | None, shown("处理时间", "Settled at")]
    settled_by: Annotated[str | None, personal("处理人", "Settled by")]
    settled_reason: Annotated[str | None, personal("处理原因", "Reason", "Why it is not recorded.")]
    event_id: Annotated[UUID | None, shown("事件编号", "Event", "The entry in the file of the child.")]


class ActivityAbsent(Answer):
    """Who was expected and did not come."""

    child_id: Annotated[UUID | None, shown("儿童编号", "Id of the child")]
    student_no: Annotated[str | None, personal("学籍号", "Student number")]
    reason: Annotated[str | None, personal("原因", "Reason")]


class Activity(ActivityLine):
    """An activity, with a page of its participants."""

    ORDER = (
        "activity_id",
        "version",
        "org",
        "kind",
        "occurred_on",
        "occurred_at",
        "precision",
        "topic",
        "minutes",
        "place",
        "carers",
        "speaker_office",
    )

    occurred_at: Annotated[Moment | None, shown("时间", "Moment", "Null where only the day is known.")]
    precision: Exactness
    topic: Annotated[str, shown("主题", "Topic")]
    minutes: Annotated[int | None, shown("时长（分钟）", "Minutes")]
    place: Annotated[str | None, shown("地点", "Place")]
    carers: Annotated[list[UUID], shown("帮扶人", "Carers")]
    speaker_office: Annotated[str | None, shown("主讲人单位", "Office of the speaker")]
    participants: Annotated[list[ActivityParticipant], shown("参加儿童", "Participants", "A page of them.")]
    absent: Annotated[list[ActivityAbsent], shown("缺席", "Absent")]
    next: Next


class ActivityRecorded(Answer):
    """An activity after something was recorded of it, and how far the files are."""

    activity_id: ActivityId
    event_id: EventId
    version: Version
    state: Annotated[str, shown("结果", "State", "recorded, or already_recorded where nothing was new.")]
    counts: Annotated[ActivityCounts, shown("参加儿童", "Counts of participants")]


class ParticipantDismissed(Answer):
    """A participant who is not to be recorded."""

    activity_id: ActivityId
    number: Annotated[int, shown("序号", "Number")]
    state: Annotated[str, shown("状态", "State", "dismissed.")]


@RESOURCE.operation(
    "GET",
    "/v1/activities",
    zh="列出活动",
    en="List activities",
    answers={200: ActivityList},
    params=(ORG, FROM, TO, *PAGE),
    leads_to=("get_activity",),
)
def list_activities(call: Call) -> ActivityList:
    """List activities by the time at which they were held.

    按举办时间列出活动。
    """
    org, activities = call.org(Action.READ), call.system.activities
    page = call.page(
        lambda after, limit: activities.listed(
            actor=call.actor, org=org, first=call.asked(FROM), last=call.asked(TO), after=after, limit=limit
        ),
        place=moment_and_id,
        after=lambda status: (status.occurred_at, status.activity_id),
    )
    counts = activities.counts([status.activity_id for status in page.items])
    items = [
        ActivityLine.of(status, counts=ActivityCounts(**counts[status.activity_id])) for status in page.items
    ]
    return ActivityList(items=items, next=page.next, notes=call.notes_if_empty(items, org=org))


@RESOURCE.operation(
    "PUT",
    ONE,
    zh="登记活动",
    en="Record an activity",
    request=body_with(ActivityIn, ActivityHeld, without=_OURS),
    answers={201: ActivityRecorded, 200: ActivityRecorded},
    params=(IF_STILL, IF_NEW),
    action=Action.SUBMIT,
    uses=(Activities.record, occurred_as_said, Units.ensure),
    tells_version=True,
    leads_to=("get_activity",),
)
def record_activity(call: Call, activity_id: UUID) -> Answered:
    """Record what was held and who was there, once for all; twice is once.

    The files of the first participants are written before the answer, those of the others soon after:
    `counts` tells how far that is.

    一次登记活动内容和参加儿童，重复提交只登记一次。前几名儿童的档案在返回前写入，其余随后写入，
    进度见 counts。
    """
    words, organisations = call.body(), call.system.organisations
    org = organisations.spelled(words.pop("org"))
    occurred = occurred_as_said(_said(date, words, "occurred_on"), _said(datetime, words, "occurred_at"))
    submission = ActivitySubmission(
        occurred=occurred,
        written_on=_said(date, words, "written_on"),
        recorded_by=tidied(words.pop("recorded_by", None)),
        details=from_wire(ActivityHeld, words, at=""),
    )
    known = call.system.activities.record(
        actor=call.actor,
        activity_id=activity_id,
        org=org,
        submission=submission,
        provenance=call.provenance,
        based_on=call.version,
    )
    organisations.ensure(org, actor=call.actor)
    return _answered(call, known, event_type=ActivityHeld.TYPE)


@RESOURCE.operation(
    "GET",
    ONE,
    zh="读取活动",
    en="Read an activity",
    answers={200: Activity},
    params=PAGE,
    uses=(Activities.seen,),
    tells_version=True,
)
def get_activity(call: Call, activity_id: UUID) -> Answered:
    """Show an activity, and page by page who was there and how far the file of each of them is.

    读取一项活动；参加儿童分页列出，并说明各人档案登记到哪一步。
    """
    activities = call.system.activities
    activity = activities.seen(activity_id, actor=call.actor)
    page = call.page(
        # Numbers begin at 0, and a position in a cursor at 1.
        lambda after, limit: activities.participations(activity, after=(after or 0) - 1, limit=limit),
        place=position,
        after=lambda each: (each[1].number + 1,),
    )
    occurred, held = activity.standing()
    body = Activity.of(
        held,
        activity_id=activity_id,
        version=activity.version,
        org=activity.org,
        occurred_on=occurred.day,
        occurred_at=occurred.at,
        precision=occurred.precision,
        void=activity.voided is not None,
        counts=_counts(call, activity_id),
        participants=[_participant(*each) for each in page.items],
        absent=[ActivityAbsent.of(each) for each in activity.absent],
        next=page.next,
    )
    return Answered(body=body, version=activity.version)


def _change(
    path: str, details: type[Details], *conditions: Mapping[str, Any], zh: str, en: str
) -> Callable[..., Any]:
    """Declare what is said of an activity later, under an event id that the client has chosen."""
    said = KIND.by_type[details.TYPE]
    return RESOURCE.operation(
        "PUT",
        f"{ONE}/{path}/{{event_id:uuid}}",
        zh=zh,
        en=en,
        request=body_with(ChangeIn, details, without=_OURS, conditions=conditions),
        answers={201: ActivityRecorded, 200: ActivityRecorded},
        params=(IF_DECIDED if said.decision else IF_STILL,),
        action=Action.SUBMIT,
        uses=(Activities.change, said.check, *((refuse_same_approver,) if said.decision else ())),
        tells_version=True,
        leads_to=("get_activity",),
    )


@_change(
    "amendments", ActivityAmended, some_of("participants", "absent"), zh="补登参加儿童", en="Add participants"
)
def amend_activity(call: Call, activity_id: UUID, event_id: UUID) -> Answered:
    """Add children who were there too. One who was not there is voided in the file of that child.

    补登也参加了的儿童。误登的儿童，在其本人档案中作废。
    """
    return _changed(call, activity_id, event_id, ActivityAmended)


@_change("corrections", ActivityCorrected, zh="更正活动", en="Correct an activity")
def correct_activity(call: Call, activity_id: UUID, event_id: UUID) -> Answered:
    """Correct the day, the topic or the minutes, here and in the file of each participant.

    更正日期、主题或时长，每名参加儿童的档案随之更正。
    """
    return _changed(call, activity_id, event_id, ActivityCorrected)


@_change("voidings", ActivityVoided, zh="作废活动", en="Void an activity")
def void_activity(call: Call, activity_id: UUID, event_id: UUID) -> Answered:
    """Void an activity, and every participation in it.

    作废一项活动，各儿童档案中的参加记录一并作废。
    """
    return _changed(call, activity_id, event_id, ActivityVoided)


@RESOURCE.operation(
    "POST",
    ONE + "/retry",
    zh="重试待核实的参加儿童",
    en="Try quarantined participants again",
    answers={200: ActivityCounts},
    params=(IF_STILL,),
    uses=(Activities.retry,),
    tells_version=True,
)
def retry_activity(call: Call, activity_id: UUID) -> Answered:
    """Try those again whose child was not known, or not in care. They are tried daily anyhow.

    重试当时查无此人或不在册的参加儿童。系统每天也会自动重试。
    """
    activity = call.system.activities.retry(activity_id, actor=call.actor, basis=call.basis)
    call.system.fan_outs.of_stream(activity_id)
    return Answered(body=_counts(call, activity_id), version=activity.version)


@RESOURCE.operation(
    "POST",
    ONE + "/participants/{number:int}/dismiss",
    zh="不予登记参加儿童",
    en="Dismiss a quarantined participant",
    request=DismissIn,
    answers={200: ParticipantDismissed},
    params=(IF_DECIDED,),
    uses=(Activities.dismiss,),
    tells_version=True,
)
def dismiss_participant(call: Call, activity_id: UUID, number: int) -> Answered:
    """Say that somebody put aside is not to be recorded, and why: nobody tries it again.

    Who was there after all is added with an amendment.

    说明某一待核实的参加儿童不予登记及原因，此后不再重试。后来查明确实参加的，用补登加入。
    """
    reason = call.body()["reason"]
    activity = call.system.activities.dismiss(
        activity_id, number, reason=reason, actor=call.actor, basis=call.basis
    )
    body = ParticipantDismissed(activity_id=activity_id, number=number, state=DISMISSED)
    return Answered(body=body, version=activity.version)


def _changed(call: Call, activity_id: UUID, event_id: UUID, details: type[Details]) -> Answered:
    words = call.body()
    submission = ActivitySubmission(
        occurred=Occurred.on(local_day(call.system.now())),
        recorded_by=tidied(words.pop("recorded_by", None)),
        details=from_wire(details, words, at=""),
    )
    known = call.system.activities.change(
        actor=call.actor,
        activity_id=activity_id,
        event_id=event_id,
        submission=submission,
        based_on=call.version,
        provenance=call.provenance,
    )
    return _answered(call, known, event_type=details.TYPE)


def _answered(call: Call, known: ActivityKnown, *, event_type: str) -> Answered:
    if known.new:
        call.context.metrics.recorded(event_type)
    call.system.fan_outs.of_stream(known.activity_id)
    state = "recorded" if known.new else "already_recorded"
    body = ActivityRecorded.of(known, state=state, counts=_counts(call, known.activity_id))
    return Answered(body=body, status=201 if known.new else 200, version=known.version)


def _counts(call: Call, activity_id: UUID) -> ActivityCounts:
    return ActivityCounts(**call.system.activities.counts([activity_id])[activity_id])


def _participant(listed: Listed, filed: Filed) -> ActivityParticipant:
    child_id = listed.participant.child_id
    written = filed.state in (RECORDED, VOIDED) and child_id is not None
    return ActivityParticipant.of(
        filed,
        child_id=child_id,
        student_no=listed.participant.student_no,
        role=listed.participant.role,
        event_id=own_id(listed.cause.event_id, str(child_id)) if written else None,
    )


def _said(kind: type[Any], words: dict[str, Any], name: str) -> Any:
    return typed(kind, words.pop(name)) if name in words else None
