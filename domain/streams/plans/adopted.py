"""Plan adopted 计划: what is to be done until when, of a school year, of three years, or in an emergency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from domain.care_action import before
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.fingerprint import faults_of_fingerprint
from domain.ledger.event_type import EventType
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, Fault, Invalid, Reason, Text

SHA256 = 64
OUTSIDE_PLAN = Reason(
    code="milestone_outside_plan",
    zh="节点期限不在计划期内",
    en="The milestone is due outside the time of the plan.",
)
ADVICE_ON_OUTSIDE_PLAN = Advice(
    reason=OUTSIDE_PLAN,
    zh="核对节点期限与计划起止。",
    en="Check when it is due, and from when until when the plan runs.",
    refusals=(Invalid,),
)
MILESTONE_TWICE = Reason(code="milestone_twice", zh="同名节点出现了两次", en="A milestone is named twice.")
ADVICE_ON_MILESTONE_TWICE = Advice(
    reason=MILESTONE_TWICE, zh="每个节点只列一次。", en="Name each milestone once.", refusals=(Invalid,)
)


class PlanKind(Choice):
    """What kind of plan."""

    YEAR = "year", "年度工作计划", "plan of a year"
    TERM = "term", "学期工作计划", "plan of a term"
    THREE_YEARS = "three_years", "三年规划", "plan of three years"
    EMERGENCY = "emergency", "应急预案", "emergency plan"
    HOLIDAY = "holiday", "假期工作方案", "plan for the holidays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Something that is to be done, and until when."""

    name: str = described("节点", "Milestone", max_length=100)
    due: date = described("期限", "Due")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAdopted(Details):
    """What is planned, from when until when. `sha256` is the fingerprint of the text."""

    TYPE: ClassVar[str] = "plan_adopted"

    kind: PlanKind = described("类型", "Kind")
    title: str = described("名称", "Title", max_length=100)
    first: date = described("起始日期", "First day")
    last: date = described("截止日期", "Last day")
    milestones: tuple[Milestone, ...] = described("节点", "Milestones", max_length=100, default=())
    baseline: str | None = described("现状", "Baseline", max_length=1000, default=None)
    sha256: str | None = described(
        "文本摘要", "SHA-256 of the text", max_length=SHA256, default=None, hint="64 hexadecimal digits."
    )
    adopted_by: str | None = described("通过单位", "Adopted by", max_length=100, default=None)


def _check(new_event: NewEvent, _plan: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, PlanAdopted)
    yield from before(said.last, said.first, ENDS_BEFORE_IT_BEGINS, "/details/last")
    yield from faults_of_milestones(said.milestones, said.first, said.last)
    yield from faults_of_fingerprint(said.sha256, "/details/sha256")


def faults_of_milestones(milestones: tuple[Milestone, ...], first: date, last: date) -> Iterator[Fault]:
    """Find milestones that are due outside a plan, or that are named twice."""
    names = [each.name for each in milestones]
    for number, each in enumerate(milestones):
        if not first <= each.due <= last:
            yield Fault(reason=OUTSIDE_PLAN, pointer=f"/details/milestones/{number}/due")
        if each.name in names[:number]:
            yield Fault(reason=MILESTONE_TWICE, pointer=f"/details/milestones/{number}/name")


EVENT_TYPE = EventType(details=PlanAdopted, label=Text(zh="计划通过", en="Plan adopted"), check=_check)
