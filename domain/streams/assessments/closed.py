"""Assessment closed 考核结果: what came of it. What is published of it names nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Reason, Text

NOT_SCORED = Reason(code="not_scored_by_the_group", zh="考核组尚未评分", en="The group has not scored.")
ADVICE_ON_NOT_SCORED = Advice(
    reason=NOT_SCORED,
    zh="先登记考核组评分。",
    en="Record the scores of the group first.",
    refusals=(Conflict,),
)
APPEAL_OPEN = Reason(code="appeal_open", zh="尚有申诉没有答复", en="An appeal is not answered yet.")
ADVICE_ON_APPEAL_OPEN = Advice(
    reason=APPEAL_OPEN, zh="先答复申诉。", en="Answer the appeal first.", refusals=(Conflict,)
)
NOT_THE_SCORES = Reason(
    code="not_the_sum_of_scores", zh="与考核组各项得分之和不符", en="Not the sum of the group's scores."
)
ADVICE_ON_NOT_THE_SCORES = Advice(
    reason=NOT_THE_SCORES,
    zh="读取考核状态中的合计；评分有误的由考核组重新评分。",
    en="Read the sum in the state; where a score is wrong, the group scores again.",
    refusals=(Conflict,),
)


class AssessmentGrade(Choice):
    """What the points come to in words."""

    EXCELLENT = "excellent", "优秀", "excellent"
    GOOD = "good", "良好", "good"
    PASSED = "passed", "合格", "passed"
    FAILED = "failed", "不合格", "failed"


class Consequence(Choice):
    """What follows from the grade."""

    NONE = "none", "无", "none"
    REWARD = "reward", "奖励", "reward"
    TALK = "talk", "约谈", "a talk"
    PENALTY = "penalty", "惩处", "penalty"


class PublishedAt(Choice):
    """Where the result was made known."""

    NOTICE_BOARD = "notice_board", "公示栏", "notice board"
    MEETING = "meeting", "会议", "a meeting"
    ONLINE = "online", "网站或公众号", "online"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentClosed(Details):
    """The points, in tenths, the grade, what follows, and where that was published."""

    TYPE: ClassVar[str] = "assessment_closed"

    tenths: int = described("总分(十分之一分)", "Points (tenths)", minimum=0, maximum=1000)
    grade: AssessmentGrade = described("等次", "Grade")
    consequence: Consequence = described("奖惩", "Consequence", default=Consequence.NONE)
    published_at: PublishedAt | None = described("公示方式", "Published", default=None)


def _check(new_event: NewEvent, assessment: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, AssessmentClosed)
    if assessment.group_score is None:
        raise Conflict(Fault(reason=NOT_SCORED))
    if None in assessment.appeals.values():
        raise Conflict(Fault(reason=APPEAL_OPEN))
    if said.tenths != assessment.group_score:
        raise Conflict(Fault(reason=NOT_THE_SCORES, pointer="/details/tenths"))
    return iter(())


EVENT_TYPE = EventType(
    details=AssessmentClosed,
    label=Text(zh="考核结果", en="Assessment closed"),
    decision=True,
    check=_check,
)
