"""`careledger import …`: papers as they are, and taking an import back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from application.intake.batch_lines import LINE_STATES
from application.intake.imports.care_log import import_care_log
from application.intake.imports.paper import RefusedLine
from application.intake.imports.reasons import NOT_XLSX
from application.intake.imports.roster import DifferingRow, RosterResult, import_roster
from application.intake.imports.roster_form import SheetNotRead
from application.intake.imports.runs import ImportRun, imports_of
from application.intake.undo import UndoResult, undo_batch
from application.reports.lines import student_no_of
from application.system import System
from cli.batch_results import CODE, LINE, WHY, show_batch, show_lines
from cli.exits import PARTLY
from cli.options import File, Json, Org
from cli.session import operator, session_of
from cli.terminal import Columns, note, progress_bar, say, show_items, show_json, show_table
from domain.case_no import case_no_of
from domain.child import fold
from domain.refusal import Reason, Text, invalid

app = typer.Typer(no_args_is_help=True, help="导入花名册和关爱记录 / import rosters and care logs")

# How the files of Excel begin: the present format, which is a ZIP archive, and the one before 2007.
XLSX, XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
NOT_CSV = Reason(
    code="not_csv",
    zh="这是 Excel 工作簿；关爱记录请在 Excel 中另存为“CSV UTF-8 (逗号分隔)”",
    en="This is an Excel workbook. Save the care log as CSV UTF-8 (comma delimited).",
)

BatchId = Annotated[UUID, typer.Argument(metavar="ID", help="导入或批次编号 / import or batch")]
ApprovedBy = Annotated[
    str | None,
    typer.Option("--approved-by", help="审批人，默认当前用户 / approver; default: you"),
]


def _line_state(word: str) -> str:
    if word not in LINE_STATES:
        raise typer.BadParameter(", ".join(LINE_STATES))
    return word


RUNS: Columns[ImportRun] = (
    (Text(zh="导入编号", en="Import"), lambda run: run.import_id),
    (Text(zh="种类", en="Kind"), lambda run: run.kind),
    (Text(zh="机构", en="Organisation"), lambda run: run.org),
    (Text(zh="开始", en="Started"), lambda run: run.started_at),
    (Text(zh="完成", en="Finished"), lambda run: run.finished_at),
    (Text(zh="撤销", en="Undone"), lambda run: run.undone_at),
)
NO_IMPORTS = Text(
    zh="还没有导入过文件。先用 careledger import roster 导入花名册。",
    en="Nothing has been imported yet. Start with `careledger import roster`.",
)


def _place(line: RefusedLine | DifferingRow) -> str:
    """Return where a line stands: with the sheet where more than one has lines."""
    return f"{line.sheet} {line.line}" if line.sheet else str(line.line)


REFUSED: Columns[RefusedLine] = (
    (LINE, _place),
    (CODE, lambda line: line.reason.code),
    (WHY, lambda line: line.reason),
)
DIFFERING: Columns[DifferingRow] = (
    (LINE, _place),
    (
        Text(zh="与已有记录不一致的栏目（未更改）", en="Columns that differ (not applied)"),
        lambda row: "、".join(row.fields),
    ),
)
NOT_READ: Columns[SheetNotRead] = (
    (Text(zh="未读取的工作表", en="Sheets not read"), lambda sheet: sheet.sheet),
    (CODE, lambda sheet: sheet.reason.code),
    (WHY, lambda sheet: sheet.reason),
)


@app.command("roster")
def roster(ctx: typer.Context, *, file: File, org: Org, as_json: Json = False) -> None:
    """导入摸底登记表 (XLSX) / Import a census form."""
    session = session_of(ctx)
    label = Text(zh="导入花名册", en="Importing the roster")
    data = _roster_in(file)
    with (
        session.system(make=True) as system,
        progress_bar(label, language=session.language, quiet=as_json) as progress,
    ):
        done = import_roster(data, org=org, registers=system.registers, actor=operator(), progress=progress)
    if as_json:
        show_json(done)
    else:
        _show_roster(done, language=session.language)
    _end(done.refused, done.incomplete)


@app.command("care-log")
def care_log(ctx: typer.Context, *, file: File, org: Org, as_json: Json = False) -> None:
    """导入关爱记录 (CSV) / Import a care log."""
    session = session_of(ctx)
    label = Text(zh="导入关爱记录", en="Importing the care log")
    data = _care_log_in(file)
    with (
        session.system() as system,
        progress_bar(label, language=session.language, quiet=as_json) as progress,
    ):
        done = import_care_log(data, org=org, registers=system.registers, actor=operator(), progress=progress)
    if as_json:
        show_json(done)
        _end(done.refused)
        return
    say(
        Text(
            zh=f"共 {done.lines} 行：新记录 {done.recorded}，已有 {done.already_recorded}，"
            f"未接受 {len(done.refused)}。导入编号 {done.import_id}",
            en=f"{done.lines} lines: {done.recorded} recorded, {done.already_recorded} already recorded, "
            f"{len(done.refused)} refused. Import {done.import_id}",
        ),
        language=session.language,
    )
    if done.refused:
        show_items(done.refused, REFUSED, language=session.language)
    _end(done.refused)


@app.command("list")
def list_imports(ctx: typer.Context, *, as_json: Json = False) -> None:
    """列出各次导入 / List all imports."""
    session = session_of(ctx)
    with session.system() as system:
        runs = imports_of(system.database)
    if as_json:
        show_json(runs)
        return
    show_items(runs, RUNS, language=session.language, empty=NO_IMPORTS)


@app.command("show")
def show(
    ctx: typer.Context,
    *,
    batch_id: BatchId,
    state: Annotated[
        str | None,
        typer.Option(
            "--state", parser=_line_state, metavar="STATE", help="只列这一结果 / only lines with this outcome"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """一次导入或批次的逐行结果 / Show the outcome of each line of an import or batch."""
    session = session_of(ctx)
    with session.system() as system:
        batch = system.batches.find(batch_id)
        lines = list(system.batches.every_line(batch, state=state))
    if as_json:
        show_json({"batch": batch, "items": lines})
        return
    show_batch(batch, language=session.language)
    shown = lines if state is not None else [line for line in lines if line.faults]
    if shown or state is not None:
        show_lines(shown, language=session.language)


@app.command("undo")
def undo(
    ctx: typer.Context,
    *,
    batch_id: BatchId,
    approved_by: ApprovedBy = None,
    as_json: Json = False,
) -> None:
    """作废一次导入或批次的全部记录 / Void everything that an import or batch recorded."""
    session, actor = session_of(ctx), operator()
    label = Text(zh="撤销导入", en="Undoing the import")
    with (
        session.system() as system,
        progress_bar(label, language=session.language, quiet=as_json) as progress,
    ):
        done = undo_batch(
            batch_id,
            approved_by=approved_by or actor.name,
            registers=system.registers,
            actor=actor,
            progress=progress,
        )
        kept = [] if as_json else _student_numbers(system, done.kept)
    if as_json:
        show_json(done)
    else:
        _show_undone(done, kept=kept, language=session.language)


def _student_numbers(system: System, children: Sequence[UUID]) -> list[str]:
    streams = system.log.streams(children)
    known = [fold(child_id, events) for child_id, events in streams.items()]
    return sorted(student_no_of(c) or case_no_of(c.child_id) for c in known)


def _roster_in(file: Path) -> bytes:
    data = file.read_bytes()
    if not data.startswith(XLSX):
        raise invalid(NOT_XLSX)
    return data


def _care_log_in(file: Path) -> bytes:
    data = file.read_bytes()
    if data.startswith((XLSX, XLS)):
        raise invalid(NOT_CSV)
    return data


def _show_roster(done: RosterResult, *, language: str) -> None:
    say(
        Text(
            zh=f"共 {done.lines} 行：新建档 {done.enrolled}，补登 {done.completed}，"
            f"已有 {done.already_recorded}，不一致 {len(done.differs)}，未接受 {len(done.refused)}。"
            f"导入编号 {done.import_id}",
            en=f"{done.lines} rows: {done.enrolled} enrolled, {done.completed} completed, "
            f"{done.already_recorded} already recorded, {len(done.differs)} differ, "
            f"{len(done.refused)} refused. Import {done.import_id}",
        ),
        language=language,
    )
    if done.differs:
        show_items(done.differs, DIFFERING, language=language)
    if done.incomplete:
        say(
            Text(
                zh=f"已建档，但以下 {len(done.incomplete)} 项未登记，改好后再次导入即可补上：",
                en=f"Enrolled, but these {len(done.incomplete)} items were not recorded. "
                "Correct them and import again to add them:",
            ),
            language=language,
        )
        show_items(done.incomplete, REFUSED, language=language)
    if done.refused:
        say(Text(zh="未接受的行：", en="Refused rows:"), language=language)
        show_items(done.refused, REFUSED, language=language)
    if done.sheets_not_read:
        show_items(done.sheets_not_read, NOT_READ, language=language)


def _show_undone(done: UndoResult, *, kept: Sequence[str], language: str) -> None:
    say(
        Text(
            zh=f"已作废 {done.voided} 条，原已作废 {done.already_void} 条。",
            en=f"{done.voided} entries voided, {done.already_void} were void already.",
        ),
        language=language,
    )
    if done.kept:
        note(
            Text(
                zh=f"{len(done.kept)} 名儿童建档后另有记录，未作改动；如需撤销，请先撤销后来的导入。",
                en=f"{len(done.kept)} children were not changed, because later entries depend "
                "on their enrolment. "
                "Undo the later imports first.",
            ),
            language=language,
        )
        columns = (Text(zh="未改动的儿童（学籍号）", en="Children not changed (student no.)"),)
        show_table(columns, [(number,) for number in kept], language=language)


def _end(*refused: Sequence[RefusedLine]) -> None:
    """End with a code of its own where something of the file was not recorded."""
    if any(refused):
        raise typer.Exit(PARTLY)
