"""One event as somebody may see it who follows the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from application.access import ALLOWED, Action, Actor
from application.eventstore.keyring import KeysMissing
from application.eventstore.mapper import stream_of
from application.eventstore.recorder import CareStoredEvent
from domain.catalogue import event_types, kind_of_type, served_kinds, submitted_types
from domain.choices import Precision
from domain.days import local_day
from domain.event import Event
from domain.fields import fields_of
from domain.refusal import Reason
from domain.wire import to_wire

UNREADABLE_EVENT = Reason(
    code="unreadable_event",
    zh="这条记录无法读取，可能被改动",
    en="The event can't be read. It may have been altered.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An event as somebody may see it: what this reader doesn't read is None, empty or left out.

    `withheld` says that the child belongs to an organisation out of the reader's scope by now, or left it by
    this. `unreadable` is a code where only what stands beside the event's bytes can be told, and nothing
    vouches for it: they were changed, or the key of the file is missing and may come back.
    """

    event_id: UUID
    type: str
    stream_id: UUID
    version: int
    position: int | None
    recorded_at: datetime | None
    org: str
    child_id: UUID
    occurred_on: date
    occurred_at: datetime | None = None
    precision: Precision = Precision.DAY
    written_on: date | None = None
    recorded_by: str | None = None
    late_reason: str | None = None
    actor: str = ""
    principal: UUID | None = None
    key: str | None = None
    channel: str = ""
    details: Mapping[str, Any]
    erased: bool = False
    withheld: bool = False
    noted_at: datetime | None = None
    unreadable: str | None = None
    stream_kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An event as it is stored, and the code of why it can't be read. What stands outside its seal is named
    as in an event."""

    stored: CareStoredEvent
    code: str

    @classmethod
    def because(cls, error: Exception, stored: CareStoredEvent) -> "Unread":
        """Make one of the error that came of reading it."""
        code = error.reason.code if isinstance(error, KeysMissing) else UNREADABLE_EVENT.code
        return cls(stored=stored, code=code)

    @property
    def originator_id(self) -> UUID:
        """The stream that it stands in."""
        return stream_of(self.stored)

    @property
    def event_id(self) -> UUID:
        """Its id."""
        return self.stored.event_id

    @property
    def type(self) -> str:
        """Its type."""
        return self.stored.topic

    @property
    def org(self) -> str:
        """The organisation that it was recorded in."""
        return self.stored.org


def change_of(event: Event | Unread, *, child_id: UUID, withheld: bool, actor: Actor) -> Change:
    """Return an event as the actor may see it."""
    if isinstance(event, Unread):
        return _unreadable(event, child_id=child_id, withheld=withheld)
    return _readable(event, child_id=child_id, withheld=withheld, actor=actor)


def _readable(event: Event, *, child_id: UUID, withheld: bool, actor: Actor) -> Change:
    unread = event.erased or withheld
    return Change(
        event_id=event.event_id,
        type=event.type,
        stream_id=event.originator_id,
        version=event.originator_version,
        position=event.position,
        recorded_at=event.recorded_at,
        org=event.org,
        child_id=child_id,
        occurred_on=event.occurred.day,
        occurred_at=event.occurred.at,
        precision=event.occurred.precision,
        written_on=event.written_on,
        recorded_by=None if unread else event.recorded_by,
        late_reason=None if unread else event.late_reason,
        actor=event.metadata.actor,
        principal=event.metadata.principal,
        key=event.metadata.key,
        channel=event.metadata.channel,
        details={} if withheld else _details(event, actor=actor),
        erased=event.erased,
        withheld=withheld,
        noted_at=event.noted_at,
        stream_kind=_served(event.metadata.kind),
    )


def _unreadable(event: Unread, *, child_id: UUID, withheld: bool) -> Change:
    stored = event.stored
    return Change(
        event_id=stored.event_id,
        type=stored.topic,
        stream_id=event.originator_id,
        version=stored.originator_version,
        position=stored.position,
        recorded_at=stored.recorded_at,
        org=stored.org,
        child_id=child_id,
        occurred_on=local_day(stored.occurred_at),
        details={},
        withheld=withheld,
        unreadable=event.code,
        stream_kind=_served(kind_of_type(stored.topic).name if stored.topic in event_types() else None),
    )


def _served(kind: str | None) -> str | None:
    """Return the name of a kind that is served; the streams of others are told by their types."""
    return kind if kind in served_kinds() else None


def _details(event: Event, *, actor: Actor) -> dict[str, Any]:
    """Leave out what nobody can read any more, and of an alert what only those read who answer alerts."""
    is_alert = event.type not in submitted_types()
    hidden = event.erased or (is_alert and Action.WATCH not in ALLOWED[actor.role])
    personal = {f.name for f in fields_of(type(event.details)) if f.spec.personal} if hidden else set()
    return {name: value for name, value in to_wire(event.details).items() if name not in personal}
