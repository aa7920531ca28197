"""The current status of a child, an alert, an activity: rows written in the transaction of their events."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.care_views import places_of
from domain.case_no import case_no_of
from domain.child import Child
from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind
from domain.streams.activities.activity import Activity
from domain.streams.alerts.case import AlertCase


class ChildStatus(Struct, frozen=True, kw_only=True, gc=False):
    """Where a child stands now, without anything that names it.

    `care_ends_on` is the last day in care, None while it runs. `anchor` is the event from which
    silence counts, `silent_since` its day. `transfer` is the proposal that is still to be decided.
    `village` is that of a child who belongs to a school as well.
    """

    child_id: UUID
    version: int
    org: str
    village: str | None
    enrolled_on: date | None
    care_ends_on: date | None
    last_contact_on: date | None
    silent_since: date | None
    anchor: UUID | None
    transfer: UUID | None
    transfer_to: str | None
    transfer_since: date | None
    case_no: str


def status_of(child: Child) -> ChildStatus:
    """Fold a child into its status."""
    contact, anchor = child.last_contact, child.anchor
    transfer = next((t for t in child.transfers if t.open), None)
    return ChildStatus(
        child_id=child.child_id,
        version=child.version,
        org=child.org,
        village=next((org for org in places_of(child.placed) if org != child.org), None),
        enrolled_on=child.spans[0].start if child.spans else None,
        care_ends_on=child.spans[-1].last if child.spans else None,
        last_contact_on=contact.day if contact else None,
        silent_since=anchor.day if anchor else None,
        anchor=anchor.event_id if anchor else None,
        transfer=transfer.event_id if transfer else None,
        transfer_to=transfer.to if transfer else None,
        transfer_since=transfer.proposed_on if transfer else None,
        case_no=case_no_of(child.child_id),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStatus:
    """Where an alert stands now. `step` is that of its last ring, also when it is closed."""

    alert_id: UUID
    kind: str
    org: str
    child_id: UUID | None
    anchor: UUID | None
    silent_since: date | None
    step: str | None
    open: bool
    raised_at: datetime | None
    acknowledged: bool
    snoozed_until: date | None


def alert_status_of(case: AlertCase) -> AlertStatus:
    """Fold a case into its status."""
    return AlertStatus(
        alert_id=case.alert_id,
        kind=case.kind,
        org=case.org,
        child_id=case.child,
        anchor=case.anchor,
        silent_since=case.silent_since,
        step=case.step.value if case.step else None,
        open=case.open,
        raised_at=case.raised_at,
        acknowledged=case.acknowledged_by is not None,
        snoozed_until=case.snoozed_until,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityStatus:
    """Where an activity stands now, without its topic. `occurred_at` is the end of the day of a bare day."""

    activity_id: UUID
    version: int
    org: str
    kind: str
    occurred_on: date
    occurred_at: datetime
    participants: int
    void: bool


def activity_status_of(activity: Activity) -> ActivityStatus:
    """Fold an activity into its status."""
    occurred, held = activity.standing()
    return ActivityStatus(
        activity_id=activity.activity_id,
        version=activity.version,
        org=activity.org,
        kind=held.kind.value,
        occurred_on=occurred.day,
        occurred_at=occurred.instant,
        participants=len(activity.listed),
        void=activity.voided is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStatus:
    """Where a stream of a kind that is served stands now. `opened_on` is None once its opening is void."""

    stream_id: UUID
    kind: str
    org: str
    version: int
    opened_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChild:
    """That a stream of a kind names a child, or did once."""

    child_id: UUID
    stream_id: UUID
    kind: str


def stream_children_of(kind: StreamKind[Any], state: Facts) -> list[StreamChild]:
    """Return the children whom a stream names or named, each once."""
    return [
        StreamChild(child_id=child_id, stream_id=state.stream_id, kind=kind.name)
        for child_id in dict.fromkeys(kind.children(state))
    ]


def stream_status_of(kind: StreamKind[Any], state: Facts) -> StreamStatus:
    """Fold a stream into its status."""
    opened = next(iter(state.of_any(*kind.opens)), None)
    return StreamStatus(
        stream_id=state.stream_id,
        kind=kind.name,
        org=state.latest.event.org if state.latest else "",
        version=state.version,
        opened_on=opened.day if opened else None,
    )
