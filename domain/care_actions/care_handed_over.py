"""Handover 交接: from this day on another carer looks after the child, without a day between."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known
from domain.choices import CarerKind
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import ALREADY_PAIRED, NO_SUCH_PAIRING
from domain.refusal import Advice, AtOdds, Fault, Invalid, Reason, Text

NOT_RUNNING = Reason(
    code="pairing_not_running",
    zh="该结对在交接当日未在进行",
    en="The pairing is not in effect on the day of the handover.",
)
OTHER_KIND = Reason(
    code="other_kind",
    zh="交接不改变结对类型；如需改变，请结束原结对并重新结对",
    en="A handover does not change the kind of pairing. End it and start another.",
)


OTHER_FORMER = Reason(code="other_former", zh="该结对不是此人的", en="The pairing is somebody else's.")
ADVICE = Advice(
    reason=OTHER_FORMER,
    zh="核对结对和交出帮扶人，或只写其一。",
    en="Check the pairing and the former carer.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareHandedOver(Details):
    """Which pairing goes over to whom. The former carer's last day is the day before.

    `pairing` is the event id of its start or of the handover that began it; the new one bears the id of this
    event. `former` is whose it was, by whom a sheet for a class finds it. `duties` are those still open that
    were handed over with it.
    """

    TYPE: ClassVar[str] = "care_handed_over"

    pairing: UUID = described("交出的结对", "Pairing handed over (event id of its start)")
    carer: UUID = described("接手帮扶人", "Carer who takes over")
    kind: CarerKind = described("结对类型", "Kind of carer")
    accepted_by: str = described("接收确认人", "Accepted by", personal=True, max_length=64)
    duties: tuple[str, ...] = described("移交事项", "Open duties", personal=True, max_length=20, default=())
    former: UUID | None = described("交出帮扶人", "Former carer", default=None)
    reason: str | None = described("原因", "Reason", personal=True, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    details, day = cast("CareHandedOver", new_event.details), new_event.occurred.day
    given = next((p for p in child.pairings if p.event_id == details.pairing), None)
    if given is None:
        raise AtOdds(Fault(reason=NO_SUCH_PAIRING, pointer="/details/pairing"))
    if details.former not in (None, given.carer):
        yield Fault(reason=OTHER_FORMER, pointer="/details/former")
    # One that was ended on a later day is over too: the new one would outlast it.
    if not given.holds(day) or details.pairing in child.ended_pairings:
        yield Fault(reason=NOT_RUNNING, pointer="/details/pairing")
    if given.kind is not details.kind:
        yield Fault(reason=OTHER_KIND, pointer="/details/kind")
    for pairing in child.pairings:
        if pairing.carer == details.carer and (pairing.end is None or day < pairing.end):
            yield Fault(reason=ALREADY_PAIRED, pointer="/details/carer")


def _carers(details: CareHandedOver) -> tuple[UUID, ...]:
    return (details.carer,)


ACTION = CareAction(
    effects=(
        Effect.STARTS_PAIRING,
        Effect.ENDS_PAIRING,
    ),
    details=CareHandedOver,
    label=Text(zh="交接", en="Handover"),
    decision=True,
    check=_check,
    carers=_carers,
)
