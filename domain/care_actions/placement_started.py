"""Placement 归属: from this day on the child belongs to a school, or to a village, beside its other line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast

from domain.care_action import CareAction, Known, before, place_on
from domain.choices import Line
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.org import checked_path, county_of
from domain.reasons import BEFORE_LAST_MOVE
from domain.refusal import Advice, Conflict, Fault, Invalid, Reason, Refused, Text

PLACED_ALREADY = Reason(
    code="placed_already", zh="该儿童在此条线上已有归属", en="The child has a place on this line already."
)
OTHER_COUNTY = Reason(
    code="place_in_other_county",
    zh="归属机构须与儿童在同一县",
    en="The place must lie in the county of the child.",
)
ADVICE_ON_PLACED_ALREADY = Advice(
    reason=PLACED_ALREADY,
    zh="改变归属的，提出转接并写明条线；登记有误的，作废原记录。",
    en="Propose a transfer that names the line, or void the entry if it was wrong.",
    refusals=(Conflict,),
)
ADVICE_ON_OTHER_COUNTY = Advice(
    reason=OTHER_COUNTY,
    zh="改为本县的学校或村居；到外县的，提出转接。",
    en="Name a school or village of the county, or propose a transfer to another.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementStarted(Details):
    """On which line, and where."""

    TYPE: ClassVar[str] = "placement_started"

    line: Line = described("条线", "Line")
    org: str = described("机构", "Organisation", max_length=300)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("PlacementStarted", new_event.details)
    if place_on(child, said.line):
        raise Conflict(Fault(reason=PLACED_ALREADY, pointer="/details/line"))
    try:
        if county_of(checked_path(said.org, pointer="/details/org")) != county_of(child.org):
            yield Fault(reason=OTHER_COUNTY, pointer="/details/org")
    except Refused as refused:
        yield from refused.faults
    last = max((move.day for move in child.placed if move.line is said.line), default=new_event.occurred.day)
    yield from before(new_event.occurred.day, last, BEFORE_LAST_MOVE, "/occurred_on")


ACTION = CareAction(
    effects=(Effect.PLACES_ON_LINE,),
    details=PlacementStarted,
    label=Text(zh="登记归属", en="Placement"),
    decision=True,
    check=_check,
)
