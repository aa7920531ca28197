"""`careledger tell-apart`: says that two files, which look like one child, are of two."""

from typing import Annotated
from uuid import UUID

import typer

from application.children.doubles import State, shown
from application.reasons import NOT_FOUND
from application.system import System
from cli.options import Json
from cli.session import operator, session_of
from cli.terminal import say, show_json
from cli.who import child_meant
from domain.reasons import SAME_FILE
from domain.refusal import Fault, Reason, Text, Unknown, conflict

APART = Text(
    zh="已确认不是同一名儿童；其中一份档案的身份信息变更前不再列出。",
    en="Told apart. The pair is not listed again unless one of the files says otherwise who the child is.",
)
REOPENED = Text(zh="已撤回，重新列为待核对。", en="Taken back: the pair is listed again.")
WHICH_PAIR = Reason(
    code="which_pair",
    zh="与该儿童相像的档案不止一份；请再写明另一份的个案编号或学籍号",
    en="More than one file may be of this child. Name the other one too, by case number or student number.",
)
_BOTH = 2


def _numbers(words: list[str]) -> list[str]:
    if len(words) > _BOTH:
        raise typer.BadParameter("CHILD [CHILD]")
    return words


def tell_apart(
    ctx: typer.Context,
    *,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="CHILD [CHILD] | ID",
            callback=_numbers,
            help="两名儿童的个案编号或学籍号，或编号 / two children by case or student no., or the pair's id",
        ),
    ],
    reopen: Annotated[bool, typer.Option("--reopen", help="撤回确认 / take it back")] = False,
    as_json: Json = False,
) -> None:
    """确认两份档案不是同一名儿童 / Say that two files are of two children."""
    session = session_of(ctx)
    with session.system() as system:
        doubles = system.doubles
        settle = doubles.reopen if reopen else doubles.tell_apart
        double = settle(_pair_meant(system, words, reopen=reopen), actor=operator())
    if as_json:
        show_json(shown(double))
    else:
        say(REOPENED if reopen else APART, language=session.language)


def _pair_meant(system: System, words: list[str], *, reopen: bool) -> UUID:
    """Return the pair of two children, or the only one of one child; or the one of which this is the id."""
    if len(words) == 1 and _is_id(words[0]):
        return UUID(words[0])
    children = [child_meant(system, word) for word in words]
    if len({*children}) < len(children):
        raise conflict(SAME_FILE)
    found = system.doubles.among(children, actor=operator())
    if len(found) > 1:
        found = [each for each in found if each.state is (State.APART if reopen else State.OPEN)] or found
    if not found:
        raise Unknown(Fault(reason=NOT_FOUND))
    if len(found) > 1:
        raise conflict(WHICH_PAIR)
    return found[0].double_id


def _is_id(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return True
