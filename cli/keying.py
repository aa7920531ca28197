"""`careledger keys …`: API keys. A key is shown once, when it is made."""

from typing import Annotated, Literal

import typer

from application.access import Role
from application.api_keys import ApiKey
from application.keys_merge import merge_keys
from application.system import System
from cli.options import AnyOrg, Json
from cli.session import known_org, session_of
from cli.terminal import note, say, show_json, show_table
from domain.refusal import Text, Unknown

app = typer.Typer(no_args_is_help=True, help="接口密钥 / API keys")


@app.command("create")
def create(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Option("--name", help="用途或持有人 / whose it is")],
    role: Annotated[
        Literal["client", "auditor", "watcher", "manager"], typer.Option("--role", help="角色 / role")
    ],
    org: AnyOrg = "",
    types: Annotated[
        str | None, typer.Option("--types", help="可提交的类型，逗号分隔 / types it may submit, with commas")
    ] = None,
    days: Annotated[int, typer.Option("--days", help="有效天数 / days it lives")] = 365,
    as_json: Json = False,
) -> None:
    """生成密钥，只显示一次 / Make a key; it is shown once."""
    session = session_of(ctx)
    wanted = None if types is None else [word.strip() for word in types.split(",") if word.strip()]
    with session.system(make=True) as system:
        org = system.organisations.spelled(org) if org else ""
        key, text = system.api_keys.create(name=name, role=Role(role), org=org, types=wanted, days=days)
        unknown = not _is_known(system, org)
    if as_json:
        show_json({**_shown(key), "key": text})
        return
    say(Text(zh=text, en=text), language=session.language)
    note(
        Text(
            zh=f"请立即保存：密钥不会再次显示。编号 {key.key_id}，有效至 {key.expires_at:%Y-%m-%d}。",
            en=f"Keep it: it is never shown again. Id {key.key_id}, valid until {key.expires_at:%Y-%m-%d}.",
        ),
        language=session.language,
    )
    if unknown:
        note(
            Text(zh="注意：目前还没有这一机构。", en="Mind that no such organisation is known yet."),
            language=session.language,
        )


@app.command("list")
def list_keys(ctx: typer.Context, *, as_json: Json = False) -> None:
    """列出密钥 / List the keys."""
    session = session_of(ctx)
    with session.system() as system:
        keys = system.api_keys.list()
    if as_json:
        show_json([_shown(key) for key in keys])
        return
    columns = (
        Text(zh="编号", en="Id"),
        Text(zh="用途", en="Name"),
        Text(zh="角色", en="Role"),
        Text(zh="机构", en="Organisation"),
        Text(zh="类型", en="Types"),
        Text(zh="有效至", en="Valid until"),
        Text(zh="吊销", en="Revoked"),
    )
    rows = [
        (
            k.key_id,
            k.name,
            k.role.value,
            k.org,
            None if k.types is None else ", ".join(k.types),
            f"{k.expires_at:%Y-%m-%d}",
            f"{k.revoked_at:%Y-%m-%d}" if k.revoked_at else None,
        )
        for k in keys
    ]
    show_table(columns, rows, language=session.language)


@app.command("revoke")
def revoke(
    ctx: typer.Context,
    *,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="编号 / id of the key")],
    as_json: Json = False,
) -> None:
    """吊销密钥 / Revoke a key."""
    session = session_of(ctx)
    with session.system() as system:
        system.api_keys.revoke(key_id)
    if as_json:
        show_json({"key_id": key_id, "revoked": True})
    else:
        say(Text(zh="已吊销", en="Revoked."), language=session.language)


@app.command("merge")
def merge(
    ctx: typer.Context,
    *,
    other: Annotated[
        str,
        typer.Argument(
            metavar="OTHER",
            help="另一个密钥库：SQLite 文件或 postgresql://… / another keys database: a file or a URL",
        ),
    ],
    as_json: Json = False,
) -> None:
    """并入同一台账的另一个密钥库 / Unite the keys with those of another database of this ledger.

    Nothing is changed in OTHER, and twice is once. What was destroyed in either stays destroyed.
    """
    session = session_of(ctx)
    merged = merge_keys(session.settings, other)
    if as_json:
        show_json(merged)
        return
    say(
        Text(
            zh=f"已并入：新增密钥 {merged.added} 个，同一档案的其他密钥 {merged.further} 个，"
            f"销毁 {merged.destroyed} 个，机密 {merged.secrets} 个。请再运行 careledger check。",
            en=f"United: {merged.added} keys are new, {merged.further} stand beside another of their file, "
            f"{merged.destroyed} were destroyed, {merged.secrets} secrets are new. "
            "Run `careledger check` now.",
        ),
        language=session.language,
    )
    if merged.secrets_differ:
        names = ", ".join(merged.secrets_differ)
        note(
            Text(
                zh=f"两个密钥库的机密不同，保留了本库的：{names}",
                en=f"The two have different secrets of one name; those of this side stay: {names}",
            ),
            language=session.language,
        )


def _is_known(system: System, org: str) -> bool:
    try:
        known_org(system, org)
    except Unknown:
        return False
    return True


def _shown(key: ApiKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "role": key.role,
        "org": key.org,
        "types": key.types,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }
