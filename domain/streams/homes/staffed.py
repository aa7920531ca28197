"""Home staffed 之家值守安排: who looks after the home from a day on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Fault, Text


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


def _check(new_event: NewEvent, _home: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, HomeStaffed)
    if said.until is not None and said.until < new_event.occurred.day:
        yield Fault(reason=ENDS_BEFORE_IT_BEGINS, pointer="/details/until")


EVENT_TYPE = EventType(
    details=HomeStaffed,
    label=Text(zh="之家人员安排", en="Children's home staffed"),
    carers=lambda said: (said.carer,),
    check=_check,
)
