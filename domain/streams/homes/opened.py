"""Home opened 留守儿童之家: a room where children come together, with those who look after it."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened(Details):
    """What it is called, where it is, and by which telephone children call their parents."""

    TYPE: ClassVar[str] = "home_opened"

    name: str = described("名称", "Name", max_length=100)
    place: str | None = described("地点", "Place", max_length=200, default=None)
    hours: str | None = described("开放时间", "Hours", max_length=200, default=None)
    family_phone: str | None = described("亲情电话", "Family phone", max_length=32, default=None)


EVENT_TYPE = EventType(details=HomeOpened, label=Text(zh="留守儿童之家启用", en="Children's home opened"))
