"""End of a pairing 结对结束: from this day on the carer no longer looks after the child."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import ENDS_BEFORE_IT_BEGINS, NO_SUCH_PAIRING
from domain.refusal import AtOdds, Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingEnded(Details):
    """Which pairing ended; `pairing` is the event id of its start."""

    TYPE: ClassVar[str] = "pairing_ended"

    pairing: UUID = described("结对记录", "Pairing (event id of its start)")
    reason: str | None = described("原因", "Reason", personal=True, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    details = cast("PairingEnded", new_event.details)
    pairing = next((p for p in child.pairings if p.event_id == details.pairing), None)
    if pairing is None:
        raise AtOdds(Fault(reason=NO_SUCH_PAIRING, pointer="/details/pairing"))
    if new_event.occurred.day < pairing.start:
        yield Fault(reason=ENDS_BEFORE_IT_BEGINS, pointer="/occurred_on")


ACTION = CareAction(
    effects=(Effect.ENDS_PAIRING,),
    details=PairingEnded,
    label=Text(zh="结对结束", en="Pairing ended"),
    check=_check,
)
