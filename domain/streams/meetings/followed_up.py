"""Follow-up 会议落实: what became of what a meeting decided."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFollowedUp(Details):
    """Which decision, by its number from 1, and whether it is done."""

    TYPE: ClassVar[str] = "meeting_followed_up"

    decision: int | None = described("决定序号", "Decision (from 1)", minimum=1, maximum=30, default=None)
    done: bool = described("是否落实", "Done")
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


EVENT_TYPE = EventType(details=MeetingFollowedUp, label=Text(zh="会议落实", en="Meeting followed up"))
