"""`careledger org …` and `careledger recipients …`: schools, and who is told of their alerts."""

from typing import Annotated
from uuid import UUID, uuid4

import typer

from cli.options import AnyOrg, Json, Org
from cli.session import known_org, operator, session_of
from cli.terminal import say, show_json, show_table
from domain.org import RecipientRegistered, Step
from domain.refusal import Text

org_app = typer.Typer(no_args_is_help=True, help="机构 / organisations")
recipients_app = typer.Typer(no_args_is_help=True, help="预警接收人 / who is told of alerts")

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
    with session.system() as system:
        path = system.organisations.ensure(path, actor=actor)
        system.organisations.count_pupils(path, pupils=pupils, actor=actor)
    if as_json:
        show_json({"path": path, "pupils": pupils})
    else:
        say(Text(zh=f"{path}：学生 {pupils} 人", en=f"{path}: {pupils} pupils"), language=session.language)


@org_app.command("list")
def list_orgs(ctx: typer.Context, *, org: AnyOrg = "", as_json: Json = False) -> None:
    """列出机构 / List organisations."""
    session = session_of(ctx)
    with session.system() as system:
        known_org(system, org)
        units = system.organisations.units(below=org)
    if as_json:
        show_json([{"path": unit.path, "pupils": unit.pupils} for unit in units])
        return
    rows = [(unit.path, unit.pupils) for unit in units]
    show_table((PATH, Text(zh="学生", en="Pupils")), rows, language=session.language)


@recipients_app.command("list")
def list_recipients(ctx: typer.Context, *, org: AnyOrg = "", as_json: Json = False) -> None:
    """列出接收人 / List recipients."""
    session = session_of(ctx)
    with session.system() as system:
        known_org(system, org)
        found = system.organisations.recipients(within_org=org)
    if as_json:
        show_json([_shown(path, recipient) for path, recipient in found])
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


@recipients_app.command("add")
def add_recipient(
    ctx: typer.Context,
    *,
    org: Org,
    name: Annotated[str, typer.Option("--name", help="名称 / name")],
    channel: Annotated[str, typer.Option("--channel", help="方式 / channel: inbox, webhook")] = "inbox",
    address: Annotated[
        str | None, typer.Option("--address", help="网址，webhook 必填 / URL, for a webhook")
    ] = None,
    secret: Annotated[
        str | None, typer.Option("--secret", help="签名密钥 whsec_…，webhook 必填 / for a webhook")
    ] = None,
    from_step: Annotated[Step, typer.Option("--from-step", help="起始级别 / from this step on")] = Step.INFO,
    catch_all: Annotated[
        bool, typer.Option("--catch-all", help="兜底接收人 / gets what nobody else gets")
    ] = False,
    recipient: Annotated[
        UUID | None, typer.Option("--id", help="编号，更改时填写 / id, to replace what is known")
    ] = None,
    as_json: Json = False,
) -> None:
    """登记接收人 / Register a recipient."""
    session, actor = session_of(ctx), operator()
    details = RecipientRegistered(
        recipient=recipient or uuid4(),
        name=name,
        channel=channel,
        address=address,
        secret=secret,
        from_step=from_step,
        catch_all=catch_all,
    )
    with session.system() as system:
        system.organisations.register_recipient(org, details=details, actor=actor)
    if as_json:
        show_json(_shown(org, details))
    else:
        say(
            Text(zh=f"已登记，编号 {details.recipient}", en=f"Registered under the id {details.recipient}"),
            language=session.language,
        )


@recipients_app.command("remove")
def remove_recipient(
    ctx: typer.Context,
    *,
    recipient: Annotated[UUID, typer.Argument(metavar="ID", help="编号 / id")],
    org: Org,
    as_json: Json = False,
) -> None:
    """移除接收人 / Remove a recipient."""
    session = session_of(ctx)
    with session.system() as system:
        system.organisations.remove_recipient(org, recipient=recipient, actor=operator())
    if as_json:
        show_json({"recipient": recipient, "removed": True})
    else:
        say(Text(zh="已移除", en="Removed."), language=session.language)


def _shown(path: str, recipient: RecipientRegistered) -> dict[str, object]:
    """Give everything but the secret."""
    return {
        "id": recipient.recipient,
        "org": path,
        "name": recipient.name,
        "channel": recipient.channel,
        "address": recipient.address,
        "from_step": recipient.from_step,
        "catch_all": recipient.catch_all,
    }
