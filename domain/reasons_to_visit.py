"""What calls for a visit to a child: one open case of each kind, which later sightings join."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain.effects import Effect
from domain.ledger.fact import Fact


class OpenReason(Struct, frozen=True, kw_only=True, gc=False):
    """A reason to visit that is open: its first sighting, by event and day; how many there are, the last."""

    kind: str
    event_id: UUID
    since: date
    sightings: int
    last_on: date


class OfEntries(Protocol):
    """Of whom it is asked: a child as it is being folded."""

    def having(self, effect: object) -> Sequence[Fact]:
        """Return the standing entries that have an effect."""

    def fact(self, event_id: UUID) -> Fact | None:
        """Find a standing entry."""


def open_reasons(child: OfEntries) -> tuple[OpenReason, ...]:
    """Return what is open, in the order in which it began.

    What settles one sighting settles the case that it belongs to, with all that joined it by that day. A case
    follows from the entries alone: whoever records at the same time opens no second one.
    """
    cases: dict[str, list[Fact]] = {}
    entries = [*child.having(Effect.CALLS_FOR_VISIT), *child.having(Effect.SETTLES_VISIT)]
    for fact in sorted(entries, key=lambda f: (f.day, f.event_type.has(Effect.SETTLES_VISIT), f.order)):
        if fact.event_type.has(Effect.CALLS_FOR_VISIT):
            cases.setdefault(str(fact.details.kind), []).append(fact)
            continue
        settled = child.fact(fact.details.trigger)
        kind = str(settled.details.kind) if settled is not None else ""
        if any(each.event_id == fact.details.trigger for each in cases.get(kind, ())):
            del cases[kind]
    found = (
        OpenReason(
            kind=kind,
            event_id=sightings[0].event_id,
            since=sightings[0].day,
            sightings=len(sightings),
            last_on=sightings[-1].day,
        )
        for kind, sightings in cases.items()
    )
    return tuple(sorted(found, key=lambda each: (each.since, each.kind)))
