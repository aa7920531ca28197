"""Group dissolved 小组撤销: nobody belongs to it any more."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDissolved(Details):
    """Why."""

    TYPE: ClassVar[str] = "group_dissolved"

    reason: str | None = described("原因", "Reason", max_length=200, default=None)


EVENT_TYPE = EventType(details=GroupDissolved, label=Text(zh="小组撤销", en="Group dissolved"), decision=True)
