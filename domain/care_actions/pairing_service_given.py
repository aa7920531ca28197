"""Service of a pairing 结对服务项目: one of the things that a pair had agreed on was done."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before
from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.decide import occurred_at
from domain.reasons import ENDS_BEFORE_IT_BEGINS, NO_SUCH_PAIRING
from domain.refusal import AtOdds, Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingServiceGiven(Details):
    """Which service item of which pairing; it is no contact by itself."""

    TYPE: ClassVar[str] = "pairing_service_given"

    pairing: UUID = described("结对记录", "Pairing (event id of its start)")
    service: str = described("服务项目", "Service", max_length=100)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("PairingServiceGiven", new_event.details)
    pairing = next((each for each in child.pairings if each.event_id == said.pairing), None)
    if pairing is None:
        raise AtOdds(Fault(reason=NO_SUCH_PAIRING, pointer="/details/pairing"))
    return before(new_event.occurred.day, pairing.start, ENDS_BEFORE_IT_BEGINS, occurred_at(new_event))


ACTION = CareAction(
    details=PairingServiceGiven,
    label=Text(zh="结对服务", en="Service of a pairing"),
    check=_check,
    record="record",
    beyond_paper=("结对服务", "服务项目"),
)
