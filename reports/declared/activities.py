"""Activities: what was held, when, and for how many."""

from application.access import Action
from domain.choices import ActivityKind
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.status import ActivityStatus
from reports import filters
from reports.report import ENROLLED, Asked, Column, Found, Report, Table, Topic

ACTIVITIES: Table[ActivityStatus] = Table(
    columns=(
        Column(name="occurred_on", title=Text(zh="日期", en="Day"), of=lambda x: x.occurred_on),
        Column(name="kind", title=Text(zh="类型", en="Kind"), of=lambda x: ActivityKind.from_word(x.kind)),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.org),
        Column(
            name="participants", title=Text(zh="参加人数", en="Participants"), of=lambda x: x.participants
        ),
        Column(name="void", title=Text(zh="已作废", en="Void"), of=lambda x: x.void),
        Column(name="activity_id", title=Text(zh="活动编号", en="Activity id"), of=lambda x: x.activity_id),
    ),
)


def read(asked: Asked) -> Found:
    """List the activities of an organisation by when they were held."""
    found = asked.system.activities.listed(
        actor=asked.actor,
        org=asked.org,
        first=asked.day("from"),
        last=asked.day("to"),
        limit=asked.most,
    )
    return Found(
        tables=(ACTIVITIES.filled(found),), population=ENROLLED, clocks=clocks(now=asked.system.now())
    )


REPORT = Report(
    name="activities",
    title=Text(zh="活动", en="Activities"),
    text=Text(zh="举办过的活动，按日期", en="The activities that were held, by day."),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(ACTIVITIES,),
    read=read,
    action=Action.READ,
    topic=Topic.WORK,
    order=75,
)
