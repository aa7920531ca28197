"""Incident closed 事件办结: what came of it, agreed by a second person."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Text


class IncidentOutcome(Choice):
    """What came of it."""

    SAFE = "safe", "儿童已安全", "the child is safe"
    PROCEEDINGS = "proceedings", "转入司法程序", "taken to court"
    UNFOUNDED = "unfounded", "查无此事", "unfounded"
    OTHER = "other", "其他", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentClosed(Details):
    """How it ended, and who agreed that it has."""

    TYPE: ClassVar[str] = "incident_closed"

    outcome: IncidentOutcome = described("结果", "Outcome")
    approved_by: str = described("审批人", "Approved by", personal=True, max_length=50)
    note: str | None = described("说明", "Note", personal=True, max_length=2000, default=None)


EVENT_TYPE = EventType(
    details=IncidentClosed,
    label=Text(zh="事件办结", en="Incident closed"),
    decision=True,
    correctable=False,
    approved="approved_by",
)
