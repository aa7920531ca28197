"""Tutoring 课业辅导: help with school work, alone or in a group. No contact by itself."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.study_plan_registered import StudyPlanRegistered
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TutoringHeld(Details):
    """Which subject, by whom, how long."""

    TYPE: ClassVar[str] = "tutoring_held"

    subject: str = described("科目", "Subject", max_length=40)
    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    plan: UUID | None = described("计划记录", "Study plan (event id)", default=None)
    group: bool | None = described("小组辅导", "In a group", default=None)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)


ACTION = CareAction(
    details=TutoringHeld,
    label=Text(zh="课业辅导", en="Tutoring"),
    check=naming("plan", StudyPlanRegistered),
    carers=lambda said: said.carers,
    record="record",
)
