"""One programme as its stream tells it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.ledger.facts import Facts, view
from domain.streams.programmes.ended import ProgrammeEnded
from domain.streams.programmes.launched import ProgrammeLaunched
from domain.streams.programmes.named import ChildNamed, ChildNamedNoMore


@dataclass(frozen=True, slots=True, kw_only=True)
class Nomination:
    """A child that a class names."""

    nomination: UUID
    unit: str
    child: UUID
    carer: UUID | None


@dataclass(frozen=True, kw_only=True)
class Programme(Facts):
    """What it asks of carers and classes, and whom these name."""

    @view(ProgrammeLaunched)
    def launched(self) -> ProgrammeLaunched | None:
        """What it asks."""
        return next((said for _, said in self.of(ProgrammeLaunched)), None)

    @view(ChildNamed, ChildNamedNoMore)
    def named(self) -> tuple[Nomination, ...]:
        """The children who are named."""
        found: dict[UUID, Nomination] = {}
        for fact in self.of_any(ChildNamed, ChildNamedNoMore):
            said = fact.details
            if isinstance(said, ChildNamed):
                found[said.child] = Nomination(
                    nomination=fact.event_id, unit=said.unit, child=said.child, carer=said.carer
                )
            else:
                found.pop(said.child, None)
        return tuple(found.values())

    @view(named)
    def by_unit(self) -> Mapping[str, int]:
        """How many children each class names."""
        return dict(sorted(Counter(each.unit for each in self.named).items()))

    @view(ProgrammeEnded)
    def ended(self) -> bool:
        """Whether nobody is named for it any more."""
        return any(self.of(ProgrammeEnded))
