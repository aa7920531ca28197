"""The current status of a child: the row that is written in the same transaction as its events."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.child import Child


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStatus:
    """Where a child stands now, without anything that names it.

    `care_ends_on` is the last day in care, None while it runs. `anchor` is the event from which
    silence counts, `silent_since` its day.
    """

    child_id: UUID
    version: int
    org: str
    enrolled_on: date | None
    care_ends_on: date | None
    last_contact_on: date | None
    silent_since: date | None
    anchor: UUID | None


def status_of(child: Child) -> ChildStatus:
    """Fold a child into its status."""
    contact, anchor = child.last_contact, child.anchor
    return ChildStatus(
        child_id=child.child_id,
        version=child.version,
        org=child.org,
        enrolled_on=child.spans[0].start if child.spans else None,
        care_ends_on=child.spans[-1].last if child.spans else None,
        last_contact_on=contact.day if contact else None,
        silent_since=anchor.day if anchor else None,
        anchor=anchor.event_id if anchor else None,
    )
