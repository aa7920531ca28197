"""Plan closed 计划结束: what came of it."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Text


class PlanOutcome(Choice):
    """How a plan ended."""

    REACHED = "reached", "完成", "reached"
    IN_PART = "in_part", "部分完成", "reached in part"
    DROPPED = "dropped", "终止", "dropped"
    REPLACED = "replaced", "由新计划取代", "replaced by another"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanClosed(Details):
    """How it ended. Milestones that are open then stay so."""

    TYPE: ClassVar[str] = "plan_closed"

    outcome: PlanOutcome = described("结果", "Outcome")
    review: str | None = described("总结", "Review", max_length=4000, default=None)


EVENT_TYPE = EventType(details=PlanClosed, label=Text(zh="计划结束", en="Plan closed"), decision=True)
