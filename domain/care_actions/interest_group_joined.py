"""Interest group 加入兴趣小组: from this day on the child is in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestGroupJoined(Details):
    """Which group, and who leads it."""

    TYPE: ClassVar[str] = "interest_group_joined"

    group: str = described("小组", "Group", max_length=60)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())
    until: date | None = described("截止日期", "Until", default=None)


def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    said = cast("InterestGroupJoined", new_event.details)
    return before(said.until, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/until")


ACTION = CareAction(
    details=InterestGroupJoined,
    label=Text(zh="加入兴趣小组", en="Interest group"),
    check=_check,
    carers=lambda said: said.carers,
)
