"""Rows of a roster that open a file although one is there that may be of the same child: asked about, never
refused. A child with two files is found and mended; one who has none is watched by nobody."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from msgspec.structs import replace as restated

from application.access import Actor
from application.children.doubles import MOST_COMPARED, Doubles
from application.intake.imports.paper import RefusedLine
from application.intake.imports.registers import Registers
from application.intake.imports.roster_cells import RosterRow
from application.intake.imports.roster_form import ChildOnPaper
from application.intake.imports.roster_rows import ENROLLED, RowResult
from domain.doubles import GUARDIAN, LABELS, Likeness, Mark, Traits, compared
from domain.effects import Effect
from domain.refusal import Fault, Reason

MAY_BE_DOUBLE = Reason(
    code="may_be_double",
    zh="可能是同一名儿童，请核对（仍会建档）",
    en="This may be the same child. Check it; a file is opened all the same.",
)


class RowDoubles:
    """What of the new rows of one roster may be a double, among themselves or of a file that is there."""

    def __init__(self, registers: Registers, *, school: str, actor: Actor) -> None:
        self._doubles = Doubles(registers.record.likenesses, now=registers.now)
        self._school = school
        self._actor = actor
        self._rows: dict[UUID, tuple[Traits, RosterRow]] = {}
        self._marked: dict[Mark, list[UUID]] = {}

    def questions(self, new: Mapping[UUID, tuple[RosterRow, ChildOnPaper]]) -> Mapping[UUID, RefusedLine]:
        """Return what is asked about rows that open the files of children, by these."""
        traits = {child_id: traits_on(on_paper) for child_id, (_, on_paper) in new.items()}
        known = self._doubles.like(traits, org=self._school, actor=self._actor, but=self._rows)
        asked: dict[UUID, RefusedLine] = {}
        for child_id, (row, _) in new.items():
            said = traits[child_id]
            found = [
                (f"档案 {each.case_no}", f"file {each.case_no}", each.likeness)
                for each in known.get(child_id, ())
            ]
            found += self._above(said)
            if found:
                zh, en, likeness = max(found, key=lambda each: each[2].score)
                asked[child_id] = RefusedLine(
                    line=row.line, reason=_reason(zh, en, likeness), sheet=row.sheet
                )
            self._note(child_id, said, row)
        return asked

    def _above(self, said: Traits) -> Iterator[tuple[str, str, Likeness]]:
        """Go through the rows above that may be of the same child."""
        for child_id in sorted({i for mark in said.marks for i in self._marked.get(mark, ())}):
            there, row = self._rows[child_id]
            likeness = compared(said, there)
            if likeness.worth_a_look:
                # What is kept of a line has the number of a sheet: its name may be that of a child.
                zh, en = f"第 {row.line} 行", f"line {row.line}"
                if row.sheet_number is not None:
                    zh, en = f"第 {row.sheet_number} 张表{zh}", f"sheet {row.sheet_number}, {en}"
                yield zh, en, likeness

    def _note(self, child_id: UUID, said: Traits, row: RosterRow) -> None:
        self._rows[child_id] = said, row
        for mark in said.marks:
            if len(marked := self._marked.setdefault(mark, [])) < MOST_COMPARED:
                marked.append(child_id)


def traits_on(on_paper: ChildOnPaper) -> Traits:
    """Return who a row says that its child is."""
    said = on_paper.enrolment.values
    kin: dict[str, str | None] = {}
    for entry in on_paper.depending:
        if entry.section.action.has(Effect.TELLS_OF_PARENT):
            kin[entry.section.given["parent"].value] = entry.values.get("name")
        elif entry.section.action.has(Effect.NAMES_GUARDIAN):
            kin[GUARDIAN] = entry.values.get("name")
    return Traits(
        name=said["name"],
        sex=said["sex"],
        birth_date=said["birth_date"],
        student_no=said.get("student_no"),
        id_number=said.get("id_number"),
        kin=kin,
    )


def with_question(result: RowResult, question: RefusedLine | None) -> RowResult:
    """Return what became of a row with what is asked about it, where it opened a file."""
    if question is None or result.became != ENROLLED:
        return result
    faults = (*result.line.faults, Fault(reason=question.reason))
    return replace(result, asked=question, line=restated(result.line, faults=faults))


def _reason(zh: str, en: str, likeness: Likeness) -> Reason:
    agree, differ = ([LABELS[name] for name in names] for names in (likeness.agrees, likeness.differs))
    said_zh = f"{MAY_BE_DOUBLE.zh}：{zh}。一致：{'、'.join(each.zh for each in agree)}"
    said_en = f"{MAY_BE_DOUBLE.en} It is like {en}. Equal: {', '.join(each.en for each in agree)}"
    if differ:
        said_zh += f"；不一致：{'、'.join(each.zh for each in differ)}"
        said_en += f"; different: {', '.join(each.en for each in differ)}"
    return Reason(code=MAY_BE_DOUBLE.code, zh=said_zh, en=f"{said_en}.")
