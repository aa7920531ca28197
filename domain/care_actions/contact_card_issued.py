"""Contact card 联系卡: who can be reached, on one card, given to those who need it."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.choices import Party
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCardIssued(Details):
    """To whom it was given. It is due again when a telephone, the guardian or the class changes."""

    TYPE: ClassVar[str] = "contact_card_issued"

    version: int | None = described("版次", "Version", minimum=1, maximum=10000, default=None)
    holders: tuple[Party, ...] = described("持有人", "Given to", min_length=1, max_length=7)
    signed: bool | None = described("已签收", "Signed for", default=None)


ACTION = CareAction(
    details=ContactCardIssued,
    label=Text(zh="联系卡", en="Contact card"),
)
