"""The one function that judges: was the rule met for its subject in this period, on what evidence?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from domain.child import Child, fold
from domain.days import end_of_day
from domain.event import Event
from domain.ledger.fact import Fact
from domain.refusal import Reason, invalid, refuses
from domain.rules.calendar import Calendar, default_calendar
from domain.rules.counting import Counted, counted_in
from domain.rules.filters import RANK
from domain.rules.periods import Period, period_of
from domain.rules.population import belongs
from domain.rules.rule import Rule
from domain.rules.subjects import Gathered, Judged, OfChild
from domain.rules.words import Status, Subject, Untold, Why

__all__ = ("Status", "Why")

NOT_OF_THIS_RULE = Reason(
    code="not_of_this_rule",
    zh="该周期与规则或校历不符",
    en="The period does not fit this rule or the calendar.",
)


class Rejection(NamedTuple):
    """An event that did not count, and why."""

    event_id: UUID
    reason: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowVerdict:
    """How one of the stretches came out in each of which a requirement must hold."""

    status: Status
    first: date
    last: date
    counted: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementVerdict:
    """How one requirement came out; `required` None is a number that the regulation leaves open.

    `windows` are those in each of which it must hold, or none where that is all of the period. `reached`
    are the children of the population of whom it holds, `unreached` those of whom it doesn't.
    """

    status: Status
    required: int | None
    counted: tuple[UUID, ...]
    rejected: tuple[Rejection, ...]
    windows: tuple[WindowVerdict, ...] = ()
    reached: tuple[UUID, ...] = ()
    unreached: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a period came out under a rule, with its evidence in order of time.

    `required` and `achieved` sum up the requirements that are due. `rejected` events counted for no
    requirement. `late` marks those of both that were written down late. `untold` says why nobody can tell.
    What is still open will be `at_end` if nothing more happens, by the end of the day `ends`.
    """

    subject: UUID
    rule_id: str
    version: int
    period: Period
    status: Status
    required: int
    achieved: int
    counted: tuple[UUID, ...]
    rejected: tuple[Rejection, ...]
    late: tuple[UUID, ...]
    requirements: tuple[RequirementVerdict, ...]
    subject_kind: Subject = Subject.CHILD
    untold: tuple[Untold, ...] = ()
    at_end: Status | None = None
    ends: date | None = None


@refuses(NOT_OF_THIS_RULE)
def verdict(
    events: Iterable[Event],
    *,
    subject: UUID,
    rule: Rule,
    period: Period,
    calendar: Calendar,
    as_of: date,
    as_known_at: datetime,
) -> Verdict:
    """Judge a child's period by what happened until the end of `as_of`, as known at `as_known_at`.

    Events of others and events not recorded by then are left out. Raises `Invalid` where the period
    is none of this rule.
    """
    if period_of(period.first, kind=rule.period, calendar=calendar) != period:
        raise invalid(NOT_OF_THIS_RULE, "/period")
    known = sorted(
        (e for e in events if e.originator_id == subject and e.recorded_at and e.recorded_at <= as_known_at),
        key=lambda e: e.originator_version,
    )
    child = fold(subject, known, as_of=as_of)
    return verdict_of(
        child, rule=rule, period=period, as_of=as_of, as_known_at=as_known_at, calendar=calendar
    )


def verdict_of(
    child: Child,
    *,
    rule: Rule,
    period: Period,
    as_of: date,
    as_known_at: datetime,
    calendar: Calendar | None = None,
) -> Verdict:
    """Judge a period of a child that was folded to the same two clocks."""
    return judge(
        OfChild(child),
        rule=rule,
        period=period,
        as_of=as_of,
        as_known_at=as_known_at,
        calendar=calendar or default_calendar(),
    )


def judge(
    judged: Judged, *, rule: Rule, period: Period, as_of: date, as_known_at: datetime, calendar: Calendar
) -> Verdict:
    """Judge a period of any subject that was folded to the same two clocks."""

    def over(last: date) -> bool:
        return as_of > last or (as_of == last and as_known_at >= end_of_day(last))

    # A rule about others is not made for it, whatever it asks.
    known = rule.subject is judged.kind and judged.belongs(rule.population, period.first)
    if rule.population is not None:
        judged = _restricted(judged, rule, period)
    each = [
        counted_in(
            requirement,
            judged,
            rule=rule,
            period=period,
            over=over,
            as_of=as_of,
            calendar=calendar,
            made=known,
        )
        for requirement in rule.requirements
    ]
    return _summed(judged, rule=rule, period=period, each=each)


def _restricted(judged: Judged, rule: Rule, period: Period) -> Judged:
    """Leave out what is about children for whom the rule is not made."""
    if not isinstance(judged, Gathered):
        return judged
    left = {
        child_id
        for child_id, child in judged.children.items()
        if belongs(child, rule.population, period.first) is False
    }
    return replace(
        judged,
        children={i: child for i, child in judged.children.items() if i not in left},
        facts=[f for f in judged.facts if f.event.originator_id not in left],
        void=[f for f in judged.void if f.event.originator_id not in left],
    )


def _summed(judged: Judged, *, rule: Rule, period: Period, each: Sequence[Counted]) -> Verdict:
    counted = {event_id for one in each for event_id in one.counted}
    rejected = _rejected_by_all(each, counted)
    due = [one for one in each if one.status is not Status.NOT_APPLICABLE]
    named = _named([*judged.facts, *judged.void], counted, rejected)
    status = _status_of_all({one.status for one in each})
    return Verdict(
        subject=judged.subject_id,
        subject_kind=judged.kind,
        rule_id=rule.rule_id,
        version=rule.version,
        period=period,
        status=status,
        required=sum(one.required or 0 for one in due),
        achieved=sum(one.achieved for one in due),
        counted=tuple(f.event_id for f in named if f.event_id in counted),
        rejected=tuple(Rejection(f.event_id, rejected[f.event_id]) for f in named if f.event_id in rejected),
        late=tuple(f.event_id for f in named if f.late and f.voided_by is None),
        requirements=tuple(_of_requirement(one) for one in each),
        untold=tuple(dict.fromkeys(one.untold for one in each if one.untold is not None)),
        at_end=_status_of_all({one.at_end for one in each}),
        ends=max([period.last, *(w.last for one in each for w in one.windows)]),
    )


def _of_requirement(one: Counted) -> RequirementVerdict:
    return RequirementVerdict(
        status=one.status,
        required=one.required,
        counted=tuple(one.counted),
        rejected=tuple(Rejection(*each) for each in one.rejected),
        windows=tuple(
            WindowVerdict(status=w.status, first=w.first, last=w.last, counted=tuple(w.counted))
            for w in one.windows
        ),
        reached=tuple(one.reached),
        unreached=tuple(one.unreached),
    )


def _named(facts: list[Fact], counted: set[UUID], rejected: dict[UUID, Why]) -> list[Fact]:
    """Return the facts that are evidence for or against, in order."""
    found = [f for f in facts if f.event_id in counted or f.event_id in rejected]
    found.sort(key=lambda f: f.order)
    return found


def _status_of_all(each: set[Status]) -> Status:
    """All that is due must hold; what can't be scored keeps the whole from being called met."""
    for status in (Status.SHORT, Status.PENDING, Status.UNEVALUABLE, Status.UNSPECIFIED, Status.MET):
        if status in each:
            return status
    return Status.NOT_APPLICABLE


def _rejected_by_all(each: Iterable[Counted], counted: set[UUID]) -> dict[UUID, Why]:
    """Return the reason that is nearest to counting, over all requirements."""
    reasons: dict[UUID, Why] = {}
    for event_id, why in (r for one in each for r in one.rejected):
        if event_id not in counted:
            reasons[event_id] = max(reasons.get(event_id, why), why, key=RANK.__getitem__)
    return reasons
