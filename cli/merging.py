"""`careledger merge`: makes one file of two that are of one child, and takes that back."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from application.access import Action
from application.children.merging import Merge
from application.system import System
from cli.exits import NEEDS_A_YES
from cli.options import Json
from cli.session import operator, session_of
from cli.terminal import confirmed, note, say, show_json, show_table
from cli.who import child_meant
from domain.case_no import case_no_of, is_case_no
from domain.child import Child, fold
from domain.merging import refuse_merge
from domain.reasons import MISSING
from domain.refusal import Text, invalid

_FIELD = Text(zh="项目", en="Field")
_GOES = Text(zh="并入的档案", en="File that is merged")
_STAYS = Text(zh="保留的档案", en="File that is kept")
_ONE_CHILD = Text(
    zh="两份档案是同一名儿童，确定并档？", en="Are both files of one child, and are they to become one?"
)
_NOT_AGREED = Text(zh="没有并档；加 --yes 即并档。", en="Nothing was merged. With --yes it is.")


def _said(name: str) -> Callable[[Child], object]:
    return lambda child: getattr(child.profile, name, None)


# What somebody looks at who decides whether two files are of one child.
_SHOWN: tuple[tuple[Text, Callable[[Child], object]], ...] = (
    (Text(zh="个案编号", en="Case no."), lambda child: case_no_of(child.child_id)),
    (Text(zh="姓名", en="Name"), _said("name")),
    (Text(zh="出生日期", en="Birth date"), _said("birth_date")),
    (Text(zh="班级", en="Class"), lambda child: child.org),
    (Text(zh="学籍号", en="Student no."), _said("student_no")),
    (Text(zh="条目", en="Entries"), lambda child: len(child.facts)),
)
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
    yes: Annotated[bool, typer.Option("--yes", help="不看两份档案，直接并档 / merge without asking")] = False,
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
            if not yes:
                _ask(system, file, kept, language=session.language, as_json=as_json)
            done = merges.merge(file, into=kept, reason=reason, approved_by=approved_by, actor=operator())
    if as_json:
        show_json(done)
    else:
        say(_told(done), language=session.language)


def _file(system: System, word: str) -> UUID:
    """Return the file that a word stands for; a case number is that of a file, also once it was merged."""
    found = system.record.files_of_case(word, scope="") if is_case_no(word) else ()
    return found[0] if len(found) == 1 else child_meant(system, word)


def _ask(system: System, file: UUID, kept: UUID, *, language: str, as_json: bool) -> None:
    """Show both files side by side, and end unless whoever sits at the terminal agrees."""
    other, into = (
        fold(each, system.record.stream(each, actor=operator(), action=Action.MANAGE))
        for each in (file, kept)
    )
    if other.merged:
        # The merge itself says so.
        return
    refuse_merge(into, other)
    if not as_json:
        rows = [(title, of(other), of(into)) for title, of in _SHOWN]
        show_table((_FIELD, _GOES, _STAYS), rows, language=language)
    if as_json or not confirmed(_ONE_CHILD, language=language):
        note(_NOT_AGREED, language=language)
        raise typer.Exit(NEEDS_A_YES)


def _told(done: Merge) -> Text:
    merged, kept = case_no_of(done.child_id), case_no_of(done.into)
    if done.undone:
        again = "".join(f"\n  {entry}" for entry in done.decided_since)
        return Text(
            zh=f"已撤回：{merged} 恢复原状，转入 {kept} 的记录已作废。"
            + (f"以下记录在并档期间更正或作废过，须在本档案中重新办理：{again}" if again else ""),
            en=f"Undone: {merged} is as it was, and what came into {kept} is void."
            + (f" Corrected or voided while merged, to be done again here:{again}" if again else ""),
        )
    return Text(
        zh=f"已并档：{merged} 并入 {kept}，转入 {done.entries} 条。"
        f"撤回：careledger merge {merged} --undo --reason 原因 --approved-by 审批人",
        en=f"Merged: {merged} into {kept}, {done.entries} entries came over. "
        f"To take it back: careledger merge {merged} --undo --reason WHY --approved-by WHO",
    )
