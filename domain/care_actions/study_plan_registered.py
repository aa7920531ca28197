"""Study plan 学习帮扶计划: which help with which subject, when, in which stages."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, ends_no_earlier
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlanRegistered(Details):
    """The plan; tutoring names it."""

    TYPE: ClassVar[str] = "study_plan_registered"

    subject: str = described("科目", "Subject", max_length=40)
    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    hours: str | None = described("时间安排", "Hours", max_length=200, default=None)
    stages: tuple[str, ...] = described("阶段", "Stages", max_length=10, default=())
    until: date | None = described("截止日期", "Until", default=None)


ACTION = CareAction(
    details=StudyPlanRegistered,
    label=Text(zh="学习帮扶计划", en="Study plan"),
    check=ends_no_earlier,
    carers=lambda said: said.carers,
    beyond_paper=("学习帮扶计划", "学习计划"),
)
