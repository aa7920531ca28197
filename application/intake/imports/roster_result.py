"""What became of the rows of a census form, in sums and row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from application.intake.imports.answers import Answer
from application.intake.imports.paper import RefusedLine
from application.intake.imports.roster_form import RosterForm
from application.intake.imports.roster_rows import COMPLETED, ENROLLED, KNOWN, RowResult
from application.intake.papers.finding import ColumnRead, SheetNotRead


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingRow:
    """A row of a child that is enrolled already, and the columns of which it says something else."""

    line: int
    fields: tuple[str, ...]
    sheet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterResult:
    """What became of the rows of a form: enrolled, completed, changed, known, differing or refused.

    To a child that was `completed` something was added of which its file knew nothing yet. Of a row that was
    `changed` columns were applied; what `differs` was not. `incomplete` are parts of rows, beside these: the
    child is enrolled, its parents, guardian or pairing could not be recorded. `kept` are columns that were to
    be applied and are not, and why. `asked` are rows that were recorded and may be of a child who has a file
    already. `missing` are children in care of whom the form says nothing.
    """

    import_id: UUID | None
    lines: int
    enrolled: int
    completed: int
    already_recorded: int
    changed: tuple[DifferingRow, ...]
    differs: tuple[DifferingRow, ...]
    kept: tuple[RefusedLine, ...]
    asked: tuple[RefusedLine, ...]
    missing: tuple[UUID, ...]
    refused: tuple[RefusedLine, ...]
    incomplete: tuple[RefusedLine, ...]
    sheets_not_read: tuple[SheetNotRead, ...]
    columns: tuple[ColumnRead, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()

    @property
    def taken(self) -> int:
        """How many rows are in the ledger now."""
        known = self.already_recorded + len(self.differs)
        return self.enrolled + self.completed + len(self.changed) + known


def counted(
    results: Sequence[RowResult],
    *,
    import_id: UUID | None,
    form: RosterForm,
    missing: tuple[UUID, ...],
    answers: tuple[Answer, ...] = (),
) -> RosterResult:
    """Say what became of the rows of a form, by what became of each."""
    became = [(each.became, bool(each.differs)) for each in results]
    return RosterResult(
        import_id=import_id,
        lines=len(form.rows),
        enrolled=sum(how == ENROLLED for how, _ in became),
        completed=sum(how == COMPLETED and not differs for how, differs in became),
        already_recorded=sum(how == KNOWN and not differs for how, differs in became),
        changed=tuple(
            DifferingRow(line=each.row.line, fields=each.changed, sheet=each.row.sheet)
            for each in results
            if each.changed
        ),
        differs=tuple(
            DifferingRow(
                line=each.row.line, fields=tuple(d.column for d in each.differs), sheet=each.row.sheet
            )
            for each in results
            if each.differs and not each.changed
        ),
        kept=tuple(part for each in results for part in each.kept),
        asked=tuple(each.asked for each in results if each.asked is not None),
        missing=missing,
        refused=tuple(each.refused for each in results if each.refused is not None),
        incomplete=tuple(part for each in results for part in each.incomplete),
        sheets_not_read=form.sheets_not_read,
        columns=form.columns,
        skipped=form.skipped,
        answers=answers,
    )
