"""Inputs 考核依据: on what an assessment rests, so that anybody can look it up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Invalid, Reason, Text
from domain.streams.assessments.reasons import NO_SUCH_ASSESSED_ITEM

NOTHING_LISTED = Reason(
    code="no_input_listed", zh="没有列出记录或数字", en="Neither an entry nor a figure is listed."
)
ADVICE_ON_NOTHING_LISTED = Advice(
    reason=NOTHING_LISTED,
    zh="列出记录编号，或报表的名称和数字。",
    en="List entries by their ids, or figures with the report they are from.",
    refusals=(Invalid,),
)
LISTED_ALREADY = Reason(
    code="input_listed_already",
    zh="该记录已列为本考核的依据",
    en="This entry is listed for this item already.",
)
ADVICE_ON_LISTED_ALREADY = Advice(
    reason=LISTED_ALREADY, zh="每条记录每项只列一次。", en="List an entry once an item.", refusals=(Conflict,)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFigure:
    """A figure of a report: `value` is a whole number, a share in hundredths of a percent."""

    report: str = described("报表", "Report", max_length=60)
    figure: str = described("指标", "Figure", max_length=100)
    value: int = described("数值", "Value", minimum=0, maximum=1_000_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentInputsListed(Details):
    """Entries by their event ids and figures of reports, for the item of this number, from 1."""

    TYPE: ClassVar[str] = "assessment_inputs_listed"

    item: int = described("项目序号", "Item (from 1)", minimum=1, maximum=50)
    entries: tuple[UUID, ...] = described("记录", "Entries (event ids)", max_length=1000, default=())
    figures: tuple[ReportFigure, ...] = described("报表数字", "Figures", max_length=50, default=())


def _check(new_event: NewEvent, assessment: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, AssessmentInputsListed)
    if not said.entries and not said.figures:
        yield Fault(reason=NOTHING_LISTED, pointer="/details/entries")
    if said.item > len(assessment.items):
        yield Fault(reason=NO_SUCH_ASSESSED_ITEM, pointer="/details/item")
    if twice := list(_twice(said.entries, set(assessment.inputs.get(str(said.item), ())))):
        raise Conflict(*twice)


def _twice(entries: Iterable[UUID], seen: set[UUID]) -> Iterator[Fault]:
    for number, each in enumerate(entries):
        if each in seen:
            yield Fault(reason=LISTED_ALREADY, pointer=f"/details/entries/{number}")
        seen.add(each)


EVENT_TYPE = EventType(
    details=AssessmentInputsListed, label=Text(zh="考核依据", en="Inputs listed"), check=_check
)
