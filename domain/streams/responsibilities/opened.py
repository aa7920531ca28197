"""Responsibilities set 责任分工: an organisation begins to say who answers for what."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsibilitiesSet(Details):
    """What the matrix is called; who answers for what is said by entries."""

    TYPE: ClassVar[str] = "responsibilities_set"

    title: str = described("名称", "Title", max_length=100)
    school_year: str | None = described("学年", "School year", max_length=20, default=None)


EVENT_TYPE = EventType(details=ResponsibilitiesSet, label=Text(zh="建立责任分工", en="Responsibilities set"))
