"""Importing a care log: every line that can be placed becomes one event of one child, once and for ever."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from uuid import UUID

from msgspec.structs import replace as restated

from application.access import Action, Actor, require
from application.intake.batch_lines import (
    ALREADY_RECORDED,
    RECORDED,
    BatchLine,
    status_of_line,
)
from application.intake.batches import CARE_LOG
from application.intake.imports.care_log_cells import CARER, COLUMNS, DAY, LINE_CODE, NAME, NUMBER, PaperCells
from application.intake.imports.care_log_entries import ChildEntries, LogLines, refused_line
from application.intake.imports.care_log_form import CareLogForm, read_care_log
from application.intake.imports.desk import Desk, DryRun, Paper, Recorder
from application.intake.imports.line_codes import CodesMeant
from application.intake.imports.paper import (
    Progress,
    RefusedLine,
    Unreadable,
    explained,
    proposing,
    school_path,
    unreadable,
)
from application.intake.imports.registers import Registers
from application.intake.imports.school import Namesakes, School
from application.intake.papers.finding import ColumnRead, SheetNotRead
from application.intake.papers.units import class_said
from application.intake.papers.words import Words
from domain.event import Channel
from domain.org import county_of
from domain.reasons import MISSING, UNKNOWN_CHILD
from domain.refusal import Reason, Refused, invalid

# Lines that are decided and saved as one, but never fewer than those of one child: more gain little, and who
# breaks an import off waits for them.
LINES_AT_ONCE = 300
_DAY, _NUMBER, _NAME, _CARER = map(COLUMNS.index, (DAY, NUMBER, NAME, CARER))
CODE_SAYS_OTHERWISE = Reason(
    code="line_code_says_otherwise",
    zh="行码与学籍号不是同一名儿童",
    en="The code and the student number are not of one child.",
)
NO_SUCH_LINE = Reason(
    code="no_such_line",
    zh="所答的行在文件中没有，或几张工作表都有这一行；请照预览中的行号填写",
    en="The file has no such line, or several sheets have it. Give the line as the preview numbers it.",
)
NAMED_SO = "备注"
NO_ANSWERS: Mapping[int, UUID] = MappingProxyType({})
WHICH_CHILD = Reason(
    code="which_child",
    zh="有不止一名儿童叫这个名字；请填写学籍号或班级",
    en="More than one child has this name. Give the student number or the class.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLogResult:
    """What became of the lines of a care log; a line that was typed twice counts as recorded already."""

    import_id: UUID | None
    lines: int
    recorded: int
    already_recorded: int
    refused: tuple[RefusedLine, ...]
    sheets_not_read: tuple[SheetNotRead, ...] = ()
    columns: tuple[ColumnRead, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)

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
    answers: Mapping[int, UUID] = NO_ANSWERS,
    desk: Desk | None = None,
) -> CareLogResult:
    """Import a care log into a school that is known.

    Lines are kept in portions, those of a child in one, so an import that was interrupted is finished by
    running it again. Raises a `Refused` where the file as a whole or the school cannot be used, and
    `Conflict` where the same file is being imported again by now.
    `answers` are the children whom lines mean, by their rows, as somebody said who was asked. `desk` takes
    the place of that which records.
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
    answers: Mapping[int, UUID] = NO_ANSWERS,
) -> CareLogResult:
    """Return what `import_care_log` would do now, and do nothing: see `DryRun`."""
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
    answers: Mapping[int, UUID],
) -> CareLogResult:
    school = registers.organisations.existing(school_path(org))
    require(actor, Action.SUBMIT, org=school)
    form = read_care_log(data, all_words=all_words)
    _refuse_stray(answers, form)
    actor = replace(actor, channel=Channel.IMPORT)
    with desk.paper(source=CARE_LOG, org=school, file_sha256=form.file_sha256, actor=actor) as paper:
        run = _CareLogImport(
            registers=registers,
            desk=desk,
            actor=actor,
            school=school,
            paper=paper,
            form=form,
            answers=answers,
        )
        return run.result(progress=progress)


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
        answers: Mapping[int, UUID],
    ) -> None:
        self._registers = registers
        self._desk = desk
        self._actor = actor
        self._school = School(school, registers=registers, desk=desk, actor=actor)
        self._form = form
        self._answers = answers
        self._codes = CodesMeant(registers, school=school)
        self._paper = paper
        self._log = LogLines(self._school, registers=registers, words=form.words, import_id=paper.import_id)
        self.counts: Counter[str] = Counter()
        self.refused: dict[int, RefusedLine] = {}
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
            sheets_not_read=self._form.sheets_not_read,
            columns=self._form.columns,
            skipped=self._form.skipped,
        )

    def take(self) -> Iterator[int]:
        """Record the lines child by child, and give after each child how many lines are done."""
        children, unplaced = self._by_child()
        refused = [refused_line(each.line, *each.reasons) for each in self._form.refused]
        self._keep([*refused, *unplaced])
        done = len(refused) + len(unplaced)
        yield done
        for lines in _portions(children):
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
        lines = self._form.readable
        found = self._school.children([line.cells[_NUMBER] for line in lines if line.cells[_NUMBER]])
        named = self._school.named([line.cells[_NAME] for line in lines if not line.cells[_NUMBER]])
        children: dict[UUID, list[PaperCells]] = {}
        unplaced: list[BatchLine] = []
        for line in lines:
            try:
                name, number = line[NAME], line[NUMBER]
                if (answer := self._answers.get(self._form.places[line.line].row)) is not None:
                    children.setdefault(answer, []).append(_answered(line, name))
                    continue
                if line.code:
                    child_id, placed = self._coded(line, found.get(number))
                    children.setdefault(child_id, []).append(placed)
                    continue
                meant = found[number] if number else _alike(named, line, name)
                if isinstance(meant, Refused):
                    raise meant
                children.setdefault(_one(meant, by=NUMBER if number else NAME), []).append(line)
            except Unreadable as error:
                status = 404 if error.reason == UNKNOWN_CHILD else 422
                unplaced.append(self._unplaced(line, self._proposing(line, error), status=status))
            except Refused as refused:
                unplaced.append(self._unplaced(line, explained(refused), status=status_of_line(refused)))
        return children, unplaced

    def _proposing(self, line: PaperCells, error: Unreadable) -> Sequence[Reason]:
        """Return why nobody is meant, with those whose names are nearly the one that is written."""
        if error.reason != UNKNOWN_CHILD or line.cells[_NUMBER] or line.code:
            return error.reasons
        near = self._school.near(line.cells[_NAME], class_said(line.grade, line.group))
        return (proposing(error.reason, near), *error.reasons[1:])

    def _coded(
        self, line: PaperCells, numbered: tuple[UUID, ...] | Refused | None
    ) -> tuple[UUID, PaperCells]:
        """Return the child whom the code of a line names, and the line with the carer whose sheet it is of.

        Raises `Unreadable`.
        """
        day = line.cells[_DAY]
        meant = self._codes.meant(line.code, date.fromisoformat(day) if day else None)
        if numbered is not None and numbered != (meant.child_id,):
            raise unreadable(CODE_SAYS_OTHERWISE, LINE_CODE)
        if meant.carer is None or line.cells[_CARER]:
            return meant.child_id, line
        names = self._registers.carers.names([meant.carer], counties={county_of(self._school.path)})
        cells = list(line.cells)
        cells[_CARER] = names.get(meant.carer, "")
        return meant.child_id, restated(line, cells=tuple(cells))

    def _unplaced(self, line: PaperCells, reasons: Sequence[Reason], *, status: int) -> BatchLine:
        """Refuse a line of which nobody knows whose it is, and say what else is to be mended."""
        return refused_line(line.line, *dict.fromkeys((*reasons, *self._log.faults(line))), status=status)

    def _keep(self, results: Sequence[BatchLine]) -> None:
        """Keep what became of some lines, and count it."""
        self.counts.update(each.state for each in results)
        for each in results:
            if each.faults:
                place = self._form.places[each.line]
                self.refused[each.line] = RefusedLine(
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


def _refuse_stray(answers: Mapping[int, UUID], form: CareLogForm) -> None:
    """Raise `Invalid` where an answer is to no line, or to lines of several sheets."""
    if not answers:
        return
    numbers = (*(each.line for each in form.readable), *(each.line for each in form.refused))
    rows = Counter(form.places[number].row for number in numbers)
    if any(rows[row] != 1 for row in answers):
        raise invalid(NO_SUCH_LINE, "/answers")


def _answered(line: PaperCells, name: str) -> PaperCells:
    """Return a line of which somebody said whom it means: the name that it has is kept as a remark."""
    cells = list(line.cells)
    cells[_NAME] = ""
    kept = ((NAMED_SO, f"原写姓名“{name}”"),) if name else ()
    return restated(line, cells=tuple(cells), remarks=(*line.remarks, *kept))


def _alike(
    named: Mapping[str, Namesakes | Refused], line: PaperCells, name: str
) -> tuple[UUID, ...] | Refused:
    """Return the children whom a line may mean by its name: those of its class on its day, if it says one."""
    if not name:
        raise unreadable(MISSING, NUMBER)
    found = named[name]
    if isinstance(found, Refused):
        return found
    day = line.cells[_DAY]
    return found.meant(class_said(line.grade, line.group), date.fromisoformat(day) if day else None)


def _one(meant: Sequence[UUID], *, by: str) -> UUID:
    """Return the one child that is meant. Raises `Unreadable`."""
    if len(meant) > 1 and by == NAME:
        raise unreadable(WHICH_CHILD, NAME)
    if len(meant) != 1:
        raise Unreadable(UNKNOWN_CHILD)
    return meant[0]


def _portions(children: Mapping[UUID, list[PaperCells]]) -> Iterator[dict[UUID, list[PaperCells]]]:
    """Go through the children in portions, in their order."""
    held: dict[UUID, list[PaperCells]] = {}
    count = 0
    for child_id, lines in children.items():
        if held and count + len(lines) > LINES_AT_ONCE:
            yield held
            held, count = {}, 0
        held[child_id] = lines
        count += len(lines)
    if held:
        yield held
