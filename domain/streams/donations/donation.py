"""One donation as its stream tells it: what came in, what went where, what is left."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.catalogue import care_actions_by_type
from domain.event import Details, Event
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts, view
from domain.ledger.fanning import into_files, recorded_before
from domain.ledger.kind import FanOut
from domain.streams.donations.allocated import DonationAllocated
from domain.streams.donations.closed import DonationClosed
from domain.streams.donations.received import DonationReceived
from domain.streams.donations.shared_out import DonationSharedOut, shares
from domain.wire import from_wire

_GIFT = "gift_received"
_CASH = "现金"
_GIVEN = (DonationAllocated, DonationSharedOut)


@dataclass(frozen=True, kw_only=True)
class Donation(Facts):
    """What came in, and what is left of it. Money is in fen (CNY 0.01)."""

    @view(DonationReceived)
    def received(self) -> DonationReceived | None:
        """What came in."""
        return next((said for _, said in self.of(DonationReceived)), None)

    @view(received, *_GIVEN)
    def left_fen(self) -> int:
        """The money that is left; of an inexact sum, what is left at least."""
        came = self.received.amount_fen if self.received else 0
        return came - sum(said.amount_fen for _, said in given_out(self))

    @view(received, *_GIVEN)
    def items_left(self) -> Mapping[str, int]:
        """How many things of each kind are left."""
        left: Counter[str] = Counter()
        for each in self.received.items if self.received else ():
            left[each.item] += each.quantity
        for _, said in given_out(self):
            for taken in said.items:
                left[taken.item] -= taken.quantity
        return dict(left)

    @view(*_GIVEN)
    def children(self) -> tuple[UUID, ...]:
        """The children to whom some of it went, each once."""
        named = (said.child for _, said in given_out(self))
        return tuple(dict.fromkeys(child for child in named if child is not None))

    @view(*_GIVEN)
    def receipts(self) -> tuple[str, ...]:
        """The numbers of receipts that are used."""
        return tuple(said.receipt for _, said in given_out(self) if said.receipt is not None)

    @view(DonationClosed)
    def closed(self) -> bool:
        """Whether nothing more is given out of it."""
        return any(self.of(DonationClosed))


def given_out(donation: Donation) -> Iterator[tuple[Fact, DonationAllocated]]:
    """Go through what was given out, share by share, in order."""
    for fact in donation.of_any(*_GIVEN):
        for said in _shares(fact.details):
            yield fact, said


def _shares(said: Any) -> Sequence[DonationAllocated]:
    return tuple(shares(said).values()) if isinstance(said, DonationSharedOut) else (said,)


def _children(said: Any) -> list[UUID]:
    return [share.child for share in _shares(said) if share.child is not None]


def _gift(donation: Donation, cause: Event, child: UUID) -> Details:
    # An opening that was void may stand before the one by which this came in.
    received = recorded_before(donation, cause, DonationReceived)
    said = next(share for share in _shares(cause.details) if share.child == child)
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
    return from_wire(care_actions_by_type()[_GIFT].details, words)


FAN_OUT: FanOut[Donation] = into_files(_GIVEN, children=_children, entry=_gift)
