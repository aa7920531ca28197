"""Risk of dropping out 辍学风险: somebody fears that the child leaves school."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine
from domain.event import Details
from domain.fields import described
from domain.paper_lines import NOTHING, Content, reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DropoutRiskRaised(Details):
    """Why, and what was done at once."""

    TYPE: ClassVar[str] = "dropout_risk_raised"

    reasons: tuple[str, ...] = described("原因", "Reasons", personal=True, min_length=1, max_length=10)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


def _of_line(line: PaperLine, _child: None, _none: None) -> DropoutRiskRaised:
    return DropoutRiskRaised(reasons=(line.record or "",), carers=line.carers)


ACTION = CareAction(
    details=DropoutRiskRaised,
    label=Text(zh="辍学风险", en="Risk of dropping out"),
    carers=lambda said: said.carers,
    record="record",
    paper=("辍学风险",),
    from_paper=reads(_of_line, outcome=NOTHING, content=Content.NEEDED),
)
