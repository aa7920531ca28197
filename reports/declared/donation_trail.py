"""The way of each donation: from who gave it to who signed for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.access import Action
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.donations.allocated import AllocatedItem, DonationAllocated
from domain.streams.donations.donation import Donation, given_out
from domain.streams.donations.kind import KIND
from domain.streams.donations.received import DonationReceived
from reports import filters
from reports.columns import money, open_, org, personal
from reports.filters import between
from reports.people import children_of
from reports.report import ENROLLED, Asked, Found, Report, Table, Topic
from reports.streams import streams_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A donation, and what is left of it."""

    org: str
    day: date
    donation: Donation
    said: DonationReceived


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """Something that was given out of a donation; `known` is the child where the reader may see its file."""

    came: Came
    day: date
    said: DonationAllocated
    known: UUID | None

    @property
    def goods_fen(self) -> int:
        """What the goods are worth, as far as the donor said so."""
        values = {each.item: each.unit_value_fen or 0 for each in self.came.said.items}
        return sum(each.quantity * values.get(each.item, 0) for each in self.said.items)


CAME: Table[Came] = Table(
    name="donations",
    title=Text(zh="收到的捐赠", en="What came in"),
    columns=(
        open_("day", "日期", "Day", lambda x: x.day),
        personal("donor", "捐赠方", "Donor", lambda x: x.said.donor),
        open_("source", "来源", "Source", lambda x: x.said.source),
        money("amount", "金额", "Amount", lambda x: x.said.amount_fen),
        open_("items", "物品", "Goods", lambda x: _named(x.said.items), lines=True),
        open_("approximate", "约数", "At least so much", lambda x: x.said.approximate),
        open_("earmark", "指定用途", "Earmark", lambda x: x.said.earmark),
        money("left", "结余", "Left", lambda x: x.donation.left_fen),
        open_("items_left", "剩余物品", "Goods left", lambda x: _left(x.donation), lines=True),
        open_("receipt", "收据号", "Receipt", lambda x: x.said.receipt),
        org(),
        open_("donation_id", "捐赠编号", "Donation id", lambda x: x.donation.stream_id),
    ),
)
WENT: Table[Went] = Table(
    title=Text(zh="发放", en="What was given out"),
    columns=(
        open_("day", "日期", "Day", lambda x: x.day),
        personal("donor", "捐赠方", "Donor", lambda x: x.came.said.donor),
        open_("source", "来源", "Source", lambda x: x.came.said.source),
        personal("recipient", "受助人", "Recipient", lambda x: x.said.recipient),
        open_("body", "受助单位", "Body", lambda x: x.said.body),
        money("amount", "金额", "Amount", lambda x: x.said.amount_fen),
        open_("items", "物品", "Goods", lambda x: _named(x.said.items), lines=True),
        money("goods_value", "物品价值", "Value of goods", lambda x: x.goods_fen),
        open_("purpose", "用途", "Purpose", lambda x: x.said.purpose),
        open_("receipt", "收据号", "Receipt", lambda x: x.said.receipt),
        personal("handed_over_by", "经手人", "Handed over by", lambda x: x.said.handed_over_by),
        personal("signed_by", "签收人", "Signed by", lambda x: x.said.signed_by),
        personal("witness", "见证人", "Witness", lambda x: x.said.witness),
        org(lambda x: x.came.org),
        open_("donation_id", "捐赠编号", "Donation id", lambda x: x.came.donation.stream_id),
    ),
    child=lambda went: went.known,
)


def read(asked: Asked) -> Found:
    """List what came in and what was given out in the days asked about, by day."""
    came = sorted(came_in(asked), key=lambda x: (x.day, x.donation.stream_id))
    given = [(each, fact.day, said) for each in came for fact, said in given_out(each.donation)]
    given = [each for each in given if between(asked, each[1])]
    known = children_of(asked, [said.child for _, _, said in given if said.child is not None])
    went = [
        Went(came=each, day=day, said=said, known=said.child if said.child in known else None)
        for each, day, said in given
    ]
    went.sort(key=lambda x: x.day)
    return Found(
        tables=(CAME.filled([each for each in came if between(asked, each.day)]), WENT.filled(went)),
        population=ENROLLED,
        clocks=clocks(now=asked.system.now()),
        notes=(),
    )


def came_in(asked: Asked) -> Iterator[Came]:
    """Go through the donations of an organisation."""
    for where, donation in streams_of(asked, KIND):
        for fact, said in donation.of(DonationReceived):
            yield Came(org=where, day=fact.day, donation=donation, said=said)


def _named(items: tuple[AllocatedItem, ...]) -> tuple[str, ...]:
    return tuple(f"{each.item} {each.quantity}" for each in items)


def _left(donation: Donation) -> tuple[str, ...]:
    return tuple(f"{item} {number}" for item, number in donation.items_left.items() if number)


REPORT = Report(
    name="donation-trail",
    title=Text(zh="捐赠去向", en="Where donations went"),
    text=Text(
        zh="每笔捐赠从捐赠方到签收人的去向",
        en="The way of each donation, from the donor to who signed for it.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(CAME, WENT),
    read=read,
    action=Action.READ,
    topic=Topic.WORK,
    order=150,
)
