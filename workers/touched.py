"""From which day on an event can change what is true of a child."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from domain.care_actions.child_enrolled import ChildEnrolled
from domain.care_actions.child_readmitted import ChildReadmitted
from domain.care_actions.event_corrected import EventCorrected
from domain.care_actions.profile_changed import ProfileChanged
from domain.correction import corrected
from domain.event import Details, Event, Occurred
from domain.refusal import Invalid

# Who the child is, and where it belongs, bears on all of its periods.
_ON_EVERYTHING = (ChildEnrolled, ChildReadmitted, ProfileChanged)


def first_day_touched(event: Event, stream: Sequence[Event]) -> date:
    """Give the earliest day of which an event of this stream may have changed what is true.

    That is its own day and the days of what it corrects, files or voids: those on which that was said to
    have happened before and after any correction.
    """
    by_id = {other.event_id: other for other in stream}
    days = set(_days(event, by_id, stream))
    return min(days)


def _days(event: Event, by_id: Mapping[UUID, Event], stream: Sequence[Event]) -> Iterator[date]:
    if isinstance(event.details, _ON_EVERYTHING):
        yield date.min
    yield event.occurred.day
    said = [event.details]
    for occurred, details in _as_corrected(event, stream):
        yield occurred.day
        said.append(details)
    for target in {getattr(each, "target", None) for each in said}:
        if target is not None and target != event.event_id and target in by_id:
            yield from _days(by_id[target], by_id, stream)


def _as_corrected(event: Event, stream: Sequence[Event]) -> Iterator[tuple[Occurred, Details]]:
    """Give what each correction of an event, void ones too, makes of it."""
    for other in stream:
        said = other.details
        if event.erased or other.erased:
            continue
        if isinstance(said, EventCorrected) and said.target == event.event_id:
            with suppress(Invalid):
                occurred, _, details = corrected(event.occurred, event.written_on, event.details, said.fields)
                yield occurred, details
