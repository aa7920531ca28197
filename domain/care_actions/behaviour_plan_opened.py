"""Behaviour plan 行为帮教计划: from what, to what, in which steps."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviourPlanOpened(Details):
    """How it stands, what is wanted, and when somebody looks again."""

    TYPE: ClassVar[str] = "behaviour_plan_opened"

    baseline: str = described("现状", "Baseline", personal=True, max_length=1000)
    goal: str = described("目标", "Goal", personal=True, max_length=1000)
    steps: tuple[str, ...] = described("步骤", "Steps", personal=True, max_length=10, default=())
    review_on: date | None = described("复核日期", "Review on", default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)


ACTION = CareAction(
    details=BehaviourPlanOpened,
    label=Text(zh="行为帮教计划", en="Behaviour plan"),
    carers=lambda said: said.carers,
    beyond_paper=("行为帮教", "行为矫正"),
)
