"""Who counts as left behind: derived from what is known of a child, under a named definition (ADR 59).

The definitions are data, in `left_behind.toml`. What nobody knows stays unknown, and is named.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib import resources
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from domain.care_views import HukouSaid, StateTold
from domain.choices import HukouType, Parent, ParentStatus
from domain.days import birthday, months_after
from domain.family import CarerAtHome
from domain.fields import Choice
from domain.parents import (
    Absence,
    Border,
    OfFamily,
    OfParents,
    Places,
    absence_as_told,
    absence_by_entries,
    crosses,
    entry_of,
    in_any,
    state_on,
)

# What is meant where no definition is named.
DEFINITION = "school_broad@1"
_PARENTS = tuple(Parent)


class Away(Choice):
    """How many parents are known to be away for work; unknown where none is, and of one nothing is known."""

    BOTH = "both_parents_away", "纯留守", "both parents away"
    ONE = "single_parent_away", "单留守", "one parent away"
    NONE = "none_away", "父母均在家", "no parent away"
    UNKNOWN = "unknown", "去向不明", "unknown"


class LeftBehindClass(Choice):
    """As what a child counts under a definition."""

    BOTH = "both", "纯留守", "both parents away"
    ONE = "one", "单留守", "one parent away"
    NOT = "not", "非留守", "not left behind"
    UNKNOWN = "unknown", "不明", "unknown"


class FactAsked(Choice):
    """What a definition asks of a child, or of a parent."""

    AWAY = "away", "是否外出务工", "works away"
    AWAY_FROM = "away_from", "外出日期", "away from"
    BORDER = "border", "外出范围", "how far away"
    STATE = "state", "父母状况", "state of a parent"
    BIRTH_DATE = "birth_date", "出生日期", "date of birth"
    HUKOU = "hukou", "户口类型", "household registration"
    CARE_AT_HOME = "care_at_home", "家中照料人", "care at home"


class Way(Choice):
    """Who has to be away."""

    ONE = "one", "一方外出", "one parent is away"
    BOTH = "both", "双方外出", "both are away"
    ONE_AND_OTHER_UNABLE = (
        "one_and_other_unable",
        "一方外出另一方无监护能力",
        "one is away and the other unable to care",
    )


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes to be left behind; `left_behind.toml` tells what the fields mean."""

    id: str
    zh: str
    en: str
    ways: tuple[Way, ...]
    dates: Literal["entry", "told"]
    months: int = 0
    border: Border = Border.NONE
    unable: tuple[ParentStatus, ...] = ()
    never_away: tuple[ParentStatus, ...] = ()
    as_away: tuple[ParentStatus, ...] = ()
    under_age: int | None = None
    hukou: HukouType | None = None
    cared_by_other: Literal["any", "needed"] = "any"
    codes: tuple[str, str, str] | None = None

    def code(self, found: LeftBehindClass) -> str | None:
        """Return the code of a register for a class; None where it has none for it."""
        order = (LeftBehindClass.NOT, LeftBehindClass.ONE, LeftBehindClass.BOTH)
        return self.codes[order.index(found)] if self.codes and found in order else None


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    definition: tuple[Definition, ...]
    places: Places


class MayBeLeftBehind(OfFamily, Protocol):
    """Of whom it is asked: the card of a child."""

    @property
    def born(self) -> date | None: ...
    @property
    def hukou_said(self) -> tuple[HukouSaid, ...]: ...
    @property
    def care_at_home(self) -> tuple[CarerAtHome, ...] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A fact that is asked for, of which parent, and the entry that tells it; None where none does."""

    fact: FactAsked
    parent: Parent | None
    event_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """As what a child counts under a definition, by which facts, and what nobody knows.

    `missing` may change the class; where both are given, one parent counts and of the other it is unknown.
    """

    definition: Definition
    found: LeftBehindClass
    decided: tuple[Ground, ...]
    missing: tuple[Ground, ...]

    @property
    def left_behind(self) -> bool | None:
        """Whether the child is left behind; None where nobody knows."""
        return None if self.found is LeftBehindClass.UNKNOWN else self.found is not LeftBehindClass.NOT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """Whether something holds, by which facts; None where those in `missing` are not known."""

    holds: bool | None
    decided: tuple[Ground, ...] = ()
    missing: tuple[Ground, ...] = ()


@cache
def _file() -> _File:
    return definitions_from(resources.files("domain").joinpath("left_behind.toml").read_text("utf-8"))


def definitions_from(text: str) -> _File:
    """Read definitions and the words for places from TOML."""
    return msgspec.convert(tomllib.loads(text), type=_File)


def definitions() -> Mapping[str, Definition]:
    """Return every definition by its id, in the order of the file."""
    return {each.id: each for each in _file().definition}


def judged(child: MayBeLeftBehind, day: date, definition: Definition) -> Judged:
    """Return as what a child counts on `day` under a definition, and why."""
    return _Case(child=child, day=day, definition=definition).judged()


def judged_by_all(child: MayBeLeftBehind, day: date) -> list[Judged]:
    """Return the same under every definition."""
    return [judged(child, day, definition) for definition in definitions().values()]


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A child on a day, under a definition."""

    child: MayBeLeftBehind
    day: date
    definition: Definition

    def judged(self) -> Judged:
        """Return as what the child counts."""
        result = _all([_any([self._way(way) for way in self.definition.ways]), *self._of_the_child()])
        both = _all(list(self.away.values()))
        found, missing = self._class(result, both), result.missing
        if found is LeftBehindClass.ONE and both.holds is None:
            missing = tuple(dict.fromkeys((*missing, *both.missing)))
        return Judged(definition=self.definition, found=found, decided=result.decided, missing=missing)

    def _class(self, result: _Answer, both: _Answer) -> LeftBehindClass:
        if not result.holds:
            return LeftBehindClass.UNKNOWN if result.holds is None else LeftBehindClass.NOT
        alone = any(
            self.away[_other(parent)].holds and in_any(state, self.definition.as_away)
            for parent, state in self.states.items()
        )
        return LeftBehindClass.BOTH if both.holds or alone else LeftBehindClass.ONE

    @cached_property
    def states(self) -> Mapping[Parent, StateTold | None]:
        """How it stands with each parent."""
        return {parent: state_on(self.child, parent, self.day) for parent in _PARENTS}

    @cached_property
    def away(self) -> Mapping[Parent, _Answer]:
        """Whether each parent is away in the sense of the definition."""
        return {parent: self._counts_as_away(parent) for parent in _PARENTS}

    def _counts_as_away(self, parent: Parent) -> _Answer:
        """Return whether a parent is away for long enough, and far enough."""
        state, definition = self.states[parent], self.definition
        if in_any(state, definition.never_away):
            ground = Ground(fact=FactAsked.STATE, parent=parent, event_id=entry_of(state))
            return _Answer(holds=False, decided=(ground,))
        as_told = definition.dates == "told"
        absence = (absence_as_told if as_told else absence_by_entries)(self.child, parent, self.day)
        by = entry_of(absence.by)
        asked = [_answer(FactAsked.AWAY, parent, by, holds=absence.away)]
        if absence.away and definition.months:
            long = self._long_enough(absence)
            asked.append(_answer(FactAsked.AWAY_FROM, parent, by, holds=long))
        if absence.away and absence.by is not None and definition.border is not Border.NONE:
            far = crosses(self.child, absence.by, definition.border, self.day, places=_file().places)
            asked.append(_answer(FactAsked.BORDER, parent, by, holds=far))
        return _all(asked)

    def _long_enough(self, absence: Absence) -> bool | None:
        assert absence.since is not None, "a parent who is away left by some day"
        # Who left longer ago than was said may have been away for long enough.
        long = months_after(absence.since, self.definition.months) <= self.day
        return True if long else False if absence.exact else None

    def _way(self, way: Way) -> _Answer:
        if way is Way.BOTH:
            return _all(list(self.away.values()))
        if way is Way.ONE:
            return _any(list(self.away.values()))
        return _any([_all([self.away[each], self._unable(_other(each))]) for each in _PARENTS])

    def _unable(self, parent: Parent) -> _Answer:
        state = self.states[parent]
        known = state is not None and state.status is not None
        unable = in_any(state, self.definition.unable) if known else None
        return _answer(FactAsked.STATE, parent, entry_of(state), holds=unable)

    def _of_the_child(self) -> Iterator[_Answer]:
        """Return what is asked of the child itself."""
        child, day, definition = self.child, self.day, self.definition
        if definition.under_age is not None:
            # On that birthday it still counts: the protection runs through it.
            young = None if child.born is None else day <= birthday(child.born, definition.under_age)
            yield _answer(FactAsked.BIRTH_DATE, None, None, holds=young)
        if definition.hukou is not None:
            said = [each for each in child.hukou_said if each.day <= day and each.hukou is not None]
            so = said[-1].hukou is definition.hukou if said else None
            yield _answer(FactAsked.HUKOU, None, said[-1].event_id if said else None, holds=so)
        if definition.cared_by_other == "needed":
            others = None if child.care_at_home is None else bool(child.care_at_home)
            by = child.care_at_home[0].event_id if child.care_at_home else None
            yield _answer(FactAsked.CARE_AT_HOME, None, by, holds=others)


def _other(parent: Parent) -> Parent:
    return next(each for each in _PARENTS if each is not parent)


def _answer(fact: FactAsked, parent: Parent | None, event_id: UUID | None, *, holds: bool | None) -> _Answer:
    ground = (Ground(fact=fact, parent=parent, event_id=event_id),)
    return _Answer(holds=None, missing=ground) if holds is None else _Answer(holds=holds, decided=ground)


def _all(answers: Sequence[_Answer]) -> _Answer:
    """Return whether all of these hold: one that doesn't decides, and otherwise what is missing is named."""
    return _combined(answers, ends=False)


def _any(answers: Sequence[_Answer]) -> _Answer:
    """Return whether one of these holds: one that does decides."""
    return _combined(answers, ends=True)


def _combined(answers: Sequence[_Answer], *, ends: bool) -> _Answer:
    for holds in (ends, None, not ends):
        found = [each for each in answers if each.holds is holds]
        if len(found) == 1:
            return found[0]
        if found:
            return _Answer(
                holds=holds,
                decided=tuple(dict.fromkeys(ground for each in found for ground in each.decided)),
                missing=tuple(dict.fromkeys(ground for each in found for ground in each.missing)),
            )
    return _Answer(holds=not ends)


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
