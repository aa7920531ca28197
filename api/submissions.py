"""Submissions as they are sent: the envelope of an entry, and the readings of each way that it may come."""

from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import UUID

from marshmallow import Schema

from api import fields as f
from api.request_bodies import OccurredIn
from api.schemas import Strict, details_schema, fits, loaded, typed
from application.intake.submission import Submission
from application.reasons import OWN_ROUTE, WHEN
from domain.catalogue import (
    care_actions_by_type,
    kinds_of_submissions,
    served_kinds,
    submitted_types,
    types_with,
)
from domain.effects import Effect
from domain.ledger.corrections import refuse_misread
from domain.ledger.kind import UNNAMED, StreamKind
from domain.org import checked_path
from domain.reasons import MISSING, UNKNOWN_FIELD, UNKNOWN_TYPE, WRONG_VALUE
from domain.refusal import Fault, Invalid, Reason, Refused, not_one_of

OPENING = frozenset(d.TYPE for kind in kinds_of_submissions().values() for d in kind.opens)
PLACING = OPENING | {*types_with(Effect.PLACES)}
(ENROLMENT,) = kinds_of_submissions()[UNNAMED].opens
OPENED_BY_PUT = Reason(
    code=OWN_ROUTE.code,
    zh="请用 PUT 登记该对象本身",
    en="Open the stream with PUT on its own path.",
)


class EvidenceIn(Strict):
    """The fingerprint of a file that supports a care action."""

    sha256 = f.Text(longest=64, pattern="[0-9a-f]{64}", required=True, zh="摘要", en="Digest")
    kind = f.Text(longest=40, blank=False, required=True, zh="类型", en="Kind")
    size_bytes = f.Whole(least=0, required=True, zh="大小（字节）", en="Size in bytes")


class Envelope(OccurredIn):
    """What every care action says beside its details: when, written down when, by whom, on what evidence."""

    late_reason = f.Text(longest=1000, zh="迟登原因", en="Why late")
    evidence = f.Many(f.Part(EvidenceIn), most=20, zh="佐证", en="Evidence")
    source_event_id = f.Identifier(zh="来源事件", en="Source event")
    noted_at = f.Moment(
        text="When the client wrote it down: orders entries of one day and moment.",
        zh="记下时间",
        en="Noted at",
    )
    details = f.Open(required=True, zh="内容", en="Details")


class EnrolmentIn(Envelope):
    """The file of a child that is opened."""

    org = f.Path(
        required=True,
        text="县/镇/学校/年级/班",
        zh="机构",
        en="Organisation",
    )
    event_id = f.Identifier(
        text="By default it follows from the id of the child.", zh="事件编号", en="Id of the event"
    )


class EventIn(Envelope):
    """One care action. `org` places the child where a transfer is accepted."""

    type = f.Text(longest=64, blank=False, required=True, zh="类型", en="Type")
    org = f.Path(zh="机构", en="Organisation")


class OpeningIn(Envelope):
    """What opens a stream of a kind whose routes follow from its declaration."""

    org = f.Path(
        required=True,
        text="县/镇/学校/年级/班",
        zh="机构",
        en="Organisation",
    )
    event_id = f.Identifier(
        text="By default it follows from the id of the stream.", zh="事件编号", en="Id of the event"
    )


class _ItemOfChild(EventIn):
    event_id = f.Identifier(required=True, zh="事件编号", en="Id of the event")
    child_id = f.Identifier(zh="儿童编号", en="Id of the child")
    student_no = f.Text(longest=32, blank=False, zh="学籍号", en="Student number")
    based_on = f.Whole(least=0, zh="所依据的版本", en="Based on")


class _ItemOfAny(_ItemOfChild):
    stream_id = f.Identifier(
        text="The stream, where that is no child's.", zh="档案编号", en="Id of the stream"
    )
    stream_kind = f.Text(
        longest=64,
        blank=False,
        text="Its kind, where the type doesn't tell.",
        zh="档案类型",
        en="Kind of stream",
    )


# One entry of a batch; what opens a stream as well. Decisions name the version they are based on.
BatchItemIn: type[Strict] = _ItemOfAny if served_kinds() else _ItemOfChild


def enrolment(words: object, *, child_id: UUID, event_id: UUID, based_on: int | None = None) -> Submission:
    """Read an enrolment. Raises `Invalid`."""
    read = loaded(EnrolmentIn, words)
    given = {"type": ENROLMENT.TYPE, "child_id": str(child_id), "based_on": based_on}
    return _submission({"event_id": str(event_id)} | read | given)


def event(words: object, *, child_id: UUID, event_id: UUID, based_on: int | None) -> Submission:
    """Read a care action of a child that the route names. Raises `Invalid`."""
    read = loaded(EventIn, words)
    action = care_actions_by_type().get(read["type"])
    if action is None:
        raise Invalid(*_faults_between(read | {"type": ""}))
    if action.on_own_route:
        raise Invalid(Fault(reason=OWN_ROUTE, pointer="/type"))
    given = {"child_id": str(child_id), "event_id": str(event_id), "based_on": based_on}
    return _submission(read | given)


def opening_schema(kind: StreamKind[Any]) -> type[Schema]:
    """Derive the schema of what opens a stream of a kind."""
    if kind.name not in _OPENINGS:
        name = f"{kind.opens[0].__name__}Opening"
        _OPENINGS[kind.name] = OpeningIn.from_dict({}, name=name)
    return _OPENINGS[kind.name]


_OPENINGS: dict[str, type[Schema]] = {}


def details_opened_by(schema: type[Schema]) -> type | None:
    """Return the details class of what a schema opens; None where it opens no stream."""
    if schema is EnrolmentIn:
        return ENROLMENT
    return next((k.opens[0] for k in served_kinds().values() if opening_schema(k) is schema), None)


def stream_event_name(kind: StreamKind[Any]) -> str:
    """Return the name of the schema of an entry of a kind of stream."""
    return f"{kind.name.title().replace('_', '')}StreamEvent"


def opening(
    kind: StreamKind[Any], words: object, *, stream_id: UUID, event_id: UUID, based_on: int | None
) -> Submission:
    """Read what opens a stream. Raises `Invalid`."""
    given = {
        "type": kind.opens[0].TYPE,
        "stream_id": str(stream_id),
        "stream_kind": kind.name,
        "based_on": based_on,
    }
    return _submission({"event_id": str(event_id)} | loaded(opening_schema(kind), words) | given)


def stream_event(
    kind: StreamKind[Any], words: object, *, stream_id: UUID, event_id: UUID, based_on: int | None
) -> Submission:
    """Read an entry of a stream that the route names. Raises `Invalid`."""
    read = loaded(EventIn, words)
    declared = kind.by_type.get(read["type"])
    if declared is None:
        raise Invalid(not_one_of(UNKNOWN_TYPE, "/type", said=read["type"], known=kind.by_type))
    if declared.details in kind.opens and not kind.opens_again:
        raise Invalid(Fault(reason=OPENED_BY_PUT, pointer="/type"))
    given = {
        "event_id": str(event_id),
        "stream_id": str(stream_id),
        "stream_kind": kind.name,
        "based_on": based_on,
    }
    return _submission(read | given)


def batch_item(words: object) -> Submission:
    """Read one item of a batch. Raises `Invalid`."""
    return _submission(loaded(BatchItemIn, words))


def _submission(words: dict[str, Any]) -> Submission:
    faults = tuple(_faults_between(words))
    if faults:
        raise Invalid(*faults)
    if "org" in words:
        words["org"] = checked_path(words["org"])
    return typed(Submission, words)


def _faults_between(words: dict[str, Any]) -> Iterator[Fault]:
    """Find what is wrong between fields: the type and its details, one time, one place.

    The details stand there afterwards as their schema reads them: a whole number may have come as 5.0.
    """
    action = submitted_types().get(words["type"])
    if ("occurred_on" in words) == ("occurred_at" in words):
        yield Fault(reason=WHEN, pointer="/occurred_on")
    if action is None:
        yield not_one_of(UNKNOWN_TYPE, "/type", said=words["type"], known=submitted_types())
        return
    if action.type in OPENING and "org" not in words:
        yield Fault(reason=MISSING, pointer="/org")
    if action.type not in PLACING and "org" in words:
        yield Fault(reason=UNKNOWN_FIELD, pointer="/org")
    try:
        words["details"] = loaded(details_schema(action.details), words["details"], at="/details")
    except Refused as refused:
        yield from refused.faults


def refuse_unfit(submission: Submission) -> None:
    """Raise `Invalid` for a correction that no entry could take, or of details that no type could have.

    Ask this of what is to wait: the entry that it corrects, which would tell more, isn't there.
    """
    fields = submission.details.get("fields") if isinstance(submission.details, dict) else None
    if not isinstance(fields, dict):
        return
    refuse_misread(fields)
    if "details" in fields and not any(fits(each, fields["details"]) for each in _correctable()):
        raise Invalid(Fault(reason=WRONG_VALUE, pointer="/details/fields/details"))


@cache
def _correctable() -> tuple[type, ...]:
    return tuple(each.details for each in submitted_types().values() if each.correctable)
