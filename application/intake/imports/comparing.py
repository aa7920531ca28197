"""Two lists of the same children: what the ledger has, and what a roster says. Nothing is recorded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from application.access import Action, Actor, require
from application.intake.batches import ROSTER
from application.intake.imports.answers import Asked
from application.intake.imports.desk import DryRun
from application.intake.imports.kept_differences import KeptDifferences
from application.intake.imports.paper import Progress, RefusedLine, school_path
from application.intake.imports.reasons import MOVED_AWAY
from application.intake.imports.registers import Registers
from application.intake.imports.roster import RosterRun
from application.intake.imports.roster_cells import NAME, NUMBER
from application.intake.imports.roster_differs import Difference, in_words
from application.intake.imports.roster_form import RosterForm, read_roster
from application.intake.imports.roster_rows import ENROLLED, RowResult
from application.intake.imports.school import School
from application.intake.papers.finding import ColumnRead, SheetNotRead
from application.intake.papers.settled import WHOLE_ROW
from application.intake.papers.words import Words
from application.readable import readable
from application.reasons import NUMBER_TAKEN
from domain.case_no import case_no_of
from domain.child import fold
from domain.event import Channel
from domain.refusal import Reason, Refused

# These ask who is meant.
_WHO = (NUMBER_TAKEN.code, MOVED_AWAY.code)
SAME_NAME = Reason(
    code="same_name",
    zh="台账中没有这名儿童，但本校有同名的：如是同一人，请补正号码或出生日期；不是同一人的才建档",
    en="Not in the ledger, but a child of the school has this name. If it is the same, mend its number or "
    "birthday; enrol it only if it is another.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCompared:
    """A row that is not as the ledger has it: `fields` that differ, or a `reason` to ask who is meant.

    `alike` are the case numbers of those who may be meant. `cells` are the row as it was read.
    """

    line: int
    sheet: str | None
    student_no: str | None
    name: str | None
    cells: Mapping[str, str]
    fields: tuple[Difference, ...] = ()
    reason: Reason | None = None
    alike: tuple[str, ...] = ()
    would_enrol: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildHere:
    """A child in care of whom the file says nothing; `unit` is where it belongs, below the school."""

    child_id: UUID
    case_no: str
    student_no: str | None
    name: str | None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two lists say otherwise. `same` counts the rows of which nothing differs.

    `questions` are rows of which nobody can say whom they mean, `refused` those that can't be read. `unread`
    are rows, counted among the others, with a cell that can't be read or is to be checked, one for each
    `reason`. `settled` counts what the ledger keeps as somebody has settled: it is not told again.
    """

    lines: int
    same: int
    differing: tuple[RowCompared, ...]
    only_there: tuple[RowCompared, ...]
    only_here: tuple[ChildHere, ...]
    questions: tuple[RowCompared, ...]
    refused: tuple[RefusedLine, ...]
    unread: tuple[RowCompared, ...]
    sheets_not_read: tuple[SheetNotRead, ...]
    columns: tuple[ColumnRead, ...]
    settled: int = 0


def compare_roster(
    data: bytes,
    *,
    org: str,
    registers: Registers,
    actor: Actor,
    progress: Progress | None = None,
    enrolled_on: date | None = None,
    all_words: Words | None = None,
    settled: bool = False,
) -> Comparison:
    """Compare a list of children with what the ledger has of a school that is known.

    The rows are read and matched as by an import. With `settled` what was settled before is told
    as well. Raises a `Refused` where file or school can't be used.
    """
    school = registers.organisations.existing(school_path(org))
    require(actor, Action.READ, org=school)
    form = read_roster(data, enrolled_on=enrolled_on, all_words=all_words)
    actor, desk = replace(actor, channel=Channel.IMPORT), DryRun(registers)
    with desk.paper(source=ROSTER, org=school, file_sha256=form.file_sha256, actor=actor) as paper:
        run = RosterRun(
            registers=registers,
            desk=desk,
            actor=actor,
            school=school,
            paper=paper,
            form=form,
            answers=registers.answers.known(
                Asked(kind=ROSTER, org=school, file_sha256=form.file_sha256),
            ),
        )
        results = list(run.results(progress=progress))
        missing = run.missing(results)
    here = tuple(_here(missing, school=school, registers=registers))
    namesakes = _namesakes(_new(results), School(school, registers=registers, desk=desk, actor=actor))
    compared = _comparison(form, results, namesakes=namesakes, here=here)
    return compared if settled else _without_settled(compared, org=school, kept=registers.kept_differences)


def _without_settled(compared: Comparison, *, org: str, kept: KeptDifferences) -> Comparison:
    """Return what is left to tell: without what somebody has settled so that the ledger keeps its own."""
    known = kept.known(org)

    def is_settled(row: RowCompared, column: str, here: object = "", there: object = "") -> bool:
        said = {"here": in_words(here), "there": in_words(there)}
        return bool(known) and kept.mark(org, row.cells, column=column, **said) in known

    differing = [
        replace(
            row, fields=tuple(f for f in row.fields if not is_settled(row, f.column, f.recorded, f.on_paper))
        )
        for row in compared.differing
    ]
    left = tuple(row for row in differing if row.fields)
    new = tuple(row for row in compared.only_there if not is_settled(row, WHOLE_ROW))
    asked = tuple(row for row in compared.questions if not row.would_enrol or not is_settled(row, WHOLE_ROW))
    gone = sum(len(row.fields) for row in compared.differing) - sum(len(row.fields) for row in left)
    return replace(
        compared,
        same=compared.same + len(differing) - len(left),
        differing=left,
        only_there=new,
        questions=asked,
        settled=gone + len(compared.only_there) - len(new) + len(compared.questions) - len(asked),
    )


def _new(results: Sequence[RowResult]) -> list[RowResult]:
    return [each for each in results if each.became == ENROLLED]


def _comparison(
    form: RosterForm,
    results: Sequence[RowResult],
    *,
    namesakes: Mapping[str, tuple[UUID, ...]],
    here: tuple[ChildHere, ...],
) -> Comparison:
    new = _new(results)
    unclear = [each for each in results if each.refused and each.refused.reason.code in _WHO]
    asked = {r.line.line: row for r in new if (row := _asked(r, namesakes.get(r.row[NAME], ()))) is not None}
    compared = [_compared(each, fields=(*_added(each), *each.differs)) for each in results if each.became]
    return Comparison(
        lines=len(results),
        same=sum(not row.fields for row in compared) - len(new),
        differing=tuple(row for row in compared if row.fields),
        only_there=tuple(_compared(r, would_enrol=True) for r in new if r.line.line not in asked),
        only_here=here,
        questions=(
            *asked.values(),
            *(_compared(each, reason=each.refused.reason) for each in unclear if each.refused),
        ),
        refused=tuple(_refused(results)),
        unread=tuple(_compared(r, reason=part.reason) for r in results for part in r.incomplete),
        sheets_not_read=form.sheets_not_read,
        columns=form.columns,
    )


def _added(result: RowResult) -> tuple[Difference, ...]:
    """Return what the file of the child knows nothing of."""
    cells = result.row.cells
    return tuple(Difference(column=c, recorded=None, on_paper=cells[c]) for c in result.added)


def _namesakes(new: Sequence[RowResult], school: School) -> Mapping[str, tuple[UUID, ...]]:
    found = school.named({each.row[NAME] for each in new})
    return {name: there.now for name, there in found.items() if not isinstance(there, Refused)}


def _asked(result: RowResult, there: Sequence[UUID]) -> RowCompared | None:
    """Ask of a row that would enrol a child whether it is one that is known, by its traits or its name."""
    reason = result.asked.reason if result.asked is not None else None
    if reason is None and not there:
        return None
    alike = tuple(case_no_of(child_id) for child_id in there)
    return _compared(result, reason=reason or SAME_NAME, alike=alike, would_enrol=True)


def _refused(results: Sequence[RowResult]) -> Iterator[RefusedLine]:
    for each in results:
        if each.refused is not None and each.refused.reason.code not in _WHO:
            yield each.refused


def _compared(
    result: RowResult,
    *,
    fields: tuple[Difference, ...] = (),
    reason: Reason | None = None,
    alike: tuple[str, ...] = (),
    would_enrol: bool = False,
) -> RowCompared:
    row = result.row
    return RowCompared(
        line=row.line,
        sheet=row.sheet,
        student_no=row.cells.get(NUMBER),
        name=row.cells.get(NAME),
        cells=row.cells,
        fields=fields,
        reason=reason,
        alike=alike,
        would_enrol=would_enrol,
    )


def _here(ids: Sequence[UUID], *, school: str, registers: Registers) -> Iterator[ChildHere]:
    """Read who is only here; a file that can't be read has its case number alone."""
    read = dict(readable(registers.log, ids, unreadable=lambda _child_id, _fault: None)) if ids else {}
    for child_id in ids:
        child = fold(child_id, read.get(child_id, ()))
        profile = child.profile
        yield ChildHere(
            child_id=child_id,
            case_no=case_no_of(child_id),
            student_no=profile.student_no if profile else None,
            name=profile.name if profile else None,
            unit=child.org.removeprefix(school).removeprefix("/"),
        )
