"""Referral 转介: another body is asked to help."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before, entry_named
from domain.care_actions.need_raised import NeedRaised
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralMade(Details):
    """Whom was asked, for which need, and until when an answer is due."""

    TYPE: ClassVar[str] = "referral_made"

    need: UUID | None = described("需求记录", "Need (event id)", default=None)
    to: str = described("转介单位", "Referred to", max_length=100)
    due_on: date | None = described("应答期限", "Answer due on", default=None)
    what: str | None = described("事项", "What", personal=True, max_length=1000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("ReferralMade", new_event.details)
    if said.need is not None:
        entry_named(child, said.need, NeedRaised, at="need")
    return before(said.due_on, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/due_on")


ACTION = CareAction(
    details=ReferralMade,
    label=Text(zh="转介", en="Referral"),
    check=_check,
    carers=lambda said: said.carers,
    beyond_paper=("转介", "转办"),
)
