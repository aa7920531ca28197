"""Importing a care log: every line that can be placed becomes one event of one child, once and for ever."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from uuid import UUID

from msgspec.structs import replace as restated

from application.access import Action, Actor, require
from application.intake.batch_lines import ALREADY_RECORDED, RECORDED, REFUSED, BatchLine
from application.intake.batches import CARE_LOG
from application.intake.imports.answers import Answer, Answers, Asked
from application.intake.imports.answers import placed as answers_placed
from application.intake.imports.care_log_cells import PaperCells
from application.intake.imports.care_log_entries import ChildEntries, LogLines, refused_line
from application.intake.imports.care_log_form import CareLogForm, read_care_log
from application.intake.imports.care_log_whose import Unplaced, WhoIsMeant, portions
from application.intake.imports.care_log_words import in_words
from application.intake.imports.desk import Desk, DryRun, Paper, Recorder
from application.intake.imports.paper import Progress, RefusedLine, school_path
from application.intake.imports.registers import Registers
from application.intake.imports.school import School
from application.intake.papers.finding import ColumnRead, SheetNotRead
from application.intake.papers.words import Words
from domain.event import Channel
from domain.refusal import Reason

# Lines that are decided and saved as one, but never fewer than those of one child: more gain little, and who
# breaks an import off waits for them.
LINES_AT_ONCE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLogResult:
    """What became of the lines of a care log; a line that was typed twice counts as recorded already.

    `asked` are lines that were recorded and may tell of the same as another.
    """

    import_id: UUID | None
    lines: int
    recorded: int
    already_recorded: int
    refused: tuple[RefusedLine, ...]
    asked: tuple[RefusedLine, ...] = ()
    sheets_not_read: tuple[SheetNotRead, ...] = ()
    columns: tuple[ColumnRead, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()

    @property
    def taken(self) -> int:
        """How many lines are in the ledger now."""
        return self.recorded + self.already_recorded


def import_care_log(
    data: bytes,
    *,
    org: str,
    registers: Registers,
    actor: Actor,
    progress: Progress | None = None,
    all_words: Words | None = None,
    answers: Sequence[Answer] = (),
    desk: Desk | None = None,
) -> CareLogResult:
    """Import a care log into a school that is known.

    Lines are kept in portions, those of a child in one, so an import that was interrupted is finished by
    running it again. Raises a `Refused` where the file as a whole or the school cannot be used, and
    `Conflict` where the same file is being imported again by now.
    `answers` are what somebody said who was asked, by the rows of lines; they are remembered for the file.
    `desk` takes the place of that which records.
    """
    return _taken(
        data,
        org=org,
        registers=registers,
        desk=desk or Recorder(registers),
        actor=actor,
        progress=progress,
        all_words=all_words,
        answers=answers,
    )


def plan_care_log(
    data: bytes,
    *,
    org: str,
    registers: Registers,
    actor: Actor,
    progress: Progress | None = None,
    all_words: Words | None = None,
    answers: Sequence[Answer] = (),
) -> CareLogResult:
    """Return what `import_care_log` would do now, and do nothing but remember the answers: see `DryRun`."""
    return _taken(
        data,
        org=org,
        registers=registers,
        desk=DryRun(registers),
        actor=actor,
        progress=progress,
        all_words=all_words,
        answers=answers,
    )


def _taken(
    data: bytes,
    *,
    org: str,
    registers: Registers,
    desk: Desk,
    actor: Actor,
    progress: Progress | None,
    all_words: Words | None,
    answers: Sequence[Answer],
) -> CareLogResult:
    school = registers.organisations.existing(school_path(org))
    require(actor, Action.SUBMIT, org=school)
    actor = replace(actor, channel=Channel.IMPORT)
    form, known = _read(data, answers, school=school, registers=registers, actor=actor, all_words=all_words)
    with desk.paper(source=CARE_LOG, org=school, file_sha256=form.file_sha256, actor=actor) as paper:
        run = _CareLogImport(
            registers=registers,
            desk=desk,
            actor=actor,
            school=school,
            paper=paper,
            form=form,
            answers=known,
        )
        return run.result(progress=progress)


def _read(
    data: bytes,
    answers: Sequence[Answer],
    *,
    school: str,
    registers: Registers,
    actor: Actor,
    all_words: Words | None,
) -> tuple[CareLogForm, Answers]:
    """Read a file with what was answered of it, now and before."""
    asked = Asked(kind=CARE_LOG, org=school, file_sha256=sha256(data).hexdigest())
    known = registers.answers.known(asked)
    form = read_care_log(data, all_words=all_words, answered=known.words)
    if not answers:
        return form, known
    numbers = (*(e.line for e in form.readable), *(e.line for e in form.refused))
    placed = answers_placed(answers, ((form.places[number].row, number) for number in numbers))
    registers.answers.keep(asked, [in_words(each, all_words) for each in placed], said_by=actor.name)
    known = registers.answers.known(asked)
    return read_care_log(data, all_words=all_words, answered=known.words), known


class _CareLogImport:
    """One run over one file."""

    def __init__(
        self,
        *,
        registers: Registers,
        desk: Desk,
        actor: Actor,
        school: str,
        paper: Paper,
        form: CareLogForm,
        answers: Answers,
    ) -> None:
        self._registers = registers
        self._desk = desk
        self._actor = actor
        self._school = School(school, registers=registers, desk=desk, actor=actor)
        self._form = form
        self._answers = answers
        self._whose = WhoIsMeant(registers, school=self._school, answers=answers)
        self._paper = paper
        self._log = LogLines(self._school, registers=registers, words=form.words, import_id=paper.import_id)
        self.counts: Counter[str] = Counter()
        self.refused: dict[int, RefusedLine] = {}
        self.asked: dict[int, RefusedLine] = {}
        self._many = form.places.many

    def result(self, *, progress: Progress | None) -> CareLogResult:
        """Take all lines, and say what became of them."""
        if progress is not None:
            progress(0, self._form.lines)
        for done in self.take():
            if progress is not None:
                progress(done, self._form.lines)
        return CareLogResult(
            import_id=self._paper.import_id,
            lines=self._form.lines,
            recorded=self.counts[RECORDED],
            already_recorded=self.counts[ALREADY_RECORDED],
            refused=tuple(self.refused[number] for number in sorted(self.refused)),
            asked=tuple(self.asked[number] for number in sorted(self.asked)),
            sheets_not_read=self._form.sheets_not_read,
            columns=self._form.columns,
            skipped=self._form.skipped,
            answers=self._answers.told,
        )

    def take(self) -> Iterator[int]:
        """Record the lines child by child, and give after each child how many lines are done."""
        children, unplaced = self._by_child()
        refused = [refused_line(each.line, *each.reasons) for each in self._form.refused]
        self._keep([*refused, *unplaced])
        done = len(refused) + len(unplaced)
        yield done
        for lines in portions(children, LINES_AT_ONCE):
            portion = {child: ChildEntries(its_lines, log=self._log) for child, its_lines in lines.items()}
            self._log.expect(each for entries in portion.values() for each in entries.carers)
            decided = self._desk.record(
                portion,
                actor=self._actor,
                provenance=self._paper.provenance,
                settle=self._school.settle,
            )
            self._keep([line for child, each in portion.items() for line in each.results(decided[child])])
            for each in portion.values():
                done += len(each)
                yield done

    def _by_child(self) -> tuple[Mapping[UUID, list[PaperCells]], list[BatchLine]]:
        """Sort the lines by child, and say why others can't be."""
        self._whose.expect(self._form.readable)
        children: dict[UUID, list[PaperCells]] = {}
        unplaced: list[BatchLine] = []
        for line in self._form.readable:
            try:
                child_id, placed = self._whose.child(line)
            except Unplaced as error:
                unplaced.append(self._unplaced(line, error.reasons, status=error.status))
            else:
                children.setdefault(child_id, []).append(placed)
        return children, unplaced

    def _unplaced(self, line: PaperCells, reasons: Sequence[Reason], *, status: int) -> BatchLine:
        """Refuse a line of which nobody knows whose it is, and say what else is to be mended."""
        return refused_line(line.line, *dict.fromkeys((*reasons, *self._log.faults(line))), status=status)

    def _keep(self, results: Sequence[BatchLine]) -> None:
        """Keep what became of some lines, and count it."""
        self.counts.update(each.state for each in results)
        for each in results:
            if each.faults:
                place = self._form.places[each.line]
                told = self.refused if each.state == REFUSED else self.asked
                told[each.line] = RefusedLine(
                    line=place.row,
                    reason=each.faults[0].reason,
                    sheet=place.sheet if self._many else None,
                    others=tuple(fault.reason for fault in each.faults[1:]),
                )
        placed = [self._placed(each) for each in results] if self._many else results
        self._paper.keep(placed, lines=self.counts.total())

    def _placed(self, line: BatchLine) -> BatchLine:
        """Add the place in a workbook of several sheets."""
        place = self._form.places[line.line]
        return restated(line, sheet=place.sheet_number, sheet_row=place.row)
