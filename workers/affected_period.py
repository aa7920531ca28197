"""From which day on an event can change what is true of a child."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from domain.catalogue import details_with
from domain.effects import Effect
from domain.event import Details, Event, Occurred
from domain.ledger.corrections import corrected
from domain.ledger.event_corrected import EventCorrected
from domain.refusal import Invalid

# Who the child is, and where it belongs, bears on all of its periods.
_ON_EVERYTHING = (
    *details_with(Effect.IDENTIFIES),
    *details_with(Effect.OPENS_CARE),
    *details_with(Effect.CHANGES_PROFILE),
    *details_with(Effect.MERGES),
)


def first_affected_day(events: Sequence[Event], stream: Sequence[Event]) -> date:
    """Return the earliest day of which any of these events of a stream may have changed what is true.

    That is its own day and the days of what it corrects, files or voids: those on which that was said to
    have happened before and after any correction. The stream is gone through once, however many events.
    """
    by_id = {event.event_id: event for event in stream}
    corrections: dict[UUID, list[Event]] = {}
    for other in stream:
        if isinstance(other.details, EventCorrected):
            corrections.setdefault(other.details.target, []).append(other)
    first, looked_at, waiting = date.max, set[UUID](), list(events)
    while waiting:
        event = waiting.pop()
        if event.event_id in looked_at:
            continue
        looked_at.add(event.event_id)
        if isinstance(event.details, _ON_EVERYTHING):
            return date.min
        readings = [
            (event.occurred, event.details),
            *_as_corrected(event, corrections.get(event.event_id, ())),
        ]
        first = min(first, *(occurred.day for occurred, _ in readings))
        targets = {getattr(details, "target", None) for _, details in readings}
        waiting += [by_id[target] for target in targets if target in by_id]
    return first


def _as_corrected(event: Event, corrections: Sequence[Event]) -> Iterator[tuple[Occurred, Details]]:
    """Return what each correction of an event, void ones too, makes of it."""
    for correction in corrections:
        correct = correction.details
        if event.erased or correction.erased or not isinstance(correct, EventCorrected):
            continue
        with suppress(Invalid):
            occurred, _, details = corrected(event.occurred, event.written_on, event.details, correct.fields)
            yield occurred, details
