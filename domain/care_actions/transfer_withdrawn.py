"""Withdrawn transfer 撤回: the giving side keeps the child."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known
from domain.care_actions.transfer_accepted import open_transfer
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.refusal import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferWithdrawn(Details):
    """Which transfer comes to nothing, and why."""

    TYPE: ClassVar[str] = "transfer_withdrawn"

    transfer: UUID = described("转接", "Transfer (event id of its proposal)")
    reason: str = described("原因", "Reason", personal=True, max_length=1000)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    open_transfer(child, cast("TransferWithdrawn", new_event.details).transfer)
    return iter(())


ACTION = CareAction(
    effects=(Effect.ANSWERS_TRANSFER,),
    details=TransferWithdrawn,
    label=Text(zh="撤回转接", en="Transfer withdrawn"),
    decision=True,
    check=_check,
)
