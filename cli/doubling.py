"""`careledger tell-apart`: says that two files, which look like one child, are of two."""

from typing import Annotated
from uuid import UUID

import typer

from application.children.doubles import shown
from cli.options import Json
from cli.session import operator, session_of
from cli.terminal import say, show_json
from domain.refusal import Text

APART = Text(
    zh="已确认不是同一名儿童；其中一份档案的身份信息变更前不再列出。",
    en="Told apart. The pair is not listed again unless one of the files says otherwise who the child is.",
)
REOPENED = Text(zh="已撤回，重新列为待核对。", en="Taken back: the pair is listed again.")


def tell_apart(
    ctx: typer.Context,
    *,
    double_id: Annotated[UUID, typer.Argument(metavar="ID", help="编号 / id, of `careledger doubles`")],
    reopen: Annotated[bool, typer.Option("--reopen", help="撤回确认 / take it back")] = False,
    as_json: Json = False,
) -> None:
    """确认两份档案不是同一名儿童 / Say that two files are of two children."""
    session = session_of(ctx)
    with session.system() as system:
        doubles = system.doubles
        settle = doubles.reopen if reopen else doubles.tell_apart
        double = settle(double_id, actor=operator())
    if as_json:
        show_json(shown(double))
    else:
        say(REOPENED if reopen else APART, language=session.language)
