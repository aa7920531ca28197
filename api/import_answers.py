"""What is answered of the import of a paper: how it stands, what it comes to, and its lines."""

from collections.abc import Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.answer import Answer, ChildId, EventId, Moment, Next, Note, Org, Page, personal, shown
from api.language import Language, in_language
from api.resources.event_batches import BatchCounts, ItemState, LineStatus
from application.intake.batch_lines import BatchLine
from application.intake.batches import CARE_LOG, RECEIVING, Batch
from application.intake.imports.answers import Answer as Said
from application.intake.imports.outcome import Outcome
from application.intake.imports.roster_result import DifferingRow, RosterResult
from domain.refusal import Fault, Reason

A = TypeVar("A", bound="Import")
# What the answer calls a batch that is being received.
RECORDING = "recording"
ImportId = Annotated[UUID, shown("导入编号", "Id of the import")]
Sheet = Annotated[
    str | None, personal("工作表", "Sheet", "Null where only one has lines, or none that may be named.")
]
ImportState = Annotated[
    str,
    shown(
        "状态",
        "State",
        "reading, previewed, unreadable, committing, recording, complete or cut. Until it is `recording`, "
        "counts and lines are what would be recorded.",
    ),
]


class Import(Answer):
    """How an import stands. Before it is recorded, its counts are what would become of its lines."""

    import_id: ImportId
    kind: Annotated[str, shown("种类", "Kind", "roster or care-log.")]
    org: Org
    state: ImportState
    lines: Annotated[int, shown("已处理行数", "Lines", "That were gone through by now.")]
    counts: Annotated[BatchCounts, shown("各状态行数", "Counts")]
    begun_at: Annotated[Moment, shown("开始时间", "Begun at")]
    ended_at: Annotated[Moment | None, shown("结束时间", "Ended at")]
    undone_at: Annotated[Moment | None, shown("撤销时间", "Undone at")]


class ImportColumn(Answer):
    """What a heading was taken for."""

    sheet: Sheet
    heading: Annotated[str, shown("表头", "Heading")]
    column: Annotated[str | None, shown("读作", "Read as", "Null where it is not known.")]
    role: Annotated[str | None, shown("处理", "Role", "What is done with it.")]
    cells: Annotated[int, shown("有内容的行", "Filled cells")]


class ImportSheet(Answer):
    """A sheet that was not read, and why."""

    sheet: Annotated[str | None, personal("工作表", "Sheet")]
    reason: Annotated[Note, shown("原因", "Reason")]


class ImportDifference(Answer):
    """A row of a child that is enrolled, with the columns that say something else than what is recorded."""

    sheet: Sheet
    row: Annotated[int, shown("行", "Row", "In its sheet.")]
    columns: Annotated[list[str], shown("不一致的栏目", "Columns")]


class ImportSkipped(Answer):
    """Rows that are no lines."""

    what: Annotated[str, shown("是什么", "What", "total, signature, header or blank.")]
    rows: Annotated[int, shown("行数", "Rows")]


class ImportSums(Answer, kw_only=True):
    """What a paper comes to, and how it was read."""

    lines: Annotated[int, shown("总行数", "Lines", "That say anything.")]
    enrolled: Annotated[int | UnsetType, shown("新建档", "Enrolled", "Of a list of children.")] = UNSET
    completed: Annotated[int | UnsetType, shown("补登", "Completed", "Of a list of children.")] = UNSET
    changed: Annotated[
        int | UnsetType, shown("变更", "Changed", "Of a list of children, with `changed_on`.")
    ] = UNSET
    missing: Annotated[
        list[UUID] | UnsetType,
        shown("名单上没有的儿童", "Missing", "Children in care of whom a list says nothing. They stay."),
    ] = UNSET
    recorded: Annotated[int | UnsetType, shown("新记录", "Recorded", "Of a record of care.")] = UNSET
    already_recorded: Annotated[int, shown("已有", "Already recorded")]
    refused: Annotated[int, shown("未接受", "Refused")]
    skipped: Annotated[list[ImportSkipped], shown("不是儿童的行", "Skipped", "Rows that are no lines.")]
    columns: Annotated[list[ImportColumn], shown("表头的含义", "Columns")]
    sheets_not_read: Annotated[list[ImportSheet], shown("未读取的工作表", "Sheets not read")]
    changes: Annotated[list[ImportDifference], shown("变更的行", "Changed rows", "What is applied.")]
    differs: Annotated[
        list[ImportDifference], shown("不一致的行", "Differing rows", "Nothing of these is changed.")
    ]


class ImportLine(Answer, kw_only=True):
    """What became of a line, or would."""

    line: Annotated[int, shown("行号", "Line", "As if its sheets lay one below the other.")]
    state: ItemState
    status: LineStatus
    event_id: Annotated[EventId | UnsetType, shown("事件编号", "Id of the event")] = UNSET
    child_id: Annotated[ChildId | UnsetType, shown("儿童编号", "Id of the child")] = UNSET
    sheet: Annotated[
        int | UnsetType, shown("工作表序号", "Number of the sheet", "Where several have lines.")
    ] = UNSET
    row: Annotated[int | UnsetType, shown("行", "Row", "In its sheet, where several have lines.")] = UNSET
    reasons: Annotated[
        list[Note],
        shown("原因", "Reasons", "Why it is refused, or what of it is not recorded though the rest is."),
    ]


class ImportAnswer(Answer):
    """What somebody said who was asked about a line: it holds for the file until it is said otherwise."""

    line: Annotated[int, shown("行号", "Line", "As if its sheets lay one below the other.")]
    child_id: Annotated[UUID | None, shown("儿童编号", "Id of the child", "Whom the line means.")]
    column: Annotated[str | None, shown("栏目", "Column", "Null where it is said whom the line means.")]
    word: Annotated[str | None, shown("用词", "Word", "What the column says.")]


class ImportDetail(Import, kw_only=True):
    """How an import stands, what it comes to, and a page of its lines."""

    kept_until: Annotated[
        Moment | None, shown("文件保留至", "Kept until", "The file itself; null where it is gone by now.")
    ]
    faults: Annotated[list[Note], shown("无法读取的原因", "Faults", "Why the file as a whole can't be read.")]
    sums: Annotated[ImportSums | None, shown("合计", "Sums", "Null while nobody has read it, and behind it.")]
    answers: Annotated[list[ImportAnswer], shown("已答", "Answers", "To what was asked about lines.")]
    items: Annotated[list[ImportLine], shown("条目", "Items")]
    next: Next


class ImportPage(Page[Import]):
    """A page of imports, the newest first."""


class ImportUndone(Answer):
    """What became of the events of an import."""

    import_id: ImportId
    voided: Annotated[int, shown("已作废", "Voided")]
    already_void: Annotated[int, shown("原已作废", "Already void")]
    kept: Annotated[
        list[UUID], shown("未改动", "Kept", "Files that were not changed, as later entries stand on them.")
    ]
    left: Annotated[int, shown("剩余", "Left", "Files still to go through: send the same again.")]


def import_of(answer: type[A], batch: Batch, **more: object) -> A:
    """Write how an import stands."""
    return answer.of(
        batch,
        import_id=batch.batch_id,
        kind="care-log" if batch.source == CARE_LOG else batch.source,
        state=RECORDING if batch.state == RECEIVING else batch.state,
        counts=BatchCounts(**batch.counts),
        **more,
    )


def sums_of(outcome: Outcome | None, language: Language) -> ImportSums | None:
    """Write what a paper comes to."""
    result = None if outcome is None else outcome.result
    if outcome is None or result is None:
        return None
    own = (
        {
            "enrolled": result.enrolled,
            "completed": result.completed,
            "changed": len(result.changed),
            "missing": list(result.missing),
        }
        if isinstance(result, RosterResult)
        else {"recorded": result.recorded}
    )
    changed = result.changed if isinstance(result, RosterResult) else ()
    differs = result.differs if isinstance(result, RosterResult) else ()
    return ImportSums(
        lines=result.lines,
        already_recorded=result.already_recorded,
        refused=len(result.refused),
        skipped=[ImportSkipped(what=what, rows=rows) for what, rows in outcome.skipped.items()],
        columns=[ImportColumn.of(each) for each in outcome.columns],
        sheets_not_read=[
            ImportSheet(sheet=each.sheet, reason=note_of(each.reason, language))
            for each in outcome.sheets_not_read
        ],
        changes=_rows_of(changed),
        differs=_rows_of(differs),
        **own,
    )


def _rows_of(rows: Sequence[DifferingRow]) -> list[ImportDifference]:
    return [ImportDifference(sheet=each.sheet, row=each.line, columns=list(each.fields)) for each in rows]


def answered(told: Sequence[Said]) -> list[ImportAnswer]:
    """Write what was answered."""
    return [ImportAnswer.of(each, column=each.column or None) for each in told]


def line_of(line: BatchLine, language: Language) -> ImportLine:
    """Write what became of a line."""
    names = ("event_id", "child_id", "sheet")
    there = {name: value for name in names if (value := getattr(line, name)) is not None}
    if line.sheet_row is not None:
        there["row"] = line.sheet_row
    reasons = notes_of(line.faults, language)
    return ImportLine(line=line.line, state=line.state, status=line.status, reasons=reasons, **there)


def notes_of(faults: Sequence[Fault], language: Language) -> list[Note]:
    """Write reasons."""
    return [note_of(fault.reason, language) for fault in faults]


def note_of(reason: Reason, language: Language) -> Note:
    """Write a reason."""
    return Note(code=reason.code, text=in_language(reason, language))
