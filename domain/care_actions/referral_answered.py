"""Answer to a referral 转介答复: what the other body does."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.referral_made import ReferralMade
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class ReferralStatus(Choice):
    """What the other body says."""

    TAKEN = "taken", "已受理", "taken on"
    REFUSED = "refused", "不予受理", "refused"
    DONE = "done", "已办结", "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralAnswered(Details):
    """What became of a referral; the latest answer holds."""

    TYPE: ClassVar[str] = "referral_answered"

    referral: UUID = described("转介记录", "Referral (event id)")
    status: ReferralStatus = described("答复", "Status")
    outcome: str | None = described("结果", "Outcome", personal=True, max_length=1000, default=None)


ACTION = CareAction(
    details=ReferralAnswered,
    label=Text(zh="转介答复", en="Referral answered"),
    check=naming("referral", ReferralMade),
    settles=lambda said: str(said.referral),
)
