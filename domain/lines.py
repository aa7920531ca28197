"""The lines on which a child belongs to somebody: what its entries say of each, in order of time."""

from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import UUID

from domain.care_views import Move
from domain.choices import Line
from domain.effects import Effect
from domain.ledger.fact import Fact


class Placing(Protocol):
    """Of whom it is asked: a child as it is being folded."""

    def having(self, effect: object) -> Sequence[Fact]:
        """Return the standing entries that have an effect."""

    def fact(self, event_id: UUID) -> Fact | None:
        """Find a standing entry."""


def lines_of(child: Placing) -> Iterator[Move]:
    """Go through the moves of a child on all of its lines; one to nowhere ends its place on that line."""
    found = {
        fact.event_id: fact
        for effect in (Effect.PLACES, Effect.PLACES_ON_LINE, Effect.LEAVES_LINE)
        for fact in child.having(effect)
    }
    held: dict[Line, str] = {}
    for fact in sorted(found.values(), key=lambda f: (f.day, f.event.originator_version)):
        line, org = _line(child, fact, held), _org(fact)
        held[line] = org
        yield Move(day=fact.day, org=org, line=line)


def line_proposed(child: Placing, proposal: Fact) -> Line:
    """Return on which line a transfer is: that which it names, else that on which the child is placed."""
    if proposal.details.line is not None:
        named: Line = proposal.details.line
        return named
    opening = next(iter(child.having(Effect.IDENTIFIES)), None)
    placed = [fact.details.line for fact in child.having(Effect.PLACES_ON_LINE) if fact.day <= proposal.day]
    at_first = opening.details.line if opening is not None else None
    return Line.VILLAGE if at_first is Line.VILLAGE and Line.SCHOOL not in placed else Line.SCHOOL


def _line(child: Placing, fact: Fact, held: dict[Line, str]) -> Line:
    if not fact.event_type.has(Effect.PLACES) or fact.event_type.has(Effect.IDENTIFIES):
        named: Line | None = fact.details.line
        return named or Line.SCHOOL
    if fact.event_type.has(Effect.ANSWERS_TRANSFER):
        proposal = child.fact(fact.details.transfer)
        return Line.SCHOOL if proposal is None else line_proposed(child, proposal)
    # A readmission is to where it was.
    alone = Line.VILLAGE if held.get(Line.VILLAGE) and not held.get(Line.SCHOOL) else Line.SCHOOL
    return next((line for line, org in held.items() if org == fact.event.org), alone)


def _org(fact: Fact) -> str:
    if fact.event_type.has(Effect.LEAVES_LINE):
        return ""
    return str(fact.details.org) if fact.event_type.has(Effect.PLACES_ON_LINE) else fact.event.org
