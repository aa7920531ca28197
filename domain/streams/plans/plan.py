"""One plan as its stream tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.ledger.facts import BY_VERSION, Facts, view
from domain.streams.plans.adopted import PlanAdopted
from domain.streams.plans.closed import PlanClosed
from domain.streams.plans.drill_held import DrillHeld, DrillResult
from domain.streams.plans.milestone_done import PlanMilestoneDone
from domain.streams.plans.revised import PlanRevised


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneStands:
    """A milestone as it stands; `late` where it was done after it was due."""

    name: str
    due: date
    done_on: date | None
    late: bool


@dataclass(frozen=True, kw_only=True)
class Plan(Facts):
    """What is to be done, and what is."""

    @view(PlanAdopted)
    def adopted(self) -> PlanAdopted | None:
        """The plan as it was adopted."""
        return next((said for _, said in self.of(PlanAdopted)), None)

    @view(PlanRevised)
    def revised(self) -> PlanRevised | None:
        """What it was last revised to."""
        last = max((fact for fact, _ in self.of(PlanRevised)), key=BY_VERSION, default=None)
        return None if last is None else last.details

    @view(adopted, revised)
    def last_day(self) -> date | None:
        """Until when it runs now."""
        now = self.revised or self.adopted
        return now.last if now else None

    @view(adopted, revised, PlanMilestoneDone)
    def milestones(self) -> tuple[MilestoneStands, ...]:
        """What is to be done, and since when it is."""
        now = self.revised or self.adopted
        done = {said.milestone: fact.day for fact, said in self.of(PlanMilestoneDone)}
        return tuple(
            MilestoneStands(
                name=each.name,
                due=each.due,
                done_on=(on := done.get(each.name)),
                late=on is not None and on > each.due,
            )
            for each in (now.milestones if now else ())
        )

    @view(DrillHeld)
    def drills(self) -> Mapping[UUID, DrillResult]:
        """How each drill went, by its event id."""
        return {fact.event_id: said.result for fact, said in self.of(DrillHeld)}

    @view(PlanClosed)
    def closed(self) -> PlanClosed | None:
        """How it ended."""
        return next((said for _, said in self.of(PlanClosed)), None)
