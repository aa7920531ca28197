"""What is recorded, and how recording says no: the words that both recorders share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import DataError, IntegrityError, StoredEvent
from msgspec import Struct, field


@dataclass(frozen=True, kw_only=True)
class CareStoredEvent(StoredEvent):
    """An event as it lies in the store.

    `occurred_at` (UTC) and `org` (the subject's organisation path at that time) are claims of the
    application. `metadata` is a JSON object; its value is kept, not its spelling. `recorded_at` (UTC) and
    `position` are given by the recorder, and are None before.
    """

    event_id: UUID
    occurred_at: datetime
    org: str
    metadata: bytes
    recorded_at: datetime | None = None
    position: int | None = None

    @classmethod
    def lying(cls, **columns: Any) -> "CareStoredEvent":
        """Make one of all of its columns, past `__init__`, which for a frozen class sets each by a call."""
        made = object.__new__(cls)
        vars(made).update(columns)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An event as far as it is known without decoding it; `event_id` None for one of another program."""

    position: int
    stream_id: UUID
    event_id: UUID | None
    type: str


class Row(Struct, frozen=True, kw_only=True, gc=False):
    """A row that is written in the transaction of the events.

    It takes the place of the row with the same `key`. With `unique` it is a claim instead: a row that
    says the same is left as it is, one that says something else makes the whole save fail. A row that is
    `gone` is taken away, where there is one.
    """

    table: str
    key: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)
    unique: bool = False
    gone: bool = False


def columns_of(event: StoredEvent) -> dict[str, Any]:
    """Return an event by its columns, those that only ours have as None where it is not ours."""
    ours = event if isinstance(event, CareStoredEvent) else None
    return {
        "originator_id": event.originator_id,
        "originator_version": event.originator_version,
        "topic": event.topic,
        "state": event.state,
        "event_id": ours and ours.event_id,
        "occurred_at": ours and ours.occurred_at,
        "org": ours and ours.org,
        "metadata": ours and ours.metadata.decode(),
    }


class VersionConflict(IntegrityError):
    """This version is not the one after the newest of its stream: load it anew and decide again.

    Somebody else has written it, or what it was decided on is not in the log any more.
    """

    def __init__(self, *, originator_id: UUID | str, version: int) -> None:
        super().__init__(f"version {version} of {originator_id} is not the one after its newest")
        self.originator_id = originator_id
        self.version = version


class EventIdTaken(IntegrityError):
    """An event with this id is in the store already, with this content or with another."""

    def __init__(self, *, event_id: UUID) -> None:
        super().__init__(f"an event has the id {event_id} already")
        self.event_id = event_id


class RowTaken(IntegrityError):
    """A claimed row is there already and says something else."""

    def __init__(self, *, table: str) -> None:
        super().__init__(f"a row of {table} is taken by another")
        self.table = table


class ForeignEvent(DataError):
    """An event lies in the store that this application has not written: it lacks our columns."""

    def __init__(self, *, position: int) -> None:
        super().__init__(f"the event at position {position} has no event id, time or organisation")
        self.position = position
