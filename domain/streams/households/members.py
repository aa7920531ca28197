"""Who comes into a household 家庭成员变动, and who leaves it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Reason, Text
from domain.streams.households.reasons import LIVES_ELSEWHERE

LIVES_THERE = Reason(
    code="lives_there_already", zh="该儿童已在此家庭", en="The child lives in this household already."
)
ADVICE_ON_LIVES_THERE = Advice(
    reason=LIVES_THERE, zh="不必再登记。", en="There is nothing more to record.", refusals=(Conflict,)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdJoined(Details):
    """From this day on the child lives there."""

    TYPE: ClassVar[str] = "household_joined"

    child: UUID = described("儿童", "Child")


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdLeft(Details):
    """This day is the first without the child."""

    TYPE: ClassVar[str] = "household_left"

    child: UUID = described("儿童", "Child")
    reason: str | None = described("原因", "Reason", personal=True, max_length=200, default=None)


def _joined(new_event: NewEvent, household: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, HouseholdJoined)
    if said.child in household.children:
        raise Conflict(Fault(reason=LIVES_THERE, pointer="/details/child"))
    return iter(())


def _left(new_event: NewEvent, household: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, HouseholdLeft)
    if said.child not in household.children:
        raise Conflict(Fault(reason=LIVES_ELSEWHERE, pointer="/details/child"))
    return iter(())


EVENT_TYPES = (
    EventType(
        details=HouseholdJoined,
        label=Text(zh="加入家庭", en="Joined the household"),
        correctable=False,
        check=_joined,
    ),
    EventType(
        details=HouseholdLeft,
        label=Text(zh="离开家庭", en="Left the household"),
        correctable=False,
        check=_left,
    ),
)
