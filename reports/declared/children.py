"""Children, and how long nobody has reached them."""

from application.access import Action
from application.reports.lines import ChildLine
from application.visibility import Sensitivity
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.report import ALL, ENROLLED, NOTHING, WATCHED, Asked, Column, Filter, Found, Kind, Report, Table

UNCONTACTED = Filter(
    name="uncontacted_days",
    kind=Kind.WHOLE,
    title=Text(zh="失联不少于（天）", en="Silent for at least (days)"),
    text=Text(zh="失联不少于 N 天", en="silent for N days or more"),
    metavar="N",
)
CHILDREN: Table[ChildLine] = Table(
    columns=(
        Column(name="case_no", title=Text(zh="个案编号", en="Case no."), of=lambda x: x.case_no),
        Column(
            name="student_no",
            title=Text(zh="学籍号", en="Student no."),
            of=lambda x: x.student_no,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(
            name="name",
            title=Text(zh="姓名", en="Name"),
            of=lambda x: x.name,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(
            name="last_contact_on",
            title=Text(zh="最近联系", en="Last contact"),
            of=lambda x: x.last_contact_on,
        ),
        Column(name="days_silent", title=Text(zh="失联天数", en="Days silent"), of=lambda x: x.days_silent),
        Column(name="watched", title=Text(zh="关注依据", en="Watched as"), of=lambda x: x.ground),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.org, beside=True),
    ),
    child=lambda line: line.child_id,
)


def read(asked: Asked) -> Found:
    """List children with their silence at the end of a day."""
    days, on = asked.whole("uncontacted_days"), asked.day("on")
    if asked.most < ALL and days is None and on is None:
        return _page(asked)
    found = asked.reports.children(org=asked.org, uncontacted_days=days, on=on)
    return Found(
        tables=(CHILDREN.filled(found, empty=_nobody_silent(days)),),
        population=ENROLLED if days is None else WATCHED,
        clocks=clocks(now=asked.system.now(), as_of=on),
    )


def _page(asked: Asked) -> Found:
    """List the children of a page, class by class: nobody else's file is read."""
    total, found = asked.reports.children_page(
        org=asked.org, first=asked.unseen, limit=asked.most - asked.unseen
    )
    return Found(
        tables=(CHILDREN.filled(found),),
        population=ENROLLED,
        clocks=clocks(now=asked.system.now()),
        notes=() if total else None,
        total=total,
        left_out=asked.unseen,
    )


def _nobody_silent(days: int | None) -> Text:
    """Return what an empty list says."""
    if days is None:
        return NOTHING
    return Text(zh=f"没有失联达 {days} 天的儿童。", en=f"No child has gone {days} days without a contact.")


REPORT = Report(
    name="children",
    title=Text(zh="儿童", en="Children"),
    text=Text(zh="列出儿童与失联天数", en="List children and how long nobody has reached them."),
    filters=(UNCONTACTED, filters.ON, filters.ORG),
    tables=(CHILDREN,),
    read=read,
    action=Action.READ,
    order=10,
)
