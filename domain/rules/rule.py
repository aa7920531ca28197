"""A rule: what care a child is owed in each week, month or term, as data.

A rule travels whole inside the event that binds it, for ever. What it leaves out is therefore written
out (`rule_to_data`), so that a later default never changes what an old rule meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from domain.choices import CarerKind
from domain.fields import Choice
from domain.refusal import Text
from domain.rules.periods import PeriodKind

PARENT = "parent"
PARENTS = ("father", "mother")


class Subject(Choice):
    """Who is owed the care."""

    CHILD = "child", "儿童", "child"


class Severity(Choice):
    """How bad it is to fall short."""

    INFO = "info", "提示", "info"
    WARNING = "warning", "警告", "warning"
    HIGH = "high", "严重", "high"
    CRITICAL = "critical", "紧急", "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events count: those of `type` that pass everything else said here.

    `where` names fields of the type and the words allowed there; "parent" stands for father or
    mother, and of a list one item is enough. `by` asks that one of the event's carers is paired with
    the child as that kind on that day. `record` asks for the written record, at once or filed later.
    """

    type: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    min_minutes: int | None = None
    by: CarerKind | None = None
    record: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """At least `n` events in the period, each passing any of the filters.

    `n` left out: the regulation names no number, and nothing is ever scored. With `distinct_days`,
    several events on one day count once.
    """

    any_of: tuple[Filter, ...]
    n: int | None = None
    distinct_days: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a regulation demands for each child. All of its requirements must hold.

    `min_active` is the share of the period's days on which the duty must exist for it to fall due.
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


def rule_to_data(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON values, with every default written out."""
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
