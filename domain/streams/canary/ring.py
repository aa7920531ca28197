"""The canary: now and then the watch is asked of a made-up child, and says so in the log when it saw it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.event import Details
from domain.ids import own_id
from domain.ledger.event_type import EventType
from domain.refusal import Text

NAMESPACE = UUID("5d0c2a52-6f0e-5c0b-9a57-1f6be0a4c7d3")
CANARY_ID = own_id(NAMESPACE, "canary")


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryRang(Details):
    """The watch would have raised the made-up child as critical. It is in no file of any child."""

    TYPE: ClassVar[str] = "canary_rang"


EVENT_TYPES: tuple[EventType, ...] = (
    EventType(
        details=CanaryRang,
        label=Text(zh="自检报警", en="Canary rang"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
)


def stream_of_rings(day: date, /) -> UUID:
    """Return the stream of a day's rings: a new one each day, so that none grows for ever."""
    return own_id(NAMESPACE, day.isoformat())
