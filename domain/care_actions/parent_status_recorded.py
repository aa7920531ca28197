"""State of a parent 父母状况: dead, divorced, missing; the latest entry about a parent holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.care_action import CareAction, Known, Shown
from domain.choices import Parent
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class ParentStatus(Choice):
    """How it stands with a parent."""

    LIVING_TOGETHER = "living_together", "与配偶同住", "living with the other parent"
    DIVORCED = "divorced", "离异", "divorced"
    REMARRIED = "remarried", "再婚", "remarried"
    MISSING = "missing", "失联", "missing"
    DETAINED = "detained", "服刑或羁押", "detained"
    INCAPABLE = "incapable", "无监护能力", "unable to care"
    DEAD = "dead", "死亡", "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentStatusRecorded(Details):
    """How it stands with a parent since when."""

    TYPE: ClassVar[str] = "parent_status_recorded"

    parent: Parent = described("父亲或母亲", "Parent")
    status: ParentStatus = described("状况", "Status", personal=True)
    since: date | None = described("起始日期", "Since", default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def parent_states(child: Known) -> Iterable[ParentStatusRecorded]:
    """Return what holds of each parent: the latest entry about it."""
    return {said.parent: said for _, said in child.of(ParentStatusRecorded)}.values()


ACTION = CareAction(
    details=ParentStatusRecorded,
    label=Text(zh="父母状况", en="State of a parent"),
    settles=lambda said: said.parent.value,
    shows=Shown(name="parent_states", holding=parent_states, many=True),
)
