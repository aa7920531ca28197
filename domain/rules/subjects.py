"""Whom a verdict is about, and what it needs to know of them.

A child is judged by its own file, a class, a carer or a home by entries that were gathered from several
streams; both answer the same few questions.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from domain.care_views import Pairing
from domain.child import Child
from domain.choices import CarerKind
from domain.ledger.fact import Fact
from domain.rules.periods import Period
from domain.rules.population import belongs
from domain.rules.rule import Group
from domain.rules.words import Subject

Kinds = Collection[CarerKind | None]


class Judged(Protocol):
    """What the verdict asks of its subject, folded to the two clocks of the question."""

    @property
    def subject_id(self) -> UUID: ...
    @property
    def kind(self) -> Subject: ...
    @property
    def facts(self) -> Sequence[Fact]: ...
    @property
    def void(self) -> Sequence[Fact]: ...
    @property
    def members(self) -> Sequence["OfChild"]: ...

    def days_due(self, first: date, last: date, kinds: Kinds) -> set[int]:
        """Return the ordinals of the days on which the duty exists; of one that only paired carers of some
        `kinds` can fulfil, those with such a carer."""

    def paired(self, fact: Fact, kind: CarerKind) -> bool:
        """Return whether a carer of the event is paired with its child as this kind on that day."""

    def child_of(self, fact: Fact) -> Child | None:
        """Return the child that an event is about."""

    def standing(self, day: date, kinds: Collection[CarerKind]) -> Sequence[UUID]:
        """Return the pairings of some kinds that stand on a day, of any kind where none is named."""

    def belongs(self, groups: Sequence[Group] | None, day: date) -> bool | None:
        """Return whether the rule is made for it; None where nobody knows."""


@dataclass(frozen=True, slots=True)
class OfChild:
    """A child."""

    child: Child

    @property
    def subject_id(self) -> UUID:
        """The id of the child."""
        return self.child.child_id

    @property
    def kind(self) -> Subject:
        """It is a child."""
        return Subject.CHILD

    @property
    def facts(self) -> Sequence[Fact]:
        """What stands in its file."""
        return self.child.facts

    @property
    def void(self) -> Sequence[Fact]:
        """What does not."""
        return self.child.void

    @property
    def members(self) -> Sequence["OfChild"]:
        """It stands for itself."""
        return (self,)

    def days_due(self, first: date, last: date, kinds: Kinds) -> set[int]:
        """Return its days in care; where only paired carers can fulfil the duty, those with such a carer."""
        days = {n for span in self.child.spans for n in days_within(first, last, span.start, span.last)}
        if None not in kinds:
            paired = (p for p in self.child.pairings if p.kind in kinds)
            days &= {n for p in paired for n in days_within(first, last, p.start, None, before=p.end)}
        return days

    def paired(self, fact: Fact, kind: CarerKind) -> bool:
        """Return whether a carer of the event is paired with the child as this kind on that day."""
        return paired_then(self.child, fact, kind)

    def child_of(self, fact: Fact) -> Child | None:
        """Return the child."""
        return self.child

    def standing(self, day: date, kinds: Collection[CarerKind]) -> Sequence[UUID]:
        """Return its pairings that stand on a day."""
        return [p.event_id for p in self.child.pairings if p.holds(day) and (not kinds or p.kind in kinds)]

    def belongs(self, groups: Sequence[Group] | None, day: date) -> bool | None:
        """Return whether it is in one of some groups; on the first day of its care where that is later."""
        start = min((span.start for span in self.child.spans), default=day)
        return belongs(self.child, groups, max(day, start))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A carer, a pairing, a home or a unit: entries of several streams, in order.

    `spans` are the days on which the duty exists, each with its last one, None where it goes on. `children`
    are those whom any entry may be about, `pairings` those that are its own, `name` what it is called.
    """

    subject_id: UUID
    kind: Subject
    name: str
    org: str
    facts: Sequence[Fact]
    void: Sequence[Fact] = ()
    spans: Sequence[tuple[date, date | None]] = ()
    children: Mapping[UUID, Child] = field(default_factory=dict)
    pairings: Sequence[Pairing] = ()

    @property
    def members(self) -> Sequence[OfChild]:
        """The children that belong to it."""
        return [OfChild(child) for child in self.children.values()]

    def days_due(self, first: date, last: date, _kinds: Kinds) -> set[int]:
        """Return the days on which it is there."""
        return {n for start, end in self.spans for n in days_within(first, last, start, end)}

    def paired(self, fact: Fact, kind: CarerKind) -> bool:
        """Return whether a carer of the event is paired with its child as this kind on that day."""
        child = self.child_of(fact)
        return child is not None and paired_then(child, fact, kind)

    def child_of(self, fact: Fact) -> Child | None:
        """Return the child in whose file an event stands."""
        return self.children.get(fact.event.originator_id)

    def standing(self, day: date, kinds: Collection[CarerKind]) -> Sequence[UUID]:
        """Return its pairings that stand on a day."""
        return [p.event_id for p in self.pairings if p.holds(day) and (not kinds or p.kind in kinds)]

    def belongs(self, _groups: Sequence[Group] | None, _day: date) -> bool | None:
        """Return that the rule is made for it: a population is one of its children."""
        return True


def paired_then(child: Child, fact: Fact, kind: CarerKind) -> bool:
    """Return whether a carer of an event is paired with a child as this kind on the day of it."""
    carers = fact.event_type.carers(fact.details)
    return any(p.kind is kind and p.carer in carers and p.holds(fact.day) for p in child.pairings)


def days_within(
    first: date, last: date, start: date, end: date | None, *, before: date | None = None
) -> range:
    """Return the ordinals of the days from `first` to `last` from `start` to `end`, or before a day."""
    ends = [last.toordinal() + 1]
    if end is not None:
        ends.append(end.toordinal() + 1)
    if before is not None:
        ends.append(before.toordinal())
    return range(max(start, first).toordinal(), min(ends))


def days_of(period: Period) -> range:
    """Return the ordinals of all days of a period."""
    return range(period.first.toordinal(), period.last.toordinal() + 1)
