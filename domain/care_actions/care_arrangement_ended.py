"""Care at home ends 照料结束: its day is the first without that person."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, entry_named
from domain.care_actions.care_arranged import CareArranged
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.refusal import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CareArrangementEnded(Details):
    """Whose care ended, and why."""

    TYPE: ClassVar[str] = "care_arrangement_ended"

    arrangement: UUID = described("照料记录", "Care at home (event id)")
    reason: str | None = described("原因", "Reason", personal=True, max_length=500, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("CareArrangementEnded", new_event.details)
    entry_named(child, said.arrangement, CareArranged, at="arrangement")
    return iter(())


ACTION = CareAction(
    details=CareArrangementEnded,
    label=Text(zh="照料结束", en="Care at home ended"),
    check=_check,
    effects=(Effect.ENDS_ARRANGED_CARE,),
)
