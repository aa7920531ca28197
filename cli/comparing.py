"""`careledger compare`: a list of children beside what the ledger has of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from application.intake.imports.comparing import ChildHere, Comparison, RowCompared, compare_roster
from application.intake.imports.roster_differs import Difference, in_words
from cli.batch_results import CODE, LINE, WHY
from cli.import_plans import NOT_READ, REFUSED, words_of
from cli.importing import EnrolledOn, Mapped
from cli.options import File, Json, Org
from cli.reasons import FILE_EXISTS
from cli.session import operator, session_of
from cli.terminal import Columns, listed, note, progress_bar, say, show_items, show_json
from domain.refusal import Text, conflict

Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE.xlsx",
        dir_okay=False,
        help="写成可逐行选定、再导入的表格 / write a workbook to settle and import",
    ),
]

Every = Annotated[bool, typer.Option("--all", help="也列出已选定保留台账的 / also what was settled before")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    row: RowCompared
    field: Difference


def _place(row: RowCompared) -> str:
    return f"{row.sheet} {row.line}" if row.sheet else str(row.line)


NUMBER, NAME = Text(zh="学籍号", en="Student no."), Text(zh="姓名", en="Name")
FIELDS: Columns[_Field] = (
    (LINE, lambda each: _place(each.row)),
    (NUMBER, lambda each: each.row.student_no),
    (NAME, lambda each: each.row.name),
    (Text(zh="栏目", en="Column"), lambda each: each.field.column),
    (Text(zh="台账", en="Ledger"), lambda each: in_words(each.field.recorded)),
    (Text(zh="文件", en="File"), lambda each: in_words(each.field.on_paper)),
)
ONLY_THERE: Columns[RowCompared] = (
    (LINE, _place),
    (NUMBER, lambda row: row.student_no),
    (NAME, lambda row: row.name),
)
UNREAD: Columns[RowCompared] = (
    *ONLY_THERE,
    (CODE, lambda row: row.reason.code if row.reason else None),
    (WHY, lambda row: row.reason),
)
QUESTIONS: Columns[RowCompared] = (
    *UNREAD,
    (Text(zh="可能是", en="May be"), lambda row: listed(row.alike, "en")),
)
ONLY_HERE: Columns[ChildHere] = (
    (Text(zh="个案编号", en="Case no."), lambda child: child.case_no),
    (NUMBER, lambda child: child.student_no),
    (NAME, lambda child: child.name),
    (Text(zh="班级", en="Class"), lambda child: child.unit),
)


def compare(
    ctx: typer.Context,
    *,
    file: File,
    org: Org,
    enrolled_on: EnrolledOn = None,
    mapped: Mapped = None,
    out: Out = None,
    every: Every = False,
    as_json: Json = False,
) -> None:
    """比对花名册与台账，不登记任何内容 / Compare a list of children with the ledger; nothing is recorded."""
    session = session_of(ctx)
    if out is not None and out.exists():
        # Somebody may have begun to settle it.
        raise conflict(FILE_EXISTS)
    label = Text(zh="比对花名册", en="Comparing the roster")
    with (
        session.system() as system,
        progress_bar(label, language=session.language, quiet=as_json) as progress,
    ):
        known = words_of(session, system, org=org, mapped=mapped or (), kind="roster")
        compared = compare_roster(
            file.read_bytes(),
            org=org,
            registers=system.registers,
            actor=operator(),
            progress=progress,
            enrolled_on=enrolled_on,
            all_words=known,
            settled=every,
        )
    if out is not None:
        _write(compared, out, language=session.language)
    if as_json:
        show_json(compared)
    else:
        _show(compared, language=session.language)


def _write(compared: Comparison, out: Path, *, language: str) -> None:
    # Not at the top: it loads what writes workbooks.
    from application.intake.papers.settling import settle_book

    out.write_bytes(settle_book(compared))
    note(
        Text(
            zh=f"已写入 {out}；逐行选定后用 careledger import roster 导入。",
            en=f"Written to {out}. Settle its lines, then import it with careledger import roster.",
        ),
        language=language,
    )


def _show(compared: Comparison, *, language: str) -> None:
    for text in _sums(compared):
        say(text, language=language)
    fields = [_Field(row=row, field=each) for row in compared.differing for each in row.fields]
    if fields:
        show_items(fields, FIELDS, language=language)
    if compared.only_there:
        say(Text(zh="只在文件中：", en="Only in the file:"), language=language)
        show_items(compared.only_there, ONLY_THERE, language=language)
    if compared.only_here:
        say(Text(zh="只在台账中：", en="Only in the ledger:"), language=language)
        show_items(compared.only_here, ONLY_HERE, language=language)
    if compared.questions:
        say(Text(zh="看不出是谁，请核对：", en="Whom these rows mean is a question:"), language=language)
        show_items(compared.questions, QUESTIONS, language=language)
    if compared.refused:
        say(Text(zh="不能读取的行：", en="Rows that can't be read:"), language=language)
        show_items(compared.refused, REFUSED, language=language)
    if compared.unread:
        say(
            Text(zh="以下栏目不能读取或须核对：", en="Cells that can't be read or are to be checked:"),
            language=language,
        )
        show_items(compared.unread, UNREAD, language=language)
    if compared.sheets_not_read:
        show_items(compared.sheets_not_read, NOT_READ, language=language)


def _sums(compared: Comparison) -> Iterator[Text]:
    if compared.settled:
        yield Text(
            zh=f"另有 {compared.settled} 处已选定保留台账，不再列出；要看的加 --all。",
            en=f"{compared.settled} differences were settled before and are not told; --all tells them.",
        )
    differing, there = len(compared.differing), len(compared.only_there)
    here, asked, refused = len(compared.only_here), len(compared.questions), len(compared.refused)
    yield Text(
        zh=f"共 {compared.lines} 行：一致 {compared.same}，不一致 {differing}，只在文件中 {there}，"
        f"待核对 {asked}，不能读取 {refused}；只在台账中 {here}。",
        en=f"{compared.lines} rows: {compared.same} the same, {differing} differ, {there} only in the file, "
        f"{asked} questions, {refused} can't be read; {here} children only in the ledger.",
    )
