"""`careledger clashes`: numbers that several children bear."""

from typing import Annotated
from uuid import UUID

import typer

from application.children.clashes import OPEN, SETTLED, Verdict, shown
from cli.options import Json
from cli.session import operator, session_of
from cli.terminal import say, show_json, show_table
from domain.refusal import Text

app = typer.Typer(no_args_is_help=True, help="重号 / numbers shared by several children")

NO_CLASHES = Text(
    zh="没有重号：每个号码只属于一名儿童。", en="No clashes: every number belongs to one child."
)
NO_SETTLED = Text(zh="还没有处理过重号。", en="No clash has been settled yet.")


@app.command("list")
def list_clashes(
    ctx: typer.Context,
    *,
    settled: Annotated[bool, typer.Option("--settled", help="已处理的 / those already settled")] = False,
    as_json: Json = False,
) -> None:
    """列出重号 / List numbers shared by several children."""
    session = session_of(ctx)
    with session.system() as system:
        found = system.clashes.listed(actor=operator(), state=SETTLED if settled else OPEN)
    if as_json:
        show_json([shown(clash) for clash in found])
        return
    columns = (
        Text(zh="编号", en="Id"),
        Text(zh="号码种类", en="Kind of number"),
        Text(zh="儿童", en="Children"),
        Text(zh="机构", en="Organisations"),
        Text(zh="处理结果", en="Verdict"),
    )
    rows = [
        (
            clash.clash_id,
            clash.kind,
            "\n".join(str(child_id) for child_id, _ in clash.children),
            "\n".join(org for _, org in clash.children),
            clash.settled.verdict.value if clash.settled else None,
        )
        for clash in found
    ]
    show_table(columns, rows, language=session.language, empty=NO_SETTLED if settled else NO_CLASHES)


@app.command("settle")
def settle(
    ctx: typer.Context,
    *,
    clash_id: Annotated[UUID, typer.Argument(metavar="ID", help="编号 / id")],
    verdict: Annotated[Verdict, typer.Option("--verdict", help="结论 / what it turned out to be")],
    as_json: Json = False,
) -> None:
    """处理重号 / Settle a clash by saying what it turned out to be."""
    session = session_of(ctx)
    with session.system() as system:
        clash = system.clashes.settle(clash_id, verdict=verdict, actor=operator())
    if as_json:
        show_json(shown(clash))
    else:
        say(Text(zh="已处理", en="Settled."), language=session.language)
