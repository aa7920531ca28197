"""Participation 参加活动: the child took part in something that was recorded once, for all who were there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction
from domain.event import Details, Draft
from domain.fields import Choice, described
from domain.refusal import Fault, Reason, Text

if TYPE_CHECKING:
    from domain.child import Child

TAKES_PART_ALREADY = Reason(
    code="takes_part_already",
    zh="该儿童在这次活动中已有参加记录",
    en="The child takes part in this activity already.",
)


class ActivityKind(Choice):
    """What was held."""

    LECTURE = "lecture", "讲座", "lecture"
    THEME_MEETING = "theme_meeting", "主题班会", "theme meeting"
    SPORTS = "sports", "文体活动", "sports"
    READING = "reading", "阅读", "reading"
    TRIP = "trip", "参观出游", "trip"
    CAMP = "camp", "夏令营", "camp"
    CONTEST = "contest", "比赛", "contest"
    FESTIVAL = "festival", "节日活动", "festival"
    SYMPOSIUM = "symposium", "座谈会", "symposium"
    GUARDIANS_MEETING = "guardians_meeting", "家长会", "guardians' meeting"
    TRAINING = "training", "培训", "training"
    HOME_SESSION = "home_session", "留守儿童之家活动", "session at the children's home"
    SURVEY = "survey", "问卷调查", "survey"
    VISIT_DAY = "visit_day", "集中家访日", "collective visit day"


class Role(Choice):
    """As what the child took part."""

    PARTICIPANT = "participant", "参加", "participant"
    SPEAKER = "speaker", "发言", "speaker"
    PERFORMER = "performer", "表演", "performer"
    HELPER = "helper", "协助", "helper"
    WINNER = "winner", "获奖", "winner"
    REPRESENTED = "represented", "由监护人代表", "represented by a guardian"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipationRecorded(Details):
    """In which activity the child took part, and as what. To be there in a crowd is no contact."""

    TYPE: ClassVar[str] = "participation_recorded"

    activity: UUID = described("活动", "Activity")
    kind: ActivityKind = described("类型", "Kind")
    topic: str = described("主题", "Topic", personal=True)
    role: Role = described("身份", "Role", default=Role.PARTICIPANT)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=100_000, default=None)


def _check(draft: Draft, child: "Child") -> Iterator[Fault]:
    activity = cast("ParticipationRecorded", draft.details).activity
    if any(said.activity == activity for _, said in child.of(ParticipationRecorded)):
        yield Fault(reason=TAKES_PART_ALREADY, pointer="/details/activity")


ACTION = CareAction(
    details=ParticipationRecorded,
    label=Text(zh="参加活动", en="Participation"),
    derived=True,
    check=_check,
)
