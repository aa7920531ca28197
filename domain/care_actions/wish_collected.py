"""Wish 征集心愿: what the child would like to have."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction, PaperLine
from domain.event import Details
from domain.fields import described
from domain.paper_lines import NOTHING, Content, reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class WishCollected(Details):
    """A wish, and what it would cost. Money is in fen (CNY 0.01)."""

    TYPE: ClassVar[str] = "wish_collected"

    wish: str = described("心愿", "Wish", personal=True, max_length=500)
    value_fen: int | None = described(
        "估价(分)", "Estimated value (fen)", minimum=0, maximum=1000000000, default=None
    )


def _of_line(line: PaperLine, _child: None, _came_true: None) -> WishCollected:
    return WishCollected(wish=line.record or "")


ACTION = CareAction(
    details=WishCollected,
    label=Text(zh="征集心愿", en="Wish"),
    paper=("征集心愿",),
    # A result would say that it came true.
    from_paper=reads(_of_line, outcome=NOTHING, content=Content.NEEDED),
)
