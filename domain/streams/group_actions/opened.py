"""Group action 集体事项: something done for many children at once, whose sheets say what each of them had."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupActionOpened(Details):
    """What it is called, and where it takes place. The children stand on its sheets."""

    TYPE: ClassVar[str] = "group_action_opened"

    title: str = described("名称", "Title", max_length=100)
    place: str | None = described("地点", "Place", max_length=100, default=None)


EVENT_TYPE = EventType(details=GroupActionOpened, label=Text(zh="集体事项", en="Group action"))
