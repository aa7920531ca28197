"""One of the five goals of a child 五个一."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildGoalMarked(Details):
    """Which of five goals, and whether it was reached."""

    TYPE: ClassVar[str] = "child_goal_marked"

    goal: int = described("目标序号", "Goal (1 to 5)", minimum=1, maximum=5)
    reached: bool = described("是否达成", "Reached")
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


ACTION = CareAction(
    details=ChildGoalMarked,
    label=Text(zh="五个一", en="Goal marked"),
)
