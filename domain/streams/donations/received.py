"""Donation received 收到捐赠: money, goods or a service came in for children."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Text
from domain.streams.donations.receipts import given_to_donor


class DonationSource(Choice):
    """How a donation came about."""

    GIVEN = "given", "捐赠", "given"
    SELF_RAISED = "self_raised", "自筹", "raised by the school or its pupils"
    APPEAL = "appeal", "募捐", "an appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class DonatedItem:
    """Things of one kind. The value of one is in fen (CNY 0.01), where anybody knows it."""

    item: str = described("物品", "Item", max_length=80)
    quantity: int = described("数量", "Quantity", minimum=1, maximum=1_000_000)
    unit_value_fen: int | None = described(
        "单价(分)", "Unit value (fen)", minimum=0, maximum=100_000_000, default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationReceived(Details):
    """Who gave how much, and for what. `amount_fen` is money in fen (CNY 0.01), without the value of goods.

    With `approximate` both are what there was at least. An `earmark` binds what is given on. An appeal to the
    public needs the licence of a charity (慈善法 22, 26, 27), which `licence` names.
    """

    TYPE: ClassVar[str] = "donation_received"

    donor: str = described("捐赠方", "Donor", personal=True, max_length=100)
    source: DonationSource = described("来源", "Source", default=DonationSource.GIVEN)
    amount_fen: int = described("金额(分)", "Amount (fen)", minimum=0, maximum=100_000_000_000, default=0)
    items: tuple[DonatedItem, ...] = described("物品明细", "Items", max_length=100, default=())
    service: str | None = described("服务", "Service", max_length=200, default=None)
    approximate: bool = described("约数", "At least so much", default=False)
    earmark: str | None = described("指定用途", "Earmark", max_length=100, default=None)
    most_recipients: int | None = described(
        "受助人数上限", "Recipients at most", minimum=1, maximum=100_000, default=None
    )
    licence: str | None = described("公募资格证书", "Licence of the appeal", max_length=100, default=None)
    receipt: str | None = described("收据号", "Receipt", max_length=64, default=None)


EVENT_TYPE = EventType(
    details=DonationReceived,
    label=Text(zh="收到捐赠", en="Donation received"),
    correctable=False,
    alone=given_to_donor,
)
