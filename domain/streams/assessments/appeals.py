"""Appeals 申诉: the subject disagrees, and is answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, AtOdds, Conflict, Fault, Reason, Text

NOTHING_TO_APPEAL = Reason(code="nothing_to_appeal", zh="考核组尚未评分", en="The group has not scored yet.")
ADVICE_ON_NOTHING_TO_APPEAL = Advice(
    reason=NOTHING_TO_APPEAL,
    zh="先登记考核组评分。",
    en="Record the scores of the group first.",
    refusals=(AtOdds,),
)
NO_SUCH_APPEAL = Reason(code="no_such_appeal", zh="没有这一申诉", en="There is no such appeal.")
ADVICE_ON_NO_SUCH_APPEAL = Advice(
    reason=NO_SUCH_APPEAL, zh="先登记申诉。", en="Record the appeal first.", refusals=(AtOdds,)
)
APPEAL_ANSWERED = Reason(
    code="appeal_answered_already", zh="该申诉已答复", en="The appeal was answered already."
)
ADVICE_ON_APPEAL_ANSWERED = Advice(
    reason=APPEAL_ANSWERED,
    zh="答复有误的，先作废。",
    en="Void the first answer if it was wrong.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentAppealed(Details):
    """Against which item, by its number from 1, or against all of it, and why."""

    TYPE: ClassVar[str] = "assessment_appealed"

    item: int | None = described("项目序号", "Item (from 1)", minimum=1, maximum=50, default=None)
    why: str = described("理由", "Why", personal=True, max_length=2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentAppealAnswered(Details):
    """Whether the appeal is upheld; the group then scores again."""

    TYPE: ClassVar[str] = "assessment_appeal_answered"

    appeal: UUID = described("申诉记录", "Appeal (event id)")
    upheld: bool = described("是否采纳", "Upheld")
    answer: str = described("答复", "Answer", personal=True, max_length=2000)


def _appealed(_new_event: NewEvent, assessment: Any) -> Iterator[Fault]:
    if assessment.group_score is None:
        raise AtOdds(Fault(reason=NOTHING_TO_APPEAL))
    return iter(())


def _answered(new_event: NewEvent, assessment: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, AssessmentAppealAnswered)
    if said.appeal not in assessment.appeals:
        raise AtOdds(Fault(reason=NO_SUCH_APPEAL, pointer="/details/appeal"))
    if assessment.appeals[said.appeal] is not None:
        raise Conflict(Fault(reason=APPEAL_ANSWERED, pointer="/details/appeal"))
    return iter(())


EVENT_TYPES = (
    EventType(details=AssessmentAppealed, label=Text(zh="申诉", en="Appeal"), check=_appealed),
    EventType(
        details=AssessmentAppealAnswered, label=Text(zh="申诉答复", en="Appeal answered"), check=_answered
    ),
)
