"""Care at home ends 照料结束: its day is the first without that person."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.care_arranged import CareArranged
from domain.effects import Effect
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CareArrangementEnded(Details):
    """Whose care ended, and why."""

    TYPE: ClassVar[str] = "care_arrangement_ended"

    arrangement: UUID = described("照料记录", "Care at home (event id)")
    reason: str | None = described("原因", "Reason", personal=True, max_length=500, default=None)


ACTION = CareAction(
    details=CareArrangementEnded,
    label=Text(zh="照料结束", en="Care at home ended"),
    check=naming("arrangement", CareArranged),
    effects=(Effect.ENDS_ARRANGED_CARE,),
)
