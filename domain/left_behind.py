"""Who counts as left behind: derived from who is away, under a named definition version."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from domain.care_views import ParentTold
from domain.choices import Parent
from domain.fields import Choice

DEFINITION = "school_broad@1"


class Away(Choice):
    """How many parents are known to be away for work; unknown where none is, and of one nothing is known."""

    BOTH = "both_parents_away", "纯留守", "both parents away"
    ONE = "single_parent_away", "单留守", "one parent away"
    NONE = "none_away", "父母均在家", "no parent away"
    UNKNOWN = "unknown", "去向不明", "unknown"


_PARENTS = tuple(Parent)


class OfParents(Protocol):
    """Of whom it is asked: a child as it was folded, or its card."""

    @property
    def parents_told(self) -> tuple[ParentTold, ...]: ...


def parents_away(child: OfParents, day: date, /) -> Away:
    """Return how many parents of the child are away on `day`, as far as that is known."""
    known = list(_away_on(child, day).values())
    away = known.count(True)
    if away == 0 and known.count(False) < len(_PARENTS):
        return Away.UNKNOWN
    return (Away.NONE, Away.ONE, Away.BOTH)[away]


def is_left_behind(child: OfParents, day: date, /) -> bool | None:
    """Return whether the child is left behind under `DEFINITION`: a parent is away; None if unknown."""
    return counts_as_left_behind(parents_away(child, day))


def counts_as_left_behind(away: Away, /) -> bool | None:
    """Return the same of a child of whom is known how many of its parents are away."""
    return None if away is Away.UNKNOWN else away is not Away.NONE


def whereabouts_unknown(child: OfParents, day: date, /) -> tuple[Parent, ...]:
    """Return the parents of whom nobody recorded whether they are away."""
    away = _away_on(child, day)
    return tuple(parent for parent in _PARENTS if away.get(parent) is None)


def _away_on(child: OfParents, day: date) -> Mapping[Parent, bool | None]:
    return {told.parent: told.away for told in child.parents_told if told.day <= day}
