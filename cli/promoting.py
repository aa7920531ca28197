"""`careledger promote`: all classes of a school on one day."""

from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

import typer

from application.children.promoting import Promotion
from cli.options import Json, read_day
from cli.session import operator, session_of
from cli.terminal import say, show_json, show_table
from domain.reasons import MISSING, WRONG_VALUE
from domain.refusal import Text, invalid

_COLUMNS = (
    Text(zh="原班级", en="Class before"),
    Text(zh="去向", en="To"),
    Text(zh="待办", en="To go"),
    Text(zh="办理", en="Done"),
)
_WAYS = "原班级=去向，可重复 / CLASS=TO, may be repeated"
NOBODY = Text(zh="没有待升级的儿童。", en="No child is to be promoted.")


def promote(
    ctx: typer.Context,
    *,
    org: Annotated[str, typer.Option("--org", metavar="PATH", help="学校 / school")],
    on: Annotated[
        date | None, typer.Option("--on", parser=read_day, metavar="DATE", help="升级日期 / day")
    ] = None,
    classes: Annotated[list[str] | None, typer.Option("--class", metavar="CLASS=TO", help=_WAYS)] = None,
    leaving: Annotated[
        list[str] | None,
        typer.Option("--leaving", metavar="CLASS=SCHOOL", help="毕业班级=接收学校 / classes that leave"),
    ] = None,
    promotion: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="继续或撤回的批次 / one to go on with or undo")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="只预览 / only say what it would do")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="撤回该批次 / take it back")] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="撤回原因 / why")] = None,
    approved_by: Annotated[str | None, typer.Option("--approved-by", help="审批人 / who approved")] = None,
    as_json: Json = False,
) -> None:
    """整校升级，毕业班向接收学校提出转接 / Promote all classes of a school on one day."""
    session = session_of(ctx)
    with session.system() as system:
        if undo:
            if promotion is None or reason is None or approved_by is None:
                raise invalid(MISSING, "/id" if promotion is None else "/reason")
            done = system.promotions.undo(
                _id(promotion), org=org, reason=reason, approved_by=approved_by, actor=operator()
            )
        elif on is None:
            raise invalid(MISSING, "/on")
        else:
            done = system.promotions.promote(
                uuid4() if promotion is None else _id(promotion),
                org=org,
                day=on,
                classes=_ways(classes, at="/class"),
                leaving=_ways(leaving, at="/leaving"),
                actor=operator(),
                only_say=preview,
            )
    if as_json:
        show_json(done)
        return
    rows = [(each.before, each.to, each.children, each.done) for each in done.classes]
    show_table(_COLUMNS, rows, language=session.language, empty=NOBODY)
    say(_told(done), language=session.language)


def _told(done: Promotion) -> Text:
    new, left = sum(each.done for each in done.classes), len(done.refused)
    return Text(
        zh=f"批次 {done.promotion_id}：办理 {new} 人，未办理 {left} 人。",
        en=f"Promotion {done.promotion_id}: {new} done, {left} refused.",
    )


def _id(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        raise invalid(WRONG_VALUE, "/id") from None


def _ways(said: list[str] | None, *, at: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in said or ():
        before, equals, to = each.partition("=")
        if not (before and equals and to):
            raise invalid(WRONG_VALUE, at)
        found[before] = to
    return found
