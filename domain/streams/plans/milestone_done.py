"""Milestone done 节点完成: what was planned is done, in time or late."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Invalid, Reason, Text

NO_SUCH_MILESTONE = Reason(
    code="no_such_milestone", zh="计划没有这一节点", en="The plan has no such milestone."
)
ADVICE_ON_NO_SUCH_MILESTONE = Advice(
    reason=NO_SUCH_MILESTONE,
    zh="按计划所列的名称填写；新的节点先修订计划。",
    en="Give its name as the plan has it. Revise the plan first for a new one.",
    refusals=(Invalid,),
)
DONE_ALREADY = Reason(code="milestone_done_already", zh="该节点已完成", en="The milestone is done already.")
ADVICE_ON_DONE_ALREADY = Advice(
    reason=DONE_ALREADY,
    zh="登记有误的，先作废。",
    en="Void the first entry if it was wrong.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMilestoneDone(Details):
    """Which milestone, by its name, and what came of it; it was done on the day of the entry."""

    TYPE: ClassVar[str] = "plan_milestone_done"

    milestone: str = described("节点", "Milestone", max_length=100)
    result: str | None = described("结果", "Result", max_length=1000, default=None)


def _check(new_event: NewEvent, plan: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, PlanMilestoneDone)
    found = next((each for each in plan.milestones if each.name == said.milestone), None)
    if found is None:
        yield Fault(reason=NO_SUCH_MILESTONE, pointer="/details/milestone")
    elif found.done_on is not None:
        raise Conflict(Fault(reason=DONE_ALREADY, pointer="/details/milestone"))


EVENT_TYPE = EventType(
    details=PlanMilestoneDone, label=Text(zh="节点完成", en="Milestone done"), check=_check
)
