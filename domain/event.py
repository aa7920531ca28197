"""The envelope of every event of every stream.

`type` is the event's one name: on the wire, in rules and as the topic in the store. What is made again for
every event that is read is a struct of msgspec: frozen like the dataclasses, and made several times as fast.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from msgspec import Struct

from domain.choices import Precision
from domain.days import end_of_day, local_day
from domain.fields import say_the_same
from domain.normal import undotted


class Details:
    """What one type of event says beyond the envelope: a frozen dataclass of described fields.

    `UPCASTS` holds one function for every change of its stored form: the first turns the words of
    version 1 into those of version 2, and so on.
    """

    __slots__ = ()
    TYPE: ClassVar[str]
    UPCASTS: ClassVar[tuple[Callable[[dict[str, Any]], dict[str, Any]], ...]] = ()


class Occurred(Struct, frozen=True, kw_only=True, gc=False):
    """When something is claimed to have happened: a Shanghai day, and the moment if it is known."""

    day: date
    at: datetime | None = None

    @classmethod
    def on(cls, day: date) -> "Occurred":
        """Return an occurrence on a day, at an unknown moment."""
        return cls(day=day)

    @classmethod
    def moment(cls, at: datetime) -> "Occurred":
        """Return an occurrence at an aware moment."""
        return cls(day=local_day(at), at=at)

    @property
    def precision(self) -> Precision:
        """How exactly it is known."""
        return Precision.DAY if self.at is None else Precision.MOMENT

    @property
    def instant(self) -> datetime:
        """The moment in UTC; of a bare day its end in Shanghai."""
        return end_of_day(self.day) if self.at is None else self.at.astimezone(UTC)


class Channel(StrEnum):
    """The way by which an event came in."""

    API = "api"
    IMPORT = "import"
    OFFLINE = "offline"
    SYSTEM = "system"


class Metadata(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where an event came from: who was authenticated, by which way, caused by what.

    `principal` and `key` are ids; None for the ledger itself, for its terminal, and before there were any.
    `kind` names the kind of the stream; None on a child's, and on what was recorded before kinds had names.
    """

    actor: str
    role: str
    channel: Channel
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    import_id: UUID | None = None
    file_sha256: str | None = None
    line: int | None = None
    principal: UUID | None = None
    key: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A file that supports an event. Only its fingerprint is kept here; `size_bytes` is its size."""

    sha256: str
    kind: str
    size_bytes: int


class NewEvent(Struct, frozen=True, kw_only=True, gc=False):
    """What somebody says happened, before it is decided and stored.

    `recorder_said` is False where nobody said who recorded it: then `recorded_by` is whom the ledger takes
    for that. `based_on` is the version that it names if it is a decision, `org` where it places its subject,
    `line` the line of a paper that it stands in, `only_with` an entry that it must not stand without.
    """

    event_id: UUID
    occurred: Occurred
    details: Details
    recorded_by: str
    recorder_said: bool = True
    written_on: date | None = None
    late_reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    source_event_id: UUID | None = None
    noted_at: datetime | None = None
    based_on: int | None = None
    org: str | None = None
    line: int | None = None
    only_with: UUID | None = None


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """A fact or decision as it is stored, for ever.

    `occurred`, `written_on` and `noted_at` are claims of the recorder; `recorded_at` (UTC) and `position`
    are given by the store and are None before. `noted_at` is when a client wrote it down. `org` is the
    organisation path of the subject at that time. `erased` events have lost their personal fields with the
    key of their stream.
    """

    originator_id: UUID
    originator_version: int
    event_id: UUID
    occurred: Occurred
    details: Details
    recorded_by: str
    org: str
    metadata: Metadata
    written_on: date | None = None
    late_reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    source_event_id: UUID | None = None
    noted_at: datetime | None = None
    recorded_at: datetime | None = None
    position: int | None = None
    erased: bool = False

    @property
    def type(self) -> str:
        """The event's type, which is its topic in the store."""
        return self.details.TYPE

    def same_content(self, new_event: NewEvent) -> bool:
        """Return whether a new event with this event's id says what this event says.

        Spellings of numbers and names that have one normal form are the same, and so is what was noted at
        another time. A recorder whom nobody said contradicts none: the key may have another name by now.
        """
        return self.erased or (
            (self.occurred, self.written_on, self.evidence, self.source_event_id)
            == (new_event.occurred, new_event.written_on, new_event.evidence, new_event.source_event_id)
            and (not new_event.recorder_said or undotted(self.recorded_by) == undotted(new_event.recorded_by))
            and say_the_same(self.details, new_event.details)
        )
