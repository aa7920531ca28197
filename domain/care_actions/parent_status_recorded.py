"""State of a parent 父母状况: dead, divorced, missing; the latest entry about a parent holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.care_action import CareAction, Known, Shown
from domain.choices import Parent, ParentStatus
from domain.effects import Effect
from domain.event import Details
from domain.fields import described
from domain.refusal import Text

PARENT_STATES = "parent_states"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentStatusRecorded(Details):
    """How it stands with a parent since when."""

    TYPE: ClassVar[str] = "parent_status_recorded"

    parent: Parent = described("父亲或母亲", "Parent")
    status: ParentStatus = described("状况", "Status", personal=True)
    since: date | None = described("起始日期", "Since", default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def parent_states(child: Known) -> Iterable[ParentStatusRecorded]:
    """Return what holds of each parent: the latest entry about it."""
    return {said.parent: said for _, said in child.of(ParentStatusRecorded)}.values()


ACTION = CareAction(
    effects=(Effect.TELLS_STATE_OF_PARENT,),
    details=ParentStatusRecorded,
    label=Text(zh="父母状况", en="State of a parent"),
    settles=lambda said: said.parent.value,
    shows=Shown(name=PARENT_STATES, holding=parent_states, many=True),
)
