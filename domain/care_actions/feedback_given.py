"""Feedback 意见反馈: what the child or its family thinks of the care."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.choices import Party
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class FeedbackAbout(Choice):
    """What somebody has an opinion of."""

    SCHOOL = "school", "学校", "school"
    CARER = "carer", "帮扶人", "carer"
    PLACEMENT = "placement", "照护安排", "care at home"
    PAIRING = "pairing", "结对", "pairing"
    ACTIVITY = "activity", "活动", "activity"
    OTHER = "other", "其他", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackGiven(Details):
    """Who said something, about what."""

    TYPE: ClassVar[str] = "feedback_given"

    from_whom: Party = described("反馈人", "From")
    about: FeedbackAbout = described("反馈内容", "About")
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


ACTION = CareAction(
    details=FeedbackGiven,
    label=Text(zh="意见反馈", en="Feedback"),
    carers=lambda said: said.carers,
    record="record",
    beyond_paper=("意见反馈", "家长意见", "家长反馈"),
)
