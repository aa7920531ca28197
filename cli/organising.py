"""`careledger org …`: schools, and whom they have watched."""

from typing import Annotated

import typer

from cli.leaving_out import LeftOut
from cli.options import AnyOrg, Json
from cli.session import known_org, operator, session_of
from cli.terminal import say, show_json, show_table
from domain.days import local_day
from domain.org import within
from domain.refusal import Text
from domain.streams.organisations.unit import extends
from domain.watched import POPULATION

app = typer.Typer(no_args_is_help=True, help="机构 / organisations")

Path = Annotated[str, typer.Argument(metavar="PATH", help="机构路径 / organisation path")]
NO_ORGS = Text(
    zh="还没有机构。导入花名册或 careledger org set 会建立机构。",
    en="There are no organisations. Importing a roster makes them, and so does `careledger org set`.",
)
PATH = Text(zh="机构路径", en="Organisation path")


@app.command("set")
def set_org(
    ctx: typer.Context,
    *,
    path: Path,
    pupils: Annotated[int, typer.Option("--pupils", metavar="N", help="学生总数 / pupils in all")],
    as_json: Json = False,
) -> None:
    """登记学生总数，机构不存在时新建 / Set how many pupils a school has; it is created if need be."""
    session, actor = session_of(ctx), operator()
    with session.system(make=True) as system:
        path = system.organisations.ensure(path, actor=actor)
        system.organisations.count_pupils(path, pupils=pupils, actor=actor)
    if as_json:
        show_json({"path": path, "pupils": pupils})
    else:
        say(Text(zh=f"{path}：学生 {pupils} 人", en=f"{path}: {pupils} pupils"), language=session.language)


@app.command("list")
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
        columns = (PATH, Text(zh="学生", en="Pupils"))
        show_table(columns, rows, language=session.language, empty=NO_ORGS)
    left_out.end()


@app.command("watch")
def watch_org(
    ctx: typer.Context,
    *,
    path: Path,
    everybody: Annotated[
        bool | None,
        typer.Option(
            "--everybody/--standard", help="关注全员，或恢复通常范围 / watch everybody, or the usual children"
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="原因 / reason")] = None,
    as_json: Json = False,
) -> None:
    """查看或设定关注范围 / Show or set whether every child of an organisation is watched."""
    session, actor = session_of(ctx), operator()
    with session.system() as system:
        org = system.organisations.existing(path)
        if everybody is not None:
            system.organisations.governance.watch_everybody(
                org, everybody=everybody, reason=reason, actor=actor
            )
        extensions = system.organisations.governance.extensions([org])
        watched = extends(extensions, org=org, day=local_day(system.now()))
    by = [
        each.org
        for each in {e.org: e for e in extensions}.values()
        if each.everybody and within(org, each.org)
    ]
    if as_json:
        show_json({"path": org, "population": POPULATION, "everybody": watched, "by": by})
        return
    everyone = Text(zh=f"{org}：关注全员（{'、'.join(by)}）", en=f"{org}: all children, by {', '.join(by)}")
    usual = Text(zh=f"{org}：通常范围 {POPULATION}", en=f"{org}: those of {POPULATION}")
    say(everyone if watched else usual, language=session.language)
