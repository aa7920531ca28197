"""Submissions: care actions as clients send them, one by one or in batches, and what becomes of each."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from application.access import Actor
from application.children.care_record import CareRecord
from application.children.claims import FailedClaims
from application.reasons import (
    CHILD_OR_NUMBER,
    IMPLAUSIBLE_YEAR,
    NUMBER_TAKEN,
    OWN_ROUTE,
    UNKNOWN_CARER,
    WHEN,
)
from application.recording.daily_limit import DailyLimit
from application.recording.outcome import Outcome, Provenance, Recorded
from application.recording.recording import Recording
from domain.catalogue import kinds_of_submissions, submitted_types
from domain.days import PLAUSIBLE_YEARS
from domain.event import Evidence, NewEvent, Occurred
from domain.fields import text_faults
from domain.ids import is_own
from domain.ledger.kind import StreamKind
from domain.normal import shown
from domain.reasons import MISSING, RESERVED_ID, UNKNOWN_CHILD, UNKNOWN_FIELD, UNKNOWN_TYPE
from domain.refusal import AtOdds, Fault, Invalid, Reason, Refused, Unknown, invalid, not_one_of, refuses
from domain.wire import from_wire

DERIVED = Reason(
    code="derived_type",
    zh="该类型由系统根据活动记录自动生成，请登记活动本身",
    en="The ledger records this type itself. Record the activity that leads to it.",
)
LONGEST_NAME = 64
_OF_OTHERS = ("stream_id", "stream_kind")


class Submission(Struct, frozen=True, kw_only=True, gc=False):
    """An entry as it was sent: words, not yet judged.

    The child is named by `child_id` or by `student_no`; a stream of another kind by `stream_id`, and by
    `stream_kind` where the type is good for several kinds. `based_on` is the version that a decision names.
    `org` places a child at enrolment, or where a transfer is accepted; any other stream where it is opened.
    """

    event_id: UUID
    type: str
    details: Mapping[str, Any]
    child_id: UUID | None = None
    student_no: str | None = None
    occurred_on: date | None = None
    occurred_at: datetime | None = None
    written_on: date | None = None
    recorded_by: str | None = None
    late_reason: str | None = None
    based_on: int | None = None
    org: str | None = None
    evidence: tuple[Evidence, ...] = ()
    source_event_id: UUID | None = None
    noted_at: datetime | None = None
    stream_id: UUID | None = None
    stream_kind: str | None = None

    @property
    def kind(self) -> StreamKind[Any]:
        """The kind of stream that this is about. Raises `Invalid` where its streams hold no such type."""
        if self.stream_kind is not None:
            kind = kinds_of_submissions().get(self.stream_kind)
        else:
            kind = _kinds_by_type().get(self.type)
        if kind is None or self.type not in kind.by_type:
            if self.stream_kind is None:
                raise Invalid(not_one_of(UNKNOWN_TYPE, "/type", said=self.type, known=submitted_types()))
            said, known = self.stream_kind, kinds_of_submissions()
            raise Invalid(not_one_of(UNKNOWN_TYPE, "/stream_kind", said=said, known=known))
        return kind

    @property
    def opens(self) -> bool:
        """Whether this opens a stream. Raises as `kind` does."""
        return self.type in self.kind.opening

    def new_event(self, *, recorded_by: str) -> NewEvent:
        """Make the new event that it stands for. Raises `Invalid` with the pointers of what is wrong."""
        action = self.kind.by_type[self.type]
        if action.derived:
            raise invalid(DERIVED, "/type")
        if is_own(self.event_id):
            raise invalid(RESERVED_ID, "/event_id")
        occurred = occurred_as_said(self.occurred_on, self.occurred_at)
        said = shown(self.recorded_by)
        who = said or recorded_by.strip()
        if self.noted_at is not None:
            _plausible(self.noted_at.date(), "/noted_at")
        faults = [
            *text_faults(who, "/recorded_by", max_length=LONGEST_NAME),
        ]
        if self.late_reason:
            faults += text_faults(self.late_reason, "/late_reason", max_length=1000)
        if faults:
            raise Invalid(*faults)
        return NewEvent(
            event_id=self.event_id,
            occurred=occurred,
            details=from_wire(action.details, self.details),
            recorded_by=who,
            recorder_said=bool(said),
            written_on=self.written_on,
            late_reason=shown(self.late_reason),
            evidence=self.evidence,
            source_event_id=self.source_event_id,
            noted_at=self.noted_at,
            based_on=self.based_on,
            org=self.org,
        )


@cache
def _kinds_by_type() -> Mapping[str, StreamKind[Any]]:
    """Return the kind of stream that each type goes to where none is named: the first that holds it."""
    return {name: kind for kind in reversed(list(kinds_of_submissions().values())) for name in kind.by_type}


@refuses(WHEN)
def occurred_as_said(occurred_on: date | None, occurred_at: datetime | None) -> Occurred:
    """Return when something is said to have happened. Raises `Invalid` unless exactly one is given."""
    if (occurred_on is None) == (occurred_at is None):
        raise invalid(WHEN, "/occurred_on")
    if occurred_on is not None:
        return Occurred.on(_plausible(occurred_on, "/occurred_on"))
    assert occurred_at is not None
    _plausible(occurred_at.date(), "/occurred_at")
    if occurred_at.tzinfo is None:
        raise invalid(WHEN, "/occurred_at")
    return Occurred.moment(occurred_at)


def _plausible(day: date, pointer: str) -> date:
    if day.year not in PLAUSIBLE_YEARS:
        raise invalid(IMPLAUSIBLE_YEAR, pointer)
    return day


class Submissions:
    """Takes submissions in."""

    def __init__(self, *, record: CareRecord, others: Mapping[str, Recording[Any]]) -> None:
        """`others` record what is no child's, by the name of the kind of stream."""
        self._record = record
        self._recordings: Mapping[str, Recording[Any]] = {record.kind.name: record, **others}

    @refuses(Recording.record_many, NUMBER_TAKEN, FailedClaims.refuse, DailyLimit.refuse)
    def submit(self, submission: Submission, *, actor: Actor, provenance: Provenance) -> Recorded:
        """Record one submission. Raises the `Refused` in its way; an unknown carer is `Invalid` here."""
        (outcome,) = self.attempt(submission, actor=actor, provenance=provenance)
        if isinstance(outcome, AtOdds) and outcome.reason is UNKNOWN_CARER:
            raise Invalid(*outcome.faults)
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def attempt(
        self,
        submission: Submission,
        *,
        actor: Actor,
        provenance: Provenance,
        recorded_by: str | None = None,
        unattended: bool = False,
    ) -> Sequence[Outcome]:
        """Record one submission and return what became of it.

        `recorded_by` is who is taken to have recorded it; the actor unless it is given. Raises the `Refused`
        that says that it makes no new event, or of no stream.
        """
        action = submitted_types().get(submission.type)
        if action is not None and action.on_own_route and submission.org is None:
            raise invalid(OWN_ROUTE, "/type")
        kind = submission.kind
        return self._recordings[kind.name].record_many(
            actor=actor,
            stream_id=self.stream_of(submission, scope=actor.org),
            new_events=[submission.new_event(recorded_by=recorded_by or actor.name)],
            provenance=provenance,
            unattended=unattended,
        )

    def stream_of(self, submission: Submission, *, scope: str) -> UUID:
        """Return the stream that a submission is about.

        Raises `Unknown` for a number that no child in `scope` has.
        """
        if submission.kind is self._record.kind:
            return child_of(submission, record=self._record, scope=scope)
        return _named_stream(submission)

    def submit_many(
        self, submissions: Sequence[Submission], *, actor: Actor, provenance: Provenance
    ) -> list[Outcome]:
        """Record a batch; return what became of each, in order. One stands or falls without the others.

        Submissions that open a stream go first, wherever in the batch they stand, then the rest in its order.
        One that names a stream or carer not known yet is `AtOdds`: that may come with a later batch.
        """
        outcomes: dict[int, Outcome] = {}
        of_kind: dict[str, dict[bool, list[int]]] = {}
        for index, submission in enumerate(submissions):
            try:
                kind = submission.kind
            except Refused as refused:
                outcomes[index] = refused
            else:
                wanted = of_kind.setdefault(kind.name, {True: [], False: []})
                wanted[submission.type in kind.opening].append(index)
        for name, by_opening in of_kind.items():
            recording = self._recordings[name]
            group = self._by_child if recording is self._record else self._by_stream
            for indices in by_opening.values():
                groups = group(submissions, indices, actor=actor, refused=outcomes)
                streams = {stream_id: list(members.values()) for stream_id, members in groups.items()}
                done = recording.record_streams(streams, actor=actor, provenance=provenance)
                for stream_id, members in groups.items():
                    placed = (_at_odds_in_a_batch(o, recording.kind) for o in done[stream_id])
                    outcomes |= zip(members, placed, strict=True)
        return [outcomes[index] for index in range(len(submissions))]

    def _by_stream(
        self,
        submissions: Sequence[Submission],
        indices: Sequence[int],
        *,
        actor: Actor,
        refused: dict[int, Outcome],
    ) -> dict[UUID, dict[int, NewEvent]]:
        """Sort new events by stream; what makes no new event goes to `refused`."""
        groups: dict[UUID, dict[int, NewEvent]] = {}
        for index in indices:
            try:
                stream_id = _named_stream(submissions[index])
                new_event = _in_batch(submissions[index], actor=actor)
            except Refused as refusal:
                refused[index] = refusal
                continue
            groups.setdefault(stream_id, {})[index] = new_event
        return groups

    def _by_child(
        self,
        submissions: Sequence[Submission],
        indices: Sequence[int],
        *,
        actor: Actor,
        refused: dict[int, Outcome],
    ) -> dict[UUID, dict[int, NewEvent]]:
        """Sort new events by child; what makes no new event, or names no child, goes to `refused`."""
        groups: dict[UUID, dict[int, NewEvent]] = {}
        numbers = {s.student_no for s in map(submissions.__getitem__, indices) if s.student_no is not None}
        found = self._record.meant(numbers, scope=actor.org)
        lost = {number for number, children in found.items() if len(children) != 1}
        unsure = [submissions[i] for i in indices if submissions[i].student_no in lost] if lost else ()
        before = _recorded_before(unsure, record=self._record, scope=actor.org)
        for index in indices:
            submission = submissions[index]
            try:
                new_event = _in_batch(submission, actor=actor)
                child_id = _named_child(submission, found, before=before)
            except Refused as refusal:
                refused[index] = _at_odds_in_a_batch(refusal, self._record.kind)
                continue
            groups.setdefault(child_id, {})[index] = new_event
        return groups


def _in_batch(submission: Submission, *, actor: Actor) -> NewEvent:
    new_event = submission.new_event(recorded_by=actor.name)
    if new_event.based_on is None or submission.kind.by_type[submission.type].decision:
        return new_event
    # A fact of a batch is one of many that were written before any of them was sent.
    return replace(new_event, based_on=None)


def _named_stream(submission: Submission) -> UUID:
    """Return the stream that is no child's. Raises `Invalid` where none is named, or a child."""
    if submission.stream_id is None:
        raise invalid(MISSING, "/stream_id")
    for name in ("child_id", "student_no"):
        if getattr(submission, name) is not None:
            raise invalid(UNKNOWN_FIELD, f"/{name}")
    return submission.stream_id


def child_of(submission: Submission, *, record: CareRecord, scope: str) -> UUID:
    """Return which child a submission is about. Raises `Unknown` for a number that nobody in `scope` has."""
    number = submission.student_no
    found = {} if number is None else record.meant((number,), scope=scope)
    alone = number is not None and len(found[number]) == 1
    before = {} if alone else _recorded_before([submission], record=record, scope=scope)
    return _named_child(submission, found, before=before)


def _recorded_before(
    submissions: Sequence[Submission], *, record: CareRecord, scope: str
) -> Mapping[UUID, UUID]:
    """Return the child of each that was recorded in `scope` under a number that nobody there has now."""
    numbers = {s.event_id: s.student_no for s in submissions if s.student_no is not None}
    return record.meant_before(numbers, scope=scope)


def _named_child(
    submission: Submission, found: Mapping[str, tuple[UUID, ...]], *, before: Mapping[UUID, UUID]
) -> UUID:
    """Return which child a submission is about; `found` are those of each student number, `before` those whom
    events that were recorded already are of."""
    if (submission.child_id is None) == (submission.student_no is None):
        raise invalid(CHILD_OR_NUMBER, "/child_id")
    if submission.child_id is not None:
        return submission.child_id
    assert submission.student_no is not None
    children = found[submission.student_no]
    if len(children) != 1:
        if submission.event_id in before:
            return before[submission.event_id]
        raise Unknown(Fault(reason=UNKNOWN_CHILD, pointer="/student_no"))
    return children[0]


def _at_odds_in_a_batch(outcome: Outcome, kind: StreamKind[Any]) -> Outcome:
    if isinstance(outcome, Unknown) and outcome.reason is kind.unknown:
        return AtOdds(*outcome.faults)
    return outcome


def as_if_not_there(outcome: Outcome, submission: Submission) -> Outcome:
    """Treat a stream out of the actor's sight as one that is not known yet: the answers don't differ."""
    if not isinstance(outcome, Unknown) or submission.opens:
        return outcome
    pointer = "/student_no" if submission.student_no else ""
    return AtOdds(Fault(reason=submission.kind.unknown, pointer=pointer))


def encoded(submission: Submission) -> bytes:
    """Return the canonical bytes of a submission."""
    return msgspec.json.encode(_words(submission), order="sorted")


def encoded_content(submission: Submission) -> bytes:
    """Return the canonical bytes of what a submission says: the same whenever it was noted."""
    words = _words(submission)
    del words["noted_at"]
    return msgspec.json.encode(words, order="sorted")


def _words(submission: Submission) -> dict[str, Any]:
    words: dict[str, Any] = msgspec.to_builtins(submission)
    # What is said of a child has the same bytes as before there were streams of other kinds.
    return {name: value for name, value in words.items() if name not in _OF_OTHERS or value is not None}


def decoded(raw: bytes) -> Submission:
    """Read a submission back."""
    return msgspec.json.decode(raw, type=Submission)
