"""`careledger import …`: papers as they are, and taking an import back."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from application.intake.batch_lines import LINE_STATES, QUARANTINED
from application.intake.imports.answers import Answer, asked_of
from application.intake.imports.care_log import import_care_log, plan_care_log
from application.intake.imports.roster import import_roster, plan_roster
from application.intake.imports.runs import ImportRun, imports_of
from application.intake.papers.office import office_words
from application.intake.undo import UndoResult, undo_batch
from application.reports.lines import student_no_of
from application.system import System
from cli.batch_results import ENDS, STATES, show_batch, show_lines
from cli.import_plans import How, each_file, show_answers, words_of
from cli.options import Json, Org, read_day
from cli.paper_words import COLUMNS, KINDS, known_columns
from cli.session import Session, known_org, operator, session_of
from cli.terminal import Columns, note, progress_bar, say, show_items, show_json, show_table
from cli.who import child_meant
from domain.case_no import case_no_of
from domain.child import Child, fold
from domain.days import local_day
from domain.refusal import Text

app = typer.Typer(no_args_is_help=True, help="导入花名册和关爱记录 / import rosters and care logs")

BatchId = Annotated[UUID, typer.Argument(metavar="ID", help="导入或批次编号 / import or batch")]
Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE…", exists=True, dir_okay=False, readable=True, help="文件，可多个 / files"),
]
EnrolledOn = Annotated[
    date | None,
    typer.Option(
        "--enrolled-on",
        parser=read_day,
        metavar="DAY",
        help="文件中没有时的建档日期 / day of enrolment if the file names none",
    ),
]
Mapped = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="HEADING=COLUMN", help="表头读作哪一栏 / which column a heading means"),
]
ApplyChanges = Annotated[
    bool,
    typer.Option("--apply-changes", help="把不一致的栏目登记为变更 / record what differs as changes"),
]
ChangedOn = Annotated[
    date | None,
    typer.Option(
        "--changed-on",
        parser=read_day,
        metavar="DAY",
        help="变更从哪天起，默认今天 / record what differs as changes of this day",
    ),
]
RefusedTo = Annotated[
    Path | None,
    typer.Option(
        "--refused-to",
        metavar="FILE.xlsx",
        dir_okay=False,
        help="把未接受的行写成表格，改好可再导入 / write refused lines into a workbook to mend",
    ),
]
Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answer",
        metavar="LINE[:COLUMN]=ANSWER",
        help="该行指谁（个案编号或学籍号），或某栏是何词；对该文件一直有效，留空即收回 / "
        "whom a line means, or what a column says; holds for the file, blank takes it back",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="不预览，直接登记 / record without asking")]
ApprovedBy = Annotated[
    str | None,
    typer.Option("--approved-by", help="审批人，默认当前用户 / approver; default: you"),
]


def _line_state(word: str) -> str:
    if word not in LINE_STATES:
        raise typer.BadParameter(", ".join(LINE_STATES))
    return word


def _counted(run: ImportRun, *, state: str) -> int | None:
    return None if run.counts is None else run.counts[state]


RUNS: Columns[ImportRun] = (
    (Text(zh="导入编号", en="Import"), lambda run: run.import_id),
    (Text(zh="种类", en="Kind"), lambda run: run.kind),
    (Text(zh="机构", en="Organisation"), lambda run: run.org),
    (Text(zh="开始", en="Started"), lambda run: run.started_at),
    (Text(zh="完成", en="Finished"), lambda run: run.finished_at),
    (Text(zh="状态", en="State"), lambda run: ENDS[run.state]),
    (Text(zh="撤销", en="Undone"), lambda run: run.undone_at),
    (Text(zh="行数", en="Lines"), lambda run: run.lines),
    *((label, partial(_counted, state=state)) for state, label in STATES.items() if state != QUARANTINED),
)
NO_IMPORTS = Text(
    zh="还没有导入过文件。先用 careledger import roster 导入花名册。",
    en="Nothing has been imported yet. Start with `careledger import roster`.",
)


@app.command("roster")
def roster(
    ctx: typer.Context,
    *,
    files: Files,
    org: Org,
    enrolled_on: EnrolledOn = None,
    apply_changes: ApplyChanges = False,
    changed_on: ChangedOn = None,
    mapped: Mapped = None,
    answers: Answers = None,
    refused_to: RefusedTo = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """导入花名册：先预览，同意后登记 / Import lists of children: shown first, recorded with a yes."""
    session = session_of(ctx)
    with session.system(make=True) as system:
        today = local_day(system.now()) if apply_changes else None
        asked = _asked(system, answers, files) | {
            "enrolled_on": enrolled_on,
            "changed_on": changed_on or today,
        }
        how = How(
            org=org,
            kind="roster",
            **_mapped(session, system, org=org, mapped=mapped or (), kind="roster"),
            refused_to=refused_to,
            yes=yes,
            as_json=as_json,
            language=session.language,
            children=partial(children_of, system),
        )
        each_file(
            files,
            plan=partial(plan_roster, **asked),
            record=partial(import_roster, **asked),
            label=Text(zh="花名册", en="Roster"),
            how=how,
        )


def _mapped(
    session: Session, system: System, *, org: str, mapped: Sequence[str], kind: str
) -> dict[str, Any]:
    """Return the words that are known, and what keeps the mappings: those remembered, then those given."""
    school = system.organisations.spelled(org)
    return {
        "words": words_of(session, system, org=org, mapped=mapped, kind=kind),
        "remember": partial(system.uploaded_papers.maps.remember, school, kind=kind, mapped=mapped),
    }


def _asked(system: System, answers: Sequence[str] | None, files: Sequence[Path]) -> dict[str, Any]:
    """Return what an import of files is asked with; answers are to the lines of one."""
    if answers and len(files) > 1:
        raise typer.BadParameter("--answer: FILE")
    return {"registers": system.registers, "answers": [_answer(system, each) for each in answers or ()]}


@app.command("care-log")
def care_log(
    ctx: typer.Context,
    *,
    files: Files,
    org: Org,
    mapped: Mapped = None,
    answers: Answers = None,
    refused_to: RefusedTo = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """导入关爱记录：先预览，同意后登记 / Import records of care: shown first, recorded with a yes."""
    session = session_of(ctx)
    with session.system() as system:
        how = How(
            org=org,
            kind="care_log",
            **_mapped(session, system, org=org, mapped=mapped or (), kind="care_log"),
            refused_to=refused_to,
            yes=yes,
            as_json=as_json,
            language=session.language,
        )
        asked = _asked(system, answers, files)
        each_file(
            files,
            plan=partial(plan_care_log, **asked),
            record=partial(import_care_log, **asked),
            label=Text(zh="关爱记录", en="Care log"),
            how=how,
        )


def _answer(system: System, text: str) -> Answer:
    asked, mark, said = (part.strip() for part in text.partition("="))
    line, _, column = asked.replace("：", ":").partition(":")
    if not mark or not line.strip().isdigit():
        raise typer.BadParameter(f"--answer {text}: LINE=CHILD, LINE:COLUMN=WORD")
    if column:
        return Answer(line=int(line), column=column.strip(), word=said or None)
    return Answer(line=int(line), child_id=child_meant(system, said) if said else None)


@app.command("columns")
def columns(
    ctx: typer.Context,
    *,
    org: Annotated[
        str | None,
        typer.Option(
            "--org",
            metavar="ORG",
            help="只列该校另外说明过的表头 / only headings that this school explained",
        ),
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget-map", help="不再记住这些含义 / forget these meanings")
    ] = False,
    as_json: Json = False,
) -> None:
    """列出认得的栏目和用词，或一校记住的表头 / List the columns and words that are known."""
    session = session_of(ctx)
    if org is not None:
        _show_remembered(session, org, forget=forget, as_json=as_json)
        return
    file = session.settings.own_words
    known = list(known_columns(office_words(file, kind="roster")))
    if as_json:
        show_json(known)
        return
    show_items(known, COLUMNS, language=session.language)


def _show_remembered(session: Session, org: str, *, forget: bool, as_json: bool) -> None:
    with session.system() as system:
        school = known_org(system, org)
        found = [
            (kind, *each.partition("=")[::2])
            for kind in KINDS
            for each in system.uploaded_papers.maps.known(school, kind=kind)
        ]
        if forget:
            system.uploaded_papers.maps.forget(school)
    if as_json:
        show_json([{"kind": kind, "heading": heading, "column": column} for kind, heading, column in found])
        return
    columns = (Text(zh="种类", en="Kind"), Text(zh="表头", en="Heading"), Text(zh="读作", en="Read as"))
    show_table(columns, [(KINDS[kind], *said) for kind, *said in found], language=session.language)
    if forget:
        done = Text(zh="以上含义不再记住。", en="These meanings are forgotten.")
        note(done, language=session.language)


@app.command("list")
def list_imports(ctx: typer.Context, *, as_json: Json = False) -> None:
    """列出各次导入 / List all imports."""
    session = session_of(ctx)
    with session.system() as system:
        runs = imports_of(system.database, now=system.now())
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
        answers = system.registers.answers.known(asked_of(batch)).told
    if as_json:
        show_json({"batch": batch, "items": lines, "answers": answers})
        return
    show_batch(batch, language=session.language)
    show_answers(answers, language=session.language)
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
    return sorted(student_no_of(c) or case_no_of(c.child_id) for c in children_of(system, children))


def children_of(system: System, ids: Sequence[UUID]) -> list[Child]:
    """Read children."""
    return [fold(child_id, events) for child_id, events in system.log.streams(ids).items()]


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
