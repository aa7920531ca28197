"""`careledger org …` and `careledger recipients …`: schools, and who is told of their alerts."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Annotated
from uuid import UUID, uuid4

import typer

from application.organisations.reaching import refuse_unreachable
from application.reasons import UNKNOWN_RECIPIENT
from application.system import System
from cli.leaving_out import LeftOut
from cli.options import AnyOrg, Json, OrgOrRoot, Root
from cli.session import known_org, operator, session_of
from cli.terminal import note, say, show_json, show_table
from domain.days import local_day
from domain.org import ROOT, RecipientRegistered, Step, extends, within
from domain.reasons import BAD_PATH
from domain.refusal import Fault, Text, Unknown, invalid
from domain.watched import POPULATION
from projections.outbox import receipts
from projections.outbox.inbox import inbox_of
from projections.outbox.receipts import Receipt

org_app = typer.Typer(no_args_is_help=True, help="机构 / organisations")
recipients_app = typer.Typer(no_args_is_help=True, help="预警接收人 / who is told of alerts")

RecipientId = Annotated[UUID, typer.Argument(metavar="ID", help="编号 / id")]
PATH = Text(zh="机构路径", en="Organisation path")


@org_app.command("set")
def set_org(
    ctx: typer.Context,
    *,
    path: Annotated[str, typer.Argument(metavar="PATH", help="机构路径 / organisation path")],
    pupils: Annotated[int, typer.Option("--pupils", metavar="N", help="学生总数 / pupils in all")],
    as_json: Json = False,
) -> None:
    """登记学生总数，机构不存在时新建 / Say how many pupils a school has, known yet or not."""
    session, actor = session_of(ctx), operator()
    with session.system(make=True) as system:
        path = system.organisations.ensure(path, actor=actor)
        system.organisations.count_pupils(path, pupils=pupils, actor=actor)
    if as_json:
        show_json({"path": path, "pupils": pupils})
    else:
        say(Text(zh=f"{path}：学生 {pupils} 人", en=f"{path}: {pupils} pupils"), language=session.language)


@org_app.command("list")
def list_orgs(ctx: typer.Context, *, org: AnyOrg = "", as_json: Json = False) -> None:
    """列出机构 / List organisations."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system:
        org = known_org(system, org)
        units = system.organisations.units(below=org, unread=left_out.unread_org)
    left_out.head(as_json=as_json)
    if as_json:
        show_json([{"path": unit.path, "pupils": unit.pupils} for unit in units])
    else:
        rows = [(unit.path, unit.pupils) for unit in units]
        show_table((PATH, Text(zh="学生", en="Pupils")), rows, language=session.language)
    left_out.end()


@org_app.command("watch")
def watch_org(
    ctx: typer.Context,
    *,
    path: Annotated[str, typer.Argument(metavar="PATH", help="机构路径 / organisation path")],
    everybody: Annotated[
        bool | None,
        typer.Option(
            "--everybody/--standard", help="关注全员，或恢复通常范围 / all children, or the usual ones"
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="原因 / reason")] = None,
    as_json: Json = False,
) -> None:
    """查看或设定关注范围 / See or say whether all children of an organisation are watched."""
    session, actor = session_of(ctx), operator()
    with session.system() as system:
        org = system.organisations.existing(path)
        if everybody is not None:
            system.organisations.governance.watch_everybody(
                org, everybody=everybody, reason=reason, actor=actor
            )
        said = system.organisations.governance.extensions([org])
        watched = extends(said, org=org, day=local_day(system.now()))
    by = [each.org for each in {e.org: e for e in said}.values() if each.everybody and within(org, each.org)]
    if as_json:
        show_json({"path": org, "population": POPULATION, "everybody": watched, "by": by})
        return
    everyone = Text(zh=f"{org}：关注全员（{'、'.join(by)}）", en=f"{org}: all children, by {', '.join(by)}")
    usual = Text(zh=f"{org}：通常范围 {POPULATION}", en=f"{org}: those of {POPULATION}")
    say(everyone if watched else usual, language=session.language)


@recipients_app.command("list")
def list_recipients(ctx: typer.Context, *, org: AnyOrg = "", as_json: Json = False) -> None:
    """列出接收人 / List recipients."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system:
        org = known_org(system, org)
        found = system.organisations.recipients.listed(within_org=org, unread=left_out.unread_org)
    left_out.head(as_json=as_json)
    if as_json:
        show_json([_shown(path, recipient) for path, recipient in found])
        left_out.end()
        return
    columns = (
        Text(zh="编号", en="Id"),
        PATH,
        Text(zh="名称", en="Name"),
        Text(zh="方式", en="Channel"),
        Text(zh="地址", en="Address"),
        Text(zh="起始级别", en="From step"),
        Text(zh="兜底", en="Catch-all"),
    )
    rows = [
        (r.recipient, path, r.name, r.channel, r.address, r.from_step.value, "✓" if r.catch_all else "")
        for path, r in found
    ]
    show_table(columns, rows, language=session.language)
    left_out.end()


@recipients_app.command("add")
def add_recipient(
    ctx: typer.Context,
    *,
    org: OrgOrRoot = None,
    root: Root = False,
    name: Annotated[str, typer.Option("--name", help="名称 / name")],
    channel: Annotated[
        str, typer.Option("--channel", help="方式 / channel: inbox, webhook, email")
    ] = "inbox",
    address: Annotated[
        str | None, typer.Option("--address", help="网址或邮箱，webhook、email 必填 / URL or e-mail address")
    ] = None,
    secret: Annotated[
        str | None, typer.Option("--secret", help="签名密钥 whsec_…，webhook 必填 / for a webhook")
    ] = None,
    from_step: Annotated[Step, typer.Option("--from-step", help="起始级别 / from this step on")] = Step.INFO,
    catch_all: Annotated[
        bool, typer.Option("--catch-all", help="兜底接收人 / gets what nobody else gets")
    ] = False,
    quiet_from: Annotated[
        int | None, typer.Option("--quiet-from", metavar="HOUR", help="免打扰起（0–23 时）/ quiet from")
    ] = None,
    quiet_until: Annotated[
        int | None, typer.Option("--quiet-until", metavar="HOUR", help="免打扰止（0–23 时）/ quiet until")
    ] = None,
    most_per_hour: Annotated[
        int | None,
        typer.Option("--most-per-hour", metavar="N", help="每小时最多条数 / so many an hour at most"),
    ] = None,
    recipient: Annotated[
        UUID | None, typer.Option("--id", help="编号，更改时填写 / id, to replace what is known")
    ] = None,
    as_json: Json = False,
) -> None:
    """登记接收人 / Register a recipient."""
    session, actor = session_of(ctx), operator()
    org = _org_or_root(org, root=root)
    details = RecipientRegistered(
        recipient=recipient or uuid4(),
        name=name,
        channel=channel,
        address=address,
        secret=secret,
        from_step=from_step,
        catch_all=catch_all or root,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        most_per_hour=most_per_hour,
    )
    warnings = refuse_unreachable(details, allow_private=session.settings.webhook_allow_private)
    with session.system() as system:
        system.organisations.recipients.register(org, details=details, actor=actor)
    if as_json:
        show_json(_shown(org, details) | ({"warnings": warnings} if warnings else {}))
    else:
        for reason in warnings:
            note(Text(zh=reason.zh, en=reason.en), language=session.language)
        say(
            Text(zh=f"已登记，编号 {details.recipient}", en=f"Registered under the id {details.recipient}"),
            language=session.language,
        )


@recipients_app.command("remove")
def remove_recipient(
    ctx: typer.Context,
    *,
    recipient: RecipientId,
    org: OrgOrRoot = None,
    root: Root = False,
    as_json: Json = False,
) -> None:
    """移除接收人 / Remove a recipient."""
    session = session_of(ctx)
    org = _org_or_root(org, root=root)
    with session.system() as system:
        system.organisations.recipients.remove(org, recipient=recipient, actor=operator())
    if as_json:
        show_json({"recipient": recipient, "removed": True})
    else:
        say(Text(zh="已移除", en="Removed."), language=session.language)


@recipients_app.command("rotate")
def rotate_secret(
    ctx: typer.Context,
    *,
    recipient: RecipientId,
    secret: Annotated[str, typer.Option("--secret", help="新的签名密钥 whsec_… / the new secret")],
    as_json: Json = False,
) -> None:
    """换新密钥，旧密钥同时有效 / Sign with a new secret, and with the old one until settled."""
    _replaced(
        ctx,
        recipient,
        change=lambda known: replace(
            known,
            secret=secret,
            # The same again, say after a broken connection, must not drop the old one.
            previous_secret=known.previous_secret if secret == known.secret else known.secret,
        ),
        said=Text(zh="新旧密钥现在同时签名", en="Both secrets sign from now on."),
        as_json=as_json,
    )


@recipients_app.command("settle")
def settle_secret(ctx: typer.Context, *, recipient: RecipientId, as_json: Json = False) -> None:
    """停用旧密钥 / Sign with the new secret alone."""
    _replaced(
        ctx,
        recipient,
        change=lambda known: replace(known, previous_secret=None),
        said=Text(zh="旧密钥已停用", en="The old secret signs no more."),
        as_json=as_json,
    )


@recipients_app.command("inbox")
def read_inbox(
    ctx: typer.Context,
    *,
    recipient: RecipientId,
    mark_read: Annotated[bool, typer.Option("--mark-read", help="全部标为已读 / mark all as read")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="最多条数 / at most")] = 100,
    as_json: Json = False,
) -> None:
    """列出收件箱 / List what lies in an inbox, the newest first."""
    session = session_of(ctx)
    with session.system() as system:
        _known(system, recipient)
        if mark_read:
            shown = inbox_of(system.database, recipient_id=recipient, limit=limit)
            with system.database.transaction() as tx:
                for item in shown:
                    receipts.write(tx, item.delivery_id, receipt=Receipt.READ, at=system.now())
        found = inbox_of(system.database, recipient_id=recipient, limit=limit)
    if as_json:
        show_json([asdict(item) for item in found])
        return
    columns = (
        Text(zh="编号", en="Id"),
        Text(zh="预警", en="Alert"),
        Text(zh="级别", en="Step"),
        Text(zh="失联天数", en="Days silent"),
        Text(zh="通知时间", en="Noticed at"),
        Text(zh="已读", en="Read at"),
    )
    rows = [(i.delivery_id, i.alert_id, i.step, i.days_silent, i.created_at, i.read_at) for i in found]
    show_table(columns, rows, language=session.language)


def _replaced(
    ctx: typer.Context,
    recipient: UUID,
    *,
    change: Callable[[RecipientRegistered], RecipientRegistered],
    said: Text,
    as_json: bool,
) -> None:
    session, actor = session_of(ctx), operator()
    with session.system() as system:
        path, known = _known(system, recipient)
        details = change(known)
        refuse_unreachable(details, allow_private=session.settings.webhook_allow_private)
        system.organisations.recipients.register(path, details=details, actor=actor)
    if as_json:
        show_json(_shown(path, details))
    else:
        say(said, language=session.language)


def _org_or_root(org: str | None, *, root: bool) -> str:
    """Give the path that is meant. Raises `Invalid` unless exactly one of the two is said."""
    if bool(org) is root:
        raise invalid(BAD_PATH, "/org")
    return org or ROOT


def _known(system: System, recipient: UUID) -> tuple[str, RecipientRegistered]:
    found = system.organisations.recipients.find(recipient)
    if found is None:
        raise Unknown(Fault(reason=UNKNOWN_RECIPIENT))
    return found


def _shown(path: str, recipient: RecipientRegistered) -> dict[str, object]:
    """Give everything but the secrets."""
    return {
        "id": recipient.recipient,
        "org": path,
        "name": recipient.name,
        "channel": recipient.channel,
        "address": recipient.address,
        "from_step": recipient.from_step,
        "catch_all": recipient.catch_all,
        "quiet_from": recipient.quiet_from,
        "quiet_until": recipient.quiet_until,
        "most_per_hour": recipient.most_per_hour,
        "rotating": recipient.previous_secret is not None,
    }
