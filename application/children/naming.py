"""What a child is called, and was."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from domain.catalogue import details_with
from domain.child import Child, fold
from domain.effects import Effect
from domain.event import Event
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_voided import EventVoided

# What may change who a child is said to be.
NAMING = (
    *details_with(Effect.IDENTIFIES),
    *details_with(Effect.CHANGES_PROFILE),
    *details_with(Effect.MERGES),
    *details_with(Effect.TAKES_OVER),
    EventCorrected,
    EventVoided,
)


def name_of(child: Child) -> str | None:
    """Return the name of a child."""
    return child.profile.name if child.profile else None


def names_taken_over(child: Child) -> tuple[str, ...]:
    """Return the names that a child has in files that were merged into its own."""
    return tuple(fact.details.name for fact in child.taken_over if fact.details.name)


def names_of(child: Child) -> frozenset[str]:
    """Return the names by which a child is found: its own, and those of files that were merged into its."""
    return frozenset((*filter(None, (name_of(child),)), *names_taken_over(child)))


def names_borne(child_id: UUID, events: Sequence[Event]) -> tuple[str, ...]:
    """Return every name that a child has borne as its file was known, the present one first."""
    names: dict[str, None] = {}
    for end in reversed(list(_naming(events))):
        if name := name_of(fold(child_id, events[:end])):
            names[name] = None
    return tuple(names | dict.fromkeys(names_taken_over(fold(child_id, events))))


def _naming(events: Sequence[Event]) -> Iterator[int]:
    """Go through the lengths that a file had when somebody had just said what its child is called."""
    said: set[UUID] = set()
    for end, event in enumerate(events, start=1):
        details = event.details
        if isinstance(details, EventCorrected | EventVoided):
            names = details.target in said
        else:
            names = isinstance(details, NAMING)
        if names:
            said.add(event.event_id)
            yield end
