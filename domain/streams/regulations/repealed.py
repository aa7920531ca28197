"""Regulation repealed 制度废止: no version of it holds any more."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RegulationRepealed(Details):
    """Why, and what holds instead."""

    TYPE: ClassVar[str] = "regulation_repealed"

    reason: str | None = described("原因", "Reason", max_length=200, default=None)


EVENT_TYPE = EventType(
    details=RegulationRepealed, label=Text(zh="制度废止", en="Regulation repealed"), decision=True
)
