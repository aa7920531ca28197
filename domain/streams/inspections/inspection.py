"""One inspection as its stream tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.choices import VisitOutcome
from domain.ledger.facts import Facts, view
from domain.streams.inspections.closed import InspectionClosed
from domain.streams.inspections.findings import (
    FindingAbout,
    InspectionFindingClosed,
    InspectionFindingMade,
    InspectionFindingRepaired,
)
from domain.streams.inspections.opened import InspectionOpened, InspectionStep, InspectionStepTaken
from domain.streams.inspections.sample import InspectionSampleDrawn
from domain.streams.inspections.visited import InspectionVisitMade


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding, by the event id of its entry; `late` where it was put right after it was due."""

    finding: UUID
    found_on: date
    due: date
    repaired_on: date | None
    closed_on: date | None
    late: bool
    about: FindingAbout | None = None


@dataclass(frozen=True, kw_only=True)
class Inspection(Facts):
    """What was looked at, who was drawn and visited, and what is still to be put right."""

    @view(InspectionOpened)
    def opened(self) -> InspectionOpened | None:
        """Who inspects, on whose behalf."""
        return next((said for _, said in self.of(InspectionOpened)), None)

    @view(InspectionStepTaken)
    def steps_missing(self) -> tuple[InspectionStep, ...]:
        """The steps that were not taken yet."""
        taken = {said.step for _, said in self.of(InspectionStepTaken)}
        return tuple(step for step in InspectionStep if step not in taken)

    @view(InspectionSampleDrawn)
    def drawn(self) -> Mapping[UUID, tuple[UUID, ...]]:
        """The children who were drawn, by the event id of the sample. A second draw is seen here as well."""
        return {fact.event_id: said.children for fact, said in self.of(InspectionSampleDrawn)}

    @view(drawn, InspectionVisitMade)
    def unvisited(self) -> tuple[UUID, ...]:
        """The children who were drawn and at whose homes nobody was met."""
        met = {s.child for _, s in self.of(InspectionVisitMade) if s.outcome is VisitOutcome.MET}
        every = dict.fromkeys(child for children in self.drawn.values() for child in children)
        return tuple(child for child in every if child not in met)

    @view(InspectionFindingMade, InspectionFindingRepaired, InspectionFindingClosed)
    def findings(self) -> tuple[Finding, ...]:
        """What is to be put right, and how far that is."""
        repaired = {said.finding: fact.day for fact, said in self.of(InspectionFindingRepaired)}
        closed = {said.finding: fact.day for fact, said in self.of(InspectionFindingClosed)}
        return tuple(
            Finding(
                finding=fact.event_id,
                found_on=fact.day,
                due=said.due,
                repaired_on=(on := repaired.get(fact.event_id)),
                closed_on=closed.get(fact.event_id),
                late=on is not None and on > said.due,
                about=said.about,
            )
            for fact, said in self.of(InspectionFindingMade)
        )

    @view(InspectionClosed)
    def closed(self) -> bool:
        """Whether it is over."""
        return any(self.of(InspectionClosed))
