"""`careledger org …`: schools, and whom they have watched."""

from typing import Annotated

import typer

from application.system import System
from cli.leaving_out import LeftOut
from cli.options import AnyOrg, Json
from cli.session import known_org, operator, session_of
from cli.terminal import say, show_json, show_table
from domain.alert_kind import alert_kinds
from domain.days import local_day
from domain.ladder import Steps
from domain.org import Step, within
from domain.refusal import Text
from domain.streams.organisations.ladders import AlertLadderSet
from domain.streams.organisations.unit import extends
from domain.watched import POPULATION

app = typer.Typer(no_args_is_help=True, help="机构 / organisations")

Path = Annotated[str, typer.Argument(metavar="PATH", help="机构路径 / organisation path")]
NO_ORGS = Text(
    zh="还没有机构。导入花名册或 careledger org set 会建立机构。",
    en="There are no organisations. Importing a roster makes them, and so does `careledger org set`.",
)
PATH = Text(zh="机构路径", en="Organisation path")
KINDS = (
    Text(zh="类别", en="Kind"),
    Text(zh="名称", en="Name"),
    Text(zh="各级天数", en="Days of each step"),
    Text(zh="设定机构", en="Set by"),
)


@app.command("set")
def set_org(
    ctx: typer.Context,
    *,
    path: Path,
    pupils: Annotated[int, typer.Option("--pupils", metavar="N", help="学生总数 / pupils in all")],
    approximate: Annotated[bool, typer.Option("--at-least", help="约数，至少 / at least so many")] = False,
    as_json: Json = False,
) -> None:
    """登记学生总数，机构不存在时新建 / Set how many pupils a school has; it is created if need be."""
    session, actor = session_of(ctx), operator()
    with session.system(make=True) as system:
        path = system.organisations.ensure(path, actor=actor)
        system.organisations.count_pupils(path, pupils=pupils, approximate=approximate, actor=actor)
    if as_json:
        show_json({"path": path, "pupils": pupils, "approximate": approximate})
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


@app.command("ladder")
def ladder_org(
    ctx: typer.Context,
    *,
    path: Path,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="预警类别 / kind of alert")
    ] = None,
    days: Annotated[
        str | None,
        typer.Option("--days", metavar="STEP:DAYS,…", help="如 warning:30,high:60 / days of each step"),
    ] = None,
    on: Annotated[bool, typer.Option("--on/--off", help="启用或停用 / whether it rings")] = True,
    reason: Annotated[str | None, typer.Option("--reason", help="原因 / reason")] = None,
    as_json: Json = False,
) -> None:
    """查看或设定各类预警的级别 / Show or set by which ladders alerts of each kind ring."""
    session, actor = session_of(ctx), operator()
    if kind is not None and kind not in alert_kinds():
        raise typer.BadParameter(", ".join(alert_kinds()), param_hint="--kind")
    with session.system() as system:
        org = system.organisations.existing(path)
        governance = system.organisations.governance
        if kind is not None:
            ladder = AlertLadderSet(kind=kind, on=on, reason=reason, **_steps(days))
            governance.set_ladder(org, ladder=ladder, actor=actor)
        rows = _kinds(system, org)
    if as_json:
        show_json([dict(zip(("kind", "zh", "en", "steps", "set_by"), row, strict=True)) for row in rows])
        return
    english = session.language == "en"
    shown = [(name, en if english else zh, steps or "", by or "") for name, zh, en, steps, by in rows]
    show_table(KINDS, shown, language=session.language, empty=NO_ORGS)


def _kinds(system: System, org: str) -> list[tuple[str, str, str, str | None, str | None]]:
    """Return of each kind of alert its names, the days of its steps where it rings, and who set them."""
    said = system.organisations.governance.watching([org]).ladders
    ladders, day = system.alerts.ladders_by(said), local_day(system.now())
    found = []
    for name, kind in alert_kinds().items():
        steps, by = ladders.in_force(name, org=org, day=day), ladders.nearest(name, org=org, day=day)
        found.append((name, kind.label.zh, kind.label.en, _told(steps), by.org if by else None))
    return found


def _told(steps: Steps | None) -> str | None:
    return None if steps is None else ",".join(f"{step}:{least}" for step, least in steps)


def _steps(days: str | None) -> dict[str, int]:
    """Read the days of steps, such as `warning:30,high:60`."""
    found: dict[str, int] = {}
    for part in (days or "").split(","):
        step, _, least = part.strip().partition(":")
        if part.strip() and (step not in {each.value for each in Step} or not least.isdigit()):
            raise typer.BadParameter(part, param_hint="--days")
        if part.strip():
            found[step] = int(least)
    return found
