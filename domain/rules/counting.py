"""What counts for one requirement, in each of its windows, and how it stands by that."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import ceil
from uuid import UUID

from domain.choices import CarerKind
from domain.ledger.fact import Fact
from domain.rules.calendar import Calendar
from domain.rules.filters import why_not
from domain.rules.periods import Period, PeriodKind, period_of
from domain.rules.rule import Requirement, Rule
from domain.rules.subjects import Judged, days_of
from domain.rules.windows import Window, windows_of
from domain.rules.words import Op, Status, Untold, Why

Over = Callable[[date], bool]


@dataclass(slots=True, kw_only=True)
class InWindow:
    """How a window came out, and will be at its end if nothing more happens."""

    first: date
    last: date
    counted: list[UUID]
    status: Status
    at_end: Status


@dataclass(slots=True, kw_only=True)
class Counted:
    """How a requirement came out."""

    status: Status
    at_end: Status
    required: int | None
    achieved: int
    counted: list[UUID] = field(default_factory=list)
    rejected: list[tuple[UUID, Why]] = field(default_factory=list)
    windows: list[InWindow] = field(default_factory=list)
    reached: list[UUID] = field(default_factory=list)
    unreached: list[UUID] = field(default_factory=list)
    untold: Untold | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is asked beside the requirement: by which rule, in which period, how far it has gone."""

    rule: Rule
    period: Period
    over: Over
    as_of: date
    calendar: Calendar


def counted_in(
    requirement: Requirement,
    judged: Judged,
    *,
    rule: Rule,
    period: Period,
    over: Over,
    as_of: date,
    calendar: Calendar,
    made: bool | None,
) -> Counted:
    """Count for a requirement; `made` is whether the rule is made for the subject, None if nobody knows."""
    asking = Asking(rule=rule, period=period, over=over, as_of=as_of, calendar=calendar)
    if made is False:
        return _unscored(Status.NOT_APPLICABLE, requirement)
    if requirement.share is not None:
        return _of_members(requirement, judged, asking)
    found = _counted(requirement, judged, asking)
    if found.status is Status.NOT_APPLICABLE:
        return found
    untold = Untold.NO_ENTRIES if requirement.untold else Untold.POPULATION if made is None else None
    if untold is None:
        return found
    return replace(
        found, status=Status.UNEVALUABLE, at_end=Status.UNEVALUABLE, untold=untold, required=0, achieved=0
    )


def _unscored(status: Status, requirement: Requirement) -> Counted:
    return Counted(status=status, at_end=status, required=requirement.n, achieved=0)


def _counted(requirement: Requirement, judged: Judged, asking: Asking) -> Counted:
    if requirement.standing:
        return _standing(requirement, judged, asking)
    whys: dict[UUID, Why | None] = {}

    def why(fact: Fact) -> Why | None:
        if fact.event_id not in whys:
            whys[fact.event_id] = why_not(requirement, fact, judged)
        return whys[fact.event_id]

    types = {wanted.type for wanted in requirement.any_of}
    windows = windows_of(
        requirement,
        judged,
        asking.period,
        calendar=asking.calendar,
        counts=lambda fact: fact.type in types and why(fact) is None,
    )
    first, last = _reach(asking.period, windows)
    near = [f for f in judged.facts if first <= f.day <= last and f.type in types]
    void = [f for f in judged.void if first <= f.day <= last and f.day <= asking.as_of and f.type in types]
    rejected = [(f.event_id, Why.VOIDED) for f in void if asking.period.holds(f.day)]
    good = [fact for fact in near if why(fact) is None]
    found, used, same = [], set[UUID](), set[UUID]()
    for window in windows:
        counted, again = _in_window(requirement, window, good)
        used.update(f.event_id for f in counted)
        same.update(f.event_id for f in again)
        failed = sum(1 for f in near if window.holds(f) and why(f) is not None)
        found.append(
            _judged(requirement, judged, window, [f.event_id for f in counted], asking, failed=failed)
        )
    rejected += [
        (fact.event_id, why(fact) or _left_out(fact, windows, same))
        for fact in near
        if fact.event_id not in used and asking.period.holds(fact.day)
    ]
    return _together(requirement, found, [f.event_id for f in good if f.event_id in used], rejected)


def _reach(period: Period, windows: Sequence[Window]) -> tuple[date, date]:
    """Return the first and the last day of all that may count: the period, and what goes on after it."""
    return period.first, max([period.last, *(window.last for window in windows)])


def _in_window(
    requirement: Requirement, window: Window, good: Iterable[Fact]
) -> tuple[list[Fact], list[Fact]]:
    """Return what counts in a window, and what doesn't because another one counted on that day."""
    counted, again, days = list[Fact](), list[Fact](), set[date]()
    for fact in good:
        if not window.holds(fact):
            continue
        if requirement.distinct_days and fact.day in days:
            again.append(fact)
        else:
            counted.append(fact)
            days.add(fact.day)
    return counted, again


def _left_out(fact: Fact, windows: Sequence[Window], same: set[UUID]) -> Why:
    if fact.event_id in same:
        return Why.SAME_DAY
    triggers = [w for w in windows if w.opened_by is not None]
    return Why.BEFORE_TRIGGER if any(w.last >= fact.day for w in triggers) else Why.OUTSIDE


def _judged(
    requirement: Requirement,
    judged: Judged,
    window: Window,
    counted: list[UUID],
    asking: Asking,
    *,
    failed: int = 0,
) -> InWindow:
    due = _due(requirement, judged, window, asking)
    over = asking.over(window.last)
    return InWindow(
        first=window.first,
        last=window.last,
        counted=counted,
        status=_status(requirement, len(counted), failed, due=due, over=over),
        at_end=_status(requirement, len(counted), failed, due=due, over=True),
    )


def _due(requirement: Requirement, judged: Judged, window: Window, asking: Asking) -> bool:
    kinds: set[CarerKind | None] = {wanted.by for wanted in requirement.any_of} or {None}
    days = judged.days_due(window.first, window.last, kinds)
    if asking.rule.during is not None:
        kind = PeriodKind.from_word(asking.rule.during)
        days = {
            n for n in days if period_of(date.fromordinal(n), kind=kind, calendar=asking.calendar) is not None
        }
    # The share is meant as it is written in decimals: 0.55 of 100 days are 55, not a little more.
    return len(days) >= Fraction(str(asking.rule.min_active)) * window.days


def _status(requirement: Requirement, counted: int, failed: int, *, due: bool, over: bool) -> Status:
    op = requirement.op or Op.AT_LEAST
    if op is Op.EVERY:
        due = due and counted + failed > 0
    if not due:
        return Status.NOT_APPLICABLE
    n = 0 if op is Op.EVERY else requirement.n
    if n is None:
        return Status.UNSPECIFIED
    if op is Op.EVERY:
        return Status.SHORT if failed else Status.MET if over else Status.PENDING
    if op is Op.AT_LEAST:
        if counted >= n:
            return Status.MET
        return Status.SHORT if over else Status.PENDING
    if counted > n:
        return Status.SHORT
    if not over:
        return Status.PENDING
    return Status.MET if op is Op.AT_MOST or counted == n else Status.SHORT


def _together(
    requirement: Requirement, found: list[InWindow], counted: list[UUID], rejected: list[tuple[UUID, Why]]
) -> Counted:
    due = [window for window in found if window.status is not Status.NOT_APPLICABLE]
    n = requirement.n
    asked = 0 if requirement.op is Op.AT_MOST else n or 0
    return Counted(
        status=_worst({window.status for window in due}),
        at_end=_worst({window.at_end for window in due}),
        required=None if n is None else asked * (len(due) if requirement.each is not None else 1),
        achieved=sum(min(len(window.counted), asked) for window in due),
        counted=counted,
        rejected=rejected,
        windows=found if requirement.each is not None else [],
    )


def _worst(each: set[Status]) -> Status:
    for status in (Status.SHORT, Status.PENDING, Status.UNSPECIFIED, Status.MET):
        if status in each:
            return status
    return Status.NOT_APPLICABLE


def _standing(requirement: Requirement, judged: Judged, asking: Asking) -> Counted:
    """Count the pairings that stand at the end of the period, or today while it runs."""
    kinds = {
        CarerKind.from_word(word) for wanted in requirement.any_of for word in wanted.where.get("kind", ())
    }
    period = asking.period
    if not any(judged.standing(date.fromordinal(n), kinds) for n in days_of(period)):
        # Who has none of these is asked nothing about them.
        return _unscored(Status.NOT_APPLICABLE, requirement)
    found = list(judged.standing(min(asking.as_of, period.last), kinds))
    whole = Window(first=period.first, last=period.last)
    return _together(requirement, [_judged(requirement, judged, whole, found, asking)], found, [])


def _of_members(requirement: Requirement, judged: Judged, asking: Asking) -> Counted:
    """Count the children of whom it holds, and ask for the share of them that it must hold of."""
    alone = replace(requirement, share=None)
    reached, unreached, counted = list[UUID](), list[UUID](), list[UUID]()
    pending = unknown = False
    for member in judged.members:
        made = member.belongs(asking.rule.population, asking.period.first)
        one = _counted(alone, member, asking)
        if made is False or one.status is Status.NOT_APPLICABLE:
            continue
        unknown = unknown or made is None
        (reached if one.status is Status.MET else unreached).append(member.subject_id)
        pending = pending or one.status is Status.PENDING
        counted += one.counted
    children = len(reached) + len(unreached)
    wanted = ceil(Fraction(str(requirement.share)) * children)
    status, at_end = _status_of_share(
        requirement, len(reached), wanted, children=children, pending=pending, unknown=unknown
    )
    return Counted(
        status=status,
        at_end=at_end,
        required=None if requirement.n is None else wanted,
        achieved=min(len(reached), wanted),
        counted=counted,
        reached=reached,
        unreached=unreached,
        untold=Untold.POPULATION if status is Status.UNEVALUABLE else None,
    )


def _status_of_share(
    requirement: Requirement, reached: int, wanted: int, *, children: int, pending: bool, unknown: bool
) -> tuple[Status, Status]:
    if not children:
        return Status.NOT_APPLICABLE, Status.NOT_APPLICABLE
    if requirement.n is None:
        return Status.UNSPECIFIED, Status.UNSPECIFIED
    if reached >= wanted:
        return Status.MET, Status.MET
    if unknown:
        return Status.UNEVALUABLE, Status.UNEVALUABLE
    return (Status.PENDING if pending else Status.SHORT), Status.SHORT
