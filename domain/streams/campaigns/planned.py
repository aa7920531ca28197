"""Campaign planned 专项活动: what runs over some days, with its steps, its budget and its volunteers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from domain.care_action import before
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, Fault, Invalid, Reason, Text

OUTSIDE_CAMPAIGN = Reason(
    code="step_outside_campaign",
    zh="步骤日期不在活动期内",
    en="The step lies outside the days of the campaign.",
)
ADVICE_ON_OUTSIDE_CAMPAIGN = Advice(
    reason=OUTSIDE_CAMPAIGN,
    zh="核对步骤日期与活动起止。",
    en="Check the day of the step, and from when until when the campaign runs.",
    refusals=(Invalid,),
)
STEP_TWICE = Reason(code="step_twice", zh="同名步骤出现了两次", en="A step is named twice.")
ADVICE_ON_STEP_TWICE = Advice(
    reason=STEP_TWICE, zh="每个步骤只列一次。", en="Name each step once.", refusals=(Invalid,)
)


class CampaignKind(Choice):
    """What kind of campaign."""

    VOLUNTEER = "volunteer", "志愿活动", "volunteers"
    PUBLICITY = "publicity", "宣传活动", "publicity"
    CARE = "care", "关爱活动", "care"
    SURVEY = "survey", "调查活动", "survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStep:
    """Something that is done on a day, or from that day until the last."""

    name: str = described("步骤", "Step", max_length=100)
    first: date = described("日期", "Day")
    last: date | None = described("截止日期", "Until", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlanned(Details):
    """What it is, from when until when. `budget_fen` is in fen (CNY 0.01).

    `most_per_unit` is how many volunteers a class or an office may send at most.
    """

    TYPE: ClassVar[str] = "campaign_planned"

    kind: CampaignKind = described("类型", "Kind")
    title: str = described("名称", "Title", max_length=100)
    organiser: str | None = described("主办单位", "Organiser", max_length=100, default=None)
    first: date = described("起始日期", "First day")
    last: date = described("截止日期", "Last day")
    steps: tuple[CampaignStep, ...] = described("日程", "Timeline", max_length=100, default=())
    budget_fen: int | None = described(
        "预算(分)", "Budget (fen)", minimum=0, maximum=100_000_000_000, default=None
    )
    most_per_unit: int | None = described(
        "每单位志愿者上限", "Volunteers of one unit at most", minimum=1, maximum=1000, default=None
    )


def _check(new_event: NewEvent, _campaign: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CampaignPlanned)
    yield from before(said.last, said.first, ENDS_BEFORE_IT_BEGINS, "/details/last")
    names = [each.name for each in said.steps]
    for number, each in enumerate(said.steps):
        at = f"/details/steps/{number}"
        if not said.first <= each.first <= said.last:
            yield Fault(reason=OUTSIDE_CAMPAIGN, pointer=f"{at}/first")
        if each.last is not None and not each.first <= each.last <= said.last:
            yield Fault(reason=OUTSIDE_CAMPAIGN, pointer=f"{at}/last")
        if each.name in names[:number]:
            yield Fault(reason=STEP_TWICE, pointer=f"{at}/name")


EVENT_TYPE = EventType(
    details=CampaignPlanned, label=Text(zh="专项活动计划", en="Campaign planned"), check=_check
)
