"""What whoever takes over a class must know of each child: a sheet a child."""

from application.access import Action
from domain.catalogue import event_types
from domain.child import Child
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.columns import case_no, named, open_, org, personal
from reports.report import IN_CARE, Asked, Evidence, Found, Report, Table, Topic
from reports.sheets import Sheet, groups, missing, sheets

# What stays open until an entry of the other type names it by this field.
_OPEN = (
    ("trigger_observed", "trigger_closed", "trigger"),
    ("referral_made", "referral_answered", "referral"),
    ("counselling_opened", "counselling_closed", "case"),
    ("wish_collected", "wish_fulfilled", "wish"),
    ("subsidy_granted", "subsidy_ended", "subsidy"),
)


def open_duties(child: Child) -> tuple[Evidence, ...]:
    """Return the entries that still wait for something."""
    found = [
        fact
        for begins, ends, names in _OPEN
        for fact, _ in child.of(begins)
        if fact.event_id not in {getattr(said, names) for _, said in child.of(ends)}
    ]
    found.sort(key=lambda fact: fact.day)
    return tuple(
        Evidence(
            child_id=child.child_id,
            event_id=fact.event_id,
            day=fact.day,
            reason=event_types()[fact.type].label,
        )
        for fact in found
    )


SHEETS: Table[Sheet] = Table(
    columns=(
        case_no(),
        named(lambda x: x.said("name")),
        open_("class", "年级班级", "Class", lambda x: x.unit),
        personal("address", "家庭住址", "Address", lambda x: x.said("address")),
        open_("away", "父母外出", "Parents away", lambda x: x.away),
        personal("carer", "照料人", "Who cares at home", lambda x: getattr(x.at_home, "name", None)),
        personal("carer_phone", "照料人电话", "Telephone", lambda x: getattr(x.at_home, "phone", None)),
        personal("tags", "类别", "Groups", lambda x: x.said("tags") or ()),
        personal("helpers", "现任帮扶人", "Carers", lambda x: x.helper_names, lines=True),
        open_(
            "last_contact", "最近联系", "Last contact", lambda x: getattr(x.child.last_contact, "day", None)
        ),
        open_("days_silent", "失联天数", "Days silent", lambda x: x.child.days_silent(x.day)),
        open_("last_seen", "最近见面", "Last seen", lambda x: getattr(x.child.last_sighting, "day", None)),
        open_("days_child_unseen", "未见面天数", "Days unseen", lambda x: x.child.days_child_unseen(x.day)),
        open_("open", "未了事项", "Still open", lambda x: open_duties(x.child), lines=True),
        open_("missing", "档案缺项", "Missing in the file", lambda x: missing(groups(x)), lines=True),
        org(lambda x: x.school),
    ),
    child=lambda row: row.child_id,
    cards=True,
    signed=(
        Text(zh="移交人：", en="Handed over by:"),
        Text(zh="接收人：", en="Taken over by:"),
        Text(zh="监交人：", en="Witness:"),
        Text(zh="日期：", en="Day:"),
    ),
)


def read(asked: Asked) -> Found:
    """Make the sheets of the children in care of an organisation."""
    at = clocks(now=asked.system.now())
    found = sheets(asked, at)
    return Found(tables=(SHEETS.filled(found),), population=IN_CARE, clocks=at, notes=() if found else None)


REPORT = Report(
    name="handover-pack",
    title=Text(zh="交接材料", en="Handover pack"),
    text=Text(
        zh="班级交接材料：每名儿童一页，含联系方式、帮扶人、未了事项",
        en="For whoever takes over a class: a sheet a child, with who is there for it and what is open.",
    ),
    filters=(filters.ORG,),
    tables=(SHEETS,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=130,
)
