"""Risk assessment 风险评估: the level of a child by a named instrument."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, PaperLine, Shown, latest
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.paper_lines import reads
from domain.refusal import Advice, Fault, Invalid, Reason, Text

LOWERED_ALONE = Reason(
    code="lowered_alone",
    zh="调低风险等级须写明审批人",
    en="Name who agreed that the level is lower than before.",
)
ADVICE = Advice(
    reason=LOWERED_ALONE,
    zh="写明审批人后再次提交。",
    en="Send it again with who approved.",
    refusals=(Invalid,),
)


class RiskLevel(Choice):
    """How much a child needs watching, the highest first."""

    RED = "red", "红", "red"
    YELLOW = "yellow", "黄", "yellow"
    BLUE = "blue", "蓝", "blue"
    GREEN = "green", "绿", "green"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAssessed(Details):
    """The level that came of an instrument. A level lower than the one before names who agreed to it."""

    TYPE: ClassVar[str] = "risk_assessed"

    instrument: str | None = described("评估工具", "Instrument", max_length=100, default=None)
    score: int | None = described("得分", "Score", personal=True, minimum=0, maximum=10000, default=None)
    level: RiskLevel = described("风险等级", "Level", personal=True)
    second_assessor: str | None = described(
        "复评人", "Second assessor", personal=True, max_length=50, default=None
    )
    approved_by: str | None = described("审批人", "Approved by", personal=True, max_length=50, default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


_FROM_HIGHEST = tuple(RiskLevel)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("RiskAssessed", new_event.details)
    earlier = [each for fact, each in child.of(RiskAssessed) if fact.day <= new_event.occurred.day]
    if not earlier or said.approved_by:
        return
    if _FROM_HIGHEST.index(said.level) > _FROM_HIGHEST.index(earlier[-1].level):
        yield Fault(reason=LOWERED_ALONE, pointer="/details/approved_by")


def _of_line(line: PaperLine, _child: None, level: RiskLevel) -> RiskAssessed:
    return RiskAssessed(level=level, note=line.record, carers=line.carers)


ACTION = CareAction(
    details=RiskAssessed,
    label=Text(zh="风险评估", en="Risk assessed"),
    check=_check,
    settles=lambda _: "risk",
    approved="approved_by",
    shows=Shown(name="risk", holding=latest(RiskAssessed)),
    carers=lambda said: said.carers,
    paper=("风险评估",),
    from_paper=reads(_of_line, outcome={each.zh: each for each in RiskLevel}),
)
