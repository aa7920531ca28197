"""Donation shared out 批量发放: many children got the same each, recorded once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.ledger.fanning import named_twice
from domain.refusal import Fault, Text
from domain.streams.donations.allocated import (
    AllocatedItem,
    DonationAllocated,
    faults_of_giving,
    refuse_conflicts,
)
from domain.streams.donations.receipts import signed_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One child, and who signed for it; see `DonationAllocated`."""

    child: UUID = described("儿童", "Child")
    recipient: str | None = described("受助人姓名", "Recipient", personal=True, max_length=50, default=None)
    signed_by: str | None = described("签收人", "Signed by", personal=True, max_length=50, default=None)
    receipt: str | None = described("收据号", "Receipt", max_length=64, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationSharedOut(Details):
    """What each of the children got: the money (in fen, CNY 0.01) and the items of one, not of all."""

    TYPE: ClassVar[str] = "donation_shared_out"

    children: tuple[Share, ...] = described("儿童", "Children", personal=True, min_length=1, max_length=2000)
    amount_fen: int = described(
        "每人金额(分)", "Amount each (fen)", minimum=0, maximum=100_000_000_000, default=0
    )
    items: tuple[AllocatedItem, ...] = described("每人物品", "Items each", max_length=100, default=())
    purpose: str | None = described("用途", "Purpose", max_length=100, default=None)
    handed_over_by: str | None = described(
        "经手人", "Handed over by", personal=True, max_length=50, default=None
    )
    witness: str | None = described("见证人", "Witness", personal=True, max_length=50, default=None)


def shares(said: DonationSharedOut) -> Mapping[str, DonationAllocated]:
    """Return the share of each child, by the JSON pointer of its row."""
    return {
        f"/details/children/{number}": DonationAllocated(
            child=row.child,
            recipient=row.recipient,
            signed_by=row.signed_by,
            receipt=row.receipt,
            amount_fen=said.amount_fen,
            items=said.items,
            purpose=said.purpose,
            handed_over_by=said.handed_over_by,
            witness=said.witness,
        )
        for number, row in enumerate(said.children or ())
    }


def _check(new_event: NewEvent, donation: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, DonationSharedOut)
    yield from named_twice(row.child for row in said.children)
    yield from faults_of_giving(new_event, donation)
    refuse_conflicts(donation, shares(said))


EVENT_TYPE = EventType(
    details=DonationSharedOut,
    label=Text(zh="批量发放", en="Donation shared out"),
    correctable=False,
    check=_check,
    alone=lambda said: signed_for(shares(said)),
)
