"""Which children are on their way to another class or school."""

from dataclasses import asdict

from application.access import Action
from application.children.transfers import OpenTransfer
from application.visibility import Sensitivity
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import columns, filters
from reports.report import ENROLLED, Asked, Column, Filter, Found, Kind, Report, Table, Topic

OVERDUE = Filter(
    name="overdue",
    kind=Kind.FLAG,
    title=Text(zh="仅逾期", en="Only overdue"),
    text=Text(zh="仅逾期未办的", en="only those that are overdue"),
)
NO_TRANSFERS = Text(zh="没有待接收的转接。", en="No transfer is waiting for an answer.")
NO_OVERDUE = Text(zh="没有逾期未办的转接。", en="No transfer is overdue.")
TRANSFERS: Table[OpenTransfer] = Table(
    columns=(
        *columns.called(),
        Column(name="org", title=Text(zh="转出机构", en="From"), of=lambda x: x.org),
        Column(name="to", title=Text(zh="转入机构", en="To"), of=lambda x: x.to),
        Column(name="proposed_on", title=Text(zh="提出日期", en="Proposed"), of=lambda x: x.proposed_on),
        Column(name="days_open", title=Text(zh="待办天数", en="Days open"), of=lambda x: x.days_open),
        Column(name="overdue", title=Text(zh="逾期", en="Overdue"), of=lambda x: "✓" if x.overdue else ""),
        Column(
            name="proposed_by",
            title=Text(zh="提出人", en="Proposed by"),
            of=lambda x: x.proposed_by,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="duties", title=Text(zh="移交事项", en="Open duties"), of=lambda x: x.duties, lines=True),
        Column(
            name="open_alerts", title=Text(zh="未结预警", en="Open alerts"), of=lambda x: len(x.open_alerts)
        ),
    ),
    child=lambda transfer: transfer.child_id,
)


def read(asked: Asked) -> Found:
    """List what nobody has decided yet, out of an organisation and into it."""
    found = asked.system.transfers.undecided(actor=asked.actor, org=asked.org, limit=asked.most)
    wanted = [each for each in found if each.overdue or not asked.flag("overdue")]
    return Found(
        tables=(TRANSFERS.filled(wanted, empty=NO_OVERDUE if asked.flag("overdue") else NO_TRANSFERS),),
        population=ENROLLED,
        clocks=clocks(now=asked.system.now()),
        # Where none is overdue, some may be open all the same.
        notes=() if found else None,
        answer={"items": [asdict(each) for each in wanted]},
    )


REPORT = Report(
    name="transfers",
    title=Text(zh="待接收的转接", en="Undecided transfers"),
    text=Text(
        zh="待接收的转接，最久的在前", en="Transfers that nobody has decided yet, the longest open first."
    ),
    filters=(filters.ORG, OVERDUE),
    tables=(TRANSFERS,),
    read=read,
    action=Action.READ,
    topic=Topic.ENTRIES,
    order=50,
)
