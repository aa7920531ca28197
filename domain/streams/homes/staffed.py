"""Home staffed 之家值守安排: who looks after the home from a day on."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.care_action import ends_no_earlier
from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Text


class HomeRole(Choice):
    """What somebody does there."""

    MANAGER = "manager", "负责人", "manager"
    ASSISTANT = "assistant", "协管员", "assistant"
    DUTY = "duty", "值班教师", "on the rota"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeStaffed(Details):
    """Which carer does what there, until when."""

    TYPE: ClassVar[str] = "home_staffed"

    carer: UUID = described("人员", "Carer")
    role: HomeRole = described("职责", "Role")
    until: date | None = described("截止日期", "Until", default=None)


EVENT_TYPE = EventType(
    details=HomeStaffed,
    label=Text(zh="之家人员安排", en="Children's home staffed"),
    carers=lambda said: (said.carer,),
    check=ends_no_earlier,
)
