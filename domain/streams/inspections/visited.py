"""Inspection visit 检查走访: inspectors went to a child. It is evidence of the inspection, and no care."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.choices import Met, VisitOutcome
from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, AtOdds, Fault, Invalid, Reason, Text

NO_SUCH_SAMPLE = Reason(code="no_such_sample", zh="没有这次抽样", en="There is no such sample.")
ADVICE_ON_NO_SUCH_SAMPLE = Advice(
    reason=NO_SUCH_SAMPLE, zh="先抽样，再登记走访。", en="Draw the sample first.", refusals=(AtOdds,)
)
NOT_IN_SAMPLE = Reason(
    code="not_in_sample", zh="该儿童不在这次抽样之中", en="The child was not drawn in this sample."
)
ADVICE_ON_NOT_IN_SAMPLE = Advice(
    reason=NOT_IN_SAMPLE,
    zh="不是抽中的儿童，不填写抽样记录。",
    en="Name no sample for a child that was not drawn.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionVisitMade(Details):
    """Whom inspectors went to, whether anybody was met, and what they found; nothing of it is in the file."""

    TYPE: ClassVar[str] = "inspection_visit_made"

    child: UUID = described("儿童", "Child")
    sample: UUID | None = described("抽样记录", "Sample (event id)", default=None)
    outcome: VisitOutcome = described("结果", "Outcome")
    met: tuple[Met, ...] = described("见到", "Met", max_length=len(Met), default=())
    file_agrees: bool | None = described("与档案相符", "The file agrees", default=None)
    record: str | None = described("记录", "Record", personal=True, max_length=4000, default=None)


def _check(new_event: NewEvent, inspection: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, InspectionVisitMade)
    if said.sample is None:
        return
    if said.sample not in inspection.drawn:
        raise AtOdds(Fault(reason=NO_SUCH_SAMPLE, pointer="/details/sample"))
    if said.child not in inspection.drawn[said.sample]:
        yield Fault(reason=NOT_IN_SAMPLE, pointer="/details/child")


EVENT_TYPE = EventType(
    details=InspectionVisitMade,
    label=Text(zh="检查走访", en="Visit by inspectors"),
    record="record",
    check=_check,
)
