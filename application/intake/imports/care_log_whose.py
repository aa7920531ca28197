"""Which child each line of a care log means: by an answer, a code, a number or a name and a class."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec.structs import replace as restated

from application.intake.batch_lines import status_of_line
from application.intake.imports.answers import Answers
from application.intake.imports.care_log_cells import (
    CARER,
    CASE,
    COLUMNS,
    DAY,
    LINE_CODE,
    NAME,
    NUMBER,
    PaperCells,
)
from application.intake.imports.line_codes import CodesMeant
from application.intake.imports.paper import (
    Unreadable,
    answerable,
    candidates,
    explained,
    in_column,
    proposing,
    unreadable,
)
from application.intake.imports.registers import Registers
from application.intake.imports.school import School
from application.intake.imports.school_people import Namesakes
from application.intake.papers import people
from application.intake.papers.units import class_said
from application.lookups import CASE_NO
from domain.case_no import is_case_no
from domain.org import county_of
from domain.reasons import MISSING, UNKNOWN_CHILD
from domain.refusal import Reason, Refused

_DAY, _NUMBER, _NAME, _CARER = map(COLUMNS.index, (DAY, NUMBER, NAME, CARER))
CODE_SAYS_OTHERWISE = Reason(
    code="line_code_says_otherwise",
    zh="行码与学籍号不是同一名儿童",
    en="The code and the student number are not of one child.",
)
CASE_SAYS_OTHERWISE = Reason(
    code="case_no_says_otherwise",
    zh="个案编号与学籍号或行码不是同一名儿童",
    en="The case number is not of the child of the student number or the code.",
)
CASE_MISTYPED = Reason(
    code="case_no_mistyped",
    zh="个案编号有误：末位是校验码，与前面不符",
    en="The case number is mistyped: its last character checks the others and doesn't fit.",
)
WHICH_CHILD = Reason(
    code="which_child",
    zh="有不止一名儿童叫这个名字；请填写学籍号、个案编号或班级",
    en="More than one child has this name. Give the student number, the case number or the class.",
)
SEVERAL_NAMED = Reason(
    code="several_children",
    zh="一格写了几名儿童；请每名儿童写一行",
    en="The cell names several children. Write a line for each.",
)
NAMED_SO = "备注"


class Unplaced(Exception):
    """Nobody knows whose a line is: why, and the status that follows from it."""

    def __init__(self, reasons: Sequence[Reason], *, status: int) -> None:
        super().__init__()
        self.reasons = reasons
        self.status = status


class WhoIsMeant:
    """Finds the children of the lines of one file."""

    def __init__(self, registers: Registers, *, school: School, answers: Answers) -> None:
        self._registers = registers
        self._school = school
        self._answers = answers
        self._codes = CodesMeant(registers, school=school.path)
        self._numbered: Mapping[str, tuple[UUID, ...] | Refused] = {}
        self._named: Mapping[str, Namesakes | Refused] = {}
        self._cases: dict[str, tuple[UUID, ...]] = {}

    def expect(self, lines: Iterable[PaperCells]) -> None:
        """Look up at once the numbers and names that some lines have."""
        lines = list(lines)
        self._numbered = self._school.children([e.cells[_NUMBER] for e in lines if e.cells[_NUMBER]])
        # A name may be on file with what stands beside it.
        named = [name for e in lines if not e.cells[_NUMBER] for name in (e.cells[_NAME], e.as_written(NAME))]
        self._named = self._school.named(named)

    def child(self, line: PaperCells) -> tuple[UUID, PaperCells]:
        """Return the child whom a line means, and the line with what that told of it. Raises `Unplaced`."""
        try:
            return self._child(line)
        except Unreadable as error:
            status = 404 if error.reason == UNKNOWN_CHILD else 422
            raise Unplaced(self._proposing(line, error), status=status) from None
        except Refused as refused:
            raise Unplaced(explained(refused), status=status_of_line(refused)) from None

    def _child(self, line: PaperCells) -> tuple[UUID, PaperCells]:
        name, number = line[NAME], line[NUMBER]
        if (answer := self._answers.children.get(line.line)) is not None:
            return answer, _answered(line, name)
        if line.code:
            child_id, line = self._coded(line, self._numbered.get(number))
            return self._of_case(line, (child_id,)), line
        meant = self._numbered[number] if number else None
        if isinstance(meant, Refused):
            raise meant
        if line.case_no:
            return self._of_case(line, meant), line
        if meant is None:
            meant = self._alike(line, name)
        if isinstance(meant, Refused):
            raise meant
        if len(meant) > 1 and not number:
            raise unreadable(self._which_of(meant), NAME)
        if len(meant) != 1:
            raise Unreadable(UNKNOWN_CHILD)
        return meant[0], line

    def _of_case(self, line: PaperCells, others: tuple[UUID, ...] | None) -> UUID:
        """Return the child of a case number, where what else the line says is of no other one."""
        if not line.case_no:
            assert others
            return others[0]
        if not is_case_no(line.case_no):
            raise unreadable(CASE_MISTYPED, CASE)
        if line.case_no not in self._cases:
            self._cases[line.case_no] = self._registers.record.find(
                kind=CASE_NO, word=line.case_no, scope=county_of(self._school.path)
            )
        found = self._cases[line.case_no]
        if len(found) != 1:
            raise Unreadable(UNKNOWN_CHILD)
        if others and others != found:
            raise unreadable(CASE_SAYS_OTHERWISE, CASE)
        return found[0]

    def _alike(self, line: PaperCells, name: str) -> tuple[UUID, ...] | Refused:
        """Return those whom a line may mean by its name: those of its class on its day, if it says one."""
        if not name:
            raise unreadable(MISSING, NUMBER)
        found = self._named[name]
        if not isinstance(found, Refused) and not found.children:
            found = self._named[line.as_written(NAME)]
        if isinstance(found, Refused):
            return found
        day = line.cells[_DAY]
        return found.meant(class_said(line.grade, line.group), date.fromisoformat(day) if day else None)

    def _which_of(self, meant: Sequence[UUID]) -> Reason:
        """Return the question which of several is meant, with who they are and how to answer."""
        return answerable(candidates(WHICH_CHILD, list(self._school.told_apart(meant))))

    def _proposing(self, line: PaperCells, error: Unreadable) -> Sequence[Reason]:
        """Return why nobody is meant, with who bears the name elsewhere in the school, or nearly does."""
        if error.reason != UNKNOWN_CHILD or line.cells[_NUMBER] or line.code or line.case_no:
            return error.reasons
        named = self._named.get(line.cells[_NAME])
        here = () if named is None or isinstance(named, Refused) else named.now
        if elsewhere := list(self._school.told_apart(here)):
            return (candidates(error.reason, elsewhere, elsewhere=True), *error.reasons[1:])
        if len(people.people(line.cells[_NAME])) > 1:
            return (in_column(SEVERAL_NAMED, NAME), *error.reasons[1:])
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


def _answered(line: PaperCells, name: str) -> PaperCells:
    """Return a line of which somebody said whom it means: the name that it has is kept as a remark."""
    cells = list(line.cells)
    cells[_NAME] = ""
    kept = ((NAMED_SO, f"原写姓名“{name}”"),) if name else ()
    return restated(line, cells=tuple(cells), remarks=(*line.remarks, *kept))


def portions(children: Mapping[UUID, list[PaperCells]], most: int) -> Iterator[dict[UUID, list[PaperCells]]]:
    """Go through the children in portions of so many lines, in their order."""
    held: dict[UUID, list[PaperCells]] = {}
    count = 0
    for child_id, lines in children.items():
        if held and count + len(lines) > most:
            yield held
            held, count = {}, 0
        held[child_id] = lines
        count += len(lines)
    if held:
        yield held
