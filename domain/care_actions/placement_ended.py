"""Placement ended 归属终止: from this day on the child belongs to nobody on a line; the other stays."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast

from domain.care_action import CareAction, Known, before, place_on
from domain.choices import Line
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import BEFORE_LAST_MOVE
from domain.refusal import Advice, Conflict, Fault, Reason, Text

NOT_PLACED = Reason(
    code="not_placed", zh="该儿童在此条线上没有归属", en="The child has no place on this line."
)
ONLY_PLACE = Reason(
    code="only_place", zh="这是该儿童唯一的归属", en="This is the only place that the child has."
)
ADVICE_ON_NOT_PLACED = Advice(reason=NOT_PLACED, zh="核对条线。", en="Check the line.", refusals=(Conflict,))
ADVICE_ON_ONLY_PLACE = Advice(
    reason=ONLY_PLACE,
    zh="先登记另一条线的归属；儿童离开关爱的，登记退出。",
    en="Record its place on the other line first, or the exit where the child leaves care.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementEnded(Details):
    """On which line, and why."""

    TYPE: ClassVar[str] = "placement_ended"

    line: Line = described("条线", "Line")
    reason: str | None = described("原因", "Reason", personal=True, max_length=1000, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("PlacementEnded", new_event.details)
    if not place_on(child, said.line):
        raise Conflict(Fault(reason=NOT_PLACED, pointer="/details/line"))
    if not any(place_on(child, line) for line in Line if line is not said.line):
        raise Conflict(Fault(reason=ONLY_PLACE, pointer="/details/line"))
    last = max(move.day for move in child.placed if move.line is said.line)
    yield from before(new_event.occurred.day, last, BEFORE_LAST_MOVE, "/occurred_on")


ACTION = CareAction(
    effects=(Effect.LEAVES_LINE,),
    details=PlacementEnded,
    label=Text(zh="归属终止", en="Placement ended"),
    decision=True,
    check=_check,
)
