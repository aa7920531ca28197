"""Household dissolved 家庭注销: nobody whom the ledger knows lives there together any more."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdDissolved(Details):
    """Why."""

    TYPE: ClassVar[str] = "household_dissolved"

    reason: str | None = described("原因", "Reason", personal=True, max_length=200, default=None)


EVENT_TYPE = EventType(
    details=HouseholdDissolved, label=Text(zh="家庭注销", en="Household dissolved"), decision=True
)
