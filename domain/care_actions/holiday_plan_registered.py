"""Holiday plan 假期去向: where a child spends a holiday, and with whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.phone import normal_phone
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Fault, Text


class HolidayName(Choice):
    """Which holiday."""

    SUMMER = "summer", "暑假", "summer"
    WINTER = "winter", "寒假", "winter"
    SPRING_FESTIVAL = "spring_festival", "春节", "Spring Festival"
    OTHER = "other", "其他", "other"


class HolidayStay(Choice):
    """Where a child stays."""

    AT_HOME = "at_home", "在家", "at home"
    WITH_PARENTS = "with_parents", "到父母身边", "with the parents"
    RELATIVES = "relatives", "亲戚家", "with relatives"
    CAMP = "camp", "集体活动", "at a camp"
    NOT_KNOWN = "not_known", "不详", "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayPlanRegistered(Details):
    """Where the child is from when to when, and who answers for it there."""

    TYPE: ClassVar[str] = "holiday_plan_registered"

    holiday: HolidayName = described("假期", "Holiday")
    stays: HolidayStay = described("去向", "Stays")
    place: str | None = described("地点", "Place", personal=True, max_length=200, default=None)
    adult: str | None = described(
        "负责的成年人", "Adult who is responsible", personal=True, max_length=50, default=None
    )
    phone: str | None = described(
        "联系电话", "Telephone", personal=True, max_length=32, normal=normal_phone, default=None
    )
    leaves_on: date | None = described("离开日期", "Leaves on", default=None)
    returns_on: date | None = described("返回日期", "Returns on", default=None)
    water_warned: bool | None = described("防溺水告知已签收", "Water warning signed", default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    said = cast("HolidayPlanRegistered", new_event.details)
    if said.leaves_on is None:
        return iter(())
    return before(said.returns_on, said.leaves_on, ENDS_BEFORE_IT_BEGINS, "/details/returns_on")


ACTION = CareAction(
    details=HolidayPlanRegistered,
    label=Text(zh="假期去向", en="Holiday plan"),
    check=_check,
    settles=lambda said: said.holiday.value,
    carers=lambda said: said.carers,
    beyond_paper=("假期去向", "暑假去向", "寒假去向"),
)
