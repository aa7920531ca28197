"""Message 校信通: the school wrote to somebody at home. It is no contact."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.choices import Party
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class MessageChannel(Choice):
    """By what means."""

    SMS = "sms", "短信", "text message"
    SCHOOL_APP = "school_app", "校信通平台", "messaging service of the school"
    CHAT = "chat", "微信等", "chat application"
    NOTICE = "notice", "纸质通知", "paper notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Details):
    """What kind of message went to whom, and whether it arrived, as far as that is known."""

    TYPE: ClassVar[str] = "message_sent"

    reader: Party = described("接收人", "Reader")
    channel: MessageChannel = described("方式", "Channel", default=MessageChannel.SMS)
    arrived: bool | None = described("是否送达", "Arrived", default=None)
    answered: bool | None = described("是否回复", "Answered", default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())
    topic: str | None = described("主题", "Topic", personal=True, max_length=200, default=None)


ACTION = CareAction(
    details=MessageSent,
    label=Text(zh="校信通", en="Message"),
    carers=lambda said: said.carers,
)
