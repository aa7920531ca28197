"""Consent is taken back 撤回同意: what rested on it stops; care goes on."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.consent_recorded import ConsentGiver, ConsentRecorded
from domain.event import Details
from domain.fields import described
from domain.refusal import Advice, Invalid, Reason, Text

CONSENT_WITHDRAWN_ALREADY = Reason(
    code="consent_withdrawn_already", zh="该同意已经撤回", en="This consent was withdrawn already."
)
ADVICE = Advice(
    reason=CONSENT_WITHDRAWN_ALREADY,
    zh="无需再次撤回。",
    en="There is nothing left to withdraw.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Details):
    """Which consent, and by whom."""

    TYPE: ClassVar[str] = "consent_withdrawn"

    consent: UUID = described("同意记录", "Consent (event id)")
    by: ConsentGiver = described("撤回人", "Withdrawn by")
    reason: str | None = described("原因", "Reason", personal=True, max_length=500, default=None)


ACTION = CareAction(
    details=ConsentWithdrawn,
    label=Text(zh="撤回同意", en="Consent withdrawn"),
    check=naming("consent", ConsentRecorded, once=CONSENT_WITHDRAWN_ALREADY),
)
