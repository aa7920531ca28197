"""Session 之家活动时段: the home was open, with so many children."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Text


class SessionSlot(Choice):
    """At what time of the day."""

    MORNING = "morning", "早间", "before lessons"
    NOON = "noon", "午间", "noon"
    AFTER_CLASS = "after_class", "课后", "after lessons"
    EVENING = "evening", "晚间", "evening"
    WEEKEND = "weekend", "周末", "weekend"
    HOLIDAY = "holiday", "假期", "holidays"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSessionHeld(Details):
    """When it was open, who was on duty, how many children came, without their names."""

    TYPE: ClassVar[str] = "home_session_held"

    slot: SessionSlot = described("时段", "Slot")
    carers: tuple[UUID, ...] = described("值班人员", "On duty", max_length=10, default=())
    heads: int | None = described("到场人数", "Heads", minimum=0, maximum=100_000, default=None)
    approximate: bool = described("约数", "Roughly so many", default=False)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    done: str | None = described("活动内容", "What was done", max_length=500, default=None)


EVENT_TYPE = EventType(
    details=HomeSessionHeld,
    label=Text(zh="之家开放", en="Session at the children's home"),
    carers=lambda said: said.carers,
)
