"""Message 校信通: the school wrote to somebody at home. It is no contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine
from domain.choices import Party
from domain.event import Details
from domain.fields import Choice, described
from domain.paper_lines import PARTIES, reads
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


_CHANNELS = {
    "校信通": MessageChannel.SCHOOL_APP,
    "短信": MessageChannel.SMS,
    "微信留言": MessageChannel.CHAT,
    "纸质通知": MessageChannel.NOTICE,
}
# Whether it arrived, and whether it was answered.
_RESULTS: Mapping[str, tuple[bool | None, bool | None]] = {
    "": (None, None),
    "完成": (None, None),
    "已送达": (True, None),
    "未送达": (False, None),
    "已回复": (True, True),
    "未回复": (None, False),
}


def _of_line(line: PaperLine, reader: Party, came: tuple[bool | None, bool | None]) -> MessageSent:
    arrived, answered = came
    return MessageSent(
        reader=reader,
        channel=_CHANNELS[line.word],
        arrived=arrived,
        answered=answered,
        carers=line.carers,
        topic=line.record,
    )


ACTION = CareAction(
    details=MessageSent,
    label=Text(zh="校信通", en="Message"),
    carers=lambda said: said.carers,
    paper=tuple(_CHANNELS),
    from_paper=reads(_of_line, counterpart=PARTIES, outcome=_RESULTS),
)
