"""Entries that may tell of one thing under two ids: a visit that was written down twice (ADR 50)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

from domain.fields import fields_of
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts
from domain.normal import normal_name

# Two texts are nearly the same from this share of their characters on, in order.
NEARLY = 0.8
# More of one day are compared by nobody: so many are no slip of a pen.
_MOST_OF_A_DAY = 20
# Clocks and memories differ by less than this.
_APART = timedelta(minutes=30)


def repeats_of(state: Facts, fact: Fact) -> tuple[Fact, ...]:
    """Return other standing entries that may tell of the same as this one, in order."""
    if fact.event_type.record is None or fact.event.erased:
        return ()
    day = fact.occurred.day
    there = [other for other in state.of_any(type(fact.details)) if other.occurred.day == day]
    return tuple(
        other
        for other in there[:_MOST_OF_A_DAY]
        if other.event_id != fact.event_id and tells_the_same(fact, other)
    )


def repeats(state: Facts) -> Iterator[tuple[Fact, Fact]]:
    """Go through the pairs of standing entries that may tell of the same, by day; the earlier known first."""
    by_day: dict[tuple[Any, Any], list[Fact]] = {}
    for fact in state.facts:
        if fact.event_type.record is not None and not fact.event.erased:
            by_day.setdefault((fact.day, type(fact.details)), []).append(fact)
    for alike in by_day.values():
        yield from (pair for pair in combinations(alike[:_MOST_OF_A_DAY], 2) if tells_the_same(*pair))


def tells_the_same(one: Fact, other: Fact) -> bool:
    """Return whether two entries of one type and day may be of the same thing.

    They name a carer in common, or none; texts are nearly equal, and nothing else is said that differs. What
    one of them leaves open differs from nothing. Moments that lie apart are those of two things.
    """
    if one.occurred.at and other.occurred.at and abs(one.occurred.at - other.occurred.at) > _APART:
        return False
    carers = one.event_type.carers
    mine, theirs = set(carers(one.details)), set(carers(other.details))
    if (mine or theirs) and mine.isdisjoint(theirs):
        return False
    said = ((getattr(each, field.name) for each in (one.details, other.details)) for field in _told(one))
    return all(_alike(*both) for both in said)


def _told(fact: Fact) -> Sequence[Any]:
    """Return the fields that are compared: all but the carers."""
    named = set(fact.event_type.carers(fact.details))
    return [
        field
        for field in fields_of(type(fact.details))
        if not (isinstance(value := getattr(fact.details, field.name), tuple) and named.intersection(value))
    ]


def _alike(one: object, other: object) -> bool:
    if one in (None, "", ()) or other in (None, "", ()):
        return True
    if type(one) is str and type(other) is str:
        return _nearly(normal_name(one), normal_name(other))
    # A duration is a guess.
    return one == other or (type(one) is int and type(other) is int)


def _nearly(one: str, other: str) -> bool:
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= NEARLY
