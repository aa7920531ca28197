"""Gift 受赠: one child receives money, goods or a service."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class GiftKind(Choice):
    """What was given."""

    CASH = "cash", "现金", "cash"
    GOODS = "goods", "物品", "goods"
    SERVICE = "service", "服务", "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftLine:
    """One thing that was given. The value of one unit is in fen (CNY 0.01)."""

    item: str = described("物品", "Item", max_length=80)
    quantity: int = described("数量", "Quantity", minimum=1, maximum=100_000)
    unit_value_fen: int = described("单价(分)", "Unit value (fen)", minimum=0, maximum=100_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftReceived(Details):
    """What the child received, from whom, and the number of the receipt."""

    TYPE: ClassVar[str] = "gift_received"

    donor: str = described("捐赠方", "Donor", personal=True, max_length=100)
    kind: GiftKind = described("类型", "Kind")
    lines: tuple[GiftLine, ...] = described("明细", "Lines", min_length=1, max_length=50)
    purpose: str | None = described("用途", "Purpose", personal=True, max_length=200, default=None)
    receipt: str | None = described("收据号", "Receipt", max_length=64, default=None)


ACTION = CareAction(
    details=GiftReceived,
    label=Text(zh="受赠", en="Gift received"),
    beyond_paper=(
        "受赠",
        "捐赠",
        "赠送",
        "捐款",
        "捐物",
        "赠书",
        "送书",
        "送衣物",
        "送学习用品",
        "礼物",
        "发放物资",
    ),
)
