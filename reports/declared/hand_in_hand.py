"""The card of two who help each other: a child and a classmate, a neighbour or another family."""

from dataclasses import dataclass

from application.access import Action
from domain.care_views import Pairing
from domain.choices import PEERS
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.carers.carer import Carer
from reports import filters
from reports.columns import case_no, named, open_, org, personal
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic
from reports.sheets import Sheet, sheets


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """A child, and who goes hand in hand with it."""

    sheet: Sheet
    pairing: Pairing
    carer: Carer | None


CARDS: Table[Hands] = Table(
    columns=(
        case_no(lambda x: x.sheet.child_id),
        named(lambda x: x.sheet.said("name")),
        open_("class", "年级班级", "Class", lambda x: x.sheet.unit),
        personal(
            "peer",
            "手拉手好朋友",
            "Friend",
            lambda x: x.carer.registered.name if x.carer and x.carer.registered else None,
        ),
        open_("kind", "结对类型", "Kind", lambda x: x.pairing.kind),
        open_("since", "结对日期", "Since", lambda x: x.pairing.start),
        open_("promise", "我们的约定", "What we promise each other", lambda _: None),
        org(lambda x: x.sheet.school),
    ),
    child=lambda row: row.sheet.child_id,
    cards=True,
    signed=(
        Text(zh="双方签字：", en="Both children:"),
        Text(zh="双方家长签字：", en="Both families:"),
        Text(zh="班主任签字：", en="Class teacher:"),
    ),
)


def read(asked: Asked) -> Found:
    """Make a card of each pairing with a peer that runs."""
    at = clocks(now=asked.system.now())
    rows = [
        Hands(sheet=sheet, pairing=each, carer=sheet.carers.get(each.carer))
        for sheet in sheets(asked, at)
        for each in sheet.child.pairings
        if each.holds(at.as_of) and each.kind in PEERS
    ]
    return Found(tables=(CARDS.filled(rows),), population=IN_CARE, clocks=at, notes=())


REPORT = Report(
    name="hand-in-hand",
    title=Text(zh="手拉手结对卡", en="Hand-in-hand cards"),
    text=Text(zh="儿童与同伴的手拉手结对登记卡", en="A card for each child and the pupil who helps it."),
    filters=(filters.ORG,),
    tables=(CARDS,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=125,
)
