"""Campaign closed 活动结束: what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import described
from domain.fingerprint import faults_of_fingerprint
from domain.ledger.event_type import EventType
from domain.refusal import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignClosed(Details):
    """What came of it; `sha256` is the fingerprint of the report."""

    TYPE: ClassVar[str] = "campaign_closed"

    outcome: str | None = described("成效", "Outcome", max_length=1000, default=None)
    sha256: str | None = described(
        "报告摘要", "SHA-256 of the report", max_length=64, default=None, hint="64 hexadecimal digits."
    )


def _check(new_event: NewEvent, _campaign: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CampaignClosed)
    return faults_of_fingerprint(said.sha256, "/details/sha256")


EVENT_TYPE = EventType(
    details=CampaignClosed, label=Text(zh="专项活动结束", en="Campaign closed"), decision=True, check=_check
)
