"""Submissions: care actions as clients send them, one by one or in batches, and what becomes of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from application.access import Actor
from application.children.care_record import CareRecord
from application.children.session import Outcome, Proposal, Provenance, Recorded
from application.reasons import CHILD_OR_NUMBER, IMPLAUSIBLE_YEAR, OWN_ROUTE, UNKNOWN_CARER, WHEN
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.catalogue import care_actions_by_type
from domain.days import PLAUSIBLE_YEARS
from domain.event import Draft, Evidence, Occurred
from domain.fields import text_faults
from domain.ids import is_own
from domain.normal import shown
from domain.reasons import RESERVED_ID, UNKNOWN_CHILD, UNKNOWN_TYPE
from domain.refusal import AtOdds, Fault, Invalid, Reason, Refused, Unknown, invalid
from domain.wire import from_wire

DERIVED = Reason(
    code="derived_type",
    zh="该类型由系统根据活动记录自动生成，请登记活动本身",
    en="The ledger records this type itself: record the activity that it follows from.",
)
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A care action as it was sent: words, not yet judged.

    The child is named by `child_id` or by `student_no`. `based_on` is the version that a decision names.
    `org` places a child at enrolment, or where a transfer is accepted.
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
    evidence: tuple[Evidence, ...] = field(default=())
    source_event_id: UUID | None = None
    noted_at: datetime | None = None

    def draft(self, *, recorded_by: str) -> Draft:
        """Make the draft that it stands for. Raises `Invalid` with the pointers of what is wrong."""
        action = care_actions_by_type().get(self.type)
        if action is None:
            raise invalid(UNKNOWN_TYPE, "/type")
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
            *text_faults(self.late_reason or "", "/late_reason", max_length=1000),
        ]
        if faults:
            raise Invalid(*faults)
        return Draft(
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
        )


def occurred_as_said(occurred_on: date | None, occurred_at: datetime | None) -> Occurred:
    """Give when something is said to have happened. Raises `Invalid` unless exactly one is given."""
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

    def __init__(self, *, record: CareRecord) -> None:
        self._record = record

    def submit(self, submission: Submission, *, actor: Actor, provenance: Provenance) -> Recorded:
        """Record one submission. Raises the `Refused` in its way; an unknown carer is `Invalid` here."""
        action = care_actions_by_type().get(submission.type)
        if action is not None and action.on_own_route and submission.org is None:
            raise invalid(OWN_ROUTE, "/type")
        child_id = child_of(submission, record=self._record, scope=actor.org)
        draft = submission.draft(recorded_by=actor.name)
        (outcome,) = self._record.record_many(
            actor=actor,
            child_id=child_id,
            drafts=[draft],
            based_on=submission.based_on,
            org=submission.org,
            provenance=provenance,
        )
        if isinstance(outcome, AtOdds) and outcome.reason is UNKNOWN_CARER:
            raise Invalid(*outcome.faults)
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def submit_many(
        self, submissions: Sequence[Submission], *, actor: Actor, provenance: Provenance
    ) -> list[Outcome]:
        """Record a batch, and give what became of each, in order; one stands or falls without the others.

        Enrolments go first, wherever in the batch they stand, then the rest in its order. What names
        a child or carer that is not known yet is `AtOdds`: it may come with a later batch.
        """
        outcomes: dict[int, Outcome] = {}
        for enrolling in (True, False):
            indices = [i for i, s in enumerate(submissions) if (s.type == ChildEnrolled.TYPE) is enrolling]
            groups = self._by_child(submissions, indices, actor=actor, refused=outcomes)
            children = {child_id: list(members.values()) for child_id, members in groups.items()}
            done = self._record.record_children(children, actor=actor, provenance=provenance)
            for child_id, members in groups.items():
                outcomes |= zip(members, map(_at_odds_in_a_batch, done[child_id]), strict=True)
        return [outcomes[index] for index in range(len(submissions))]

    def _by_child(
        self,
        submissions: Sequence[Submission],
        indices: Sequence[int],
        *,
        actor: Actor,
        refused: dict[int, Outcome],
    ) -> dict[UUID, dict[int, Proposal]]:
        """Sort drafts by child; what makes no draft, or names no child, goes to `refused`."""
        groups: dict[UUID, dict[int, Proposal]] = {}
        numbers = {s.student_no for s in map(submissions.__getitem__, indices) if s.student_no is not None}
        found = self._record.meant(numbers, scope=actor.org)
        lost = [submissions[i] for i in indices if len(found.get(submissions[i].student_no or "", ())) != 1]
        before = _recorded_before(lost, record=self._record, scope=actor.org)
        for index in indices:
            submission = submissions[index]
            try:
                draft = submission.draft(recorded_by=actor.name)
                child_id = _named_child(submission, found, before=before)
            except Refused as refusal:
                refused[index] = _at_odds_in_a_batch(refusal)
                continue
            # A fact of a batch is one of many that were written before any of them was sent.
            decision = care_actions_by_type()[submission.type].decision
            based_on = submission.based_on if decision else None
            proposal = Proposal(draft=draft, based_on=based_on, org=submission.org)
            groups.setdefault(child_id, {})[index] = proposal
        return groups


def child_of(submission: Submission, *, record: CareRecord, scope: str) -> UUID:
    """Tell which child a submission is about. Raises `Unknown` for a number that nobody in `scope` has."""
    number = submission.student_no
    found = {} if number is None else record.meant((number,), scope=scope)
    alone = number is not None and len(found[number]) == 1
    before = {} if alone else _recorded_before([submission], record=record, scope=scope)
    return _named_child(submission, found, before=before)


def _recorded_before(
    submissions: Sequence[Submission], *, record: CareRecord, scope: str
) -> Mapping[UUID, UUID]:
    """Give the child of each of those that were recorded in `scope` by a number that nobody there has now."""
    numbers = {s.event_id: s.student_no for s in submissions if s.student_no is not None}
    return record.meant_before(numbers, scope=scope)


def _named_child(
    submission: Submission, found: Mapping[str, tuple[UUID, ...]], *, before: Mapping[UUID, UUID]
) -> UUID:
    """Tell which child a submission is about; `found` are those of each student number, `before` those whom
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


def _at_odds_in_a_batch(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Unknown) and outcome.reason is UNKNOWN_CHILD:
        return AtOdds(*outcome.faults)
    return outcome


def encoded(submission: Submission) -> bytes:
    """Give the canonical bytes of a submission."""
    return msgspec.json.encode(submission, order="sorted")


def encoded_content(submission: Submission) -> bytes:
    """Give the canonical bytes of what a submission says: the same whenever it was noted."""
    words = msgspec.to_builtins(submission)
    del words["noted_at"]
    return msgspec.json.encode(words, order="sorted")


def decoded(raw: bytes) -> Submission:
    """Read a submission back."""
    return msgspec.json.decode(raw, type=Submission)
