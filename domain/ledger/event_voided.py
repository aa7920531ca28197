"""Voiding 作废: an earlier entry never was; it stays readable and no longer counts."""

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar
from uuid import UUID

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class EventVoided(Details):
    """Which entry is void, and why. `undoes_import` names the import that was undone as a whole."""

    TYPE: ClassVar[str] = "event_voided"

    target: UUID = described("所作废记录", "Event voided (event id)")
    reason: str = described("原因", "Reason", personal=True, max_length=1000)
    approved_by: str = described("审批人（自述）", "Approved by (as claimed)", personal=True, max_length=64)
    undoes_import: UUID | None = described("撤销的导入", "Import undone", default=None)


EVENT_TYPE = EventType(
    details=EventVoided,
    label=Text(zh="作废", en="Voiding"),
    decision=True,
    correctable=False,
    voidable=False,
    voids=attrgetter("target"),
)
