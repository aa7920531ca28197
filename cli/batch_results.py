"""What became of the lines of a batch, as tables on the terminal."""

from collections.abc import Iterator, Sequence

from application.intake.batch_lines import (
    ALREADY_RECORDED,
    QUARANTINED,
    RECORDED,
    REFUSED,
    BatchLine,
)
from application.intake.batches import COMPLETE, CUT, RECEIVING, Batch
from cli.terminal import note, say, show_table
from domain.refusal import Text

LINE, CODE, WHY = Text(zh="行", en="Line"), Text(zh="代码", en="Code"), Text(zh="原因", en="Reason")
STATES = {
    RECORDED: Text(zh="已登记", en="recorded"),
    ALREADY_RECORDED: Text(zh="已有", en="already recorded"),
    QUARANTINED: Text(zh="待核实", en="quarantined"),
    REFUSED: Text(zh="未接受", en="refused"),
}
NO_LINES = Text(zh="没有这种结果的行。", en="No line ended that way.")
ENDS = {
    RECEIVING: Text(zh="正在处理", en="running"),
    COMPLETE: Text(zh="已完成", en="complete"),
    CUT: Text(zh="已中断，再次导入或发送即可继续", en="interrupted: import or send it again to continue"),
}


def show_batch(batch: Batch, *, language: str) -> None:
    """Say what came, how it ended, and how many of its lines became what."""
    columns = (
        Text(zh="来源", en="Source"),
        Text(zh="机构", en="Organisation"),
        Text(zh="开始", en="Started"),
        Text(zh="状态", en="State"),
        Text(zh="撤销", en="Undone"),
        Text(zh="行数", en="Lines"),
        *STATES.values(),
    )
    counts = [batch.counts[state] for state in STATES]
    ended = getattr(ENDS[batch.state], language)
    row = (batch.source, batch.org, batch.begun_at, ended, batch.undone_at, batch.lines, *counts)
    show_table(columns, [row], language=language)
    if batch.lines_gone_at is not None:
        note(
            Text(
                zh="逐行结果只保留三十天，已不再保存；已登记的内容不受影响。",
                en="The outcome of each line is kept for thirty days and is gone now. What was "
                "recorded stays.",
            ),
            language=language,
        )
    elif not batch.counts[QUARANTINED] and not batch.counts[REFUSED]:
        say(Text(zh="没有未接受的行。", en="No line was refused."), language=language)


def show_lines(lines: Sequence[BatchLine], *, language: str) -> None:
    """Show lines in a table, each as often as it has reasons."""
    columns = (LINE, Text(zh="结果", en="Result"), CODE, WHY)
    show_table(
        columns, [row for line in lines for row in _rows(line, language)], language=language, empty=NO_LINES
    )


def _rows(line: BatchLine, language: str) -> Iterator[tuple[object, ...]]:
    state = getattr(STATES[line.state], language)
    if not line.faults:
        yield _place(line, language), state, None, None
    for fault in line.faults:
        where = f" ({fault.pointer})" if fault.pointer else ""
        yield _place(line, language), state, fault.reason.code, getattr(fault.reason, language) + where


def _place(line: BatchLine, language: str) -> str:
    """Return where a line stands: of a workbook with several sheets by the number of the sheet."""
    if line.sheet is None:
        return str(line.line)
    return {"zh": f"第 {line.sheet} 张表 {line.sheet_row}", "en": f"sheet {line.sheet} row {line.sheet_row}"}[
        language
    ]
