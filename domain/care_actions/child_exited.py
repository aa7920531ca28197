"""Exit 退出: the child leaves care."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.effects import Effect
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class ExitReason(Choice):
    """Why a child leaves care."""

    PARENT_RETURNED = "parent_returned", "父母返乡", "a parent returned"
    TURNED_18 = "turned_18", "年满18周岁", "turned 18"
    MOVED = "moved", "迁出", "moved away"
    GRADUATED = "graduated", "毕业", "graduated"
    DIED = "died", "死亡", "died"
    OTHER = "other", "其他", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildExited(Details):
    """Why the child leaves, and who agreed. The day it occurred on is the last day of care."""

    TYPE: ClassVar[str] = "child_exited"

    reason: ExitReason = described("原因", "Reason", personal=True)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)
    approved_by: str | None = described("审批人", "Approved by", personal=True, max_length=64, default=None)


ACTION = CareAction(
    effects=(Effect.CLOSES_CARE,),
    details=ChildExited,
    label=Text(zh="退出", en="Exit"),
    decision=True,
    approved="approved_by",
)
