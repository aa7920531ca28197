"""Request schemas: the envelope of a care action, and the details of each type derived from its class."""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar, cast, get_origin
from uuid import UUID

import msgspec
from marshmallow import RAISE, Schema, ValidationError, fields

from api import fields as f
from application.children.clashes import Verdict
from application.intake.submission import LONGEST_NAME, Submission
from application.reasons import OWN_ROUTE, WHEN
from domain.catalogue import (
    care_actions_by_type,
    kinds_of_submissions,
    served_kinds,
    submitted_types,
    types_with,
)
from domain.effects import Effect
from domain.fields import MAX_TEXT, Choice, Field, fields_of
from domain.ledger.kind import UNNAMED, StreamKind
from domain.org import checked_path
from domain.reasons import MISSING, UNKNOWN_FIELD, UNKNOWN_TYPE, WRONG_VALUE
from domain.refusal import Fault, Invalid, Reason, Refused, escaped
from projections.outbox.receipts import Receipt

MOST_ITEMS = 500
OPENING = frozenset(d.TYPE for kind in kinds_of_submissions().values() for d in kind.opens)
PLACING = OPENING | {*types_with(Effect.PLACES)}
(ENROLMENT,) = kinds_of_submissions()[UNNAMED].opens
OPENED_BY_PUT = Reason(
    code=OWN_ROUTE.code,
    zh="请用 PUT 登记该对象本身",
    en="Open the stream with PUT on its own path.",
)
LONGEST_PATH = 300
T = TypeVar("T")


class Strict(Schema):
    """A schema that refuses what it does not know."""

    error_messages = {"unknown": UNKNOWN_FIELD.code, "type": WRONG_VALUE.code}  # noqa: RUF012

    class Meta:
        """What is not known is refused."""

        unknown = RAISE


class EvidenceIn(Strict):
    """The fingerprint of a file that supports a care action."""

    sha256 = f.Text(longest=64, pattern="[0-9a-f]{64}", required=True)
    kind = f.Text(longest=40, blank=False, required=True)
    size_bytes = f.Whole(least=0, required=True)


class Envelope(Strict):
    """What every care action says beside its details: when, written down when, by whom, on what evidence."""

    occurred_on = f.Day(metadata={"description": "A Shanghai day; or give occurred_at."})
    occurred_at = f.Moment(metadata={"description": "A moment with its offset; or give occurred_on."})
    written_on = f.Day(metadata={"description": "The day it was put on paper."})
    recorded_by = f.Text(longest=LONGEST_NAME)
    late_reason = f.Text(longest=1000)
    evidence = f.Many(f.Part(EvidenceIn), most=20)
    source_event_id = f.Identifier()
    noted_at = f.Moment(
        metadata={"description": "When the client wrote it down: orders entries of one day and moment."}
    )
    details = f.Open(required=True)


class EnrolmentIn(Envelope):
    """The file of a child that is opened."""

    org = f.Text(
        longest=LONGEST_PATH, blank=False, required=True, metadata={"description": "县/镇/学校/年级/班"}
    )
    event_id = f.Identifier(metadata={"description": "By default it follows from the id of the child."})


class EventIn(Envelope):
    """One care action. `org` places the child where a transfer is accepted."""

    type = f.Text(longest=64, blank=False, required=True)
    org = f.Text(longest=LONGEST_PATH, blank=False)


class OpeningIn(Envelope):
    """What opens a stream of a kind whose routes follow from its declaration."""

    org = f.Text(
        longest=LONGEST_PATH, blank=False, required=True, metadata={"description": "县/镇/学校/年级/班"}
    )
    event_id = f.Identifier(metadata={"description": "By default it follows from the id of the stream."})


class _ItemOfChild(EventIn):
    event_id = f.Identifier(required=True)
    child_id = f.Identifier()
    student_no = f.Text(longest=32, blank=False)
    based_on = f.Whole(least=0)


class _ItemOfAny(_ItemOfChild):
    stream_id = f.Identifier(metadata={"description": "The stream, where that is no child's."})
    stream_kind = f.Text(
        longest=64, blank=False, metadata={"description": "Its kind, where the type doesn't tell."}
    )


# One entry of a batch; what opens a stream as well. Decisions name the version they are based on.
BatchItemIn: type[Strict] = _ItemOfAny if served_kinds() else _ItemOfChild


class BatchIn(Strict):
    """Care actions of any children. Each stands or falls alone."""

    items = f.Many(fields.Raw(allow_none=True), least=1, most=MOST_ITEMS, required=True)


class SearchIn(Strict):
    """Exactly one of these; a name is the whole name."""

    student_no = f.Text(longest=32, blank=False)
    id_number = f.Text(longest=18, blank=False)
    name = f.Text(longest=50, blank=False)


class AcknowledgeIn(Strict):
    """Who takes an alert on; by default the holder of the key."""

    by = f.Text(longest=LONGEST_NAME)
    note = f.Text(longest=1000)


class SnoozeIn(Strict):
    """Until when notices are held back, and who allowed it."""

    until = f.Day(required=True)
    reason = f.Text(longest=1000, blank=False, required=True)
    approved_by = f.Text(longest=LONGEST_NAME, blank=False, required=True)


class ReceiptIn(Strict):
    """What has become of a notice on the other side, and since when; now unless said otherwise."""

    state = f.Word(choice=Receipt, required=True)
    at = f.Moment()


class SettleIn(Strict):
    """What several files with one number turned out to be."""

    verdict = f.Word(choice=Verdict, required=True)


class DismissIn(Strict):
    """Why something put aside is not to be recorded."""

    reason = f.Text(longest=1000, blank=False, required=True)


class BindingIn(Strict):
    """A rule by its id, in its newest version unless one is named, or a whole rule of one's own."""

    org = f.Text(longest=LONGEST_PATH, blank=False, required=True)
    rule_id = f.Text(longest=40, blank=False)
    version = f.Whole(least=1, most=1_000_000)
    rule = f.Open()
    effective_from = f.Day(required=True)
    effective_to = f.Day()


class WatchIn(Strict):
    """Whether all children at and below an organisation are watched."""

    org = f.Text(longest=LONGEST_PATH, blank=False, required=True)
    everybody = f.Flag(required=True)
    reason = f.Text(longest=200)


class ActivityIn(Strict):
    """What every activity says beside what was held and who was there."""

    org = f.Text(longest=LONGEST_PATH, blank=False, required=True)
    occurred_on = f.Day(metadata={"description": "A Shanghai day; or give occurred_at."})
    occurred_at = f.Moment(metadata={"description": "A moment with its offset; or give occurred_on."})
    written_on = f.Day(metadata={"description": "The day it was put on paper."})
    recorded_by = f.Text(longest=LONGEST_NAME)


class ChangeIn(Strict):
    """Who changes an activity; by default the holder of the key."""

    recorded_by = f.Text(longest=LONGEST_NAME)


class _OfOrg(Strict):
    org = f.Text(longest=LONGEST_PATH, blank=False, required=True)


def details_schema(details: type) -> type[Schema]:
    """Derive the schema of a details class, or of an object inside one."""
    if details not in _DETAILS:
        named = {field.name: _field(field) for field in fields_of(details)}
        _DETAILS[details] = Strict.from_dict(named, name=details.__name__)
    return _DETAILS[details]


_DETAILS: dict[type, type[Schema]] = {}


def body_of_org(details: type, *, without: frozenset[str] = frozenset()) -> type[Schema]:
    """Derive the schema of a body with the fields of a details class and the organisation it belongs to."""
    return body_with(_OfOrg, details, without=without)


def body_with(base: type[Strict], details: type, *, without: frozenset[str] = frozenset()) -> type[Schema]:
    """Derive the schema of a body with the fields of a details class beside those of an envelope."""
    named = {field.name: _field(field) for field in fields_of(details) if field.name not in without}
    return base.from_dict(named, name=f"{details.__name__}In")


def loaded(schema: type[Schema], words: object, *, at: str = "") -> dict[str, Any]:
    """Check words against a schema. Raises `Invalid` with the pointer, below `at`, of each fault."""
    checked = _instance(schema)
    if isinstance(words, dict):
        with suppress(ValidationError, KeyError):
            return _without_fault(checked, words)
    try:
        read: dict[str, Any] = checked.load(words)  # type: ignore[arg-type]
    except ValidationError as error:
        raise Invalid(*_faults(error.messages, at)) from None
    return read


def typed(kind: type[T], words: Mapping[str, Any], *, at: str = "") -> T:
    """Make a typed value of words that their schema has passed."""
    try:
        return msgspec.convert(words, type=kind)
    except msgspec.ValidationError:
        raise Invalid(Fault(reason=WRONG_VALUE, pointer=at)) from None


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
        raise Invalid(Fault(reason=UNKNOWN_TYPE, pointer="/type"))
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


def _faults_between(words: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what is wrong between fields: the type and its details, one time, one place."""
    action = submitted_types().get(words["type"])
    if ("occurred_on" in words) == ("occurred_at" in words):
        yield Fault(reason=WHEN, pointer="/occurred_on")
    if action is None:
        yield Fault(reason=UNKNOWN_TYPE, pointer="/type")
        return
    if action.type in OPENING and "org" not in words:
        yield Fault(reason=MISSING, pointer="/org")
    if action.type not in PLACING and "org" in words:
        yield Fault(reason=UNKNOWN_FIELD, pointer="/org")
    try:
        loaded(details_schema(action.details), words["details"], at="/details")
    except Refused as refused:
        yield from refused.faults


def _without_fault(schema: Schema, words: Mapping[str, Any]) -> dict[str, Any]:
    """Read what is in order, by the fields that are given alone: most of them are absent most of the time.

    Raises whatever comes of a fault; marshmallow then says all that is wrong.
    """
    for name in _required(type(schema)):
        words[name]
    known = schema.load_fields
    return {name: known[name].deserialize(value, name, words) for name, value in words.items()}


@cache
def _required(schema: type[Schema]) -> tuple[str, ...]:
    return tuple(name for name, field in _instance(schema).load_fields.items() if field.required)


@cache
def _instance(schema: type[Schema]) -> Schema:
    return schema()


def _faults(messages: Any, at: str) -> Iterator[Fault]:
    """Go through marshmallow's tree of messages, which are the codes of our reasons."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _faults(inner, at if name == "_schema" else f"{at}/{escaped(name)}")
    else:
        for code in messages:
            yield Fault(reason=f.REASONS.get(code, WRONG_VALUE), pointer=at)


def _field(field: Field) -> Any:
    spec = field.spec
    metadata = {"title": f"{spec.label.zh} {spec.label.en}"}
    if spec.hint is not None:
        metadata["description"] = spec.hint
    common: dict[str, Any] = {"required": field.required, "allow_none": field.optional}
    if not field.many:
        return _of_base(field, longest=spec.max_length, blank=not (spec.min_length or field.required))(
            **common, metadata=metadata
        )
    inner = _of_base(field, longest=MAX_TEXT, blank=not (spec.min_length or field.required))()
    return f.Many(inner, least=spec.min_length, most=spec.max_length, **common, metadata=metadata)


def _of_base(field: Field, *, longest: int, blank: bool) -> Any:
    base, spec = field.base, field.spec
    if get_origin(base) is not None and issubclass(get_origin(base), Mapping):
        return lambda **more: f.Open(least=spec.min_length, **more)
    if dataclasses.is_dataclass(base):
        return lambda **more: f.Part(details_schema(cast("type", base)), **more)
    if issubclass(base, Choice):
        return lambda **more: f.Word(choice=base, **more)
    if issubclass(base, bool):
        return f.Flag
    if issubclass(base, int):
        return lambda **more: f.Whole(least=spec.minimum, most=spec.maximum, **more)
    if issubclass(base, str):
        return lambda **more: f.Text(longest=longest, blank=blank, **more)
    return {"date": f.Day, "UUID": f.Identifier, "datetime": f.Moment}[base.__name__]
