"""Accepted transfer 接收: from this day on the child belongs to the side that takes it over."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before
from domain.care_views import Transfer
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import BEFORE_LAST_MOVE
from domain.refusal import AtOdds, Conflict, Fault, Reason, Text

NO_SUCH_TRANSFER = Reason(
    code="no_such_transfer", zh="该儿童没有这一转接", en="The child has no such transfer."
)
TRANSFER_DECIDED = Reason(
    code="transfer_decided", zh="该转接已办结", en="The transfer has already been decided."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAccepted(Details):
    """Which transfer; the envelope's organisation is where the child is placed."""

    TYPE: ClassVar[str] = "transfer_accepted"

    transfer: UUID = described("转接", "Transfer (event id of its proposal)")
    accepted_by: str = described("接收确认人", "Accepted by", personal=True, max_length=64)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def open_transfer(child: Known, transfer: UUID) -> Transfer:
    """Find the transfer that an answer is about. Raises `AtOdds` or `Conflict`."""
    found = child.transfer(transfer)
    if found is None:
        raise AtOdds(Fault(reason=NO_SUCH_TRANSFER, pointer="/details/transfer"))
    if not found.open:
        raise Conflict(Fault(reason=TRANSFER_DECIDED, pointer="/details/transfer"))
    return found


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    found = open_transfer(child, cast("TransferAccepted", new_event.details).transfer)
    latest = max(found.proposed_on, child.moves[-1].day)
    yield from before(new_event.occurred.day, latest, BEFORE_LAST_MOVE, "/occurred_on")


ACTION = CareAction(
    effects=(
        Effect.PLACES,
        Effect.ANSWERS_TRANSFER,
        Effect.ANSWERED_BY_RECEIVER,
    ),
    details=TransferAccepted,
    label=Text(zh="接收转入", en="Transfer accepted"),
    decision=True,
    check=_check,
)
