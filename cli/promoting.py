"""`careledger promote`: all classes of a school on one day."""

from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

import typer

from application.children.promoting import Promotion
from cli.options import Json, read_day
from cli.session import operator, session_of
from cli.terminal import say, show_json, show_table
from domain.reasons import WRONG_VALUE
from domain.refusal import Text, invalid

_COLUMNS = (
    Text(zh="原班级", en="Class before"),
    Text(zh="去向", en="To"),
    Text(zh="待办", en="To go"),
    Text(zh="办理", en="Done"),
)
_WAYS = "原班级=去向，可重复 / CLASS=TO, may be repeated"
NOBODY = Text(zh="没有待升级的儿童。", en="No child is to be promoted.")


Org = Annotated[str, typer.Option("--org", metavar="PATH", help="学校 / school")]


def promote(
    ctx: typer.Context,
    *,
    org: Org,
    on: Annotated[date, typer.Option("--on", parser=read_day, metavar="DATE", help="升级日期 / day")],
    classes: Annotated[list[str] | None, typer.Option("--class", metavar="CLASS=TO", help=_WAYS)] = None,
    leaving: Annotated[
        list[str] | None,
        typer.Option("--leaving", metavar="CLASS=SCHOOL", help="毕业班级=接收学校 / classes that leave"),
    ] = None,
    promotion: Annotated[
        UUID | None, typer.Option("--id", metavar="ID", help="继续办理的批次 / one to go on with")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="只预览 / only say what it would do")] = False,
    as_json: Json = False,
) -> None:
    """整校升级，毕业班向接收学校提出转接 / Promote all classes of a school on one day."""
    with session_of(ctx).system() as system:
        done = system.promotions.promote(
            promotion or uuid4(),
            org=org,
            day=on,
            classes=_ways(classes, at="/class"),
            leaving=_ways(leaving, at="/leaving"),
            actor=operator(),
            only_say=preview,
        )
    _show(ctx, done, as_json=as_json)


def undo_promotion(
    ctx: typer.Context,
    *,
    promotion: Annotated[UUID, typer.Argument(metavar="ID", help="批次 / promotion")],
    org: Org,
    reason: Annotated[str, typer.Option("--reason", help="撤回原因 / why")],
    approved_by: Annotated[str, typer.Option("--approved-by", help="审批人 / who approved")],
    as_json: Json = False,
) -> None:
    """撤回一次整校升级 / Take a promotion back."""
    with session_of(ctx).system() as system:
        done = system.promotions.undo(
            promotion, org=org, reason=reason, approved_by=approved_by, actor=operator()
        )
    _show(ctx, done, as_json=as_json)


def _show(ctx: typer.Context, done: Promotion, *, as_json: bool) -> None:
    language = session_of(ctx).language
    if as_json:
        show_json(done)
        return
    rows = [(each.before, each.to, each.children, each.done) for each in done.classes]
    show_table(_COLUMNS, rows, language=language, empty=NOBODY)
    say(_told(done), language=language)


def _told(done: Promotion) -> Text:
    new, left = sum(each.done for each in done.classes), len(done.refused)
    return Text(
        zh=f"批次 {done.promotion_id}：办理 {new} 人，未办理 {left} 人。",
        en=f"Promotion {done.promotion_id}: {new} done, {left} refused.",
    )


def _ways(said: list[str] | None, *, at: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in said or ():
        before, equals, to = each.partition("=")
        if not (before and equals and to):
            raise invalid(WRONG_VALUE, at)
        found[before] = to
    return found
