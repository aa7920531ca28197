"""Leave of a carer 长期请假: from when, until when, and who stands in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.care_action import before, ends_no_earlier
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.decide import occurred_at
from domain.ledger.event_type import EventType
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, AtOdds, Conflict, Fault, Invalid, Reason, Text

ON_LEAVE_ALREADY = Reason(code="on_leave_already", zh="此人已在请假", en="This person is on leave already.")
ADVICE_ON_LEAVE_ALREADY = Advice(
    reason=ON_LEAVE_ALREADY,
    zh="先登记返岗，或更正原记录。",
    en="Record first that they are back, or correct the first entry.",
    refusals=(Conflict,),
)
NOT_ON_LEAVE = Reason(code="not_on_leave", zh="此人没有请假", en="This person is not on leave.")
ADVICE_ON_NOT_ON_LEAVE = Advice(
    reason=NOT_ON_LEAVE, zh="先登记请假。", en="Record the leave first.", refusals=(AtOdds,)
)
OWN_DEPUTY = Reason(code="own_deputy", zh="代理人不能是本人", en="Nobody stands in for themselves.")
ADVICE_ON_OWN_DEPUTY = Advice(
    reason=OWN_DEPUTY, zh="写明另一位代理人。", en="Name somebody else.", refusals=(Invalid,)
)


class LeaveReason(Choice):
    """Why somebody is away for long."""

    MATERNITY = "maternity", "产假", "maternity"
    ILLNESS = "illness", "病假", "illness"
    SECONDED = "seconded", "借调、外派", "seconded"
    TRAINING = "training", "脱产培训", "training"
    OTHER = "other", "其他", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerOnLeave(Details):
    """From this day on the carer is away; the pairings stay, and `deputy` is asked instead."""

    TYPE: ClassVar[str] = "carer_on_leave"

    reason: LeaveReason = described("原因", "Reason", personal=True)
    until: date | None = described("截止日期", "Until", default=None)
    deputy: UUID | None = described("代理人", "Deputy", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerBack(Details):
    """This day is the first on which the carer is there again."""

    TYPE: ClassVar[str] = "carer_back"

    remark: str | None = described("备注", "Remark", personal=True, max_length=200, default=None)


def _leave(new_event: NewEvent, file: Any) -> Iterator[Fault]:
    said, day = new_event.details, new_event.occurred.day
    assert isinstance(said, CarerOnLeave)
    if file.carer is not None and said.deputy == file.carer:
        yield Fault(reason=OWN_DEPUTY, pointer="/details/deputy")
    yield from ends_no_earlier(new_event, file)
    for each in file.leaves:
        begins_in_it = each.since <= day and (each.until is None or day < each.until)
        if begins_in_it and each.leave != new_event.event_id:
            raise Conflict(Fault(reason=ON_LEAVE_ALREADY, pointer=occurred_at(new_event)))


def _back(new_event: NewEvent, file: Any) -> Iterator[Fault]:
    day = new_event.occurred.day
    open_ = [each for each in file.leaves if each.until is None or day < each.until]
    if not open_:
        raise AtOdds(Fault(reason=NOT_ON_LEAVE, pointer="/type"))
    return before(day, open_[0].since, ENDS_BEFORE_IT_BEGINS, occurred_at(new_event))


EVENT_TYPES = (
    EventType(
        details=CarerOnLeave,
        label=Text(zh="长期请假", en="On leave"),
        carers=lambda said: () if said.deputy is None else (said.deputy,),
        check=_leave,
    ),
    EventType(details=CarerBack, label=Text(zh="返岗", en="Back"), correctable=False, check=_back),
)
