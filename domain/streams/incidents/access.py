"""Who may read of an incident 查阅名单: granted and taken away, each with a reason."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAccessGranted(Details):
    """From now on this holder of a key may read it."""

    TYPE: ClassVar[str] = "incident_access_granted"

    principal: UUID = described("密钥持有人", "Holder of a key (principal)")
    reason: str = described("原因", "Reason", personal=True, max_length=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAccessWithdrawn(Details):
    """From now on this holder of a key may not read it, whatever his office."""

    TYPE: ClassVar[str] = "incident_access_withdrawn"

    principal: UUID = described("密钥持有人", "Holder of a key (principal)")
    reason: str = described("原因", "Reason", personal=True, max_length=500)


EVENT_TYPES = tuple(
    EventType(details=details, label=label, correctable=False)
    for details, label in (
        (IncidentAccessGranted, Text(zh="准予查阅", en="Access granted")),
        (IncidentAccessWithdrawn, Text(zh="取消查阅", en="Access withdrawn")),
    )
)
