"""Who answers for what in an organisation, as one stream tells it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.ledger.facts import Facts, view
from domain.streams.responsibilities.assigned import (
    Post,
    ResponsibilityAssigned,
    ResponsibilityEnded,
    Side,
)
from domain.streams.responsibilities.closed import ResponsibilitiesClosed
from domain.streams.responsibilities.letters import LayerLetterSigned, LayerPair, LetterAbout
from domain.streams.responsibilities.opened import ResponsibilitiesSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Somebody answers for something, from when until before when; `ended` where an entry says so."""

    assignment: UUID
    side: Side
    scope: str | None
    holder: str
    post: Post
    carer: UUID | None
    households: int
    duties: str | None
    since: date
    until: date | None
    ended: bool

    def holds(self, day: date) -> bool:
        """Return whether they answer for it on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter between two layers."""

    letter: UUID
    layer: LayerPair
    about: LetterAbout
    bound: str
    signed_on: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True)
class Matrix(Facts):
    """Who answers for what, and which letters bind whom."""

    @view(ResponsibilitiesSet)
    def opened(self) -> ResponsibilitiesSet | None:
        """What it is called."""
        return next((said for _, said in self.of(ResponsibilitiesSet)), None)

    @view(ResponsibilitiesClosed)
    def closed_on(self) -> date | None:
        """Since when nobody answers by it any more."""
        return next((fact.day for fact, _ in self.of(ResponsibilitiesClosed)), None)

    @view(ResponsibilityAssigned, ResponsibilityEnded, closed_on)
    def assignments(self) -> tuple[Assignment, ...]:
        """Everybody who answers or answered for something, in the order of its beginning."""
        ended = {said.assignment: fact.day for fact, said in self.of(ResponsibilityEnded)}
        return tuple(
            Assignment(
                assignment=fact.event_id,
                side=said.side,
                scope=said.scope,
                holder=said.holder,
                post=said.post,
                carer=said.carer,
                households=max(len(set(said.households)), said.households_in_all or 0),
                duties=said.duties,
                since=fact.day,
                until=min(filter(None, (said.until, ended.get(fact.event_id), self.closed_on)), default=None),
                ended=fact.event_id in ended,
            )
            for fact, said in self.of(ResponsibilityAssigned)
        )

    @view(LayerLetterSigned)
    def letters(self) -> tuple[Letter, ...]:
        """The letters between layers, in the order of their days."""
        return tuple(
            Letter(
                letter=fact.event_id,
                layer=said.layer,
                about=said.about,
                bound=said.bound,
                signed_on=fact.day,
                valid_to=said.valid_to,
            )
            for fact, said in self.of(LayerLetterSigned)
        )
