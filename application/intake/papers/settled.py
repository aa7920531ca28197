"""What a clerk has settled line by line in the workbook of two lists that were compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.intake.imports.paper import in_column, knowing
from application.intake.sheets.cell import Sheet
from domain.reasons import UNKNOWN_WORD
from domain.refusal import invalid

# The sheets: that of the decisions, and that of the rows of the file, which have their lines there.
SETTLE, ROWS = "核对", "名单"
DECIDE, LINE, NUMBER, NAME = "处理", "行", "学籍号", "姓名"
COLUMN, HERE, THERE, WHY = "栏目", "台账", "文件", "说明"
TAKE, KEEP, LOOK_AGAIN = "采用文件", "保留台账", "再核对"
CHOICES = (TAKE, KEEP, LOOK_AGAIN)
WHOLE_ROW = "整行"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSettled:
    """What of a row is taken from the file and of which columns ours stays; `enrols` takes the child in.

    `stays` are those columns with what the ledger and the file say.
    """

    taken: frozenset[str]
    kept: frozenset[str]
    enrols: bool
    stays: tuple[tuple[str, str, str], ...] = ()

    @property
    def wanted(self) -> bool:
        """Return whether anything of the row is to be taken."""
        return self.enrols or bool(self.taken)


def settled_in(sheets: Sequence[Sheet]) -> Mapping[int, RowSettled] | None:
    """Return what is settled of each line of the sheet of rows; None where nothing was to be settled.

    Raises `Invalid` for a decision that is none.
    """
    sheet = next((each for each in sheets if is_of_settling(each)), None)
    if sheet is None:
        return None
    head = [cell.text for cell in sheet.rows[0]]
    said = [dict(zip(head, (cell.text for cell in row), strict=False)) for row in sheet.rows[1:]]
    if any(each.get(DECIDE) and each[DECIDE] not in CHOICES for each in said):
        raise invalid(in_column(knowing(UNKNOWN_WORD, CHOICES), DECIDE))
    decided: dict[int, list[Mapping[str, str]]] = {}
    for each in said:
        if each.get(LINE, "").isdigit():
            decided.setdefault(int(each[LINE]), []).append(each)
    return {line: _of_row(lines) for line, lines in decided.items()}


def is_of_settling(sheet: Sheet) -> bool:
    """Return whether a sheet is the one of the decisions, by its name and its header."""
    head = {cell.text for cell in sheet.rows[0]} if sheet.rows else set()
    return sheet.name == SETTLE and {DECIDE, LINE, COLUMN} <= head


def _of_row(lines: Sequence[Mapping[str, str]]) -> RowSettled:
    taken = {each.get(COLUMN, "") for each in lines if each.get(DECIDE) == TAKE}
    kept = [each for each in lines if each.get(DECIDE) == KEEP]
    return RowSettled(
        taken=frozenset(taken - {WHOLE_ROW, ""}),
        kept=frozenset(each.get(COLUMN, "") for each in kept),
        enrols=WHOLE_ROW in taken,
        stays=tuple((each.get(COLUMN, ""), each.get(HERE, ""), each.get(THERE, "")) for each in kept),
    )
