"""Notices of alerts: who was told of which child, by which way, and what became of it."""

from dataclasses import dataclass

from application.access import Action
from application.visibility import Sensitivity
from domain.alert_kind import label_of
from domain.case_no import case_no_of
from domain.org import Step
from domain.refusal import Text
from domain.rules.clocks import clocks
from projections.outbox import deliveries
from projections.outbox.deliveries import DeliveryListed
from reports import filters
from reports.people import children_of, name_in
from reports.report import WATCHED, Asked, Column, Filter, Found, Kind, Report, Table, Topic

STATES = {
    "pending": Text(zh="待发", en="pending"),
    "sending": Text(zh="发送中", en="being sent"),
    "accepted": Text(zh="渠道已接收", en="accepted by the channel"),
    "unknown": Text(zh="不明，将重发", en="unknown, will be sent again"),
    "failed": Text(zh="失败", en="failed"),
}
STATE = Filter(
    name="state",
    kind=Kind.WORD,
    title=Text(zh="状态", en="State"),
    text=Text(zh="仅此状态，默认全部", en="only this state; all if left out"),
    words=STATES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice with the names of its child and its recipient, as far as the reader may know them."""

    notice: DeliveryListed
    child: str
    recipient: str


NOTICES: Table[Told] = Table(
    columns=(
        Column(
            name="case_no",
            title=Text(zh="个案编号", en="Case no."),
            of=lambda x: case_no_of(x.notice.child_id),
        ),
        Column(
            name="created_at", title=Text(zh="产生时间", en="Created at"), of=lambda x: x.notice.created_at
        ),
        Column(
            name="name",
            title=Text(zh="姓名", en="Name"),
            of=lambda x: x.child,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="step", title=Text(zh="级别", en="Step"), of=lambda x: Step.from_word(x.notice.step)),
        Column(name="days_silent", title=Text(zh="天数", en="Days"), of=lambda x: x.notice.days_silent),
        Column(
            name="kind", title=Text(zh="类别", en="Kind"), of=lambda x: label_of(x.notice.kind), beside=True
        ),
        Column(
            name="recipient",
            title=Text(zh="接收人", en="Recipient"),
            of=lambda x: x.recipient,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="channel", title=Text(zh="方式", en="Channel"), of=lambda x: x.notice.channel),
        Column(
            name="state",
            title=Text(zh="状态", en="State"),
            of=lambda x: STATES.get(x.notice.state, x.notice.state),
        ),
        Column(name="attempts", title=Text(zh="尝试次数", en="Attempts"), of=lambda x: x.notice.attempts),
        Column(
            name="last_reason", title=Text(zh="最近原因", en="Last reason"), of=lambda x: x.notice.last_reason
        ),
        Column(
            name="delivered_at",
            title=Text(zh="送达时间", en="Delivered at"),
            of=lambda x: x.notice.delivered_at,
        ),
        Column(name="read_at", title=Text(zh="阅读时间", en="Read at"), of=lambda x: x.notice.read_at),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.notice.org),
        Column(
            name="delivery_id", title=Text(zh="通知编号", en="Notice id"), of=lambda x: x.notice.delivery_id
        ),
    ),
    child=lambda told: told.notice.child_id if told.child else None,
)


def read(asked: Asked) -> Found:
    """List the notices of alerts of an organisation, the first planned first."""
    system = asked.system
    found = deliveries.listed(system.database, org=asked.org, state=asked.word("state"), limit=asked.most)
    children = children_of(asked, [notice.child_id for notice in found])
    listed = system.organisations.recipients.listed(unread=asked.reports.unread_org)
    names = {said.recipient: said.name for _, said in listed}
    told = [
        Told(
            notice=notice,
            child=name_in(children, notice.child_id),
            recipient=names.get(notice.recipient_id, str(notice.recipient_id)),
        )
        for notice in found
    ]
    return Found(tables=(NOTICES.filled(told),), population=WATCHED, clocks=clocks(now=system.now()))


REPORT = Report(
    name="deliveries",
    title=Text(zh="预警通知", en="Notices of alerts"),
    text=Text(
        zh="谁收到了哪名儿童的预警，结果如何",
        en="Who was told of which child's alert, and what became of it.",
    ),
    filters=(filters.ORG, STATE),
    tables=(NOTICES,),
    read=read,
    action=Action.WATCH,
    topic=Topic.WATCH,
    order=27,
)
