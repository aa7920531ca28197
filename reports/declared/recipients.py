"""Who is told of alerts, from which step on, and how. Secrets are never shown."""

from dataclasses import dataclass

from application.access import Action
from application.visibility import Sensitivity
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.organisations.unit import RecipientRegistered
from reports import filters
from reports.report import WATCHED, Asked, Column, Found, Report, Table, Topic

NO_RECIPIENTS = Text(
    zh="还没有接收人，预警不会发给任何人。", en="There are no recipients, so alerts reach nobody."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A recipient, and the organisation of whose alerts it is told; "" is every one."""

    org: str
    said: RecipientRegistered

    @property
    def quiet(self) -> str:
        """The hours in which only critical notices come."""
        begins, ends = self.said.quiet_from, self.said.quiet_until
        return "" if begins is None or ends is None else f"{begins:02}:00–{ends:02}:00"


RECIPIENTS: Table[Told] = Table(
    columns=(
        Column(
            name="name",
            title=Text(zh="名称", en="Name"),
            of=lambda x: x.said.name,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="channel", title=Text(zh="方式", en="Channel"), of=lambda x: x.said.channel),
        Column(
            name="address",
            title=Text(zh="地址", en="Address"),
            of=lambda x: x.said.address,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="from_step", title=Text(zh="起始级别", en="From step"), of=lambda x: x.said.from_step),
        Column(name="catch_all", title=Text(zh="兜底", en="Catch-all"), of=lambda x: x.said.catch_all),
        Column(name="quiet", title=Text(zh="免打扰时段", en="Quiet hours"), of=lambda x: x.quiet),
        Column(
            name="most_per_hour",
            title=Text(zh="每小时上限", en="Most per hour"),
            of=lambda x: x.said.most_per_hour,
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.org),
        Column(
            name="recipient_id", title=Text(zh="接收人编号", en="Recipient id"), of=lambda x: x.said.recipient
        ),
    ),
)


def read(asked: Asked) -> Found:
    """List the recipients of an organisation and of those below it."""
    found = asked.system.organisations.recipients.listed(
        within_org=asked.org, unread=asked.reports.unread_org
    )
    told = [Told(org=org, said=said) for org, said in found]
    return Found(
        tables=(RECIPIENTS.filled(told, empty=NO_RECIPIENTS),),
        population=WATCHED,
        clocks=clocks(now=asked.system.now()),
        notes=(),
    )


REPORT = Report(
    name="recipients",
    title=Text(zh="预警接收人", en="Recipients of alerts"),
    text=Text(
        zh="谁收到预警，从哪一级起，用什么方式", en="Who is told of alerts, from which step on, and how."
    ),
    filters=(filters.ORG,),
    tables=(RECIPIENTS,),
    read=read,
    action=Action.MANAGE,
    topic=Topic.WATCH,
    order=85,
)
