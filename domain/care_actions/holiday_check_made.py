"""Holiday check 假期巡查: somebody asked how a child is in the holidays."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine
from domain.event import Details
from domain.fields import Choice, described
from domain.paper_lines import ANYBODY, reads, with_whom
from domain.refusal import Text


class HolidayCheckResult(Choice):
    """What was found."""

    WELL = "well", "情况正常", "well"
    TROUBLE = "trouble", "发现问题", "in trouble"
    NOT_REACHED = "not_reached", "未联系上", "not reached"
    ELSEWHERE = "elsewhere", "去向不符", "not where it was said to be"


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayCheckMade(Details):
    """Whether it was found where it was said to be, and well."""

    TYPE: ClassVar[str] = "holiday_check_made"

    result: HolidayCheckResult = described("结果", "Result")
    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)


def _of_line(line: PaperLine, _asked: object, result: HolidayCheckResult) -> HolidayCheckMade:
    return HolidayCheckMade(result=result, carers=line.carers, record=with_whom(line))


ACTION = CareAction(
    details=HolidayCheckMade,
    label=Text(zh="假期巡查", en="Holiday check"),
    carers=lambda said: said.carers,
    record="record",
    paper=("假期巡查",),
    from_paper=reads(_of_line, counterpart=ANYBODY, outcome={each.zh: each for each in HolidayCheckResult}),
)
