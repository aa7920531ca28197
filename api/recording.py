"""What becomes of submitted care actions: recorded, there already, put aside, or refused."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import falcon
from msgspec import UNSET, UnsetType

from api.answer import Answer, ChildId, EventId, Problem, Version, shown
from api.errors import problem_of
from api.exchange import exchange_of
from api.resource import Answered, Call
from api.submissions import refuse_unfit
from application.access import ALLOWED, Action, Actor, require
from application.intake.submission import Submission, as_if_not_there
from application.reasons import NOT_FOUND
from application.recording.outcome import Recorded as Outcome
from domain.catalogue import submitted_types
from domain.event import Channel
from domain.normal import normal_path
from domain.org import within
from domain.refusal import AtOdds, Fault, Refused, Unknown

State = Annotated[str, shown("结果", "State", "recorded, or already_recorded where nothing was new.")]
Position = Annotated[int, shown("序位", "Position", "In the log.")]
StreamKindName = Annotated[str, shown("档案类型", "Kind of stream")]
StreamId = Annotated[UUID, shown("档案编号", "Id of the stream")]


class Late(Answer):
    """That an entry was written down late."""

    days: Annotated[int, shown("迟登天数", "Days")]
    asks_for: Annotated[
        str | UnsetType, shown("请补充", "Asks for", "late_reason, where somebody can say why.")
    ] = UNSET


RepeatsOf = Annotated[
    list[UUID] | UnsetType,
    shown(
        "疑似重复登记",
        "Repeats",
        "Other entries of the day that may tell of the same, where the key may read: a hint, nothing is "
        "refused for it. Missing where there is none.",
    ),
]
LateOf = Annotated[Late | UnsetType, shown("迟登", "Late", "Missing where it is in time.")]


class Recorded(Answer, kw_only=True):
    """Where an entry of a child stands, new or not."""

    state: State
    event_id: EventId
    child_id: ChildId
    position: Position
    version: Version
    late: LateOf = UNSET
    repeats: RepeatsOf = UNSET


class StreamRecorded(Answer, kw_only=True):
    """Where an entry of a stream stands that is no child's."""

    state: State
    event_id: EventId
    stream_kind: StreamKindName
    stream_id: StreamId
    position: Position
    version: Version
    late: LateOf = UNSET
    repeats: RepeatsOf = UNSET


class RecordedOnAny(Answer, kw_only=True):
    """Where an entry of any stream stands: of a child by its id alone, of another by its kind as well."""

    state: State
    event_id: EventId
    child_id: ChildId | UnsetType = UNSET
    stream_kind: StreamKindName | UnsetType = UNSET
    stream_id: StreamId | UnsetType = UNSET
    position: Position
    version: Version
    late: LateOf = UNSET
    repeats: RepeatsOf = UNSET


class Quarantined(Answer):
    """What was put aside, because it is at odds with what is known."""

    state: Annotated[str, shown("结果", "State", "quarantined.")]
    item_id: Annotated[UUID, shown("待核实编号", "Id of the item")]
    event_id: EventId
    problem: Annotated[Problem, shown("原因", "Problem", "What stands in its way.")]


def submit_one(call: Call, submission: Submission) -> Answered:
    """Record a submission and answer 201, 200 where it was there already, 202 where it was put aside.

    As in a batch, what is about a stream that is not there waits for it, and so does what is about one out of
    sight: the answers don't differ. Raises the `Refused` in its way.
    """
    actor, system = call.actor, call.system
    refuse_out_of_reach(submission, actor=actor)
    try:
        recorded = system.submissions.submit(submission, actor=actor, provenance=call.provenance)
    except (AtOdds, Unknown) as refused:
        odd = as_if_not_there(refused, submission)
        if not isinstance(odd, AtOdds):
            raise
        return Answered(body=_put_aside(call, submission, odd), status=202)
    # Sent before its time and again since: it waits no longer.
    system.quarantine.accept([submission], actor=actor)
    if submission.org is not None:
        # The organisation that a recorded enrolment or readmission names is known from now on.
        system.organisations.ensure(submission.org, actor=actor)
    if recorded.new:
        call.context.metrics.recorded(submission.type)
    body = standing(
        recorded,
        late=late_of(recorded, submission, actor=actor),
        repeats=repeats_of(recorded.repeats, actor=actor),
    )
    return Answered(body=body, status=201 if recorded.new else 200, version=recorded.version)


def refuse_out_of_reach(submission: Submission, *, actor: Actor) -> None:
    """Raise `Forbidden` for a type that is not granted, `Unknown` for an organisation out of scope."""
    require(actor, Action.SUBMIT, org=actor.org, event_type=submission.type)
    if submission.org is not None and not within(normal_path(submission.org), normal_path(actor.org)):
        raise Unknown(Fault(reason=NOT_FOUND, pointer="/org"))


def _put_aside(call: Call, submission: Submission, refused: AtOdds) -> Quarantined:
    """Keep a submission that is at odds with what is known, and say so."""
    refuse_unfit(submission)
    item_id = call.system.quarantine.keep(submission, refused=refused, actor=call.actor)
    call.context.metrics.quarantined()
    return Quarantined(
        state="quarantined",
        item_id=item_id,
        event_id=submission.event_id,
        problem=problem_answered(call.req, refused),
    )


def problem_answered(req: falcon.Request, refused: Refused, *, at: str = "") -> Problem:
    """Write a refusal within an answer; `at` is where in the request the refused part lies."""
    asked = exchange_of(req)
    return Problem(**problem_of(refused, language=asked.language, instance=asked.request_id, at=at))


def late_of(recorded: Outcome, submission: Submission, *, actor: Actor) -> Late | UnsetType:
    """Say that an entry is late, and ask why where somebody can answer."""
    if recorded.late_days is None:
        return UNSET
    decision = submitted_types()[submission.type].decision
    asks = actor.channel is Channel.API and not submission.late_reason and not decision
    return Late(days=recorded.late_days, asks_for="late_reason" if asks else UNSET)


def repeats_of(found: Sequence[UUID], *, actor: Actor) -> list[UUID] | UnsetType:
    """Name entries that may tell of the same, to whoever may read them."""
    reads = Action.READ in ALLOWED[actor.role] and actor.types is None
    return list(found) if found and reads else UNSET


def standing(
    recorded: Outcome,
    *,
    late: Late | UnsetType = UNSET,
    repeats: list[UUID] | UnsetType = UNSET,
) -> RecordedOnAny:
    """Write where an event stands, new or not."""
    return RecordedOnAny(
        state="recorded" if recorded.new else "already_recorded",
        event_id=recorded.event_id,
        position=recorded.position,
        version=recorded.version,
        late=late,
        repeats=repeats,
        **stream_named(recorded.stream_id, recorded.stream_kind),
    )


def stream_named(stream_id: UUID, kind: str | None) -> dict[str, Any]:
    """Name a stream in an answer: a child by its id alone, any other by its kind as well."""
    return {"child_id": stream_id} if kind is None else {"stream_kind": kind, "stream_id": stream_id}
