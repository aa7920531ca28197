"""What was put aside because it is at odds with what is known, and why; never what it says."""

from application.access import Action
from application.intake.quarantine import ACCEPTED, DISMISSED, WAITING, QuarantinedItem
from application.visibility import Sensitivity
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.report import ENROLLED, Asked, Column, Filter, Found, Kind, Report, Table, Topic

STATES = {
    WAITING: Text(zh="待核实", en="waiting"),
    ACCEPTED: Text(zh="已登记", en="accepted"),
    DISMISSED: Text(zh="不予登记", en="dismissed"),
}
STATE = Filter(
    name="state",
    kind=Kind.WORD,
    title=Text(zh="状态", en="State"),
    text=Text(zh="默认待核实的", en="waiting ones if left out"),
    words=STATES,
)
NOTHING_WAITS = Text(zh="没有待核实的内容。", en="Nothing is in quarantine.")
ITEMS: Table[QuarantinedItem] = Table(
    columns=(
        Column(name="code", title=Text(zh="原因代码", en="Code"), of=lambda x: x.code),
        Column(name="received_at", title=Text(zh="收到时间", en="Received at"), of=lambda x: x.received_at),
        Column(name="pointer", title=Text(zh="位置", en="Where"), of=lambda x: x.pointer),
        Column(name="state", title=Text(zh="状态", en="State"), of=lambda x: STATES[x.state]),
        Column(
            name="actor",
            title=Text(zh="提交人", en="Sent by"),
            of=lambda x: x.actor,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="settled_at", title=Text(zh="处理时间", en="Settled at"), of=lambda x: x.settled_at),
        Column(
            name="settled_by",
            title=Text(zh="处理人", en="Settled by"),
            of=lambda x: x.settled_by,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(
            name="settled_reason",
            title=Text(zh="处理原因", en="Reason"),
            of=lambda x: x.settled_reason,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.org),
        Column(name="item_id", title=Text(zh="待核实编号", en="Item id"), of=lambda x: x.item_id),
        Column(
            name="event_id", title=Text(zh="事件编号", en="Event id"), of=lambda x: x.event_id, beside=True
        ),
    ),
)


def read(asked: Asked) -> Found:
    """List what is in a state, the first received first."""
    found = asked.system.quarantine.list(
        actor=asked.actor, org=asked.org, state=asked.word("state") or WAITING, limit=asked.most
    )
    return Found(
        tables=(ITEMS.filled(found, empty=NOTHING_WAITS),),
        population=ENROLLED,
        clocks=clocks(now=asked.system.now()),
        notes=(),
    )


REPORT = Report(
    name="quarantine",
    title=Text(zh="待核实", en="Quarantine"),
    text=Text(
        zh="与已知情况不一致而搁置的内容及原因",
        en="What was put aside because it is at odds with what is known, and why.",
    ),
    filters=(filters.ORG, STATE),
    tables=(ITEMS,),
    read=read,
    action=Action.SUBMIT,
    topic=Topic.ENTRIES,
    order=72,
)
