"""A payment 资助发放: money of a scheme reached the family."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.subsidy_granted import SubsidyGranted
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyPaid(Details):
    """How much, of which subsidy, and who signed for it. Money is in fen (CNY 0.01)."""

    TYPE: ClassVar[str] = "subsidy_paid"

    subsidy: UUID = described("资助记录", "Subsidy (event id of its grant)")
    amount_fen: int = described("金额(分)", "Amount (fen)", minimum=0, maximum=1000000000)
    signed_by: str | None = described("签收人", "Signed by", personal=True, max_length=50, default=None)
    receipt: str | None = described("收据号", "Receipt", max_length=64, default=None)


ACTION = CareAction(
    details=SubsidyPaid,
    label=Text(zh="资助发放", en="Subsidy paid"),
    check=naming("subsidy", SubsidyGranted),
    beyond_paper=("资助发放", "资助", "助学金", "生活补助"),
)
