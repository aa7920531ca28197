"""Assessment opened 考核: somebody, a pairing or an organisation is assessed by items that have weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.care_action import before
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, Fault, Invalid, Reason, Text

ALL = 100
NOT_A_HUNDRED = Reason(
    code="weights_not_100", zh="各项分值之和应为100", en="The weights of the items must come to 100."
)
ADVICE_ON_NOT_A_HUNDRED = Advice(
    reason=NOT_A_HUNDRED,
    zh="核对各项分值，合计为100。",
    en="Check the weights: together they are 100.",
    refusals=(Invalid,),
)
ONE_SUBJECT = Reason(
    code="one_subject",
    zh="考核对象须与类型一致：帮扶人、结对写编号，机构不写",
    en="Name the carer or the pairing that is assessed. An organisation is the one of the entry.",
)
ADVICE_ON_ONE_SUBJECT = Advice(
    reason=ONE_SUBJECT,
    zh="帮扶人填 carer，结对填 pairing，机构两项都不填。",
    en="Give `carer` or `pairing` as the subject is, neither for an organisation.",
    refusals=(Invalid,),
)


class AssessmentSubject(Choice):
    """Who or what is assessed."""

    CARER = "carer", "帮扶人", "carer"
    PAIRING = "pairing", "结对", "pairing"
    ORGANISATION = "organisation", "机构", "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentItem:
    """One item, and how many of the hundred points it may bring."""

    name: str = described("考核项目", "Item", max_length=100)
    weight: int = described("分值", "Weight", minimum=1, maximum=ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentOpened(Details):
    """Who is assessed, for which time, by which items; those are numbered from 1.

    A `pairing` is named by the event id with which it started. `rules` names the paper that says so.
    """

    TYPE: ClassVar[str] = "assessment_opened"

    title: str = described("名称", "Title", max_length=100)
    subject: AssessmentSubject = described("考核对象类型", "Subject")
    carer: UUID | None = described("帮扶人", "Carer", default=None)
    pairing: UUID | None = described("结对记录", "Pairing (event id)", default=None)
    first: date = described("起始日期", "First day")
    last: date = described("截止日期", "Last day")
    items: tuple[AssessmentItem, ...] = described("考核项目", "Items", min_length=1, max_length=50)
    rules: str | None = described("考核细则", "Rules", max_length=200, default=None)


def _check(new_event: NewEvent, _assessment: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, AssessmentOpened)
    named = (said.carer is not None, said.pairing is not None)
    if named != (said.subject is AssessmentSubject.CARER, said.subject is AssessmentSubject.PAIRING):
        yield Fault(reason=ONE_SUBJECT, pointer="/details/subject")
    if sum(each.weight for each in said.items) != ALL:
        yield Fault(reason=NOT_A_HUNDRED, pointer="/details/items")
    yield from before(said.last, said.first, ENDS_BEFORE_IT_BEGINS, "/details/last")


EVENT_TYPE = EventType(
    details=AssessmentOpened,
    label=Text(zh="考核开始", en="Assessment opened"),
    carers=lambda said: (said.carer,) if said.carer else (),
    check=_check,
)
