"""What printed sheets say of a child: its file as of a day, with whoever is there for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from application.readable import readable
from domain.child import Child, fold
from domain.choices import Parent
from domain.days import birthday
from domain.effects import Effect
from domain.left_behind import Away, parents_away
from domain.org import school_of
from domain.refusal import Text
from domain.rules.clocks import Clocks
from domain.streams.carers.carer import Carer
from domain.told import standing
from reports.pairs import carers_known
from reports.report import Asked


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A child on a day, with those of its carers whom the reader may know of."""

    child: Child
    day: date
    carers: Mapping[UUID, Carer]

    @property
    def child_id(self) -> UUID:
        """The id of the child."""
        return self.child.child_id

    @property
    def profile(self) -> Any:
        """Who the child is; of an erased file nothing is said."""
        return self.child.profile

    def said(self, name: str) -> Any:
        """Return what the profile says under a name; None where it says nothing."""
        return getattr(self.profile, name, None)

    @property
    def org(self) -> str:
        """Where the child belongs."""
        return self.child.org

    @property
    def school(self) -> str:
        """The school that it belongs to."""
        return school_of(self.org)

    @property
    def unit(self) -> str:
        """Its grade and class."""
        return "/".join(self.org.split("/")[3:])

    @property
    def age(self) -> int | None:
        """Its age in whole years."""
        born = self.child.born
        if born is None:
            return None
        years = self.day.year - born.year
        return years if birthday(born, years) <= self.day else years - 1

    @property
    def away(self) -> Away:
        """Which parents are away."""
        return parents_away(self.child, self.day)

    @cached_property
    def guardian(self) -> Any:
        """The guardian that was named last."""
        return _last(said for _, said in standing(self.child, Effect.NAMES_GUARDIAN))

    @cached_property
    def at_home(self) -> Any:
        """Whoever looks after it at home: arranged last and not ended, else the guardian."""
        over = {fact.details.arrangement for fact in self.child.having(Effect.ENDS_ARRANGED_CARE)}
        arranged = [f.details for f in self.child.having(Effect.ARRANGES_CARE) if f.event_id not in over]
        return arranged[-1] if arranged else self.guardian

    def parent(self, which: Parent) -> Any:
        """Return what was said last of a parent; None where nothing was."""
        told = standing(self.child, Effect.TELLS_OF_PARENT)
        return _last(said for _, said in told if said.parent is which)

    def state_of(self, which: Parent) -> Any:
        """Return how it stands with a parent, as was said last."""
        told = [said for _, said in self.child.of("parent_status_recorded") if said.parent is which]
        return told[-1].status if told else None

    @cached_property
    def helpers(self) -> tuple[Carer, ...]:
        """The carers of its pairings that run."""
        running = [each.carer for each in self.child.pairings if each.holds(self.day)]
        return tuple(self.carers[i] for i in dict.fromkeys(running) if i in self.carers)

    @property
    def helper_names(self) -> tuple[str, ...]:
        """What they are called, with their telephones."""
        said = [carer.registered for carer in self.helpers if carer.registered is not None]
        return tuple(" ".join(filter(None, (each.name, each.phone))) for each in said)

    def last(self, type_: str) -> Any:
        """Return the last standing entry of a type; None where there is none."""
        return next((fact for fact, _ in reversed(list(self.child.of(type_)))), None)


def sheets(asked: Asked, at: Clocks, *, ids: Sequence[UUID] | None = None) -> tuple[Sheet, ...]:
    """Return the sheets of the children in care of an organisation, class by class, by their names; of some
    of them where their `ids` are given."""
    found = asked.reports.files(asked.org, at) if ids is None else _some(asked, at, ids)
    children = [child for child in found if child.in_care(at.as_of)]
    running = {p.carer for child in children for p in child.pairings if p.holds(at.as_of)}
    carers = carers_known(asked, sorted(running))
    made = (Sheet(child=child, day=at.as_of, carers=carers) for child in children)
    return tuple(sorted(made, key=lambda x: (x.org, x.said("name") or "", x.child_id)))


def _some(asked: Asked, at: Clocks, ids: Sequence[UUID]) -> Iterator[Child]:
    for child_id, events in readable(asked.system.log, ids, unreadable=asked.reports.unreadable):
        child = fold(child_id, events, as_of=at.as_of)
        if child.enrolment is not None and child.belongs_to(asked.org):
            yield child


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A part of what a file must say, and whether it does."""

    name: str
    title: Text
    there: bool


def groups(sheet: Sheet) -> Iterator[Link]:
    """Go through the three things that must be known of each child: itself, who cares, its parents."""
    own = all(sheet.said(each) for each in ("name", "sex", "birth_date", "address"))
    cares = sheet.at_home
    carer = cares is not None and all(getattr(cares, each, None) for each in ("name", "relation", "phone"))
    yield Link(name="basics", title=Text(zh="儿童基本情况", en="The child itself"), there=own)
    yield Link(name="carer", title=Text(zh="照料人及电话", en="Who cares, with telephone"), there=carer)
    parents = all(_known(sheet, which) for which in Parent)
    yield Link(
        name="parents", title=Text(zh="父母去向及电话", en="Parents: where, with telephone"), there=parents
    )


def chain(sheet: Sheet, *, told: bool) -> Iterator[Link]:
    """Go through the four who must reach each other: child, school, family, government; `told` says whether
    somebody of the township or county is told of alarms."""
    cares = sheet.at_home
    phones = [getattr(cares, "phone", None), *(getattr(sheet.parent(p), "phone", None) for p in Parent)]
    helpers = [carer.registered.phone for carer in sheet.helpers if carer.registered]
    yield Link(name="child", title=Text(zh="儿童住址", en="Child"), there=bool(sheet.said("address")))
    yield Link(name="school", title=Text(zh="学校帮扶人电话", en="School"), there=any(helpers))
    yield Link(name="family", title=Text(zh="家庭电话", en="Family"), there=any(phones))
    yield Link(name="government", title=Text(zh="政府联系人", en="Government"), there=told)


def missing(links: Iterator[Link]) -> tuple[Text, ...]:
    """Return what is missing."""
    return tuple(each.title for each in links if not each.there)


def _known(sheet: Sheet, which: Parent) -> bool:
    """Return whether it is known where a parent is, and by which telephone if away."""
    if getattr(sheet.state_of(which), "value", "") in ("dead", "missing"):
        return True
    said = sheet.parent(which)
    if said is None or said.away is None:
        return False
    return not said.away or bool(said.place and said.phone)


def _last(said: Iterable[Any]) -> Any:
    return next(reversed([*said]), None)
