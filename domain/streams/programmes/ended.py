"""Programme ended 项目结束: nobody is named for it any more; its pairings go on."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeEnded(Details):
    """Why."""

    TYPE: ClassVar[str] = "programme_ended"

    reason: str | None = described("原因", "Reason", max_length=200, default=None)


EVENT_TYPE = EventType(
    details=ProgrammeEnded, label=Text(zh="帮扶项目结束", en="Programme ended"), decision=True
)
