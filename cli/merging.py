"""`careledger merge`: makes one file of two that are of one child, and takes that back."""

from typing import Annotated
from uuid import UUID

import typer

from application.children.merging import Merge
from application.system import System
from cli.options import Json
from cli.session import operator, session_of
from cli.terminal import say, show_json
from cli.who import child_meant
from domain.case_no import case_no_of, is_case_no
from domain.reasons import MISSING
from domain.refusal import Text, invalid

CHILD_HELP = "编号、个案编号或学籍号 / id, case number or student number"


def merge(
    ctx: typer.Context,
    *,
    child: Annotated[str, typer.Argument(metavar="CHILD", help=CHILD_HELP)],
    into: Annotated[
        str | None,
        typer.Option(
            "--into", metavar="CHILD", help="保留的档案（建档较早的一份）/ the file to keep, opened first"
        ),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="原因 / why")],
    approved_by: Annotated[str, typer.Option("--approved-by", help="审批人 / who approved of it")],
    undo: Annotated[bool, typer.Option("--undo", help="撤回并档 / take the merge back")] = False,
    as_json: Json = False,
) -> None:
    """两份档案是同一名儿童：并入保留的一份 / Merge a file into another one of the same child."""
    session = session_of(ctx)
    with session.system() as system:
        merges, file = system.merges, _file(system, child)
        if undo:
            done = merges.undo(file, reason=reason, approved_by=approved_by, actor=operator())
        elif into is None:
            raise invalid(MISSING, "/into")
        else:
            kept = _file(system, into)
            done = merges.merge(file, into=kept, reason=reason, approved_by=approved_by, actor=operator())
    if as_json:
        show_json(done)
    else:
        say(_told(done), language=session.language)


def _file(system: System, word: str) -> UUID:
    """Return the file that a word stands for; a case number is that of a file, also once it was merged."""
    found = system.record.files_of_case(word, scope="") if is_case_no(word) else ()
    return found[0] if len(found) == 1 else child_meant(system, word)


def _told(done: Merge) -> Text:
    merged, kept = case_no_of(done.child_id), case_no_of(done.into)
    if done.undone:
        return Text(
            zh=f"已撤回：{merged} 恢复原状，转入 {kept} 的记录已作废。",
            en=f"Undone: {merged} is as it was, and what came into {kept} is void.",
        )
    return Text(
        zh=f"已并档：{merged} 并入 {kept}，转入 {done.entries} 条。撤回：careledger merge {merged} --undo",
        en=f"Merged: {merged} into {kept}, {done.entries} entries came over. "
        f"To take it back: careledger merge {merged} --undo",
    )
