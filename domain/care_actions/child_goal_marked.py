"""One of the five goals of a child 五个一."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class GoalList(Choice):
    """Of which five a goal is one."""

    FIVE_GOALS = "five_goals", "五个一目标", "the five goals of a child"
    HELP = "help", "五个一帮扶方式", "five ways of helping, as a school lists them"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildGoalMarked(Details):
    """Which of five it is, and whether it was reached; `text` says it where a school has its own list.

    Without `of` it is one of the five goals of a child.
    """

    TYPE: ClassVar[str] = "child_goal_marked"

    goal: int = described("目标序号", "Goal (1 to 5)", minimum=1, maximum=5)
    reached: bool = described("是否达成", "Reached")
    of: GoalList | None = described("清单", "List", default=None)
    text: str | None = described("目标内容", "What the goal is", personal=True, max_length=200, default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


ACTION = CareAction(
    details=ChildGoalMarked,
    label=Text(zh="五个一", en="Goal marked"),
)
