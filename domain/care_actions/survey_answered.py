"""Survey 问卷: the child, or its family, answered a questionnaire."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.choices import Party
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class SurveyDomain(Choice):
    """What a questionnaire is about."""

    STUDY = "study", "学习", "study"
    LIFE = "life", "生活", "daily life"
    PSYCHOLOGY = "psychology", "心理", "psychology"
    SAFETY = "safety", "安全", "safety"
    HEALTH = "health", "身体", "health"
    NEEDS = "needs", "成长需求", "needs"
    FAMILY = "family", "家庭", "family"
    PARENTS_WORK = "parents_work", "父母务工", "parents' work"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswered(Details):
    """Which questionnaire, about what, and who answered."""

    TYPE: ClassVar[str] = "survey_answered"

    title: str = described("问卷名称", "Title", max_length=100)
    about: tuple[SurveyDomain, ...] = described("内容", "About", max_length=8, default=())
    answered_by: Party | None = described("答卷人", "Answered by", default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


ACTION = CareAction(
    details=SurveyAnswered,
    label=Text(zh="问卷", en="Survey"),
    carers=lambda said: said.carers,
    record="record",
)
