"""Which version of a rule holds for an organisation from which day on."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from domain.org import ancestors
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Reason, conflict, invalid, refuses
from domain.rules.calendar import Calendar
from domain.rules.periods import Period, periods_between
from domain.rules.rule import Rule

BINDING_OVERLAPS = Reason(
    code="binding_overlaps",
    zh="该组织在此期间已有这一规则；只有更高的版本可以从更晚的日期起取代它",
    en="The organisation already has this rule at that time. Only a newer version from a later "
    "day may follow.",
)
REWRITES_THE_PAST = Reason(
    code="rewrites_the_past",
    zh="已有版本在过去的这段时间内有效，不能追溯改动",
    en="A version was in force on those past days. What was judged by it can't be changed afterwards.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBinding:
    """A rule that holds for an organisation and all below it, from `effective_from` until before
    `effective_to`; None while no end is set."""

    rule: Rule
    org: str
    effective_from: date
    binding_event_id: UUID
    effective_to: date | None = None

    def holds(self, day: date) -> bool:
        """Return whether it is in force on `day`."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


def rule_in_force(
    bindings: Iterable[RuleBinding], *, org: str, rule_id: str, day: date
) -> RuleBinding | None:
    """Find what holds on the first day of a period: of the nearest organisation up the tree.

    A version that was followed by a newer one is given with its end.
    """
    mine = [binding for binding in bindings if binding.rule.rule_id == rule_id]
    for level in ancestors(org):
        for binding in _ended(b for b in mine if b.org == level):
            if binding.holds(day):
                return binding
    return None


def periods_governed(
    bindings: Collection[RuleBinding],
    binding: RuleBinding,
    *,
    level: Rule,
    org_on: Callable[[date], str],
    calendar: Calendar,
    first: date,
    last: date,
) -> Iterator[Period]:
    """Go through the periods of a level of a rule between two days in which this binding is in force.

    That is told by the first day of each, for `org_on` that day. What was late in a period may go on after
    it: periods that ended before `first` are among them as long as the rule waits.
    """
    wait = min(level.longest_wait, (first - date.min).days)
    start = max(first - timedelta(days=wait), binding.effective_from)
    for period in periods_between(start, last, kind=level.period, calendar=calendar):
        found = rule_in_force(bindings, org=org_on(period.first), rule_id=level.rule_id, day=period.first)
        if found is not None and found.binding_event_id == binding.binding_event_id:
            yield period


@refuses(ENDS_BEFORE_IT_BEGINS, BINDING_OVERLAPS, REWRITES_THE_PAST)
def refuse_overlap(existing: Iterable[RuleBinding], new: RuleBinding, *, today: date) -> None:
    """Refuse a binding that would leave two versions in force, or rewrite what was in force.

    Raises `Invalid` or `Conflict`. A newer version from a later day ends an open one. A binding may
    reach back before `today` only over days on which the organisation had no version of the rule,
    neither its own nor one from above.
    """
    if new.effective_to is not None and new.effective_to <= new.effective_from:
        raise invalid(ENDS_BEFORE_IT_BEGINS, "/effective_to")
    same_rule = [binding for binding in existing if binding.rule.rule_id == new.rule.rule_id]
    past_end = today if new.effective_to is None else min(today, new.effective_to)
    for level in ancestors(new.org):
        for binding in _ended(b for b in same_rule if b.org == level):
            if _meets(binding, first=new.effective_from, end=past_end):
                raise conflict(REWRITES_THE_PAST, "/effective_from")
            if level == new.org and not _follows(new, binding):
                raise conflict(BINDING_OVERLAPS, "/effective_from")


def _ended(bindings: Iterable[RuleBinding]) -> list[RuleBinding]:
    """End each open binding of one organisation where the next one begins."""
    ordered = sorted(bindings, key=lambda b: (b.effective_from, b.rule.version))
    ended = [
        replace(one, effective_to=after.effective_from) if one.effective_to is None else one
        for one, after in pairwise(ordered)
    ]
    return ended + ordered[-1:]


def _follows(new: RuleBinding, old: RuleBinding) -> bool:
    if not _meets(old, first=new.effective_from, end=new.effective_to):
        return True
    return (
        old.effective_to is None
        and old.effective_from < new.effective_from
        and old.rule.version < new.rule.version
    )


def _meets(binding: RuleBinding, *, first: date, end: date | None) -> bool:
    """Return whether the binding is in force on any day from `first` until before `end`."""
    starts_in_time = end is None or (first < end and binding.effective_from < end)
    return starts_in_time and (binding.effective_to is None or first < binding.effective_to)
