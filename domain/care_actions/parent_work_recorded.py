"""Parents' work 父母务工: whether a parent is away, where, since when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast

from domain.care_action import CareAction, Known, Shown, Shows
from domain.care_actions.parent_status_recorded import PARENT_STATES, parent_states
from domain.choices import HowFar, Parent
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import Choice, Column, described
from domain.normal import undotted
from domain.phone import normal_phone
from domain.refusal import Advice, Conflict, Fault, Reason, Text
from domain.told import contradictions_of, upon

AWAY_ENDS_BEFORE_IT_BEGINS = Reason(
    code="away_ends_before_it_begins",
    zh="返回日期早于外出日期",
    en="The return is before the departure.",
)
AWAY_OVERLAPS = Reason(
    code="away_overlaps",
    zh="与该家长另一段外出时间重叠",
    en="This overlaps with another absence of this parent.",
)
ADVICE_ON_AWAY_OVERLAPS = Advice(
    reason=AWAY_OVERLAPS,
    zh="核对外出和返回日期；原记录有误的先更正。",
    en="Check both days; correct the other entry first where it is wrong.",
    refusals=(Conflict,),
)
# What papers say of the whereabouts of a parent where nobody knows.
_NOT_KNOWN = ("不详", "未知", "不清楚", "不明")


class WorkField(Choice):
    """What may be known of a parent's work."""

    AWAY = "away", "是否外出务工", "works away"
    NAME = "name", "姓名", "name"
    AWAY_FROM = "away_from", "外出日期", "away from"
    AWAY_TO = "away_to", "返回日期", "away until"
    PLACE = "place", "务工地", "place of work"
    HOW_FAR = "how_far", "外出范围", "how far away"
    PHONE = "phone", "电话", "telephone"
    CONTACTABLE = "contactable", "能否联系", "can be reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentWorkRecorded(Details):
    """What is said of one parent's work.

    What an entry leaves open is as it was said before of the same person; what `unknown` names is not known
    any more.
    """

    TYPE: ClassVar[str] = "parent_work_recorded"

    parent: Parent = described("父亲或母亲", "Parent")
    away: bool | None = described(
        "是否外出务工",
        "Works away",
        default=None,
        column=Column(title="{parent}是否外出务工", unknown=_NOT_KNOWN),
    )
    name: str | None = described(
        "姓名", "Name", personal=True, max_length=50, default=None, normal=undotted, column="{parent}姓名"
    )
    away_from: date | None = described("外出日期", "Away from", default=None)
    away_to: date | None = described("返回日期", "Away until", default=None)
    place: str | None = described(
        "务工地", "Place of work", personal=True, default=None, column="{parent}务工地"
    )
    how_far: HowFar | None = described("外出范围", "How far away", default=None)
    phone: str | None = described(
        "电话",
        "Telephone",
        personal=True,
        max_length=32,
        default=None,
        normal=normal_phone,
        column="{parent}电话",
    )
    contactable: bool | None = described("能否联系", "Can be reached", default=None)
    unknown: tuple[WorkField, ...] | None = described("已不详的项目", "No longer known", default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    details = cast("ParentWorkRecorded", new_event.details)
    yield from contradictions_of(details)
    if details.away_from and details.away_to and details.away_to < details.away_from:
        yield Fault(reason=AWAY_ENDS_BEFORE_IT_BEGINS, pointer="/details/away_to")
    elif any(_overlap(details, other) for _, other in child.of(ParentWorkRecorded)):
        raise Conflict(Fault(reason=AWAY_OVERLAPS, pointer="/details/away_from"))


def _overlap(one: ParentWorkRecorded, other: ParentWorkRecorded) -> bool:
    """Return whether two absences of a parent overlap of which it is known when each began.

    One that began on the same day is the same, told again. Of one that goes on nobody knows whether it ended
    before the next, so it stands.
    """
    if one.parent is not other.parent or not one.away_from or not other.away_from:
        return False
    first, second = sorted((one, other), key=lambda each: each.away_from or date.min)
    return first.away_from != second.away_from and bool(
        first.away_to and second.away_from and second.away_from < first.away_to
    )


def _parent(details: ParentWorkRecorded) -> str:
    return details.parent.value


def parents(child: Known) -> dict[Parent, ParentWorkRecorded]:
    """Return what is known of each parent's work."""
    known = dict[Parent, ParentWorkRecorded]()
    for _, said in child.of(ParentWorkRecorded):
        known[said.parent] = upon(known.get(said.parent), said)
    return known


def _shown(child: Known) -> Iterable[ParentWorkRecorded]:
    """Return the same, and nothing but who it is of a parent of whom nothing but its state is known."""
    told = parents(child)
    others = {said.parent for said in parent_states(child)} - told.keys()
    return (*told.values(), *(ParentWorkRecorded(parent=each) for each in sorted(others)))


def _state(details: ParentWorkRecorded, shown: Shows) -> dict[str, object]:
    """Say who it is, whether away and since when, and how it stands with it as far as that is known."""
    since = details.away_from if details.away else details.away_to if details.away is False else None
    of = (said.get("status") for said in shown[PARENT_STATES] if said["parent"] == details.parent)
    return {"who": details.parent, "away": details.away, "state": next(of, None), "since": since}


ACTION = CareAction(
    effects=(Effect.TELLS_OF_PARENT,),
    details=ParentWorkRecorded,
    label=Text(zh="父母务工情况", en="Parent's work"),
    check=_check,
    settles=_parent,
    shows=Shown(name="parents", holding=_shown, many=True, first=_state),
)
