"""What may be recorded of a child: decided against what is known, before any event is made."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

from domain.care_action import CareAction
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.care_actions.child_exited import ChildExited
from domain.care_actions.child_readmitted import ChildReadmitted
from domain.care_actions.event_corrected import EventCorrected
from domain.care_actions.event_voided import EventVoided
from domain.catalogue import care_actions_by_type
from domain.child import Child, comes_of_age
from domain.correction import corrected
from domain.event import Draft
from domain.fact import Fact
from domain.fields import faults_of
from domain.ids import is_own
from domain.normal import normal_name
from domain.reasons import IN_THE_FUTURE, IS_VOID, NO_SUCH_EVENT, RESERVED_ID, UNKNOWN_CHILD, WRITTEN_BEFORE
from domain.refusal import (
    Conflict,
    Fault,
    Invalid,
    Reason,
    Refused,
    Stale,
    Unknown,
    VersionRequired,
    at_odds,
    conflict,
    invalid,
)

BEFORE_BIRTH = Reason(code="before_birth", zh="日期早于出生日期", en="Lies before the child's birth.")
ALREADY_ENROLLED = Reason(code="already_enrolled", zh="该儿童已建档", en="The child is already enrolled.")
OF_AGE = Reason(code="of_age", zh="建档日期不早于18周岁", en="Was 18 already on that day: care has ended.")
OUTSIDE_ENROLMENT = Reason(
    code="outside_enrolment", zh="该日期不在建档期间内", en="The child was not in care on that day."
)
IN_CARE_ALREADY = Reason(code="in_care_already", zh="该儿童仍在册", en="The child is in care already.")
NOT_IN_CARE = Reason(code="not_in_care", zh="该儿童当日不在册", en="The child is not in care on that day.")
NOT_CORRECTABLE = Reason(
    code="not_correctable",
    zh="更正和作废本身不能被更正；请对原记录重新更正",
    en="A correction or voiding is not corrected itself: correct the original event again.",
)
VOID_IS_FINAL = Reason(
    code="void_is_final",
    zh="作废不能再作废；请重新登记该事项",
    en="A voiding is final: record the action anew.",
)
ENROLMENT_STANDS = Reason(
    code="enrolment_stands",
    zh="建档之后已有其他记录，不能作废建档",
    en="The enrolment can't be voided while later events stand.",
)
SAME_APPROVER = Reason(
    code="same_approver",
    zh="审批人不能是登记人本人",
    en="The approver must be somebody other than the recorder.",
)
STALE = Reason(
    code="stale", zh="所依据的版本已过期，请重新读取", en="Based on an outdated version: read again."
)
VERSION_REQUIRED = Reason(
    code="version_required",
    zh="此操作须用 If-Match 写明所依据的版本",
    en="This decision needs If-Match with the version that it is based on.",
)
# `If-Match: *`
ANY_VERSION = -1
# Where a correction says what is true instead.
CORRECTED = "/details/fields"


def decide(child: Child, draft: Draft, *, today: date, by: str | None = None) -> None:
    """Refuse a draft that may not stand on this child's stream; do nothing where it may.

    Raises `Invalid`, `AtOdds`, `Conflict` or `Unknown`. `today` is the Shanghai day of the decision;
    `by` is the name of the key that it comes with, whoever is said to have recorded it.
    """
    action = care_actions_by_type()[draft.details.TYPE]
    faults = tuple(faults_of(draft.details))
    if faults:
        raise Invalid(*faults)
    if isinstance(draft.details, ChildEnrolled):
        _decide_enrolment(child, draft, today=today)
        return
    if child.enrolment is None:
        raise Unknown(Fault(reason=UNKNOWN_CHILD))
    _refuse_impossible_days(child, draft, today=today)
    match draft.details:
        case EventCorrected():
            _decide_correction(child, draft, draft.details, today=today, by=by)
        case EventVoided():
            _decide_voiding(child, draft, draft.details, by=by)
        case ChildReadmitted():
            if child.in_care(draft.occurred.day):
                raise conflict(IN_CARE_ALREADY, "/type")
        case ChildExited():
            if not child.in_care(draft.occurred.day):
                raise conflict(NOT_IN_CARE, "/type")
        case _:
            _decide_fact(child, draft, action)


def refuse_stale(version: int, *, based_on: int | None, required: bool) -> None:
    """Refuse what is based on another version than the present, or on none where one is `required`.

    ANY_VERSION names none, but says that there is something already. Raises `VersionRequired` or `Stale`.
    """
    if required and based_on in (None, ANY_VERSION):
        raise VersionRequired(Fault(reason=VERSION_REQUIRED))
    stands = version > 0 if based_on == ANY_VERSION else based_on in (None, version)
    if not stands:
        raise Stale(Fault(reason=STALE))


def refuse_same_approver(own: Iterable[str | None], approved_by: str, pointer: str) -> None:
    """Raise `Invalid` where somebody approves of what is his own, by any of his names, however spelled."""
    if normal_name(approved_by) in {normal_name(name) for name in own if name is not None}:
        raise invalid(SAME_APPROVER, pointer)


def carers_of(draft: Draft) -> Iterator[tuple[UUID, str]]:
    """Go through the carers that a draft speaks of, each with its JSON pointer."""
    action = care_actions_by_type()[draft.details.TYPE]
    for i, carer in enumerate(action.carers(draft.details)):
        many = isinstance(getattr(draft.details, "carers", None), tuple)
        yield carer, f"/details/carers/{i}" if many else "/details/carer"


def as_corrected(child: Child, said: EventCorrected) -> Draft:
    """Give the entry that a correction is about as it would stand then.

    Raises `Invalid`, and `Conflict` or `AtOdds` where there is no such entry.
    """
    fact = _target(child, said.target)
    if isinstance(fact.details, EventCorrected | EventVoided):
        raise conflict(NOT_CORRECTABLE, "/details/target")
    occurred, written_on, details = corrected(fact.occurred, fact.written_on, fact.details, said.fields)
    return Draft(
        event_id=fact.event_id,
        occurred=occurred,
        written_on=written_on,
        details=details,
        recorded_by=fact.event.recorded_by,
    )


def _decide_enrolment(child: Child, draft: Draft, *, today: date) -> None:
    # An enrolment that was voided, as by undoing an import, leaves the file free to be opened again.
    if child.enrolment is not None:
        raise conflict(ALREADY_ENROLLED)
    if is_own(child.child_id):
        raise invalid(RESERVED_ID, "/child_id")
    assert isinstance(draft.details, ChildEnrolled)
    _refuse(*_impossible_days(draft, today=today, born=draft.details.birth_date))
    if draft.occurred.day >= comes_of_age(draft.details.birth_date):
        raise Invalid(Fault(reason=OF_AGE, pointer="/occurred_on"))
    _refuse(*care_actions_by_type()[draft.details.TYPE].check(draft, child))


def _decide_fact(child: Child, draft: Draft, action: CareAction) -> None:
    if not child.in_care(draft.occurred.day):
        raise at_odds(OUTSIDE_ENROLMENT, "/occurred_on")
    _refuse(*action.check(draft, child))


def _decide_correction(
    child: Child, draft: Draft, said: EventCorrected, *, today: date, by: str | None
) -> None:
    result = as_corrected(child, said)
    refuse_same_approver((draft.recorded_by, by), said.approved_by, "/details/approved_by")
    if _target(child, said.target).event.erased:
        # There is nothing left to judge by, and an erased file takes no more.
        return
    others = replace(child, facts=tuple(f for f in child.facts if f.event_id != said.target))
    try:
        _decide_result(child, others, result, today=today)
    except Refused as refused:
        faults = (replace(f, pointer=f"{CORRECTED}{f.pointer}") for f in refused.faults)
        raise type(refused)(*faults) from None


def _decide_result(child: Child, others: Child, result: Draft, *, today: date) -> None:
    """Refuse what a correction makes of an entry, where it may not stand beside the `others`."""
    if isinstance(result.details, ChildEnrolled):
        _decide_enrolment(others, result, today=today)
        if any(f.day < result.details.birth_date for f in others.facts):
            raise Invalid(Fault(reason=BEFORE_BIRTH, pointer="/details/birth_date"))
        return
    _refuse_impossible_days(child, result, today=today)
    if not isinstance(result.details, ChildExited | ChildReadmitted):
        if not child.in_care(result.occurred.day):
            raise at_odds(OUTSIDE_ENROLMENT, "/occurred_on")
        _refuse(*care_actions_by_type()[result.details.TYPE].check(result, others))


def _decide_voiding(child: Child, draft: Draft, said: EventVoided, *, by: str | None) -> None:
    fact = _target(child, said.target)
    if isinstance(fact.details, EventVoided):
        raise conflict(VOID_IS_FINAL, "/details/target")
    if isinstance(fact.details, ChildEnrolled) and any(
        f is not fact and not isinstance(f.details, EventVoided | EventCorrected) for f in child.facts
    ):
        raise conflict(ENROLMENT_STANDS, "/details/target")
    refuse_same_approver((draft.recorded_by, by), said.approved_by, "/details/approved_by")


def _target(child: Child, target: UUID) -> Fact:
    if any(f.event_id == target for f in child.void):
        raise Conflict(Fault(reason=IS_VOID, pointer="/details/target"))
    fact = child.fact(target)
    if fact is None:
        raise at_odds(NO_SUCH_EVENT, "/details/target")
    return fact


def _refuse_impossible_days(child: Child, draft: Draft, *, today: date) -> None:
    born = child.profile.birth_date if child.profile else None
    _refuse(*_impossible_days(draft, today=today, born=born))


def _impossible_days(draft: Draft, *, today: date, born: date | None) -> Iterator[Fault]:
    pointer = "/occurred_on" if draft.occurred.at is None else "/occurred_at"
    if draft.occurred.day > today:
        yield Fault(reason=IN_THE_FUTURE, pointer=pointer)
    if born is not None and draft.occurred.day < born:
        yield Fault(reason=BEFORE_BIRTH, pointer=pointer)
    if draft.written_on is not None and draft.written_on > today:
        yield Fault(reason=IN_THE_FUTURE, pointer="/written_on")
    if draft.written_on is not None and draft.written_on < draft.occurred.day:
        yield Fault(reason=WRITTEN_BEFORE, pointer="/written_on")


def _refuse(*faults: Fault) -> None:
    if faults:
        raise Invalid(*faults)
