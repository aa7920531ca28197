"""Donation closed 捐赠结清: nothing more is given out of it."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationClosed(Details):
    """What became of the rest, if there was one."""

    TYPE: ClassVar[str] = "donation_closed"

    rest: str | None = described("结余去向", "What became of the rest", max_length=200, default=None)


EVENT_TYPE = EventType(
    details=DonationClosed, label=Text(zh="捐赠结清", en="Donation closed"), decision=True, correctable=False
)
