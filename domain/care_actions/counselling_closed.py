"""Counselling ends 心理辅导结案: with what outcome."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.counselling_opened import CounsellingOpened
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Advice, Invalid, Reason, Text

COUNSELLING_CLOSED_ALREADY = Reason(
    code="counselling_closed_already", zh="该心理辅导已经结案", en="This counselling was closed already."
)
ADVICE = Advice(
    reason=COUNSELLING_CLOSED_ALREADY,
    zh="如仍需辅导，请重新立案。",
    en="Open another case if counselling goes on.",
    refusals=(Invalid,),
)


class CounsellingOutcome(Choice):
    """How counselling ended."""

    BETTER = "better", "好转", "better"
    UNCHANGED = "unchanged", "无变化", "unchanged"
    REFERRED = "referred", "转介医疗机构", "referred to a hospital"
    BROKEN_OFF = "broken_off", "中断", "broken off"


@dataclass(frozen=True, slots=True, kw_only=True)
class CounsellingClosed(Details):
    """How the case ended; `case` is the event id of its opening."""

    TYPE: ClassVar[str] = "counselling_closed"

    case: UUID = described("立案记录", "Case (event id of its opening)")
    outcome: CounsellingOutcome = described("结果", "Outcome", personal=True)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


ACTION = CareAction(
    details=CounsellingClosed,
    label=Text(zh="心理辅导结案", en="Counselling closed"),
    check=naming("case", CounsellingOpened, once=COUNSELLING_CLOSED_ALREADY),
    carers=lambda said: said.carers,
)
