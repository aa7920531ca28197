"""Money sent home 寄生活费: what the parents pay for the child."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction, PaperLine
from domain.choices import Parent
from domain.event import Details
from domain.fields import described
from domain.paper_lines import reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportSent(Details):
    """Who sent how much, and how often that is. Money is in fen (CNY 0.01)."""

    TYPE: ClassVar[str] = "support_sent"

    parent: Parent = described("父亲或母亲", "Parent")
    amount_fen: int | None = described(
        "金额(分)", "Amount (fen)", minimum=0, maximum=1000000000, default=None
    )
    every_months: int | None = described(
        "每几个月", "Every how many months", minimum=1, maximum=24, default=None
    )
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def _of_line(line: PaperLine, parent: Parent, _done: None) -> SupportSent:
    return SupportSent(parent=parent, note=line.record)


ACTION = CareAction(
    details=SupportSent,
    label=Text(zh="寄生活费", en="Money sent home"),
    paper=("寄生活费",),
    from_paper=reads(_of_line, counterpart={each.zh: each for each in Parent}),
)
