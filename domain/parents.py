"""What is known of the parents of a child on a day: who is away since when and how far, and how it stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain.care_views import Homecoming, ParentTold, StateTold
from domain.choices import HowFar, Parent, ParentStatus
from domain.fields import Choice


class Border(Choice):
    """A border that lies between a place of work and the child."""

    NONE = "none", "不限", "none"
    TOWNSHIP = "township", "跨乡镇", "of the township"
    COUNTY = "county", "跨县", "of the county"
    PROVINCE = "province", "跨省", "of the province"


_BORDERS = tuple(Border)
_CROSSED = dict(zip(HowFar, _BORDERS, strict=True))
# Another county than the child's own; 县 alone and 县城 name none.
_A_COUNTY = re.compile("[一-鿿]{2,}?县(?!城)")


class Places(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words that a place of work is read by; see `left_behind.toml`."""

    in_township: tuple[str, ...]
    in_county: tuple[str, ...]
    in_province: tuple[str, ...]
    beyond_county: tuple[str, ...]
    beyond_province: tuple[str, ...]
    provinces: tuple[str, ...]


class OfParents(Protocol):
    """Of whom it is asked: a child as it was folded, or its card."""

    @property
    def parents_told(self) -> tuple[ParentTold, ...]: ...


class OfFamily(OfParents, Protocol):
    """The same, of whom more is asked."""

    @property
    def states_told(self) -> tuple[StateTold, ...]: ...
    @property
    def homecomings(self) -> tuple[Homecoming, ...]: ...
    @property
    def address(self) -> str | None: ...

    def org_on(self, day: date) -> str:
        """Return the organisation that the child belonged to on `day`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Whether a parent is away on a day. `by` is the entry that says so; None where none does.

    It has been away since `since` at the latest, and `exact` says that it left on that day.
    """

    away: bool | None
    by: ParentTold | None
    since: date | None = None
    exact: bool = False


def absence_by_entries(child: OfParents, parent: Parent, day: date) -> Absence:
    """Return the absence by the days of the entries alone: each holds until the next."""
    said = _said_of(child, parent, day)
    if not said:
        return Absence(away=None, by=None)
    return Absence(away=said[-1].away, by=said[-1], since=_first_of_run(said).day)


def absence_as_told(child: OfParents, parent: Parent, day: date) -> Absence:
    """Return the absence by the days of leaving and of return that the entries give.

    Whoever leaves later is at home until then, and whoever was to be back by now is back. A visit home is
    not asked about: it ends no absence.
    """
    said = _said_of(child, parent, day)
    if not said:
        return Absence(away=None, by=None)
    last = said[-1]
    if not last.away:
        return Absence(away=last.away, by=last)
    if (last.left is not None and day < last.left) or (last.back is not None and last.back <= day):
        return Absence(away=False, by=last)
    if last.left is not None:
        return Absence(away=True, by=last, since=last.left, exact=True)
    first = _first_of_run(said)
    return Absence(away=True, by=last, since=first.left or first.day, exact=first.left is not None)


def _said_of(child: OfParents, parent: Parent, day: date) -> Sequence[ParentTold]:
    return [told for told in child.parents_told if told.parent is parent and told.day <= day]


def _first_of_run(said: Sequence[ParentTold]) -> ParentTold:
    """Return the first of the last entries that say the same without a break."""
    first = said[-1]
    for told in reversed(said):
        if told.away is not first.away or (told is not said[-1] and told.back is not None):
            break
        first = told
    return first


def state_on(child: OfFamily, parent: Parent, day: date) -> StateTold | None:
    """Return how it stands with a parent on a day: what the latest entry says that had begun by then."""
    said = [
        told
        for told in child.states_told
        if told.parent is parent and told.day <= day and (told.since is None or told.since <= day)
    ]
    return said[-1] if said else None


def at_home_on(child: OfFamily, parent: Parent, day: date) -> Homecoming | None:
    """Return the visit home during which a parent is there on a day; a plan is none."""
    here = (
        visit
        for visit in child.homecomings
        if visit.parent is parent and not visit.planned and visit.day <= day <= (visit.until or visit.day)
    )
    return next(here, None)


def crosses(child: OfFamily, told: ParentTold, border: Border, day: date, *, places: Places) -> bool | None:
    """Return whether the place of work of an entry lies behind a border; None where nobody knows.

    What the entry says of it holds. Otherwise its place in words is read, as far as that tells.
    """
    wanted = _BORDERS.index(border)
    if told.how_far is not None:
        return _BORDERS.index(_CROSSED[told.how_far]) >= wanted
    least, most = _bounds(told.place or "", child, day, places)
    if least >= wanted:
        return True
    return False if most < wanted else None


def _bounds(place: str, child: OfFamily, day: date, places: Places) -> tuple[int, int]:
    """Return the least and the most of borders that lie between a place in words and the child."""
    county, township = (*child.org_on(day).split("/"), "", "")[:2]
    own, theirs = _province(child.address or "", places), _province(place, places)
    last = len(_BORDERS) - 1
    found = (
        (_names(place, places.beyond_province) or (own and theirs and own != theirs), (last, last)),
        (_begins(place, (*places.in_township, township, county + township)), (0, 0)),
        (_begins(place, places.in_county) or _names(place, (county,)), (0, 1)),
        (_names(place, places.beyond_county) or _A_COUNTY.search(place), (2, last)),
        (_begins(place, places.in_province) or (own and own == theirs), (0, 2)),
    )
    return next((bounds for so, bounds in found if so), (0, last))


def _names(place: str, words: Sequence[str]) -> bool:
    return any(word in place for word in words if word)


def _begins(place: str, words: Sequence[str]) -> bool:
    """Return whether a place begins with one of these: 镇上 of another province is not of this township."""
    return any(place.removeprefix("在").startswith(word) for word in words if word)


def _province(text: str, places: Places) -> str | None:
    return next((name for name in places.provinces if text.startswith(name)), None)


def entry_of(told: ParentTold | StateTold | None) -> UUID | None:
    """Return the id of an entry, where there is one."""
    return told.event_id if told else None


def in_any(told: StateTold | None, states: Sequence[ParentStatus]) -> bool:
    """Return whether a parent is in one of these states."""
    return told is not None and told.status in states
