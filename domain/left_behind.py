"""Who counts as left behind: derived from who is away, under a named definition version."""

from collections.abc import Mapping
from datetime import date

from domain.child import Child
from domain.choices import Parent
from domain.effects import Effect
from domain.fields import Choice

DEFINITION = "school_broad@1"


class Away(Choice):
    """How many parents are known to be away for work; unknown where none is, and of one nothing is known."""

    BOTH = "both_parents_away", "纯留守", "both parents away"
    ONE = "single_parent_away", "单留守", "one parent away"
    NONE = "none_away", "父母均在家", "no parent away"
    UNKNOWN = "unknown", "去向不明", "unknown"


def parents_away(child: Child, day: date, /) -> Away:
    """Return how many parents of the child are away on `day`, as far as that is known."""
    away = sum(is_away is True for is_away in _away_on(child, day).values())
    if away == 0 and whereabouts_unknown(child, day):
        return Away.UNKNOWN
    return (Away.NONE, Away.ONE, Away.BOTH)[away]


def is_left_behind(child: Child, day: date, /) -> bool | None:
    """Return whether the child is left behind under `DEFINITION`: a parent is away; None if unknown."""
    away = parents_away(child, day)
    return None if away is Away.UNKNOWN else away is not Away.NONE


def whereabouts_unknown(child: Child, day: date, /) -> tuple[Parent, ...]:
    """Return the parents of whom nobody recorded whether they are away."""
    away = _away_on(child, day)
    return tuple(parent for parent in Parent if away.get(parent) is None)


def _away_on(child: Child, day: date) -> Mapping[Parent, bool | None]:
    told = child.having(Effect.TELLS_OF_PARENT)
    return {fact.details.parent: fact.details.away for fact in told if fact.day <= day}
