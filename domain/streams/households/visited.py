"""Household visited 入户走访: one visit, recorded once, and once in the file of each child."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.choices import Met, VisitOutcome
from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.ledger.fanning import named_twice
from domain.refusal import Fault, Text
from domain.streams.households.reasons import LIVES_ELSEWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildVisited:
    """What was found of one child; `seen` says that it was there."""

    child: UUID = described("儿童", "Child")
    seen: bool = described("见到本人", "Seen")
    finding: str | None = described("情况", "Finding", personal=True, max_length=2000, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdVisited(Details):
    """Who went, whom they met beside the children, what was seen; `children` are those whom it is about."""

    TYPE: ClassVar[str] = "household_visited"

    carers: tuple[UUID, ...] = described("走访人", "Carers", min_length=1, max_length=20)
    outcome: VisitOutcome = described("结果", "Outcome")
    met: tuple[Met, ...] = described("见到", "Met", max_length=len(Met), default=())
    children: tuple[ChildVisited, ...] = described(
        "儿童情况", "Children", personal=True, max_length=20, default=()
    )
    team: str | None = described("小组", "Team", max_length=50, default=None)
    recorder: UUID | None = described("笔录人", "Who wrote it down", default=None)
    accompanied_by: str | None = described(
        "陪同", "Accompanied by", personal=True, max_length=100, default=None
    )
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)


def _check(new_event: NewEvent, household: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, HouseholdVisited)
    yield from named_twice(each.child for each in said.children)
    for number, each in enumerate(said.children):
        if each.child not in household.ever:
            yield Fault(reason=LIVES_ELSEWHERE, pointer=f"/details/children/{number}/child")


def _carers(said: HouseholdVisited) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys((*said.carers, *filter(None, (said.recorder,)))))


EVENT_TYPE = EventType(
    details=HouseholdVisited,
    label=Text(zh="入户走访", en="Household visited"),
    carers=_carers,
    record="record",
    correctable=False,
    check=_check,
)
