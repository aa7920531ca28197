"""What may be recorded on a stream: decided against what is known, before any event is made.

What holds for every kind of stream stands here; what a kind adds are its `Checks`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from domain.event import Event, NewEvent
from domain.fields import faults_of
from domain.ids import is_own
from domain.ledger.corrections import corrected
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_type import declared
from domain.ledger.event_voided import EventVoided
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind
from domain.normal import undotted
from domain.reasons import IN_THE_FUTURE, IS_VOID, RESERVED_ID, UNKNOWN_TYPE, WRITTEN_BEFORE
from domain.refusal import (
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
    refuses,
)

F = TypeVar("F", bound=Facts)

NOT_CORRECTABLE = Reason(
    code="not_correctable",
    zh="更正和作废本身不能被更正；请对原记录重新更正",
    en="Corrections and voidings can't be corrected. Correct the original event again.",
)
TYPE_NOT_CORRECTABLE = Reason(
    code=NOT_CORRECTABLE.code,
    zh="此类记录不能更正",
    en="Events of this type can't be corrected.",
)
NOT_VOIDABLE = Reason(code="not_voidable", zh="此类记录不能作废", en="Events of this type can't be voided.")
VOID_IS_FINAL = Reason(
    code="void_is_final",
    zh="作废不能再作废；请重新登记该事项",
    en="A voiding is final. Record the action again.",
)
SAME_APPROVER = Reason(
    code="same_approver",
    zh="审批人不能是登记人本人",
    en="The approver must not be the recorder.",
)
STALE = Reason(
    code="stale", zh="所依据的版本已过期，请重新读取", en="Based on an outdated version. Read again."
)
VERSION_REQUIRED = Reason(
    code="version_required",
    zh="此操作须用 If-Match 写明所依据的版本",
    en="This decision needs If-Match with the version it is based on.",
)
# `If-Match: *`
ANY_VERSION = -1
# Where a correction says what is true instead.
CORRECTED = "/details/fields"


@refuses(IN_THE_FUTURE, WRITTEN_BEFORE)
def decide(kind: StreamKind[F], state: F, new_event: NewEvent, *, today: date, by: str | None = None) -> None:
    """Refuse a new event that may not stand on this stream; do nothing where it may.

    Raises `Invalid`, `AtOdds`, `Conflict` or `Unknown`. `today` is the Shanghai day of the decision; `by` is
    the name of the key that it comes with, whoever is said to have recorded it.
    """
    if new_event.details.TYPE not in kind.by_type:
        raise invalid(UNKNOWN_TYPE, "/type")
    _refuse(*faults_of(new_event.details))
    kind.checks.ended(state)
    if _opens(kind, state, new_event):
        _decide_opening(kind, state, new_event, today=today)
        return
    if not state.of_any(*kind.opens):
        raise Unknown(Fault(reason=kind.unknown))
    _refuse(*_impossible_days(kind, state, new_event, today=today))
    match new_event.details:
        case EventCorrected():
            _decide_correction(kind, state, new_event, new_event.details, today=today, by=by)
        case EventVoided():
            _decide_voiding(kind, state, new_event, new_event.details, by=by)
        case _:
            _refuse(*kind.checks.admits(state, new_event, corrected=False))
            event_type = declared(type(new_event.details))
            _refuse(*event_type.check(new_event, state))
            if event_type.approved is not None:
                approved_by = getattr(new_event.details, event_type.approved)
                if approved_by is not None:
                    own, at = (new_event.recorded_by, by), f"/details/{event_type.approved}"
                    refuse_same_approver(own, approved_by, at)


@refuses(STALE, VERSION_REQUIRED)
def refuse_stale(version: int, *, based_on: int | None, required: bool) -> None:
    """Refuse what is based on another version than the present, or on none where one is `required`.

    ANY_VERSION names none, but says that there is something already. Raises `VersionRequired` or `Stale`.
    """
    if required:
        refuse_unnamed(based_on)
    stands = version > 0 if based_on == ANY_VERSION else based_on in (None, version)
    if not stands:
        raise Stale(Fault(reason=STALE))


def refuse_unnamed(based_on: int | None) -> None:
    """Raise `VersionRequired` where no version is named."""
    if based_on in (None, ANY_VERSION):
        raise VersionRequired(Fault(reason=VERSION_REQUIRED))


@refuses(SAME_APPROVER)
def refuse_same_approver(own: Iterable[str | None], approved_by: str, pointer: str) -> None:
    """Raise `Invalid` where somebody approves of what is his own, by any of his names, however spelled."""
    if undotted(approved_by) in {undotted(name) for name in own if name is not None}:
        raise invalid(SAME_APPROVER, pointer)


def as_corrected(kind: StreamKind[F], state: F, said: EventCorrected) -> NewEvent:
    """Return the entry that a correction is about as it would stand then.

    Raises `Invalid`, and `Conflict` or `AtOdds` where there is no such entry.
    """
    fact = _target(kind, state, said.target)
    if not fact.event_type.correctable:
        generic = isinstance(fact.details, EventCorrected | EventVoided)
        raise conflict(NOT_CORRECTABLE if generic else TYPE_NOT_CORRECTABLE, "/details/target")
    occurred, written_on, details = corrected(fact.occurred, fact.written_on, fact.details, said.fields)
    return NewEvent(
        event_id=fact.event_id,
        occurred=occurred,
        written_on=written_on,
        details=details,
        recorded_by=fact.event.recorded_by,
    )


def impossible_days(
    new_event: NewEvent | Event, *, today: date, of_kind: Iterable[Fault] = ()
) -> Iterator[Fault]:
    """Find days that can't be so: after today, or written down before it happened; and what a kind finds."""
    if new_event.occurred.day > today:
        yield Fault(reason=IN_THE_FUTURE, pointer=occurred_at(new_event))
    yield from of_kind
    if new_event.written_on is not None and new_event.written_on > today:
        yield Fault(reason=IN_THE_FUTURE, pointer="/written_on")
    if new_event.written_on is not None and new_event.written_on < new_event.occurred.day:
        yield Fault(reason=WRITTEN_BEFORE, pointer="/written_on")


def occurred_at(new_event: NewEvent | Event) -> str:
    """Return the JSON pointer of when a new event happened: of its day, or of its moment."""
    return "/occurred_on" if new_event.occurred.at is None else "/occurred_at"


def _impossible_days(kind: StreamKind[F], state: F, new_event: NewEvent, *, today: date) -> Iterator[Fault]:
    return impossible_days(new_event, today=today, of_kind=kind.checks.days(state, new_event))


def _opens(kind: StreamKind[F], state: F, new_event: NewEvent) -> bool:
    """Return whether a new event opens the stream. Raises `Conflict` where it is open and opens only once."""
    if not isinstance(new_event.details, kind.opens):
        return False
    opened = bool(state.of_any(*kind.opens))
    if opened and not kind.opens_again:
        raise conflict(kind.already_open)
    return not opened


def _decide_opening(kind: StreamKind[F], state: F, new_event: NewEvent, *, today: date) -> None:
    if kind.id == "uuid" and is_own(state.stream_id):
        raise invalid(RESERVED_ID, kind.id_at)
    _refuse(*_impossible_days(kind, state, new_event, today=today))
    _refuse(*kind.checks.opening(state, new_event))
    _refuse(*declared(type(new_event.details)).check(new_event, state))


def _decide_correction(
    kind: StreamKind[F],
    state: F,
    new_event: NewEvent,
    details: EventCorrected,
    *,
    today: date,
    by: str | None,
) -> None:
    result = as_corrected(kind, state, details)
    refuse_same_approver((new_event.recorded_by, by), details.approved_by, "/details/approved_by")
    if _target(kind, state, details.target).event.erased:
        # There is nothing left to judge by, and an erased stream takes no more.
        return
    others = replace(state, facts=tuple(f for f in state.facts if f.event_id != details.target))
    try:
        _decide_result(kind, state, others, result, today=today)
    except Refused as refused:
        faults = (replace(f, pointer=f"{CORRECTED}{f.pointer}") for f in refused.faults)
        raise type(refused)(*faults) from None


def _decide_result(kind: StreamKind[F], state: F, others: F, result: NewEvent, *, today: date) -> None:
    """Refuse what a correction makes of an entry, where it may not stand beside the `others`."""
    if _opens(kind, others, result):
        _decide_opening(kind, others, result, today=today)
        _refuse(*kind.checks.restated(others, result))
        return
    _refuse(*_impossible_days(kind, state, result, today=today))
    _refuse(*kind.checks.admits(state, result, corrected=True))
    _refuse(*declared(type(result.details)).check(result, others))


def _decide_voiding(
    kind: StreamKind[F], state: F, new_event: NewEvent, details: EventVoided, *, by: str | None
) -> None:
    fact = _target(kind, state, details.target)
    if not fact.event_type.voidable:
        is_voiding = isinstance(fact.details, EventVoided)
        raise conflict(VOID_IS_FINAL if is_voiding else NOT_VOIDABLE, "/details/target")
    if isinstance(fact.details, kind.opens) and _rest_on(fact, kind, state):
        raise conflict(kind.opening_stands, "/details/target")
    refuse_same_approver((new_event.recorded_by, by), details.approved_by, "/details/approved_by")


def _rest_on(opening: Fact, kind: StreamKind[F], state: F) -> bool:
    """Return whether other entries rest on this opening: all do, unless a stream opens again and again."""
    others = [f for f in state.facts if f is not opening]
    if kind.opens_again and any(isinstance(f.details, kind.opens) for f in others):
        return False
    return not all(isinstance(f.details, EventVoided | EventCorrected) for f in others)


def _target(kind: StreamKind[F], state: F, target: UUID) -> Fact:
    if any(f.event_id == target for f in state.void):
        raise conflict(IS_VOID, "/details/target")
    fact = state.fact(target)
    if fact is None:
        raise at_odds(kind.no_such_event, "/details/target")
    return fact


def _refuse(*faults: Fault) -> None:
    if faults:
        raise Invalid(*faults)
