"""Counselling begins 心理辅导立案: sessions belong to what this opens."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class CounsellingChannel(Choice):
    """How a child comes to counselling."""

    ROOM = "room", "辅导室", "counselling room"
    HOTLINE = "hotline", "热线", "hotline"
    MAILBOX = "mailbox", "信箱", "mailbox"
    CLASS_LESSON = "class_lesson", "心理课", "lesson"
    REFERRAL = "referral", "转介", "referral"


@dataclass(frozen=True, slots=True, kw_only=True)
class CounsellingOpened(Details):
    """By what way the child came, why, and who counsels. The reason is for few eyes."""

    TYPE: ClassVar[str] = "counselling_opened"

    channel: CounsellingChannel = described("途径", "Channel", default=CounsellingChannel.ROOM)
    reason: str | None = described("原因", "Reason", personal=True, max_length=1000, default=None)
    consent: bool | None = described("监护人同意", "The guardian agrees", default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


ACTION = CareAction(
    details=CounsellingOpened,
    label=Text(zh="心理辅导立案", en="Counselling opened"),
    carers=lambda said: said.carers,
)
