"""Home closed 之家停用: no children come there any more."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeClosed(Details):
    """Why."""

    TYPE: ClassVar[str] = "home_closed"

    reason: str | None = described("原因", "Reason", max_length=200, default=None)


EVENT_TYPE = EventType(
    details=HomeClosed, label=Text(zh="之家停用", en="Children's home closed"), decision=True
)
