"""Children who left care, and whom to look after three months later."""

from application.access import Action
from application.reports.exits import ExitLine, LookState
from application.visibility import Sensitivity
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import columns, filters
from reports.report import ENROLLED, Asked, Column, Filter, Found, Kind, Report, Table, Topic

STATE = Filter(
    name="state",
    kind=Kind.WORD,
    title=Text(zh="回访", en="Look after the exit"),
    text=Text(zh="只列此类退出", en="only exits in this state"),
    words={each.value: Text(zh=each.zh, en=each.en) for each in LookState},
)
EXITS: Table[ExitLine] = Table(
    columns=(
        *columns.called(),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.org),
        Column(name="exited_on", title=Text(zh="退出日期", en="Exit"), of=lambda x: x.exited_on),
        Column(
            name="reason",
            title=Text(zh="原因", en="Reason"),
            of=lambda x: x.reason,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(
            name="approved_by",
            title=Text(zh="审批人", en="Approved by"),
            of=lambda x: x.approved_by,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="due_on", title=Text(zh="应回访日期", en="Look due on"), of=lambda x: x.due_on),
        Column(name="state", title=Text(zh="回访", en="Look"), of=lambda x: x.state),
        Column(name="looked_on", title=Text(zh="回访日期", en="Looked on"), of=lambda x: x.looked_on),
        Column(name="found", title=Text(zh="情况", en="Found"), of=lambda x: x.found),
    ),
    child=lambda line: line.child_id,
)


def read(asked: Asked) -> Found:
    """List exits: those due first, and of each whether a second person agreed."""
    state, on = asked.word("state"), asked.day("on")
    found = [each for each in asked.reports.exits(asked.org, on=on) if state in {None, each.state.value}]
    return Found(
        tables=(EXITS.filled(found),),
        population=ENROLLED,
        clocks=clocks(now=asked.system.now(), as_of=on),
        notes=(),
    )


REPORT = Report(
    name="exits",
    title=Text(zh="退出与回访", en="Exits"),
    text=Text(
        zh="退出的儿童、审批人，以及满三个月应回访的",
        en="Children who left care, who agreed, and whom to look after three months later.",
    ),
    filters=(STATE, filters.ON, filters.ORG),
    tables=(EXITS,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=64,
)
