"""Growth diary 成长日记: a carer wrote in the diary of the child. Never what it says."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class LifeSide(Choice):
    """A side of the life of a child."""

    STUDY = "study", "学习", "study"
    LIFE = "life", "生活", "daily life"
    THOUGHT = "thought", "思想", "thought"
    HEALTH = "health", "身体", "health"
    FAMILY = "family", "家庭", "family"
    CONDUCT = "conduct", "日常行为", "conduct"
    INTERESTS = "interests", "兴趣", "interests"
    FEELINGS = "feelings", "情感", "feelings"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthDiaryWritten(Details):
    """Who wrote, and of which sides of life."""

    TYPE: ClassVar[str] = "growth_diary_written"

    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    about: tuple[LifeSide, ...] = described("方面", "About", max_length=8, default=())


ACTION = CareAction(
    details=GrowthDiaryWritten,
    label=Text(zh="成长日记", en="Growth diary"),
    carers=lambda said: said.carers,
)
