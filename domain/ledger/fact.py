"""One entry of a stream, as it stands: what it says, whether it is a contact, whether it is late."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.days import local_day
from domain.event import Event, Occurred
from domain.ledger.event_type import DECLARED, EventType

LATE_AFTER_DAYS = 5
_NEVER = datetime.min.replace(tzinfo=UTC)


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """One entry of a stream as it stands after corrections, filings and voidings."""

    event: Event
    occurred: Occurred
    written_on: date | None
    details: Any
    corrected_by: tuple[UUID, ...] = ()
    record_filed_by: tuple[UUID, ...] = ()
    voided_by: UUID | None = None

    @classmethod
    def as_recorded(cls, event: Event) -> "Fact":
        """Return an entry as it was recorded, before anything corrected, filed or voided it."""
        return cls(event=event, occurred=event.occurred, written_on=event.written_on, details=event.details)

    @property
    def event_id(self) -> UUID:
        """The id of the entry."""
        return self.event.event_id

    @property
    def type(self) -> str:
        """The type of the entry."""
        return self.event.type

    @property
    def day(self) -> date:
        """The Shanghai day on which it happened."""
        return self.occurred.day

    @property
    def order(self) -> tuple[datetime, datetime, int]:
        """Where it stands among the entries of its stream (ADR 29): when it happened, a bare day being its
        end; since when it is known; its version."""
        return self.occurred.instant, self.known_at, self.event.originator_version

    @property
    def known_at(self) -> datetime:
        """Since when it is known: when it was noted, if that was said; at the latest when it was recorded."""
        event = self.event
        recorded = event.recorded_at or _NEVER
        return recorded if event.noted_at is None else min(event.noted_at, recorded)

    @property
    def event_type(self) -> EventType:
        """The declaration of its type."""
        return DECLARED[type(self.details)]

    @property
    def has_record(self) -> bool:
        """Whether what was said and seen is written down, at once or later."""
        record = DECLARED[type(self.details)].record
        return bool((record and getattr(self.details, record)) or self.record_filed_by)

    @property
    def is_contact(self) -> bool:
        """Whether somebody reached the child or those around it."""
        return DECLARED[type(self.details)].is_contact(self.details, has_record=self.has_record)

    @property
    def is_sighting(self) -> bool:
        """Whether somebody of the carers' side met the child itself."""
        return DECLARED[type(self.details)].is_sighting(self.details, has_record=self.has_record)

    @property
    def days_late(self) -> int:
        """Days from the event to its writing down; to its recording where no such day is claimed."""
        recorded_at = self.event.recorded_at
        written = self.written_on or (local_day(recorded_at) if recorded_at else self.day)
        return (written - self.day).days

    @property
    def late(self) -> bool:
        """Whether it was written down more than five days afterwards. It counts all the same."""
        return self.late_days is not None

    @property
    def late_days(self) -> int | None:
        """The days by which it is late; None where it is not."""
        days = self.days_late
        return days if days > LATE_AFTER_DAYS else None
