"""Donation allocated 捐赠发放: some of it went to a child, or to a body that looks after children."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.normal import undotted
from domain.refusal import Advice, Conflict, Fault, Invalid, Reason, Text
from domain.streams.donations.reasons import RECEIPT_USED
from domain.streams.donations.receipts import signed_for
from domain.streams.donations.received import DonationReceived

ONE_RECIPIENT = Reason(
    code="one_recipient",
    zh="每次发放写明一名儿童或一个单位，二者取一",
    en="Name one child or one body, not both.",
)
ADVICE_ON_ONE_RECIPIENT = Advice(
    reason=ONE_RECIPIENT,
    zh="给多名儿童的，每人登记一次，或登记为批量发放（donation_shared_out）。",
    en="Record it once for each child, or for many children as donation_shared_out.",
    refusals=(Invalid,),
)
NOTHING_ALLOCATED = Reason(
    code="nothing_allocated", zh="没有写明金额或物品", en="No money and no item is named."
)
ADVICE_ON_NOTHING_ALLOCATED = Advice(
    reason=NOTHING_ALLOCATED, zh="写明金额或物品。", en="Say how much, or what.", refusals=(Invalid,)
)
MORE_THAN_CAME_IN = Reason(
    code="more_than_came_in",
    zh="发放数超过该捐赠的结余",
    en="More than is left of the donation.",
)
ADVICE_ON_MORE_THAN_CAME_IN = Advice(
    reason=MORE_THAN_CAME_IN,
    zh="读取该捐赠的结余后改小；发放有误的请先作废。",
    en="Read what is left and allocate less; void what was allocated wrongly.",
    refusals=(Conflict,),
)
OTHER_THAN_EARMARKED = Reason(
    code="other_than_earmarked", zh="与指定用途不符", en="Not what the donation is earmarked for."
)
ADVICE_ON_OTHER_THAN_EARMARKED = Advice(
    reason=OTHER_THAN_EARMARKED,
    zh="用途须与捐赠的指定用途一致。",
    en="Give the purpose that the donor has set.",
    refusals=(Conflict,),
)
NO_MORE_RECIPIENTS = Reason(
    code="no_more_recipients", zh="受助人数已满", en="As many recipients as the donor set have been named."
)
ADVICE_ON_NO_MORE_RECIPIENTS = Advice(
    reason=NO_MORE_RECIPIENTS,
    zh="超出名额的另行登记捐赠。",
    en="Use another donation for further children.",
    refusals=(Conflict,),
)

BEFORE_IT_CAME_IN = Reason(
    code="allocated_before_received",
    zh="发放日期早于收到捐赠的日期",
    en="This was given before the donation came in.",
)
ADVICE_ON_BEFORE_IT_CAME_IN = Advice(
    reason=BEFORE_IT_CAME_IN,
    zh="核对两个日期；收到日期有误的，先更正捐赠。",
    en="Check both days. Correct the donation first where its day is the wrong one.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedItem:
    """Things of one kind, by the name that the donation gives them."""

    item: str = described("物品", "Item", max_length=80)
    quantity: int = described("数量", "Quantity", minimum=1, maximum=1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationAllocated(Details):
    """To whom how much went, who handed it over, who signed. Money is in fen (CNY 0.01).

    `recipient` is the name as it was signed for: it outlives the file of the child, as vouchers do.
    """

    TYPE: ClassVar[str] = "donation_allocated"

    child: UUID | None = described("儿童", "Child", default=None)
    body: str | None = described("受助单位", "Body", max_length=100, default=None)
    recipient: str | None = described("受助人姓名", "Recipient", personal=True, max_length=50, default=None)
    amount_fen: int = described("金额(分)", "Amount (fen)", minimum=0, maximum=100_000_000_000, default=0)
    items: tuple[AllocatedItem, ...] = described("物品明细", "Items", max_length=100, default=())
    purpose: str | None = described("用途", "Purpose", max_length=100, default=None)
    handed_over_by: str | None = described(
        "经手人", "Handed over by", personal=True, max_length=50, default=None
    )
    signed_by: str | None = described("签收人", "Signed by", personal=True, max_length=50, default=None)
    witness: str | None = described("见证人", "Witness", personal=True, max_length=50, default=None)
    receipt: str | None = described("收据号", "Receipt", max_length=64, default=None)


def _check(new_event: NewEvent, donation: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, DonationAllocated)
    if (said.child is None) == (said.body is None):
        yield Fault(reason=ONE_RECIPIENT, pointer="/details/child")
    yield from faults_of_giving(new_event, donation)
    refuse_conflicts(donation, {"/details": said})


def faults_of_giving(new_event: NewEvent, donation: Any) -> Iterator[Fault]:
    """Find that nothing is given out, or that it was before it came in."""
    said: Any = new_event.details
    if not said.amount_fen and not said.items:
        yield Fault(reason=NOTHING_ALLOCATED, pointer="/details/amount_fen")
    if any(new_event.occurred.day < fact.occurred.day for fact, _ in donation.of(DonationReceived)):
        yield Fault(reason=BEFORE_IT_CAME_IN, pointer="/occurred_on")


def refuse_conflicts(donation: Any, shares: Mapping[str, DonationAllocated]) -> None:
    """Raise `Conflict` where a donation can't be given out in these shares, each with its JSON pointer."""
    conflicts = tuple(dict.fromkeys(_conflicts(donation, shares)))
    if conflicts:
        raise Conflict(*conflicts)


def _conflicts(donation: Any, shares: Mapping[str, DonationAllocated]) -> Iterator[Fault]:
    left, items = donation.left_fen, Counter(donation.items_left)
    earmark, most = donation.received.earmark, donation.received.most_recipients
    named, receipts = set(donation.children), set(donation.receipts)
    for at, said in shares.items():
        left -= said.amount_fen
        if left < 0 < said.amount_fen:
            yield Fault(reason=MORE_THAN_CAME_IN, pointer="/details/amount_fen")
        for number, each in enumerate(said.items):
            items[each.item] -= each.quantity
            if items[each.item] < 0:
                yield Fault(reason=MORE_THAN_CAME_IN, pointer=f"/details/items/{number}")
        if earmark is not None and undotted(said.purpose or "") != undotted(earmark):
            yield Fault(reason=OTHER_THAN_EARMARKED, pointer="/details/purpose")
        if said.receipt is not None and said.receipt in receipts:
            yield Fault(reason=RECEIPT_USED, pointer=f"{at}/receipt")
        if said.child is not None and most is not None and said.child not in named and len(named) >= most:
            yield Fault(reason=NO_MORE_RECIPIENTS, pointer=f"{at}/child")
        named |= {said.child} - {None}
        receipts |= {said.receipt} - {None}


EVENT_TYPE = EventType(
    details=DonationAllocated,
    label=Text(zh="捐赠发放", en="Donation allocated"),
    correctable=False,
    check=_check,
    alone=lambda said: signed_for({"/details": said}),
)
