"""Promotion 升级: from this day on the child is in the next class of its school."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.org import school_of
from domain.reasons import BEFORE_LAST_MOVE
from domain.refusal import Advice, Conflict, Fault, Invalid, Reason, Text

# Within so many days nobody is promoted twice: it would be by mistake.
ONCE_IN_DAYS = 180
NOT_IN_CLASS = Reason(
    code="not_in_class", zh="该儿童不在所写的班级", en="The child is not in the class that is named."
)
OTHER_SCHOOL = Reason(
    code="other_school", zh="升级须在本校之内", en="A promotion is to another class of the same school."
)
PROMOTED_ALREADY = Reason(
    code="promoted_already", zh="该儿童半年内已升级", en="The child was promoted within half a year."
)
ADVICE_ON_NOT_IN_CLASS = Advice(
    reason=NOT_IN_CLASS,
    zh="重新读取该儿童所在班级。",
    en="Read again in which class the child is.",
    refusals=(Conflict,),
)
ADVICE_ON_OTHER_SCHOOL = Advice(
    reason=OTHER_SCHOOL,
    zh="到外校的，提出转接，由接收方确认。",
    en="Propose a transfer to another school, which that side accepts.",
    refusals=(Invalid,),
)
ADVICE_ON_PROMOTED_ALREADY = Advice(
    reason=PROMOTED_ALREADY,
    zh="升级有误的先作废；跳级的提出转接。",
    en="Void the promotion if it was wrong; for a class further up propose a transfer.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPromoted(Details):
    """Out of which class, in which promotion; the envelope's organisation is the new one."""

    TYPE: ClassVar[str] = "child_promoted"

    promotion: UUID = described("升级批次", "Promotion")
    before: str = described("原班级", "Class before", max_length=300)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said, day = cast("ChildPromoted", new_event.details), new_event.occurred.day
    if child.org != said.before:
        raise Conflict(Fault(reason=NOT_IN_CLASS, pointer="/details/before"))
    if new_event.org is None or school_of(new_event.org) != school_of(child.org):
        yield Fault(reason=OTHER_SCHOOL, pointer="/org")
    if any(abs(fact.day - day) < timedelta(days=ONCE_IN_DAYS) for fact, _ in child.of(ChildPromoted)):
        raise Conflict(Fault(reason=PROMOTED_ALREADY, pointer="/type"))
    yield from before(day, child.moves[-1].day, BEFORE_LAST_MOVE, "/occurred_on")


ACTION = CareAction(
    effects=(Effect.PLACES, Effect.PROMOTES),
    details=ChildPromoted,
    label=Text(zh="升级", en="Promotion"),
    correctable=False,
    check=_check,
)
