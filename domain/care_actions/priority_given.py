"""Priority 三个优先: the child came first where not all could."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class PriorityArea(Choice):
    """In what a child comes first."""

    STUDY = "study", "学习辅导", "study"
    DAILY_LIFE = "daily_life", "生活照顾", "daily life"
    ACTIVITIES = "activities", "活动参加", "activities"
    BOARDING = "boarding", "住宿", "boarding place"
    COUNSELLING = "counselling", "青春期咨询", "adolescence counselling"
    AID = "aid", "资助", "aid"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityGiven(Details):
    """In what the child came first, and what was decided between."""

    TYPE: ClassVar[str] = "priority_given"

    area: PriorityArea = described("优先方面", "Area")
    place_or_group: str | None = described("班组或场所", "Place or group", max_length=100, default=None)
    instead_of: str | None = described(
        "放弃的方案", "Instead of", personal=True, max_length=500, default=None
    )
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


ACTION = CareAction(
    details=PriorityGiven,
    label=Text(zh="三个优先", en="Priority"),
    carers=lambda said: said.carers,
)
