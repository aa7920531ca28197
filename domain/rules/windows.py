"""The stretches of a period in each of which a requirement must hold by itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.effects import Effect
from domain.ledger.fact import Fact
from domain.rules.calendar import Calendar
from domain.rules.days_off import eve_of
from domain.rules.filters import passes
from domain.rules.periods import Period, PeriodKind, periods_between
from domain.rules.predicates import stays
from domain.rules.rule import Each, Requirement
from domain.rules.subjects import Judged
from domain.rules.words import EachOf

PHASES = (PeriodKind.TERM_START, PeriodKind.TERM_MID, PeriodKind.TERM_END)
_BY_CALENDAR = {
    EachOf.SCHOOLDAY: (PeriodKind.SCHOOLDAY,),
    EachOf.WEEK: (PeriodKind.WEEK,),
    EachOf.MONTH: (PeriodKind.MONTH,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days in which events count, both ends among them; `opened_by` is the entry that called for them."""

    first: date
    last: date
    opened_by: Fact | None = None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def holds(self, fact: Fact) -> bool:
        """Return whether an event lies in it, and not before what called for it."""
        after = self.opened_by is None or self.opened_by.order <= fact.order
        return self.first <= fact.day <= self.last and after


def windows_of(
    requirement: Requirement,
    judged: Judged,
    period: Period,
    *,
    calendar: Calendar,
    counts: Callable[[Fact], bool],
) -> list[Window]:
    """Return them in order: all of the period where the requirement names none, or none where there are none.

    `counts` tells whether an event answers a trigger: later ones of its kind join it until then.
    """
    each = requirement.each
    if each is None:
        return [Window(first=period.first, last=period.last)]
    if each.every is EachOf.TRIGGER:
        return list(_after_triggers(each, judged, period, counts=counts))
    return sorted(_BY[each.every](each, judged, period, calendar), key=lambda w: (w.first, w.last))


def _by_calendar(each: Each, _judged: Judged, period: Period, calendar: Calendar) -> Iterator[Window]:
    kinds = _BY_CALENDAR.get(each.every) or each.phases or PHASES
    for kind in kinds:
        for found in periods_between(period.first, period.last, kind=kind, calendar=calendar):
            yield Window(first=max(found.first, period.first), last=min(found.last, period.last))


def _eves(each: Each, _judged: Judged, period: Period, _calendar: Calendar) -> Iterator[Window]:
    for year in range(period.first.year, period.last.year + 2):
        for festival in each.festivals or ():
            eve = eve_of(festival, year)
            if eve is not None and period.holds(eve):
                yield Window(first=eve, last=eve)


def _with_parents(_each: Each, judged: Judged, period: Period, _calendar: Calendar) -> Iterator[Window]:
    for member in judged.members:
        for first, last in stays(member.child, until=period.last):
            if period.holds(first):
                yield Window(first=first, last=last)


_BY: Mapping[EachOf, Callable[[Each, Judged, Period, Calendar], Iterator[Window]]] = {
    **dict.fromkeys((*_BY_CALENDAR, EachOf.PHASE), _by_calendar),
    EachOf.EVE: _eves,
    EachOf.PARENT_HOME: _with_parents,
}


def _after_triggers(
    each: Each, judged: Judged, period: Period, *, counts: Callable[[Fact], bool]
) -> Iterator[Window]:
    """Go through what calls for something: one case of a kind at a time, none that needs nothing any more."""
    open_until: dict[Any, Window] = {}
    triggers = [f for f in judged.facts if f.type == each.type and passes(each.where or {}, f.details)]
    needless = _not_needed(judged.facts)
    for fact in triggers:
        kind = getattr(fact.details, "kind", None)
        before = open_until.get(kind)
        if before is not None and before.last >= fact.day and not _answered(before, fact, judged, counts):
            continue
        last = period.last if each.days is None else fact.day + timedelta(days=each.days)
        if last < fact.day:
            continue
        window = Window(first=fact.day, last=last, opened_by=fact)
        open_until[kind] = window
        if period.holds(fact.day) and fact.event_id not in needless:
            yield window


def _answered(window: Window, until: Fact, judged: Judged, counts: Callable[[Fact], bool]) -> bool:
    return any(window.holds(fact) and fact.order < until.order and counts(fact) for fact in judged.facts)


def _not_needed(facts: Sequence[Fact]) -> set[UUID]:
    """Return what was settled without a visit, because somebody said that none is needed."""
    settled = (f for f in facts if f.event_type.has(Effect.SETTLES_VISIT) and f.details.visit is None)
    return {f.details.trigger for f in settled}
