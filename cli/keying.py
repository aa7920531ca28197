"""`careledger keys …` and `careledger principals …`: API keys, and whose they are.

A key is shown once, when it is made.
"""

from typing import Annotated, Literal
from uuid import UUID

import typer

from application.access import Role
from application.keys.merge import Merged
from application.keys.rows import ApiKey
from application.system import System, merge_keys
from cli.options import AnyOrg, Json
from cli.session import known_org, operator, session_of
from cli.terminal import Columns, note, say, show_items, show_json, show_table
from domain.days import local_day
from domain.refusal import Text, Unknown

app = typer.Typer(no_args_is_help=True, help="接口密钥 / API keys")
principals_app = typer.Typer(no_args_is_help=True, help="使用者 / who uses the API")

Role_ = Literal["client", "auditor", "watcher", "manager"]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="编号 / id of the key")]
Types = Annotated[
    str | None,
    typer.Option("--types", help="可提交的类型，逗号分隔 / types it may submit, separated by commas"),
]
OneRole = Annotated[Role_, typer.Option("--role", help="角色 / role")]
NewName = Annotated[str | None, typer.Option("--name", help="新使用者的名称 / name of a new principal")]
KnownPrincipal = Annotated[
    UUID | None, typer.Option("--principal", help="为已有使用者另发一把 / another key for this principal")
]
Days = Annotated[int, typer.Option("--days", help="有效天数 / days of validity")]
OtherKeys = Annotated[
    str,
    typer.Argument(
        metavar="OTHER",
        help="另一个密钥库：SQLite 文件或 postgresql://… / another keys database: a file or a URL",
    ),
]
KEYS: Columns[ApiKey] = (
    (Text(zh="编号", en="Id"), lambda key: key.key_id),
    (Text(zh="使用者", en="Principal"), lambda key: f"{key.name} {key.principal_id}"),
    (Text(zh="角色", en="Role"), lambda key: key.role.value),
    (Text(zh="机构", en="Organisation"), lambda key: key.org),
    (Text(zh="类型", en="Types"), lambda key: None if key.types is None else ", ".join(key.types)),
    (Text(zh="有效至", en="Valid until"), lambda key: local_day(key.expires_at)),
    (Text(zh="最近使用", en="Last used"), lambda key: key.last_used_at),
    (Text(zh="吊销", en="Revoked"), lambda key: local_day(key.revoked_at) if key.revoked_at else None),
)
NO_KEYS = Text(
    zh="还没有接口密钥，没有人能使用接口。用 careledger keys create 生成。",
    en="There are no API keys, so nobody can use the API. Make one with `careledger keys create`.",
)
NO_ORG = Text(zh="注意：目前还没有这一机构。", en="Note: there is no such organisation yet.")
CHANGED = Text(
    zh="有密钥的记录在数据库中被改动，已停用：请吊销并另发。",
    en="A key's row was changed in the database, so the key is disabled. Revoke it and create another.",
)


@app.command("create")
def create(
    ctx: typer.Context,
    *,
    role: OneRole,
    name: NewName = None,
    principal: KnownPrincipal = None,
    org: AnyOrg = "",
    types: Types = None,
    days: Days = 365,
    as_json: Json = False,
) -> None:
    """生成密钥，只显示一次 / Create a key. It is shown once.

    首次发放时写 --name；换发时写 --principal，今后登记的内容仍归同一使用者 / For someone
    who has no key yet, give a name. To replace a key, give the id of its principal, so that what is sent
    with the new key is theirs as well.
    """
    session = session_of(ctx)
    with session.system(make=True) as system:
        org = system.organisations.spelled(org) if org else ""
        key, text = system.api_keys.create(
            actor=operator(),
            name=name,
            principal=principal,
            role=Role(role),
            org=org,
            types=_words(types),
            days=days,
        )
        unknown = not _is_known(system, org)
    if as_json:
        show_json({**_shown(key), "key": text})
        return
    _show_made(key, text, language=session.language)
    if unknown:
        note(NO_ORG, language=session.language)


@app.command("list")
def list_keys(ctx: typer.Context, *, as_json: Json = False) -> None:
    """列出密钥 / List the keys."""
    session = session_of(ctx)
    with session.system() as system:
        keys = system.api_keys.listed()
    if as_json:
        show_json([_shown(key) for key in keys])
        return
    show_items(keys, KEYS, language=session.language, empty=NO_KEYS)
    if any(key.changed for key in keys):
        note(CHANGED, language=session.language)


@app.command("change")
def change(
    ctx: typer.Context,
    *,
    key_id: KeyId,
    role: Annotated[Role_ | None, typer.Option("--role", help="角色 / role")] = None,
    org: Annotated[
        str | None, typer.Option("--org", help="机构路径，空为全部 / organisation path; empty means all")
    ] = None,
    types: Types = None,
    days: Annotated[
        int | None, typer.Option("--days", help="自今日起的有效天数 / days of validity from today")
    ] = None,
    as_json: Json = False,
) -> None:
    """更改密钥的权限或期限 / Change what a key may do, or until when."""
    session = session_of(ctx)
    with session.system() as system:
        key = system.api_keys.change(
            key_id,
            actor=operator(),
            role=None if role is None else Role(role),
            org=org,
            types=_words(types),
            days=days,
        )
        unknown = not _is_known(system, key.org)
    if as_json:
        show_json(_shown(key))
        return
    say(Text(zh="已更改", en="Changed."), language=session.language)
    if unknown:
        note(NO_ORG, language=session.language)


@app.command("revoke")
def revoke(ctx: typer.Context, *, key_id: KeyId, as_json: Json = False) -> None:
    """吊销密钥 / Revoke a key."""
    session = session_of(ctx)
    with session.system() as system:
        system.api_keys.revoke(key_id, actor=operator())
    if as_json:
        show_json({"key_id": key_id, "revoked": True})
    else:
        say(Text(zh="已吊销", en="Revoked."), language=session.language)


@app.command("merge")
def merge(
    ctx: typer.Context,
    *,
    other: OtherKeys,
    as_json: Json = False,
) -> None:
    """并入同一台账的另一个密钥库 / Merge in another keys database of this ledger.

    OTHER 不作改动，可重复执行；任一方已销毁的仍为已销毁 / OTHER is not changed, and merging twice changes
    nothing. What was destroyed in either stays destroyed.

    有接口密钥的记录不一致且无从判断时以 1 结束 / Exit with 1 if rows of API keys differ and no event
    decides which is right.
    """
    session = session_of(ctx)
    merged = merge_keys(session.settings, other)
    if as_json:
        show_json(merged)
    else:
        _show_merged(merged, language=session.language)
    if merged.api_keys_differ:
        raise typer.Exit(1)


@principals_app.command("list")
def list_principals(ctx: typer.Context, *, as_json: Json = False) -> None:
    """列出使用者及其密钥 / List the principals and their keys."""
    session = session_of(ctx)
    with session.system() as system:
        principals, keys = system.api_keys.principals(), system.api_keys.listed()
        now = system.now()
    alive = [key for key in keys if key.revoked_at is None and key.expires_at > now and not key.changed]
    if as_json:
        show_json(
            [
                {
                    "principal": p.principal_id,
                    "name": p.name,
                    "created_at": p.created_at,
                    "changed": p.changed,
                    "keys": [key.key_id for key in keys if key.principal_id == p.principal_id],
                }
                for p in principals
            ]
        )
        return
    columns = (
        Text(zh="编号", en="Id"),
        Text(zh="名称", en="Name"),
        Text(zh="登记", en="Since"),
        Text(zh="有效密钥", en="Keys alive"),
    )
    rows = [
        (
            str(p.principal_id),
            p.name,
            local_day(p.created_at),
            ", ".join(key.key_id for key in alive if key.principal_id == p.principal_id) or None,
        )
        for p in principals
    ]
    show_table(columns, rows, language=session.language, empty=NO_KEYS)


def _show_made(key: ApiKey, text: str, *, language: str) -> None:
    say(Text(zh=text, en=text), language=language)
    note(
        Text(
            zh=f"请立即保存：密钥不会再次显示。编号 {key.key_id}，有效至 {local_day(key.expires_at)}。"
            f"使用者编号 {key.principal_id}。",
            en=f"Save it now; it won't be shown again. Id {key.key_id}, valid until "
            f"{local_day(key.expires_at)}. "
            f"Principal {key.principal_id}.",
        ),
        language=language,
    )


def _show_merged(merged: Merged, *, language: str) -> None:
    say(
        Text(
            zh=f"已并入：新增密钥 {merged.added} 个，同一档案的其他密钥 {merged.further} 个，"
            f"销毁 {merged.destroyed} 个，机密 {merged.secrets} 个；接口密钥新增 {merged.api_keys_added} 把，"
            f"吊销 {merged.api_keys_revoked} 把，按事件更改 {merged.api_keys_changed} 把，"
            f"仍不一致 {len(merged.api_keys_differ)} 把。请再运行 careledger check。",
            en=f"Merged: {merged.added} keys are new, {merged.further} are further keys of their files, "
            f"{merged.destroyed} were destroyed, {merged.secrets} secrets are new. "
            f"API keys: {merged.api_keys_added} new, {merged.api_keys_revoked} revoked, "
            f"{merged.api_keys_changed} changed as their events say, {len(merged.api_keys_differ)} still "
            "differ. Run `careledger check` now.",
        ),
        language=language,
    )
    if merged.secrets_differ:
        names = ", ".join(merged.secrets_differ)
        note(
            Text(
                zh=f"两个密钥库的机密不同，保留了本库的：{names}",
                en="The two databases have different secrets under one name; those of this one "
                f"were kept: {names}",
            ),
            language=language,
        )
    if merged.api_keys_differ:
        names = ", ".join(merged.api_keys_differ)
        note(
            Text(
                zh=f"这些接口密钥的记录不一致，事件中也无从判断，保留了本库的；请核对后吊销或更改：{names}",
                en="The rows of these API keys differ, and no event decides which is right; "
                "those of this database were "
                f"kept. Check each, then revoke or change it: {names}",
            ),
            language=language,
        )


def _words(types: str | None) -> list[str] | None:
    return None if types is None else [word.strip() for word in types.split(",") if word.strip()]


def _is_known(system: System, org: str) -> bool:
    try:
        known_org(system, org)
    except Unknown:
        return False
    return True


def _shown(key: ApiKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "principal": key.principal_id,
        "name": key.name,
        "role": key.role,
        "org": key.org,
        "types": key.types,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
        "changed": key.changed,
    }
