"""One donation as its stream tells it: what came in, what went where, what is left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.catalogue import care_actions_by_type
from domain.event import Event, NewEvent
from domain.ids import own_id
from domain.ledger.event_voided import EventVoided
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts, view
from domain.ledger.kind import Addressee, FanOut
from domain.streams.donations.allocated import DonationAllocated
from domain.streams.donations.closed import DonationClosed
from domain.streams.donations.received import DonationReceived
from domain.wire import from_wire

_GIFT = "gift_received"
_CASH = "现金"


@dataclass(frozen=True, kw_only=True)
class Donation(Facts):
    """What came in, and what is left of it. Money is in fen (CNY 0.01)."""

    @view(DonationReceived)
    def received(self) -> DonationReceived | None:
        """What came in."""
        return next((said for _, said in self.of(DonationReceived)), None)

    @view(received, DonationAllocated)
    def left_fen(self) -> int:
        """The money that is left; of an inexact sum, what is left at least."""
        came = self.received.amount_fen if self.received else 0
        return came - sum(said.amount_fen for _, said in self.of(DonationAllocated))

    @view(received, DonationAllocated)
    def items_left(self) -> Mapping[str, int]:
        """How many things of each kind are left."""
        left: Counter[str] = Counter()
        for each in self.received.items if self.received else ():
            left[each.item] += each.quantity
        for _, said in self.of(DonationAllocated):
            for taken in said.items:
                left[taken.item] -= taken.quantity
        return dict(left)

    @view(DonationAllocated)
    def children(self) -> tuple[UUID, ...]:
        """The children to whom some of it went, each once."""
        named = (said.child for _, said in self.of(DonationAllocated))
        return tuple(dict.fromkeys(child for child in named if child is not None))

    @view(DonationAllocated)
    def receipts(self) -> tuple[str, ...]:
        """The numbers of receipts that are used."""
        return tuple(said.receipt for _, said in self.of(DonationAllocated) if said.receipt is not None)

    @view(DonationClosed)
    def closed(self) -> bool:
        """Whether nothing more is given out of it."""
        return any(self.of(DonationClosed))


def _allocations(donation: Donation) -> list[Fact]:
    """Return all that ever went to a child, in the order in which it was recorded, void ones too."""
    found = [fact for fact in donation.entries if isinstance(fact.details, DonationAllocated)]
    return sorted((f for f in found if f.details.child), key=lambda fact: fact.event.originator_version)


def _addressees(donation: Donation) -> Sequence[Addressee]:
    return [
        Addressee(
            number=number,
            cause=fact.event,
            child_id=fact.details.child,
            student_no=None,
            scope=fact.event.org,
        )
        for number, fact in enumerate(_allocations(donation))
    ]


def _new_events(donation: Donation, to: Addressee, child: UUID) -> Sequence[NewEvent]:
    gift = _gift(_opening(donation), to.cause, child)
    voided = next((f for f in donation.entries if _voids(f, to.cause)), None)
    if voided is None:
        return [gift]
    said: EventVoided = voided.details
    return [
        gift,
        NewEvent(
            event_id=own_id(voided.event_id, str(child)),
            occurred=voided.occurred,
            details=EventVoided(target=gift.event_id, reason=said.reason, approved_by=said.approved_by),
            recorded_by=voided.event.recorded_by,
        ),
    ]


def _opening(donation: Donation) -> DonationReceived:
    found = next(f.details for f in donation.entries if isinstance(f.details, DonationReceived))
    assert isinstance(found, DonationReceived)
    return found


def _voids(fact: Fact, cause: Event) -> bool:
    return isinstance(fact.details, EventVoided) and fact.details.target == cause.event_id


def _gift(received: DonationReceived, cause: Event, child: UUID) -> NewEvent:
    said = cause.details
    assert isinstance(said, DonationAllocated)
    values = {each.item: each.unit_value_fen or 0 for each in received.items}
    lines = [
        {"item": each.item, "quantity": each.quantity, "unit_value_fen": values.get(each.item, 0)}
        for each in said.items
    ]
    if said.amount_fen:
        lines.insert(0, {"item": _CASH, "quantity": 1, "unit_value_fen": said.amount_fen})
    words = {
        "donor": received.donor,
        "kind": "cash" if said.amount_fen else "goods",
        "lines": lines,
        "purpose": said.purpose,
        "receipt": said.receipt,
    }
    return NewEvent(
        event_id=own_id(cause.event_id, str(child)),
        occurred=cause.occurred,
        details=from_wire(care_actions_by_type()[_GIFT].details, words),
        recorded_by=cause.recorded_by,
        source_event_id=cause.event_id,
    )


FAN_OUT: FanOut[Donation] = FanOut(
    addressees=_addressees, new_events=_new_events, withdrawn=lambda _donation: False
)
