"""Subsidy 资助获批: the child is in a scheme from a day on. It is no payment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before
from domain.care_actions.subsidy_ended import SubsidyEnded
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, Fault, Invalid, Reason, Text

SUBSIDY_RUNS_ALREADY = Reason(
    code="subsidy_runs_already",
    zh="该儿童此时已在享受同一资助项目",
    en="The child is in this scheme already at that time.",
)
ADVICE = Advice(
    reason=SUBSIDY_RUNS_ALREADY,
    zh="先终止原有资助，或核对日期。",
    en="End the earlier grant first, or check the days.",
    refusals=(Invalid,),
)


class SubsidyScheme(Choice):
    """A scheme of aid."""

    TWO_FREE_ONE_SUBSIDY = "two_free_one_subsidy", "两免一补", "two exemptions, one subsidy"
    SUBSISTENCE = "subsistence", "低保", "subsistence allowance"
    EXTREME_POVERTY = "extreme_poverty", "特困供养", "support in extreme poverty"
    ORPHAN = "orphan", "孤儿或事实无人抚养", "orphans and children nobody raises"
    RELIEF = "relief", "济难救助", "relief in distress"
    DISABILITY = "disability", "残疾补贴", "disability allowance"
    OTHER = "other", "其他", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyGranted(Details):
    """The scheme, and the sum of one period in fen (CNY 0.01)."""

    TYPE: ClassVar[str] = "subsidy_granted"

    scheme: SubsidyScheme = described("资助项目", "Scheme")
    named: str | None = described("项目名称", "Name of the scheme", max_length=100, default=None)
    amount_fen: int | None = described(
        "金额(分)", "Amount (fen)", minimum=0, maximum=1000000000, default=None
    )
    until: date | None = described("截止日期", "Until", default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said, day = cast("SubsidyGranted", new_event.details), new_event.occurred.day
    yield from before(said.until, day, ENDS_BEFORE_IT_BEGINS, "/details/until")
    last = said.until or date.max
    for fact, other in child.of(SubsidyGranted):
        if (other.scheme, other.named) != (said.scheme, said.named):
            continue
        if fact.day <= last and day <= _last_day(child, fact.event_id, other):
            yield Fault(reason=SUBSIDY_RUNS_ALREADY, pointer="/details/scheme")
            return


def _last_day(child: Known, grant: UUID, said: SubsidyGranted) -> date:
    ended = [fact.day for fact, end in child.of(SubsidyEnded) if end.subsidy == grant]
    return min([*ended, said.until or date.max])


ACTION = CareAction(
    details=SubsidyGranted,
    label=Text(zh="资助获批", en="Subsidy granted"),
    check=_check,
)
