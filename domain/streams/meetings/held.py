"""Meeting held 会议: people who answer for children sat together."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Text


class MeetingKind(Choice):
    """What kind of meeting."""

    LEADING_GROUP = "leading_group", "领导小组会议", "leading group"
    SYMPOSIUM = "symposium", "三方座谈会", "symposium of three parties"
    GUARDIANS = "guardians", "监护人会", "guardians' meeting"
    PARENTS_COMMITTEE = "parents_committee", "家长委员会", "parents' committee"
    STAFF = "staff", "教师例会", "staff meeting"
    EXPERIENCE = "experience", "经验交流会", "exchange of experience"
    COUNCIL = "council", "议事会", "council"


class MeetingParty(Choice):
    """Who was there."""

    LEADER = "leader", "学校领导", "head of the school"
    TEACHER = "teacher", "帮扶教师", "paired teacher"
    CHILD = "child", "儿童", "children"
    GUARDIAN = "guardian", "监护人或被委托人", "guardians or entrusted carers"
    PARENT = "parent", "父母", "parents"
    VILLAGE = "village", "村（居）委会", "village committee"
    OUTSIDE = "outside", "校外人员", "people from outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingHeld(Details):
    """What was spoken about, who was there, what was decided. Whom a child had there is not said here."""

    TYPE: ClassVar[str] = "meeting_held"

    kind: MeetingKind = described("类型", "Kind")
    topic: str = described("议题", "Topic", max_length=200)
    parties: tuple[MeetingParty, ...] = described("到会各方", "Parties", max_length=7, default=())
    heads: int | None = described("到会人数", "Heads", minimum=0, maximum=100_000, default=None)
    chaired_by: str | None = described("主持人", "Chaired by", personal=True, max_length=50, default=None)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    decisions: tuple[str, ...] = described("决定事项", "Decisions", personal=True, max_length=30, default=())
    record: str | None = described("记录", "Record", personal=True, max_length=4000, default=None)


EVENT_TYPE = EventType(details=MeetingHeld, label=Text(zh="会议", en="Meeting"), record="record")
