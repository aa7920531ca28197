"""Scores 打分: of the subject itself, and of the group. Points are in tenths: 0.5 points are 5."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Fault, Invalid, Reason, Text
from domain.streams.assessments.reasons import NO_SUCH_ASSESSED_ITEM

ABOVE_WEIGHT = Reason(
    code="above_its_weight", zh="得分超过该项分值", en="More points than the item may bring."
)
ADVICE_ON_ABOVE_WEIGHT = Advice(
    reason=ABOVE_WEIGHT,
    zh="得分以十分之一分计，不超过该项分值的十倍。",
    en="Points are in tenths: at most ten times the weight of the item.",
    refusals=(Invalid,),
)
SCORED_TWICE = Reason(code="item_scored_twice", zh="同一项打了两次分", en="An item is scored twice.")
ADVICE_ON_SCORED_TWICE = Advice(
    reason=SCORED_TWICE, zh="每项只打一次分。", en="Score each item once.", refusals=(Invalid,)
)
NOT_EACH_SCORED = Reason(code="item_not_scored", zh="有的项没有打分", en="Some item is not scored.")
ADVICE_ON_NOT_EACH_SCORED = Advice(
    reason=NOT_EACH_SCORED,
    zh="每项都要打分，没有得分的填0。",
    en="Score every item; one that brings nothing is 0.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScored:
    """The points of the item of this number, from 1, in tenths of a point."""

    item: int = described("项目序号", "Item (from 1)", minimum=1, maximum=50)
    tenths: int = described("得分(十分之一分)", "Points (tenths)", minimum=0, maximum=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentSelfScored(Details):
    """What the subject gives itself; the latest holds."""

    TYPE: ClassVar[str] = "assessment_self_scored"

    scores: tuple[ItemScored, ...] = described("自评分", "Scores", min_length=1, max_length=50)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentGroupScored(Details):
    """What the group gives; the latest holds, as after an appeal."""

    TYPE: ClassVar[str] = "assessment_group_scored"

    group: str = described("考核组", "Group", max_length=100)
    members: tuple[str, ...] = described("成员", "Members", personal=True, max_length=20, default=())
    scores: tuple[ItemScored, ...] = described("考核分", "Scores", min_length=1, max_length=50)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def _check(new_event: NewEvent, assessment: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, AssessmentSelfScored | AssessmentGroupScored)
    seen: set[int] = set()
    for number, each in enumerate(said.scores):
        at = f"/details/scores/{number}"
        if each.item > len(assessment.items):
            yield Fault(reason=NO_SUCH_ASSESSED_ITEM, pointer=f"{at}/item")
        elif each.item in seen:
            yield Fault(reason=SCORED_TWICE, pointer=f"{at}/item")
        elif each.tenths > 10 * assessment.items[each.item - 1].weight:
            yield Fault(reason=ABOVE_WEIGHT, pointer=f"{at}/tenths")
        seen.add(each.item)
    if len(seen) < len(assessment.items):
        yield Fault(reason=NOT_EACH_SCORED, pointer="/details/scores")


EVENT_TYPES = (
    EventType(
        details=AssessmentSelfScored,
        label=Text(zh="自评", en="Scored by oneself"),
        correctable=False,
        check=_check,
    ),
    EventType(
        details=AssessmentGroupScored,
        label=Text(zh="考核组评分", en="Scored by the group"),
        correctable=False,
        check=_check,
    ),
)
