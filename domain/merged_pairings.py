"""The pairings of a file that is merged into another: they run and end there as they did (ADR 57)."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from domain.care_views import Pairing
from domain.catalogue import details_by_effects
from domain.child import Child, comes_of_age
from domain.effects import Effect
from domain.event import Occurred
from domain.ledger.fact import Fact
from domain.merging import Coming

# What several entries that come of one pairing are told apart by; the first with the day.
GOES_ON, ENDED = "pairing", "pairing_end"


def pairings_due(kept: Child, other: Child, *, merge_id: UUID) -> list[Coming]:
    """Return what the kept file must still say of the pairings of the other, at most one entry for a carer.

    `kept` is as all that came before has left it. What is returned may ask for more.
    """
    due = dict[UUID, Coming]()
    for pairing in sorted(other.pairings, key=lambda p: p.start):
        if pairing.carer not in due and (coming := _due(kept, other, pairing, merge_id=merge_id)):
            due[pairing.carer] = coming
    return [*due.values()]


def _due(kept: Child, other: Child, pairing: Pairing, *, merge_id: UUID) -> Coming | None:
    """Return how one pairing goes on after an exit or move of the kept file, or that it ended."""
    start, until = other.fact(pairing.event_id), _until(other, pairing)
    last = max(_of_carer(kept, pairing, until), key=lambda p: p.start, default=None)
    if start is None or last is None or pairing.start == until:
        return None
    end = last.end or date.max
    if end > until and _came(kept, last, merge_id):
        details = details_by_effects(Effect.ENDS_PAIRING)(pairing=last.event_id, reason=None)
        return _coming(start, ENDED, details, day=until, org=start.event.org)
    said = kept.ended_pairings.get(last.event_id) == end
    if pairing.start < end < until and not said and kept.in_care(end):
        return _coming(start, f"{GOES_ON}:{end}", _again(start), day=end, org=other.org_on(end))
    return None


def _until(other: Child, pairing: Pairing) -> date:
    """Return the first day without a pairing; the latest there is where it runs till the child is of age.

    That end is none that anybody recorded, and the kept file has it by itself.
    """
    if pairing.end is None or (other.born is not None and pairing.end >= comes_of_age(other.born)):
        return date.max
    return pairing.end


def _of_carer(kept: Child, pairing: Pairing, until: date) -> Iterator[Pairing]:
    """Go through the pairings of the kept file with the carer of one, that began before it ended."""
    return (p for p in kept.pairings if p.carer == pairing.carer and p.start < until)


def _came(kept: Child, pairing: Pairing, merge_id: UUID) -> bool:
    fact = kept.fact(pairing.event_id)
    return fact is not None and fact.event.metadata.causation_id == merge_id


def _again(start: Fact) -> Any:
    """Return what starts a pairing again: as it was started, or else as it was handed over."""
    starts = details_by_effects(Effect.STARTS_PAIRING)
    if isinstance(start.details, starts):
        return start.details
    return starts(carer=start.details.carer, kind=start.details.kind)


def _coming(start: Fact, part: str, details: Any, *, day: date, org: str) -> Coming:
    return Coming(source=start, part=part, details=details, occurred=Occurred.on(day), org=org)
