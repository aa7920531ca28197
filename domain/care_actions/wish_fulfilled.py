"""A wish comes true 满足心愿: once."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.wish_collected import WishCollected
from domain.event import Details
from domain.fields import described
from domain.refusal import Advice, Invalid, Reason, Text

WISH_FULFILLED_ALREADY = Reason(
    code="wish_fulfilled_already", zh="该心愿已经满足", en="This wish was fulfilled already."
)
ADVICE = Advice(
    reason=WISH_FULFILLED_ALREADY,
    zh="如为另一心愿，请先登记该心愿。",
    en="If it is another wish, record that one first.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WishFulfilled(Details):
    """Which wish, by whom."""

    TYPE: ClassVar[str] = "wish_fulfilled"

    wish: UUID = described("心愿记录", "Wish (event id)")
    donor: str | None = described("捐赠方", "Donor", personal=True, max_length=100, default=None)
    value_fen: int | None = described("价值(分)", "Value (fen)", minimum=0, maximum=1000000000, default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


ACTION = CareAction(
    details=WishFulfilled,
    label=Text(zh="满足心愿", en="Wish fulfilled"),
    check=naming("wish", WishCollected, once=WISH_FULFILLED_ALREADY),
    beyond_paper=("满足心愿", "实现心愿", "心愿达成", "圆梦", "微心愿"),
)
