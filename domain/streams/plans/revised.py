"""Plan revised 计划修订: it goes on until another day, with other milestones. What is done stays done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from domain.care_action import before
from domain.event import Details, NewEvent
from domain.fields import described
from domain.fingerprint import faults_of_fingerprint
from domain.ledger.event_type import EventType
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Fault, Text
from domain.streams.plans.adopted import SHA256, Milestone, faults_of_milestones


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRevised(Details):
    """Until when it runs now, and all its milestones as they are now: those left out are dropped."""

    TYPE: ClassVar[str] = "plan_revised"

    reason: str = described("修订原因", "Reason", max_length=1000)
    last: date = described("截止日期", "Last day")
    milestones: tuple[Milestone, ...] = described("节点", "Milestones", max_length=100, default=())
    sha256: str | None = described(
        "文本摘要", "SHA-256 of the text", max_length=SHA256, default=None, hint="64 hexadecimal digits."
    )


def _check(new_event: NewEvent, plan: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, PlanRevised)
    first = plan.adopted.first
    yield from before(said.last, first, ENDS_BEFORE_IT_BEGINS, "/details/last")
    yield from faults_of_milestones(said.milestones, first, said.last)
    yield from faults_of_fingerprint(said.sha256, "/details/sha256")


EVENT_TYPE = EventType(
    details=PlanRevised, label=Text(zh="计划修订", en="Plan revised"), correctable=False, check=_check
)
