"""The one function that judges: was the rule met for this child in this period, on what evidence?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from domain.child import Child, fold
from domain.choices import CarerKind
from domain.days import end_of_day
from domain.event import Event
from domain.fields import Choice, Field, fields_of
from domain.ledger.fact import Fact
from domain.refusal import Reason, invalid, refuses
from domain.rules.calendar import Calendar
from domain.rules.periods import Period, period_of
from domain.rules.rule import Filter, Requirement, Rule, words_allowed

NOT_OF_THIS_RULE = Reason(
    code="not_of_this_rule",
    zh="该周期与规则或校历不符",
    en="The period does not fit this rule or the calendar.",
)

_PEOPLE = frozenset({"child", "father", "mother", "parent", "guardian"})


class Status(Choice):
    """What a verdict says."""

    MET = "met", "达标", "met"
    SHORT = "short", "未达标", "short"
    PENDING = "pending", "进行中", "pending"
    NOT_APPLICABLE = "not_applicable", "不适用", "not applicable"
    UNSPECIFIED = "unspecified", "未定次数", "unspecified"


class Why(Choice):
    """Why an event did not count.

    In order: an event is given the first that applies. `no_record` comes after all that filing a
    record can't mend, so that it says: with its record this passes.
    """

    VOIDED = "voided", "已作废", "void"
    NOT_MET = "not_met", "未见到人", "nobody was met"
    NOT_CONNECTED = "not_connected", "未接通", "did not get through"
    WRONG_OUTCOME = "wrong_outcome", "结果不符", "other outcome"
    TOO_SHORT = "too_short", "时长不足", "too short"
    WRONG_PARTY = "wrong_party", "对象不符", "with somebody else"
    WRONG_KIND = "wrong_kind", "类型不符", "of another kind"
    WRONG_ACTOR = "wrong_actor", "非结对帮扶人", "not by the paired carer"
    NO_RECORD = "no_record", "没有记录内容", "no record"
    SAME_DAY = "same_day", "当日已计一次", "another one counted on that day"


class Rejection(NamedTuple):
    """An event that did not count, and why."""

    event_id: UUID
    reason: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementVerdict:
    """How one requirement came out; `required` None is a number that the regulation leaves open."""

    status: Status
    required: int | None
    counted: tuple[UUID, ...]
    rejected: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a child's period came out under a rule, with its evidence in order of time.

    `required` and `achieved` sum up the requirements that are due. `rejected` events counted for no
    requirement. `late` marks those of both that were written down late.
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
    return verdict_of(child, rule=rule, period=period, as_of=as_of, as_known_at=as_known_at)


def verdict_of(child: Child, *, rule: Rule, period: Period, as_of: date, as_known_at: datetime) -> Verdict:
    """Judge a period of a child that was folded to the same two clocks."""
    over = as_of > period.last or (as_of == period.last and as_known_at >= end_of_day(period.last))
    facts = [fact for fact in child.facts if period.holds(fact.day)]
    void = [fact for fact in child.void if period.holds(fact.day) and fact.day <= as_of]
    judged = tuple(
        _judged(requirement, child, facts, void, period=period, min_active=rule.min_active, over=over)
        for requirement in rule.requirements
    )
    counted = {event_id for each in judged for event_id in each.counted}
    rejected = _rejected_by_all(judged, counted)
    return Verdict(
        subject=child.child_id,
        rule_id=rule.rule_id,
        version=rule.version,
        period=period,
        status=_status_of_all({each.status for each in judged}),
        required=sum(r.required or 0 for r in judged if r.status is not Status.NOT_APPLICABLE),
        achieved=sum(
            min(len(r.counted), r.required or 0) for r in judged if r.status is not Status.NOT_APPLICABLE
        ),
        counted=tuple(f.event_id for f in facts if f.event_id in counted),
        rejected=tuple(
            Rejection(f.event_id, rejected[f.event_id])
            for f in sorted((*facts, *void), key=lambda f: f.order)
            if f.event_id in rejected
        ),
        late=tuple(f.event_id for f in facts if f.late and (f.event_id in counted or f.event_id in rejected)),
        requirements=judged,
    )


def _judged(
    requirement: Requirement,
    child: Child,
    facts: list[Fact],
    void: list[Fact],
    *,
    period: Period,
    min_active: float,
    over: bool,
) -> RequirementVerdict:
    types = {wanted.type for wanted in requirement.any_of}
    rejected = [Rejection(fact.event_id, Why.VOIDED) for fact in void if fact.type in types]
    counted: list[UUID] = []
    days: set[date] = set()
    for fact in facts:
        if fact.type not in types:
            continue
        why = _why_not(requirement, fact, child)
        if why is None and requirement.distinct_days and fact.day in days:
            why = Why.SAME_DAY
        if why is None:
            counted.append(fact.event_id)
            days.add(fact.day)
        else:
            rejected.append(Rejection(fact.event_id, why))
    # The share is meant as it is written in decimals: 0.55 of 100 days are 55, not a little more.
    due = _days_due(requirement, child, period) >= Fraction(str(min_active)) * period.days
    return RequirementVerdict(
        status=_status(requirement.n, len(counted), due=due, over=over),
        required=requirement.n,
        counted=tuple(counted),
        rejected=tuple(rejected),
    )


def _status(n: int | None, counted: int, *, due: bool, over: bool) -> Status:
    if not due:
        return Status.NOT_APPLICABLE
    if n is None:
        return Status.UNSPECIFIED
    if counted >= n:
        return Status.MET
    return Status.SHORT if over else Status.PENDING


def _status_of_all(each: set[Status]) -> Status:
    """All that is due must hold; what can't be scored keeps the whole from being called met."""
    for status in (Status.SHORT, Status.PENDING, Status.UNSPECIFIED, Status.MET):
        if status in each:
            return status
    return Status.NOT_APPLICABLE


def _rejected_by_all(judged: Iterable[RequirementVerdict], counted: set[UUID]) -> dict[UUID, Why]:
    """Return the reason that is nearest to counting, over all requirements."""
    reasons: dict[UUID, Why] = {}
    for rejection in (r for each in judged for r in each.rejected):
        event_id, why = rejection
        if event_id not in counted:
            reasons[event_id] = max(reasons.get(event_id, why), why, key=_RANK.__getitem__)
    return reasons


_RANK = {why: rank for rank, why in enumerate(Why)}


def _why_not(requirement: Requirement, fact: Fact, child: Child) -> Why | None:
    """Return None where a filter lets the event pass, else what the nearest filter lacks first."""
    nearest: Why | None = None
    for wanted in requirement.any_of:
        if wanted.type != fact.type:
            continue
        first = min(_lacks(wanted, fact, child), key=_RANK.__getitem__, default=None)
        if first is None:
            return None
        if nearest is None or _RANK[first] > _RANK[nearest]:
            nearest = first
    return nearest


def _lacks(wanted: Filter, fact: Fact, child: Child) -> Iterator[Why]:
    fields = {field.name: field for field in fields_of(type(fact.details))}
    for name, words in wanted.where.items():
        if not _has_word(getattr(fact.details, name), words_allowed(words, fields[name].base)):
            yield _why_of_field(fields[name], words)
    if wanted.min_minutes is not None and (fact.details.minutes or 0) < wanted.min_minutes:
        yield Why.TOO_SHORT
    if wanted.by is not None and not _paired(fact, wanted.by, child):
        yield Why.WRONG_ACTOR
    if wanted.record and not fact.has_record:
        yield Why.NO_RECORD


def _has_word(value: object, words: frozenset[str]) -> bool:
    return any(item in words for item in value) if isinstance(value, tuple) else value in words


def _why_of_field(field: Field, words: tuple[str, ...]) -> Why:
    if field.name == "outcome":
        return {"met": Why.NOT_MET, "connected": Why.NOT_CONNECTED}.get(words[0], Why.WRONG_OUTCOME)
    return Why.WRONG_PARTY if _PEOPLE & set(field.base) else Why.WRONG_KIND


def _paired(fact: Fact, kind: CarerKind, child: Child) -> bool:
    carers = fact.event_type.carers(fact.details)
    return any(p.kind is kind and p.carer in carers and p.holds(fact.day) for p in child.pairings)


def _days_due(requirement: Requirement, child: Child, period: Period) -> int:
    """Count the days in care; where only paired carers can fulfil the duty, those with such a carer."""
    days = {n for span in child.spans for n in _days(period, span.start, span.last)}
    kinds = {wanted.by for wanted in requirement.any_of}
    if None not in kinds:
        paired = (p for p in child.pairings if p.kind in kinds)
        days &= {n for p in paired for n in _days(period, p.start, None, before=p.end)}
    return len(days)


def _days(period: Period, first: date, last: date | None, *, before: date | None = None) -> range:
    ends = [period.last.toordinal() + 1]
    if last is not None:
        ends.append(last.toordinal() + 1)
    if before is not None:
        ends.append(before.toordinal())
    return range(max(first, period.first).toordinal(), min(ends))
