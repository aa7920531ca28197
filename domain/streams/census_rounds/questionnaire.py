"""Questionnaire 问卷: what a round asks, item by item, and what one child or its family answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.choices import Party, SurveyDomain
from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, AtOdds, Conflict, Fault, Invalid, Reason, Text

MOST_ITEMS = 60
SET_ALREADY = Reason(
    code="questionnaire_set_already", zh="本轮已有问卷", en="The round has its questionnaire already."
)
ADVICE_ON_SET_ALREADY = Advice(
    reason=SET_ALREADY,
    zh="问卷有误的，先作废再重新登记；另发问卷的，另开一轮。",
    en="Void the first one if it was wrong. Another questionnaire belongs to another round.",
    refusals=(Conflict,),
)
NONE_YET = Reason(code="no_questionnaire", zh="本轮尚无问卷", en="The round has no questionnaire yet.")
ADVICE_ON_NONE_YET = Advice(
    reason=NONE_YET, zh="先登记问卷。", en="Record the questionnaire first.", refusals=(AtOdds,)
)
NO_SUCH_ITEM = Reason(code="no_such_item", zh="问卷没有这一题", en="The questionnaire has no such item.")
ADVICE_ON_NO_SUCH_ITEM = Advice(
    reason=NO_SUCH_ITEM,
    zh="题号从1起，按问卷的顺序。",
    en="Items are numbered from 1, in the order of the questionnaire.",
    refusals=(Invalid,),
)
ITEM_TWICE = Reason(code="item_twice", zh="同一题答了两次", en="An item is answered twice.")
ADVICE_ON_ITEM_TWICE = Advice(
    reason=ITEM_TWICE, zh="每题只答一次。", en="Answer each item once.", refusals=(Invalid,)
)
NOT_OFFERED = Reason(code="answer_not_offered", zh="不是该题的选项", en="Not one of the answers offered.")
ADVICE_ON_NOT_OFFERED = Advice(
    reason=NOT_OFFERED,
    zh="填写该题所列的选项。",
    en="Give one of the answers that the item lists.",
    refusals=(Invalid,),
)
ANSWERED_ALREADY = Reason(
    code="answered_already",
    zh="本轮已有该儿童同一答卷人的答卷",
    en="The same person has answered for this child in this round already.",
)
ADVICE_ON_ANSWERED_ALREADY = Advice(
    reason=ANSWERED_ALREADY,
    zh="答卷有误的，先作废再重新登记。",
    en="Void the first answers if they were wrong.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireItem:
    """One question, what it is about, and the answers it offers; without any it is answered freely."""

    text: str = described("题目", "Text", max_length=200)
    about: SurveyDomain = described("领域", "About")
    offers: tuple[str, ...] = described("选项", "Answers offered", max_length=10, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireSet(Details):
    """What a round asks. Items are numbered from 1."""

    TYPE: ClassVar[str] = "questionnaire_set"

    title: str = described("问卷名称", "Title", max_length=100)
    items: tuple[QuestionnaireItem, ...] = described("题目", "Items", min_length=1, max_length=MOST_ITEMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAnswered:
    """What was answered to the item of this number, from 1."""

    item: int = described("题号", "Item", minimum=1, maximum=MOST_ITEMS)
    answer: str = described("回答", "Answer", max_length=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireAnswered(Details):
    """The answers of one child, or of its family; they stand in its file as a survey."""

    TYPE: ClassVar[str] = "questionnaire_answered"

    child: UUID = described("儿童", "Child")
    answered_by: Party = described("答卷人", "Answered by", default=Party.CHILD)
    answers: tuple[ItemAnswered, ...] = described(
        "回答", "Answers", personal=True, min_length=1, max_length=MOST_ITEMS
    )
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


def _set(new_event: NewEvent, state: Any) -> Iterator[Fault]:
    if state.questionnaire is not None:
        raise Conflict(Fault(reason=SET_ALREADY, pointer="/type"))
    return iter(())


def _answered(new_event: NewEvent, state: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, QuestionnaireAnswered)
    if state.questionnaire is None:
        raise AtOdds(Fault(reason=NONE_YET, pointer="/type"))
    if (said.child, said.answered_by) in state.answered_for:
        raise Conflict(Fault(reason=ANSWERED_ALREADY, pointer="/details/child"))
    items, before = state.questionnaire.items, set[int]()
    for number, each in enumerate(said.answers):
        at = f"/details/answers/{number}"
        if each.item > len(items):
            yield Fault(reason=NO_SUCH_ITEM, pointer=f"{at}/item")
        elif each.item in before:
            yield Fault(reason=ITEM_TWICE, pointer=f"{at}/item")
        elif (offered := items[each.item - 1].offers) and each.answer not in offered:
            yield Fault(reason=NOT_OFFERED, pointer=f"{at}/answer", allowed=offered)
        before.add(each.item)


EVENT_TYPES = (
    EventType(
        details=QuestionnaireSet,
        label=Text(zh="问卷设定", en="Questionnaire set"),
        correctable=False,
        check=_set,
    ),
    EventType(
        details=QuestionnaireAnswered,
        label=Text(zh="答卷", en="Questionnaire answered"),
        carers=lambda said: said.carers,
        correctable=False,
        check=_answered,
    ),
)
