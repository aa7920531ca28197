"""Escort to a doctor 陪同就医: the child was ill, and somebody went along."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine
from domain.choices import Payer
from domain.event import Details
from domain.fields import described
from domain.paper_lines import in_words, reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class IllnessEscorted(Details):
    """Where, what was found, who told the family when, and what it cost. Money is in fen (CNY 0.01)."""

    TYPE: ClassVar[str] = "illness_escorted"

    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    clinic: str | None = described("就诊机构", "Clinic", personal=True, max_length=100, default=None)
    finding: str | None = described("诊断", "Finding", personal=True, max_length=1000, default=None)
    family_told_on: date | None = described("告知家长日期", "Family told on", default=None)
    cost_fen: int | None = described("费用(分)", "Cost (fen)", minimum=0, maximum=1000000000, default=None)
    paid_by: Payer | None = described("支付方", "Paid by", default=None)
    repaid: bool | None = described("是否已报销", "Paid back to who laid it out", default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)


def _of_line(line: PaperLine, _child: None, _done: None) -> IllnessEscorted:
    return IllnessEscorted(carers=line.carers, record=in_words(line))


ACTION = CareAction(
    details=IllnessEscorted,
    label=Text(zh="陪同就医", en="Escort to a doctor"),
    carers=lambda said: said.carers,
    record="record",
    paper=("陪同就医",),
    from_paper=reads(_of_line, minutes=True),
)
