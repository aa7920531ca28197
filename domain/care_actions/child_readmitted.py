"""Readmission 重新纳入: a child that had left is taken into care again."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.effects import Effect
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildReadmitted(Details):
    """Why the child comes back. Care runs again from the day it occurred on."""

    TYPE: ClassVar[str] = "child_readmitted"

    reason: str | None = described("原因", "Reason", personal=True, max_length=1000, default=None)


ACTION = CareAction(
    effects=(
        Effect.OPENS_CARE,
        Effect.PLACES,
    ),
    details=ChildReadmitted,
    label=Text(zh="重新纳入", en="Readmission"),
    decision=True,
)
