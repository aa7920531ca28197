"""Money sent home 寄生活费: what the parents pay for the child."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.choices import Parent
from domain.event import Details
from domain.fields import described
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


ACTION = CareAction(
    details=SupportSent,
    label=Text(zh="寄生活费", en="Money sent home"),
)
