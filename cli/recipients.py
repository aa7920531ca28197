"""`careledger recipients …`: who is told of alerts, and by which way."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Annotated
from uuid import UUID, uuid4

import typer

from application.organisations.reaching import refuse_unreachable
from application.reasons import UNKNOWN_RECIPIENT
from application.system import System
from cli.leaving_out import LeftOut
from cli.options import AnyOrg, Json, OrgOrRoot, Root
from cli.session import Session, known_org, operator, session_of
from cli.terminal import Columns, note, say, show_items, show_json
from domain.case_no import case_no_of
from domain.org import ROOT, Step
from domain.reasons import BAD_PATH
from domain.refusal import Fault, Reason, Text, Unknown, invalid
from domain.streams.organisations.unit import RecipientRegistered
from projections.outbox import receipts
from projections.outbox.inbox import InboxItem, inbox_of
from projections.outbox.receipts import Receipt

app = typer.Typer(no_args_is_help=True, help="预警接收人 / who gets alerts")

RecipientId = Annotated[UUID, typer.Argument(metavar="ID", help="编号 / id")]
Name = Annotated[str, typer.Option("--name", help="名称 / name")]
Channel = Annotated[str, typer.Option("--channel", help="方式 / channel: inbox, webhook, email")]
Address = Annotated[
    str | None, typer.Option("--address", help="网址或邮箱，webhook、email 必填 / URL or e-mail address")
]
Secret = Annotated[
    str | None,
    typer.Option("--secret", help="签名密钥 whsec_…，webhook 必填 / signing secret whsec_…, for a webhook"),
]
NewSecret = Annotated[str, typer.Option("--secret", help="新的签名密钥 whsec_… / the new secret")]
FromStep = Annotated[Step, typer.Option("--from-step", help="起始级别 / lowest step to send")]
CatchAll = Annotated[bool, typer.Option("--catch-all", help="兜底接收人 / also gets what nobody else gets")]
QuietFrom = Annotated[
    int | None, typer.Option("--quiet-from", metavar="HOUR", help="免打扰起（0–23 时）/ quiet from")
]
QuietUntil = Annotated[
    int | None, typer.Option("--quiet-until", metavar="HOUR", help="免打扰止（0–23 时）/ quiet until")
]
MostPerHour = Annotated[
    int | None, typer.Option("--most-per-hour", metavar="N", help="每小时最多条数 / most notices per hour")
]
KnownId = Annotated[
    UUID | None, typer.Option("--id", help="编号，更改时填写 / id of the recipient to change")
]
RECIPIENTS: Columns[tuple[str, RecipientRegistered]] = (
    (Text(zh="编号", en="Id"), lambda known: known[1].recipient),
    (Text(zh="机构路径", en="Organisation path"), lambda known: known[0]),
    (Text(zh="名称", en="Name"), lambda known: known[1].name),
    (Text(zh="方式", en="Channel"), lambda known: known[1].channel),
    (Text(zh="地址", en="Address"), lambda known: known[1].address),
    (Text(zh="起始级别", en="From step"), lambda known: known[1].from_step.value),
    (Text(zh="兜底", en="Catch-all"), lambda known: "✓" if known[1].catch_all else ""),
)
INBOX: Columns[InboxItem] = (
    (Text(zh="编号", en="Id"), lambda item: item.delivery_id),
    (Text(zh="个案编号", en="Case no."), lambda item: case_no_of(item.child_id)),
    (Text(zh="预警", en="Alert"), lambda item: item.alert_id),
    (Text(zh="级别", en="Step"), lambda item: item.step),
    (Text(zh="失联天数", en="Days silent"), lambda item: item.days_silent),
    (Text(zh="通知时间", en="Noticed at"), lambda item: item.created_at),
    (Text(zh="已读", en="Read at"), lambda item: item.read_at),
)
NO_RECIPIENTS = Text(
    zh="还没有接收人，预警不会发给任何人。用 careledger recipients add 登记。",
    en="There are no recipients, so alerts reach nobody. Add one with `careledger recipients add`.",
)
NO_NOTICES = Text(
    zh="收件箱是空的：还没有发给这一接收人的通知。",
    en="The inbox is empty: this recipient has had no notice yet.",
)


@app.command("list")
def list_recipients(ctx: typer.Context, *, org: AnyOrg = "", as_json: Json = False) -> None:
    """列出接收人 / List recipients."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system:
        org = known_org(system, org)
        found = system.organisations.recipients.listed(within_org=org, unread=left_out.unread_org)
    left_out.head(as_json=as_json)
    if as_json:
        show_json([_shown(path, recipient) for path, recipient in found])
    else:
        show_items(found, RECIPIENTS, language=session.language, empty=NO_RECIPIENTS)
    left_out.end()


@app.command("add")
def add_recipient(
    ctx: typer.Context,
    *,
    org: OrgOrRoot = None,
    root: Root = False,
    name: Name,
    channel: Channel = "inbox",
    address: Address = None,
    secret: Secret = None,
    from_step: FromStep = Step.INFO,
    catch_all: CatchAll = False,
    quiet_from: QuietFrom = None,
    quiet_until: QuietUntil = None,
    most_per_hour: MostPerHour = None,
    recipient: KnownId = None,
    as_json: Json = False,
) -> None:
    """登记接收人 / Register a recipient."""
    session = session_of(ctx)
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
    warnings = _register(session, org, details)
    if as_json:
        show_json(_shown(org, details) | ({"warnings": warnings} if warnings else {}))
    else:
        _show_registered(details, warnings=warnings, language=session.language)


@app.command("remove")
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


@app.command("rotate")
def rotate_secret(
    ctx: typer.Context,
    *,
    recipient: RecipientId,
    secret: NewSecret,
    as_json: Json = False,
) -> None:
    """换新密钥，旧密钥同时有效 / Sign with a new secret, and with the old one until you settle."""
    _replaced(
        ctx,
        recipient,
        change=lambda known: replace(
            known,
            secret=secret,
            # The same again, say after a broken connection, must not drop the old one.
            previous_secret=known.previous_secret if secret == known.secret else known.secret,
        ),
        done=Text(zh="新旧密钥现在同时签名", en="Both secrets are used from now on."),
        as_json=as_json,
    )


@app.command("settle")
def settle_secret(ctx: typer.Context, *, recipient: RecipientId, as_json: Json = False) -> None:
    """停用旧密钥 / Stop signing with the old secret."""
    _replaced(
        ctx,
        recipient,
        change=lambda known: replace(known, previous_secret=None),
        done=Text(zh="旧密钥已停用", en="The old secret is no longer used."),
        as_json=as_json,
    )


@app.command("inbox")
def read_inbox(
    ctx: typer.Context,
    *,
    recipient: RecipientId,
    mark_read: Annotated[bool, typer.Option("--mark-read", help="全部标为已读 / mark all as read")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="最多条数 / how many at most")] = 100,
    as_json: Json = False,
) -> None:
    """列出收件箱，新的在前 / List an inbox, newest first."""
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
    show_items(found, INBOX, language=session.language, empty=NO_NOTICES)


def _show_registered(details: RecipientRegistered, *, warnings: Sequence[Reason], language: str) -> None:
    for reason in warnings:
        note(Text(zh=reason.zh, en=reason.en), language=language)
    done = Text(zh=f"已登记，编号 {details.recipient}", en=f"Registered. Id: {details.recipient}")
    say(done, language=language)


def _register(session: Session, org: str, details: RecipientRegistered) -> Sequence[Reason]:
    """Register a recipient that can be reached; return what it is warned of."""
    warnings = refuse_unreachable(details, allow_private=session.settings.webhook_allow_private)
    with session.system() as system:
        system.organisations.recipients.register(org, details=details, actor=operator())
    return warnings


def _replaced(
    ctx: typer.Context,
    recipient: UUID,
    *,
    change: Callable[[RecipientRegistered], RecipientRegistered],
    done: Text,
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
        say(done, language=session.language)


def _org_or_root(org: str | None, *, root: bool) -> str:
    """Return the path that is meant. Raises `Invalid` unless exactly one of the two is said."""
    if bool(org) is root:
        raise invalid(BAD_PATH, "/org")
    return org or ROOT


def _known(system: System, recipient: UUID) -> tuple[str, RecipientRegistered]:
    found = system.organisations.recipients.find(recipient)
    if found is None:
        raise Unknown(Fault(reason=UNKNOWN_RECIPIENT))
    return found


def _shown(path: str, recipient: RecipientRegistered) -> dict[str, object]:
    """Return everything but the secrets."""
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
