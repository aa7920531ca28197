"""Correction 更正: an earlier entry was wrong in some fields; the entry stays, the truth changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCorrected(Details):
    """What is true instead. `fields` holds `occurred_on` or `occurred_at`, `written_on`, `details`.

    Within `details` only the wrong fields are named; null takes an optional field away.
    """

    TYPE: ClassVar[str] = "event_corrected"

    target: UUID = described("所更正记录", "Event corrected (event id)")
    fields: Mapping[str, Any] = described(
        "更正内容",
        "Corrected fields",
        personal=True,
        min_length=1,
        hint="Takes the form of an event: `occurred_on` or `occurred_at`, `written_on`, and `details` with "
        'only what was wrong, such as `{"details": {"minutes": 45}}`; null takes an optional field away.',
    )
    reason: str = described("原因", "Reason", personal=True, max_length=1000)
    approved_by: str = described("审批人（自述）", "Approved by (as claimed)", personal=True, max_length=64)


def _corrects(details: EventCorrected) -> tuple[UUID, Mapping[str, Any]]:
    return details.target, details.fields


EVENT_TYPE = EventType(
    details=EventCorrected,
    label=Text(zh="更正", en="Correction"),
    decision=True,
    correctable=False,
    corrects=_corrects,
)
