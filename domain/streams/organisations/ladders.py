"""Ladder of alerts 预警级别: from how many days on a unit has alerts of a kind ring."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from domain.alert_kind import alert_kinds
from domain.event import Details
from domain.fields import described
from domain.ladder import Steps, ascends
from domain.ledger.event_type import EventType
from domain.org import Step
from domain.refusal import Advice, Invalid, Reason, Text, invalid, refuses

# By then whoever must be told is told, whatever an office sets.
LATEST_FIRST, LATEST_LAST = 60, 180

LADDER_DESCENDS = Reason(
    code="ladder_descends", zh="各级天数须逐级增加", en="Each step must take more days than the one before."
)
MUST_RING = Reason(
    code="alert_must_ring",
    zh="该类预警不能停用；首级不得晚于 60 天，危急级不得晚于 180 天",
    en="This kind can't be switched off. Its first step is due within 60 days, the critical one within 180.",
)
ADVICE_ON_LADDER_DESCENDS = Advice(
    reason=LADDER_DESCENDS, zh="核对各级天数。", en="Check the days of each step.", refusals=(Invalid,)
)
ADVICE_ON_MUST_RING = Advice(
    reason=MUST_RING, zh="保持启用，并缩短天数。", en="Leave it on, and give fewer days.", refusals=(Invalid,)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLadderSet(Details):
    """From this day on alerts of a kind ring here and below by this ladder, or not at all (`on`).

    A step without days is left out. Without any the ladder is the one that the kind comes with.
    """

    TYPE: ClassVar[str] = "alert_ladder_set"

    kind: str = described("预警类别", "Kind of alert", max_length=40)
    on: bool = described("启用", "On", default=True)
    info: int | None = described("提示（天）", "Info (days)", minimum=0, maximum=1000, default=None)
    warning: int | None = described("预警（天）", "Warning (days)", minimum=0, maximum=1000, default=None)
    high: int | None = described("严重（天）", "High (days)", minimum=0, maximum=1000, default=None)
    critical: int | None = described("危急（天）", "Critical (days)", minimum=0, maximum=1000, default=None)
    reason: str | None = described("原因", "Reason", personal=True, max_length=200, default=None)

    @property
    def steps(self) -> Steps:
        """The steps that have days, the lightest first."""
        days = {step: getattr(self, step.value) for step in Step}
        return tuple((step, least) for step, least in days.items() if least is not None)


@refuses(LADDER_DESCENDS, MUST_RING)
def refuse_ladder(said: AlertLadderSet) -> None:
    """Raise `Invalid` where alerts of a kind can't ring by a ladder, or must not."""
    kind = alert_kinds()[said.kind]
    if not ascends(said.steps):
        pairs = pairwise(said.steps)
        turned = next(step for (_, before), (step, days) in pairs if days <= before)
        raise invalid(LADDER_DESCENDS, f"/{turned}")
    late = said.steps and (
        said.steps[0][1] > LATEST_FIRST or said.critical is None or said.critical > LATEST_LAST
    )
    if kind.required and (late or not said.on):
        raise invalid(MUST_RING, "/kind")


EVENT_TYPE = EventType(
    details=AlertLadderSet,
    label=Text(zh="设定预警级别", en="Alert ladder set"),
    correctable=False,
    voidable=False,
)
