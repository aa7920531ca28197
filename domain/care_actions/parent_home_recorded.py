"""A parent at home 父母回家: planned, or as it was. A visit home ends no absence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast

from domain.care_action import CareAction, Known, before
from domain.choices import Parent
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentHomeRecorded(Details):
    """Which parent was or will be at home, until when, and whether the child saw it."""

    TYPE: ClassVar[str] = "parent_home_recorded"

    parent: Parent = described("父亲或母亲", "Parent")
    planned: bool = described("计划", "Planned", default=False)
    until: date | None = described("截止日期", "Until", default=None)
    seen: bool | None = described("与儿童见面", "The child saw the parent", default=None)
    occasion: str | None = described("缘由", "Occasion", max_length=100, default=None)


def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    said = cast("ParentHomeRecorded", new_event.details)
    return before(said.until, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/until")


ACTION = CareAction(
    details=ParentHomeRecorded,
    label=Text(zh="父母回家", en="Parent at home"),
    check=_check,
)
