"""What an office may hang out: donations, wishes and aid in figures, without anybody's name."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from domain.care_actions.subsidy_granted import SubsidyScheme
from domain.child import Child
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.donations.allocated import DonationAllocated
from domain.streams.donations.donation import given_out
from reports import filters
from reports.columns import SIGNED, money, open_, org
from reports.declared.donation_trail import Came, came_in
from reports.filters import between
from reports.report import ENROLLED, Asked, Found, Report, Table, Topic


@dataclass(slots=True, kw_only=True)
class Wishes:
    """How many wishes were collected, and how many of them came true."""

    collected: int = 0
    fulfilled: int = 0


@dataclass(slots=True, kw_only=True)
class Aid:
    """What was granted and paid under one scheme of aid."""

    scheme: SubsidyScheme
    granted: int = 0
    granted_fen: int = 0
    paid_fen: int = 0


@dataclass(slots=True, kw_only=True)
class InFiles:
    """What the files of children say of wishes and of aid."""

    wishes: Wishes = field(default_factory=Wishes)
    aid: dict[SubsidyScheme, Aid] = field(default_factory=dict)


def _worth(came: Came) -> int:
    return sum(each.quantity * (each.unit_value_fen or 0) for each in came.said.items)


def _given(came: Came) -> list[DonationAllocated]:
    return [said for _, said in given_out(came.donation)]


DONATIONS: Table[Came] = Table(
    name="donations",
    title=Text(zh="捐赠收支", en="Donations"),
    columns=(
        open_("day", "日期", "Day", lambda x: x.day),
        open_("source", "来源", "Source", lambda x: x.said.source),
        money("came", "收到", "Came in", lambda x: x.said.amount_fen),
        open_("approximate", "约数", "At least so much", lambda x: x.said.approximate),
        money("goods_came", "物品价值", "Value of goods", _worth),
        money("given", "已发放", "Given out", lambda x: sum(each.amount_fen for each in _given(x))),
        open_("to_children", "受助儿童（人）", "Children", lambda x: len(x.donation.children)),
        open_(
            "to_bodies",
            "受助单位（次）",
            "To bodies",
            lambda x: sum(each.body is not None for each in _given(x)),
        ),
        money("left", "结余", "Left", lambda x: x.donation.left_fen),
        open_("earmark", "指定用途", "Earmark", lambda x: x.said.earmark),
        org(),
    ),
    signed=SIGNED,
)
WISHES: Table[Wishes] = Table(
    name="wishes",
    title=Text(zh="心愿", en="Wishes"),
    columns=(
        open_("collected", "征集", "Collected", lambda x: x.collected),
        open_("fulfilled", "已满足", "Fulfilled", lambda x: x.fulfilled),
        open_("open", "未满足", "Open", lambda x: x.collected - x.fulfilled),
    ),
)
AID: Table[Aid] = Table(
    name="subsidies",
    title=Text(zh="资助", en="Aid"),
    columns=(
        open_("scheme", "资助项目", "Scheme", lambda x: x.scheme),
        open_("granted", "获批（人次）", "Granted (times)", lambda x: x.granted),
        money("granted_amount", "获批金额", "Granted", lambda x: x.granted_fen),
        money("paid_amount", "已发放", "Paid", lambda x: x.paid_fen),
    ),
)


def read(asked: Asked) -> Found:
    """Sum up what came in and was given out in the days asked about."""
    at = clocks(now=asked.system.now())
    came = sorted((x for x in came_in(asked) if between(asked, x.day)), key=lambda x: x.day)
    told = _in_files(asked, asked.reports.files(asked.org, at))
    aid = sorted(told.aid.values(), key=lambda x: x.scheme.value)
    return Found(
        tables=(
            DONATIONS.filled(came),
            WISHES.filled([told.wishes] if told.wishes.collected else []),
            AID.filled(aid),
        ),
        population=ENROLLED,
        clocks=at,
        notes=(),
    )


def _in_files(asked: Asked, children: Iterable[Child]) -> InFiles:
    told = InFiles()
    for child in children:
        _add_wishes(asked, child, told.wishes)
        for scheme, amounts in _aid(asked, child):
            told.aid.setdefault(scheme, Aid(scheme=scheme))
            sums = told.aid[scheme]
            sums.granted += amounts["granted"]
            sums.granted_fen += amounts["granted_fen"]
            sums.paid_fen += amounts["paid_fen"]
    return told


def _add_wishes(asked: Asked, child: Child, wishes: Wishes) -> None:
    came_true = {said.wish for _, said in child.of("wish_fulfilled")}
    for fact, _ in child.of("wish_collected"):
        if between(asked, fact.day):
            wishes.collected += 1
            wishes.fulfilled += fact.event_id in came_true


def _aid(asked: Asked, child: Child) -> Iterator[tuple[SubsidyScheme, Counter[str]]]:
    schemes = {fact.event_id: said.scheme for fact, said in child.of("subsidy_granted")}
    for fact, granted in child.of("subsidy_granted"):
        if between(asked, fact.day):
            yield granted.scheme, Counter(granted=1, granted_fen=granted.amount_fen or 0)
    for fact, paid in child.of("subsidy_paid"):
        if between(asked, fact.day) and paid.subsidy in schemes:
            yield schemes[paid.subsidy], Counter(paid_fen=paid.amount_fen)


REPORT = Report(
    name="public-statement",
    title=Text(zh="公示：款物收支", en="Public statement"),
    text=Text(
        zh="捐赠、心愿与资助的收支，可供公示，不含任何人的姓名",
        en="Donations, wishes and aid in figures, to be hung out: nobody is named.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(DONATIONS, WISHES, AID),
    read=read,
    topic=Topic.WORK,
    order=151,
)
