"""Nominations 推荐: which children and carers a class names for a programme."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, AtOdds, Conflict, Fault, Reason, Text

CLASS_NAMED_ENOUGH = Reason(
    code="class_named_enough",
    zh="该班推荐的儿童已达上限",
    en="The class has named as many children as it may.",
)
ADVICE_ON_ENOUGH = Advice(
    reason=CLASS_NAMED_ENOUGH,
    zh="先登记撤回推荐，或在项目中更正上限。",
    en="Record first which nomination is withdrawn, or correct the most in the programme.",
    refusals=(Conflict,),
)
NOMINATED_ALREADY = Reason(
    code="nominated_already", zh="该儿童已被推荐", en="This child is named for the programme already."
)
ADVICE_ON_NOMINATED_ALREADY = Advice(
    reason=NOMINATED_ALREADY, zh="不必再登记。", en="There is nothing more to record.", refusals=(Conflict,)
)
NOT_NAMED = Reason(code="not_named", zh="该儿童未被推荐", en="This child is not named for the programme.")
ADVICE_ON_NOT_NAMED = Advice(
    reason=NOT_NAMED, zh="先登记推荐。", en="Record the nomination first.", refusals=(AtOdds,)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildNamed(Details):
    """A class names a child, and why; a carer whom it proposes for the child may stand beside it."""

    TYPE: ClassVar[str] = "child_named"

    unit: str = described("班级", "Class", max_length=100)
    child: UUID = described("儿童", "Child")
    carer: UUID | None = described("建议的帮扶人", "Carer who is proposed", default=None)
    reason: str | None = described("推荐理由", "Reason", personal=True, max_length=500, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildNamedNoMore(Details):
    """The nomination is withdrawn; its place is free again."""

    TYPE: ClassVar[str] = "child_named_no_more"

    child: UUID = described("儿童", "Child")


def _named(new_event: NewEvent, programme: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, ChildNamed)
    others = [each for each in programme.named if each.nomination != new_event.event_id]
    if said.child in {each.child for each in others}:
        raise Conflict(Fault(reason=NOMINATED_ALREADY, pointer="/details/child"))
    most = programme.launched.most_named if programme.launched else None
    if most is not None and sum(each.unit == said.unit for each in others) >= most:
        raise Conflict(Fault(reason=CLASS_NAMED_ENOUGH, pointer="/details/unit"))
    return iter(())


def _no_more(new_event: NewEvent, programme: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, ChildNamedNoMore)
    if said.child not in {each.child for each in programme.named}:
        raise AtOdds(Fault(reason=NOT_NAMED, pointer="/details/child"))
    return iter(())


EVENT_TYPES = (
    EventType(
        details=ChildNamed,
        label=Text(zh="推荐", en="Child named"),
        carers=lambda said: () if said.carer is None else (said.carer,),
        check=_named,
    ),
    EventType(
        details=ChildNamedNoMore,
        label=Text(zh="撤回推荐", en="Nomination withdrawn"),
        correctable=False,
        check=_no_more,
    ),
)
