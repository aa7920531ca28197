"""For which children a rule is made: told by what is known of a child on a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.care_views import Homecoming, HukouSaid, ParentTold, StateTold
from domain.child import Child
from domain.choices import Tag
from domain.days import birthday
from domain.family import CarerAtHome, care_at_home
from domain.left_behind import LeftBehindClass, definitions, judged
from domain.rules.rule import Group

_AWAY = (LeftBehindClass.BOTH, LeftBehindClass.ONE)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A child, and who looks after it at home, as a definition of being left behind asks."""

    child: Child

    @property
    def born(self) -> date | None:
        return self.child.born

    @property
    def address(self) -> str | None:
        return self.child.address

    @property
    def hukou_said(self) -> tuple[HukouSaid, ...]:
        return self.child.hukou_said

    @property
    def parents_told(self) -> tuple[ParentTold, ...]:
        return self.child.parents_told

    @property
    def states_told(self) -> tuple[StateTold, ...]:
        return self.child.states_told

    @property
    def homecomings(self) -> tuple[Homecoming, ...]:
        return self.child.homecomings

    def org_on(self, day: date) -> str:
        return self.child.org_on(day)

    @property
    def care_at_home(self) -> tuple[CarerAtHome, ...] | None:
        return care_at_home(self.child)


def belongs(child: Child, groups: Sequence[Group] | None, day: date) -> bool | None:
    """Return whether a child is in any of some groups on a day; None where nobody knows."""
    if groups is None:
        return True
    return _any([_in(child, group, day) for group in groups])


def _in(child: Child, group: Group, day: date) -> bool | None:
    answers = list(_asked(child, group, day))
    return False if False in answers else None if None in answers else True


def _any(answers: list[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False


def _asked(child: Child, group: Group, day: date) -> Iterator[bool | None]:
    if group.definition is not None:
        found = judged(_Asked(child), day, definitions()[group.definition]).found
        wanted = group.counts_as or _AWAY
        yield None if found is LeftBehindClass.UNKNOWN else found in wanted
    if group.tags is not None:
        yield bool(set(group.tags) & set(_tags(child, day)))
    if group.classes is not None:
        yield bool(set(group.classes) & set(child.org_on(day).split("/")))
    if group.boarding is not None:
        known = child.profile.boarding if child.profile else None  # type: ignore[attr-defined]
        yield None if known is None else known is group.boarding
    yield from _of_age(child.born, group, day)


def _of_age(born: date | None, group: Group, day: date) -> Iterator[bool | None]:
    if group.from_age is not None:
        yield None if born is None else day >= birthday(born, group.from_age)
    if group.under_age is not None:
        yield None if born is None else day < birthday(born, group.under_age)


def _tags(child: Child, day: date) -> tuple[Tag, ...]:
    """Return the groups of special attention by a day, or those of the enrolment before that."""
    said = [each.tags for each in child.tags_said if each.day <= day] or [
        each.tags for each in child.tags_said[:1]
    ]
    return (said[-1] or ()) if said else ()
