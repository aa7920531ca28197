"""Merge 并档: this file is of a child who has another, and goes on there."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction
from domain.effects import Effect
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildMerged(Details):
    """Into whose file this one is merged, and why. The ledger records it with what follows in that file."""

    TYPE: ClassVar[str] = "child_merged"

    into: UUID = described("并入的儿童", "Merged into (child)")
    reason: str = described("原因", "Reason", personal=True, max_length=1000)
    approved_by: str = described("审批人（自述）", "Approved by (as claimed)", personal=True, max_length=64)


ACTION = CareAction(
    effects=(Effect.MERGES,),
    details=ChildMerged,
    label=Text(zh="并入另一份档案", en="Merged into another file"),
    decision=True,
    derived=True,
    correctable=False,
    approved="approved_by",
)
