"""The rows of a form on their way: what each says, and what became of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from msgspec.structs import replace as restated

from application.intake.batch_lines import REFUSED, BatchLine
from application.intake.imports.paper import RefusedLine, Unreadable
from application.intake.imports.roster_cells import RosterRow
from application.intake.imports.roster_differs import Difference
from application.intake.imports.roster_form import ChildOnPaper, understood
from application.intake.imports.school_people import Person
from domain.refusal import Fault, Reason

ENROLLED, COMPLETED, CHANGED, KNOWN = "enrolled", "completed", "changed", "known"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of a row: enrolled, completed, changed or known; None where it was refused for `refused`.

    `changed` are the columns of which it was applied that they say something else, `differs` those that do so
    still, `kept` the reasons why, `added` those of which the file of a known child had nothing. `incomplete`
    are the reasons why parts of the row were not recorded, `asked` is what is to be checked although the row
    was recorded. `line` is what is kept of it.
    """

    row: RosterRow
    became: str | None
    line: BatchLine
    refused: RefusedLine | None = None
    differs: tuple[Difference, ...] = ()
    incomplete: tuple[RefusedLine, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[RefusedLine, ...] = ()
    added: tuple[str, ...] = ()
    asked: RefusedLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """A row of the form with the number of the line that is kept of it, and what it says or why not."""

    row: RosterRow
    number: int
    on_paper: ChildOnPaper | RowResult


def on_paper(row: ReadRow) -> ChildOnPaper:
    assert isinstance(row.on_paper, ChildOnPaper)
    return row.on_paper


def carers_on(rows: Iterable[ReadRow]) -> Iterator[str]:
    """Go through the names of carers that stand in some rows."""
    for row in rows:
        for entry in on_paper(row).depending:
            if (name := entry.values.get("carer")) is not None:
                yield name


def person(row: ReadRow) -> Person:
    said = on_paper(row).enrolment.values
    return Person(
        name=said["name"], sex=said["sex"], birth_date=said["birth_date"], student_no=said.get("student_no")
    )


def read_row(row: RosterRow, number: int) -> ReadRow:
    try:
        return ReadRow(row=row, number=number, on_paper=understood(row))
    except Unreadable as error:
        return ReadRow(row=row, number=number, on_paper=refused_row(row, *error.reasons, number=number))


def numbered(rows: Sequence[RosterRow]) -> Iterator[tuple[int, RosterRow]]:
    """Number rows by their place in the sheet, as if the sheets of a workbook lay one below the other.

    Of several children of one line the first has its number, and the others have some behind all lines.
    """
    found = list(_by_line(rows))
    beyond = count(max((number for number, _ in found), default=0) + 1)
    for number, row in found:
        yield next(beyond) if row.part else number, row


def _by_line(rows: Sequence[RosterRow]) -> Iterator[tuple[int, RosterRow]]:
    above = number = 0
    sheet = rows[0].sheet_number if rows else None
    for row in rows:
        if row.sheet_number != sheet:
            above, sheet = number, row.sheet_number
        number = above + row.line
        yield number, row


def refused_row(
    row: RosterRow,
    *reasons: Reason,
    number: int,
    status: int = 422,
    incomplete: tuple[RefusedLine, ...] = (),
) -> RowResult:
    """Say that a row was refused, and why."""
    line = BatchLine(line=number, status=status, state=REFUSED)
    told = [*reasons, *(each.reason for each in incomplete)]
    return RowResult(
        row=row,
        became=None,
        line=placed(line, row, told),
        refused=RefusedLine(line=row.line, reason=reasons[0], sheet=row.sheet, others=reasons[1:]),
        incomplete=incomplete,
    )


def placed(line: BatchLine, row: RosterRow, reasons: Sequence[Reason]) -> BatchLine:
    """Add the place of the row in a workbook of several sheets, and what of it was not recorded."""
    return restated(
        line,
        faults=tuple(Fault(reason=reason) for reason in reasons),
        # Where it is not told by the number of the line.
        sheet=row.sheet_number or (1 if row.part else None),
        sheet_row=None if row.sheet_number is None and not row.part else row.line,
    )
