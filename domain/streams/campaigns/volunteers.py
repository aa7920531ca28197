"""Volunteers of a campaign 志愿者: who comes, how they were vetted, who withdraws.

Of a vetting the result alone is kept, never what was found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.care_action import before
from domain.choices import VettingResult
from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.normal import undotted
from domain.phone import normal_phone
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, AtOdds, Conflict, Fault, Reason, Text

UNIT_IS_FULL = Reason(
    code="unit_is_full",
    zh="该单位的志愿者已达上限",
    en="As many volunteers of this unit are enlisted as it may send.",
)
ADVICE_ON_UNIT_IS_FULL = Advice(
    reason=UNIT_IS_FULL,
    zh="换一个单位的人选，或先登记退出。",
    en="Choose somebody of another unit, or record first who withdraws.",
    refusals=(Conflict,),
)
ENLISTED_ALREADY = Reason(
    code="enlisted_already", zh="此人已报名", en="This person of that unit is enlisted already."
)
ADVICE_ON_ENLISTED_ALREADY = Advice(
    reason=ENLISTED_ALREADY, zh="不必再登记。", en="There is nothing more to record.", refusals=(Conflict,)
)
NO_SUCH_VOLUNTEER = Reason(code="no_such_volunteer", zh="没有这一志愿者", en="There is no such volunteer.")
ADVICE_ON_NO_SUCH_VOLUNTEER = Advice(
    reason=NO_SUCH_VOLUNTEER, zh="先登记报名。", en="Record first that they enlisted.", refusals=(AtOdds,)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerEnlisted(Details):
    """Who comes along, of which class or office. `fit` says that they declared their health."""

    TYPE: ClassVar[str] = "volunteer_enlisted"

    name: str = described("姓名", "Name", personal=True, max_length=50)
    unit: str = described("班级或单位", "Class or office", max_length=100)
    team: str | None = described("小组", "Team", max_length=50, default=None)
    phone: str | None = described(
        "电话", "Telephone", personal=True, max_length=32, default=None, normal=normal_phone
    )
    fit: bool | None = described("已作健康申报", "Health declared", default=None)
    carer: UUID | None = described("帮扶人", "Carer", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerVetted(Details):
    """The result of a query, on which day and by whom; the entry says nothing of what it rests on."""

    TYPE: ClassVar[str] = "volunteer_vetted"

    volunteer: UUID = described("志愿者", "Volunteer (event id)")
    result: VettingResult = described("结果", "Result")
    asked_by: str = described("查询单位", "Asked by", max_length=100)
    valid_to: date | None = described("有效期至", "Valid to", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerWithdrew(Details):
    """Does not come along; the place of the unit is free again."""

    TYPE: ClassVar[str] = "volunteer_withdrew"

    volunteer: UUID = described("志愿者", "Volunteer (event id)")


def _enlisted(new_event: NewEvent, campaign: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, VolunteerEnlisted)
    there = [
        each
        for each in campaign.volunteers
        if not each.withdrew and each.unit == said.unit and each.volunteer != new_event.event_id
    ]
    if undotted(said.name) in {undotted(each.name) for each in there}:
        raise Conflict(Fault(reason=ENLISTED_ALREADY, pointer="/details/name"))
    most = campaign.planned.most_per_unit if campaign.planned else None
    if most is not None and len(there) >= most:
        raise Conflict(Fault(reason=UNIT_IS_FULL, pointer="/details/unit"))
    return iter(())


def _named(new_event: NewEvent, campaign: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, VolunteerVetted | VolunteerWithdrew)
    there = {each.volunteer for each in campaign.volunteers if not each.withdrew}
    if said.volunteer not in there:
        raise AtOdds(Fault(reason=NO_SUCH_VOLUNTEER, pointer="/details/volunteer"))
    if isinstance(said, VolunteerVetted):
        yield from before(said.valid_to, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/valid_to")


def _carers(said: VolunteerEnlisted) -> tuple[UUID, ...]:
    return () if said.carer is None else (said.carer,)


EVENT_TYPES = (
    EventType(
        details=VolunteerEnlisted,
        label=Text(zh="志愿者报名", en="Volunteer enlisted"),
        carers=_carers,
        check=_enlisted,
    ),
    EventType(details=VolunteerVetted, label=Text(zh="志愿者审查", en="Volunteer vetted"), check=_named),
    EventType(
        details=VolunteerWithdrew,
        label=Text(zh="志愿者退出", en="Volunteer withdrew"),
        correctable=False,
        check=_named,
    ),
)
