"""Review of a behaviour plan 行为帮教复核: how it stands by now."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.behaviour_plan_opened import BehaviourPlanOpened
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class PlanProgress(Choice):
    """How it goes."""

    BETTER = "better", "好转", "better"
    SAME = "same", "无变化", "the same"
    WORSE = "worse", "变差", "worse"
    REACHED = "reached", "达成", "reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviourPlanReviewed(Details):
    """What came of a plan so far. `ended` says that it is over."""

    TYPE: ClassVar[str] = "behaviour_plan_reviewed"

    plan: UUID = described("计划记录", "Plan (event id)")
    progress: PlanProgress = described("进展", "Progress")
    ended: bool = described("是否结束", "Ended", default=False)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


ACTION = CareAction(
    details=BehaviourPlanReviewed,
    label=Text(zh="行为帮教复核", en="Behaviour plan reviewed"),
    check=naming("plan", BehaviourPlanOpened),
    carers=lambda said: said.carers,
    record="record",
)
