"""Follow-up 会议落实: what became of what a meeting decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Reason, Text

NO_SUCH_DECISION = Reason(
    code="no_such_decision", zh="会议没有这一序号的决定", en="The meeting took no decision of this number."
)
ADVICE = Advice(
    reason=NO_SUCH_DECISION,
    zh="核对序号（从1起）；漏记的决定，先更正会议记录。",
    en="Check the number, from 1. Correct the meeting first where a decision was left out of it.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFollowedUp(Details):
    """Which decision, by its number from 1, and whether it is done."""

    TYPE: ClassVar[str] = "meeting_followed_up"

    decision: int | None = described("决定序号", "Decision (from 1)", minimum=1, maximum=30, default=None)
    done: bool = described("是否落实", "Done")
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def _check(new_event: NewEvent, meeting: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, MeetingFollowedUp)
    if said.decision is not None and said.decision > len(meeting.held.decisions):
        raise Conflict(Fault(reason=NO_SUCH_DECISION, pointer="/details/decision"))
    return iter(())


EVENT_TYPE = EventType(
    details=MeetingFollowedUp, label=Text(zh="会议落实", en="Meeting followed up"), check=_check
)
