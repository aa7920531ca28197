"""What the escalation policy of silence shows at the end of a day."""

from application.access import Action
from application.reports.lines import SilentChild
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import columns, filters
from reports.report import WATCHED, Asked, Column, Found, Report, Table, Topic

NO_ALERTS = Text(zh="当日没有失联预警。", en="No alert is open at the end of that day.")
SILENT: Table[SilentChild] = Table(
    columns=(
        *columns.called(beside=True),
        Column(name="step", title=Text(zh="级别", en="Step"), of=lambda x: x.step),
        Column(name="days_silent", title=Text(zh="失联天数", en="Days silent"), of=lambda x: x.days_silent),
        Column(
            name="days_child_unseen",
            title=Text(zh="未见面天数", en="Days unseen"),
            of=lambda x: x.days_child_unseen,
        ),
        Column(name="since", title=Text(zh="失联起始", en="Silent since"), of=lambda x: x.since),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.org, beside=True),
    ),
    child=lambda line: line.child_id,
)


def read(asked: Asked) -> Found:
    """List who is silent for long enough to be alerted about."""
    at = clocks(now=asked.system.now(), as_of=asked.day("on"))
    found = asked.reports.silent_on(at.as_of, org=asked.org)
    return Found(tables=(SILENT.filled(found, empty=NO_ALERTS),), population=WATCHED, clocks=at)


REPORT = Report(
    name="alerts",
    title=Text(zh="失联预警", en="Alerts of silence"),
    text=Text(zh="当日结束时的失联预警", en="What the ladder of silence shows at the end of a day."),
    filters=(filters.ON, filters.ORG),
    tables=(SILENT,),
    read=read,
    action=Action.READ,
    topic=Topic.WATCH,
    order=20,
)
