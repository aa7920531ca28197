"""Responsibilities closed 分工终止: nobody answers by this matrix any more; another one may hold."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsibilitiesClosed(Details):
    """Why."""

    TYPE: ClassVar[str] = "responsibilities_closed"

    reason: str | None = described("原因", "Reason", max_length=200, default=None)


EVENT_TYPE = EventType(
    details=ResponsibilitiesClosed, label=Text(zh="责任分工终止", en="Responsibilities closed"), decision=True
)
