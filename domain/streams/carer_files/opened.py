"""Carer file opened 帮扶人档案: what is kept of a carer as a person, whichever children they look after."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerFileOpened(Details):
    """Whose file it is; the occupation is apart from what the carer is to a child."""

    TYPE: ClassVar[str] = "carer_file_opened"

    carer: UUID = described("帮扶人", "Carer")
    occupation: str | None = described("职业", "Occupation", personal=True, max_length=100, default=None)


EVENT_TYPE = EventType(
    details=CarerFileOpened,
    label=Text(zh="建立帮扶人档案", en="Carer file opened"),
    correctable=False,
    carers=lambda said: (said.carer,),
)
