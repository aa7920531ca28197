"""Inspection closed 督导检查结束: every finding is closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Reason, Text

FINDINGS_OPEN = Reason(code="findings_open", zh="尚有问题没有销号", en="Some findings are not closed yet.")
ADVICE_ON_FINDINGS_OPEN = Advice(
    reason=FINDINGS_OPEN,
    zh="先登记整改和销号；误记的问题先作废。",
    en="Record that they were put right and closed; void a finding that was none.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionClosed(Details):
    """What the inspectors say of it all."""

    TYPE: ClassVar[str] = "inspection_closed"

    conclusion: str | None = described("结论", "Conclusion", personal=True, max_length=2000, default=None)


def _check(_new_event: NewEvent, inspection: Any) -> Iterator[Fault]:
    if any(each.closed_on is None for each in inspection.findings):
        raise Conflict(Fault(reason=FINDINGS_OPEN))
    return iter(())


EVENT_TYPE = EventType(
    details=InspectionClosed,
    label=Text(zh="督导检查结束", en="Inspection closed"),
    decision=True,
    check=_check,
)
