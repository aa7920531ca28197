"""Participation 参加活动: the child took part in something that was recorded once, for all who were there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import Attendance, CareAction, Known, OfActivity
from domain.choices import ActivityKind, Role
from domain.event import Details, NewEvent
from domain.fields import described
from domain.refusal import Fault, Reason, Text

TAKES_PART_ALREADY = Reason(
    code="takes_part_already",
    zh="该儿童在这次活动中已有参加记录",
    en="The child is already recorded as taking part in this activity.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipationRecorded(Details):
    """In which activity the child took part, and as what. To be there in a crowd is no contact."""

    TYPE: ClassVar[str] = "participation_recorded"

    activity: UUID = described("活动", "Activity")
    kind: ActivityKind = described("类型", "Kind")
    topic: str = described("主题", "Topic", personal=True)
    role: Role = described("身份", "Role", default=Role.PARTICIPANT)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=100_000, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    activity = cast("ParticipationRecorded", new_event.details).activity
    if any(said.activity == activity for _, said in child.of(ParticipationRecorded)):
        yield Fault(reason=TAKES_PART_ALREADY, pointer="/details/activity")


def _of_activity(there: Attendance) -> ParticipationRecorded:
    return ParticipationRecorded(
        activity=there.activity, kind=there.kind, topic=there.topic, role=there.role, minutes=there.minutes
    )


ACTION = CareAction(
    details=ParticipationRecorded,
    label=Text(zh="参加活动", en="Participation"),
    derived=True,
    check=_check,
    of_activity=OfActivity(make=_of_activity, follows=("topic", "minutes")),
    beyond_paper=(
        "参加活动",
        "活动",
        "讲座",
        "座谈",
        "座谈会",
        "集体座谈",
        "家长会",
        "班会",
        "主题班会",
        "文体活动",
        "运动会",
        "读书活动",
        "参观",
        "夏令营",
        "节日活动",
        "比赛",
        "培训",
    ),
)
