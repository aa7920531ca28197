"""One household as its stream tells it, and what a visit to it says in the file of each child."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.catalogue import care_actions_by_type
from domain.choices import Met, VisitOutcome
from domain.event import Details, Event
from domain.ledger.facts import Facts, view
from domain.ledger.fanning import into_files
from domain.ledger.kind import FanOut
from domain.streams.households.dissolved import HouseholdDissolved
from domain.streams.households.members import HouseholdJoined, HouseholdLeft
from domain.streams.households.registered import HouseholdRegistered
from domain.streams.households.visited import HouseholdVisited
from domain.wire import from_wire

_VISIT = "home_visit_made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit: which team came, how many of them, and about how many children."""

    day: date
    team: str | None
    carers: int
    children: int


@dataclass(frozen=True, kw_only=True)
class Household(Facts):
    """Who lives there."""

    @view(HouseholdRegistered)
    def registered(self) -> HouseholdRegistered | None:
        """What holds for all who live there."""
        return next((said for _, said in self.of(HouseholdRegistered)), None)

    @view(registered, HouseholdJoined, HouseholdLeft)
    def children(self) -> tuple[UUID, ...]:
        """The children who live there."""
        there = list(self.registered.children) if self.registered else []
        for fact in self.of_any(HouseholdJoined, HouseholdLeft):
            child = fact.details.child
            if isinstance(fact.details, HouseholdJoined) and child not in there:
                there.append(child)
            elif isinstance(fact.details, HouseholdLeft) and child in there:
                there.remove(child)
        return tuple(there)

    @view(registered, HouseholdJoined)
    def ever(self) -> tuple[UUID, ...]:
        """The children who live or lived there."""
        first = self.registered.children if self.registered else ()
        return tuple(dict.fromkeys((*first, *(said.child for _, said in self.of(HouseholdJoined)))))

    @view(HouseholdVisited)
    def visits(self) -> tuple[Visit, ...]:
        """The visits, in the order of their days."""
        return tuple(
            Visit(day=fact.day, team=said.team, carers=len(said.carers), children=len(said.children))
            for fact, said in self.of(HouseholdVisited)
        )

    @view(HouseholdDissolved)
    def dissolved(self) -> bool:
        """Whether nobody lives there together any more."""
        return any(self.of(HouseholdDissolved))


def _visit(_household: Household, cause: Event, child: UUID) -> Details:
    said = cause.details
    assert isinstance(said, HouseholdVisited)
    of_child = next(each for each in said.children if each.child == child)
    # Each file says what holds for its own child: it was there itself, or others were.
    others = [each.value for each in said.met if each is not Met.CHILD]
    outcome = VisitOutcome.MET if of_child.seen else said.outcome
    met = [*([Met.CHILD.value] if of_child.seen else []), *others]
    words = {
        "carers": [str(carer) for carer in said.carers],
        "outcome": outcome.value,
        "met": met if outcome is VisitOutcome.MET else [],
        "accompanied_by": said.accompanied_by,
        "minutes": said.minutes,
        "record": of_child.finding or said.record,
    }
    return from_wire(care_actions_by_type()[_VISIT].details, words)


FAN_OUT: FanOut[Household] = into_files(
    HouseholdVisited, children=lambda said: [each.child for each in said.children or ()], entry=_visit
)
