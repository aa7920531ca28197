"""Entries that may tell of one thing under two ids: a visit that was written down twice (ADR 50)."""

from collections.abc import Iterator
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Any

from domain.choices import Met, Party
from domain.fields import fields_of
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts
from domain.normal import normal_name

# Two texts are nearly the same from this share of their characters on, in order.
NEARLY = 0.8
# More of one day are compared by nobody: so many are no slip of a pen.
_MOST_OF_A_DAY = 20
# Shorter words are said of many calls.
_TELLING = 6
# Clocks and memories differ by less than this.
_APART = timedelta(minutes=30)
# What an entry doesn't say.
_OPEN = (None, "", ())


def repeats_of(state: Facts, fact: Fact) -> tuple[Fact, ...]:
    """Return other standing entries that may tell of the same as this one, in order."""
    if fact.event_type.record is None or fact.event.erased:
        return ()
    day, own = fact.occurred.day, fact.event
    there = [other for other in state.of_any(type(fact.details)) if other.occurred.day == day]
    # Nearly always it is alone.
    if len(there) < 2:
        return ()
    others = [each for each in there[:_MOST_OF_A_DAY] if each.event is not own]
    return tuple(filter(_Told(fact).may_be, others))


def repeats(state: Facts) -> Iterator[tuple[Fact, Fact]]:
    """Go through the pairs of standing entries that may tell of the same, by day; the earlier known first."""
    by_day: dict[tuple[Any, Any], list[Fact]] = {}
    for fact in state.facts:
        if fact.event_type.record is not None and not fact.event.erased:
            by_day.setdefault((fact.day, type(fact.details)), []).append(fact)
    for alike in by_day.values():
        for place, fact in enumerate(compared := alike[:_MOST_OF_A_DAY], start=1):
            if others := compared[place:]:
                yield from ((fact, other) for other in filter(_Told(fact).may_be, others))


class _Told:
    """What an entry tells, put so that others of its type and day are soon compared with it.

    Two that may be of the same thing name a carer in common, or none; texts are nearly equal, and nothing
    else is said that differs. What one of them leaves open differs from nothing. Moments that lie apart are
    those of two things. Of one visit two people may write down whom they met, and of one call with whom it
    was where both tell the same of it.
    """

    def __init__(self, fact: Fact) -> None:
        details = fact.details
        self._at = fact.occurred.at
        self._carers_of = fact.event_type.carers
        self._carers = carers = set(self._carers_of(details))
        said = ((field.name, getattr(details, field.name)) for field in fields_of(type(details)))
        # All that is not left open, but the carers.
        self._said = [
            (name, value)
            for name, value in said
            if value not in _OPEN and not (isinstance(value, tuple) and carers.intersection(value))
        ]

    def may_be(self, other: Fact) -> bool:
        """Return whether another entry may be of the same thing."""
        at, details = other.occurred.at, other.details
        if self._at and at and abs(self._at - at) > _APART:
            return False
        carers = self._carers_of(details)
        if (self._carers or carers) and self._carers.isdisjoint(carers):
            return False
        for name, value in self._said:
            theirs = getattr(details, name)
            if value != theirs and not _alike(value, theirs) and not self._is_who(value, other):
                return False
        return True

    def _is_who(self, value: object, other: Fact) -> bool:
        """Return whether a value says no more than who was met, or who was spoken with in the same words."""
        if isinstance(value, tuple):
            return all(isinstance(each, Met) for each in value)
        record = other.event_type.record
        if not isinstance(value, Party) or record is None:
            return False
        mine, theirs = dict(self._said).get(record), getattr(other.details, record)
        return all(type(each) is str and len(each) >= _TELLING for each in (mine, theirs)) and (
            mine == theirs or _alike(mine, theirs)
        )


def _alike(one: object, other: object) -> bool:
    """Return whether what one entry says may be what another says in other words, or leaves open."""
    if other in _OPEN:
        return True
    if type(one) is str and type(other) is str:
        return _goes_on(one, other) or _nearly(normal_name(one), normal_name(other))
    # A duration is a guess.
    return type(one) is int and type(other) is int


def _goes_on(one: str, other: str) -> bool:
    """Return whether the longer text is the shorter one with remarks behind it."""
    shorter, longer = (one, other) if len(one) <= len(other) else (other, one)
    return longer.startswith(f"{shorter}\n")


def _nearly(one: str, other: str) -> bool:
    if one == other:
        return True
    compared = SequenceMatcher(None, one, other, autojunk=False)
    # The first two are never less than the third, and soon told.
    bounds = (compared.real_quick_ratio, compared.quick_ratio, compared.ratio)
    return all(ratio() >= NEARLY for ratio in bounds)
