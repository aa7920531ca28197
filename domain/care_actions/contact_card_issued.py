"""Contact card 联系卡: who can be reached, on one card, given to those who need it."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.choices import Party
from domain.event import Details
from domain.fields import described
from domain.paper_lines import PARTIES, Content, reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCardIssued(Details):
    """To whom it was given. It is due again when a telephone, the guardian or the class changes."""

    TYPE: ClassVar[str] = "contact_card_issued"

    version: int | None = described("版次", "Version", minimum=1, maximum=10000, default=None)
    holders: tuple[Party, ...] = described("持有人", "Given to", min_length=1, max_length=7)
    signed: bool | None = described("已签收", "Signed for", default=None)


_HOLDERS = {zh: (each,) for zh, each in PARTIES.items()} | {
    "父母": (Party.FATHER, Party.MOTHER),
    "儿童和监护人": (Party.CHILD, Party.GUARDIAN),
}


ACTION = CareAction(
    details=ContactCardIssued,
    label=Text(zh="联系卡", en="Contact card"),
    paper=("联系卡",),
    from_paper=reads(
        lambda _line, holders, signed: ContactCardIssued(holders=holders, signed=signed),
        counterpart=_HOLDERS,
        outcome={"": None, "完成": None, "已签收": True, "未签收": False},
        content=Content.EMPTY,
    ),
)
