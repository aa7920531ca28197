"""A rule: what is owed in each week, month or term, as data.

A rule travels whole inside the event that binds it, for ever. What it leaves out is therefore written
out (`rule_to_data`), so that a later default never changes what an old rule meant. What rules could not say
from the beginning is None where one does not say it, and left out: older ones read as they were written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import msgspec

from domain.choices import CarerKind, Tag
from domain.fields import Choice
from domain.left_behind import LeftBehindClass
from domain.refusal import Text
from domain.rules.periods import PeriodKind
from domain.rules.words import During, EachOf, Festival, Op, Predicate, Severity, Subject, Weekday

PARENT = "parent"
PARENTS = ("father", "mother")
Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events count: those of `type` that pass everything else said here.

    `where` names fields of the type and the words allowed there; "parent" stands for father or
    mother, "yes" and "no" for what is true or not, and of a list one item is enough. `by` asks that one of
    the event's carers is paired with the child as that kind on that day. `record` asks for the written
    record, at once or filed later. `all_of` names lists that must hold every one of these words, `says` texts
    with one of these words in them, `filled` fields that must not be empty, `at_least` numbers, or lengths
    of lists. `parties` are groups of words: each end of the line or letter is of another group, whoever
    began. `open` are two times of the day between which it must have gone on, `on` weekdays, `role` the
    roles of who recorded it. `holds` are predicates that may look at the child on that day.
    """

    type: str
    where: Words = field(default_factory=dict)
    min_minutes: int | None = None
    by: CarerKind | None = None
    record: bool = False
    all_of: Words | None = None
    says: Words | None = None
    filled: tuple[str, ...] | None = None
    at_least: Mapping[str, int] | None = None
    parties: tuple[tuple[str, ...], ...] | None = None
    open: tuple[str, str] | None = None
    on: tuple[Weekday, ...] | None = None
    role: tuple[str, ...] | None = None
    holds: tuple[Predicate, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """In each of what a requirement must hold by itself.

    `phases` are those of a term that are meant, all without any; `festivals` those whose eves are meant.
    A trigger is an entry of `type` that passes `where`; there are `days` days after its own, or all that are
    left of the period: what happened before it does not count.
    """

    every: EachOf
    phases: tuple[PeriodKind, ...] | None = None
    festivals: tuple[Festival, ...] | None = None
    type: str | None = None
    where: Words | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """`n` events in the period, each passing any of the filters.

    `n` left out: the regulation names no number, and nothing is ever scored. With `distinct_days`,
    several events on one day count once. `op` is "at_least" unless it says otherwise; "every" asks that no
    event of these types fails the filters, however many there are. `each` asks for them
    in each of some stretches of the period. With `share` they are asked for each child of the population,
    and it must hold for that share of them. With `standing` pairings are counted that stand at the end of
    the period. `untold` says why no event can tell: it is never met, and shown as such.
    """

    any_of: tuple[Filter, ...]
    n: int | None = None
    distinct_days: bool = True
    op: Op | None = None
    each: Each | None = None
    share: float | None = None
    standing: bool | None = None
    untold: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Children for whom a rule is made: those of whom all of this is true on the first day of the period.

    `definition` is one of who is left behind, and `counts_as` the classes that are meant, one or both parents
    away unless said. `tags` are groups of special attention, of which one is enough; `classes` names of
    grades or classes.
    """

    definition: str | None = None
    counts_as: tuple[LeftBehindClass, ...] | None = None
    tags: tuple[Tag, ...] | None = None
    classes: tuple[str, ...] | None = None
    from_age: int | None = None
    under_age: int | None = None
    boarding: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A further level of a rule, with its own subject, period and requirements."""

    subject: Subject
    period: PeriodKind
    requirements: tuple[Requirement, ...]
    min_active: float = 0.5
    population: tuple[Group, ...] | None = None
    during: During | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a regulation demands. All of its requirements must hold.

    `min_active` is the share of the period's days on which the duty must exist for it to fall due. It is
    made for the children of any group of its `population`, or for all. `levels` are judged beside it, each
    by itself.
    """

    rule_id: str
    version: int
    title: Text
    source: str
    period: PeriodKind
    requirements: tuple[Requirement, ...]
    responsible_role: str
    severity: Severity
    subject: Subject = Subject.CHILD
    min_active: float = 0.5
    population: tuple[Group, ...] | None = None
    during: During | None = None
    levels: tuple[Level, ...] | None = None

    @property
    def longest_wait(self) -> int:
        """How many days a requirement may go on after its period, where something late in it began one."""
        waits = (r.each.days or 0 for r in self.requirements if r.each is not None)
        return max(waits, default=0)


def levels_of(rule: Rule) -> tuple[Rule, ...]:
    """Return each level of a rule as a rule by itself, its own first."""
    further = (
        replace(
            rule,
            subject=level.subject,
            period=level.period,
            requirements=level.requirements,
            min_active=level.min_active,
            population=level.population,
            during=level.during,
            levels=None,
        )
        for level in rule.levels or ()
    )
    return rule, *further


def rule_to_data(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON values, with every default written out that a rule had from the beginning."""
    return cast("dict[str, Any]", _without_nulls(msgspec.to_builtins(rule)))


def words_allowed(words: tuple[str, ...], kind: type[Choice]) -> frozenset[str]:
    """Return the words of a choice that a filter allows; "parent" stands for both parents."""
    if PARENT not in words or PARENT in set(kind):
        return frozenset(words)
    return frozenset(words) - {PARENT} | frozenset(PARENTS)


def _without_nulls(value: object) -> object:
    match value:
        case dict():
            return {key: _without_nulls(item) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [_without_nulls(item) for item in value]
        case _:
            return value
