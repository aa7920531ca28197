"""Importing a census form: every row that can be placed opens the file of one child, once and for ever."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from application.access import Action, Actor, require
from application.intake.batch_lines import status_of_line
from application.intake.batches import ROSTER
from application.intake.imports.answers import NO_ANSWERS, Answer, Answers
from application.intake.imports.desk import Desk, DryRun, Paper, Recorder
from application.intake.imports.paper import (
    Progress,
    answerable,
    candidates,
    explained,
    in_column,
    school_path,
)
from application.intake.imports.registers import Registers
from application.intake.imports.roster_answers import answered, answers_known
from application.intake.imports.roster_cells import NAME, NUMBER
from application.intake.imports.roster_changes import Wanted
from application.intake.imports.roster_doubles import RowDoubles, with_question
from application.intake.imports.roster_entries import NOT_ENROLLED, NOT_TOLD_APART, RowEntries
from application.intake.imports.roster_form import RosterForm, read_roster
from application.intake.imports.roster_known import completed
from application.intake.imports.roster_repeats import RowsAbove
from application.intake.imports.roster_result import RosterResult, counted
from application.intake.imports.roster_rows import (
    ReadRow,
    RowResult,
    carers_on,
    numbered,
    on_paper,
    person,
    read_row,
    refused_row,
)
from application.intake.imports.school import School
from application.intake.imports.school_people import People, Person
from application.intake.papers.words import Words
from domain.days import local_day
from domain.event import Channel
from domain.refusal import Reason, Refused

# Rows that are decided and saved as one: more gain little, and who breaks an import off waits for them.
ROWS_AT_ONCE = 40


COMPARE_AGAIN = Reason(
    code="compare_again",
    zh="比对之后台账有变：已没有这名儿童；请重新比对",
    en="The ledger has changed since the lists were compared: the child isn't there any more. Compare again.",
)


def import_roster(
    data: bytes,
    *,
    org: str,
    registers: Registers,
    actor: Actor,
    progress: Progress | None = None,
    enrolled_on: date | None = None,
    changed_on: date | None = None,
    all_words: Words | None = None,
    answers: Sequence[Answer] = (),
    desk: Desk | None = None,
) -> RosterResult:
    """Import a census form into a school; the school and its classes are created where not known yet.

    Rows are kept in portions, so an import that was interrupted is finished by running it again. No child is
    refused for what only depends on its enrolment. Raises a `Refused` where the file as a whole cannot be
    used, and `Conflict` where the same file is being imported again by now. `enrolled_on` is the day of the
    enrolment where the file names none. With `changed_on` what differs from the files of children that are
    known is applied, as having changed on that day. `answers` are what somebody said who was asked, by the
    rows; they are remembered for the file. `desk` takes the place of that which records.
    """
    return _taken(
        data,
        org=org,
        registers=registers,
        desk=desk or Recorder(registers),
        actor=actor,
        progress=progress,
        enrolled_on=enrolled_on,
        changed_on=changed_on,
        all_words=all_words,
        answers=answers,
    )


def plan_roster(
    data: bytes,
    *,
    org: str,
    registers: Registers,
    actor: Actor,
    progress: Progress | None = None,
    enrolled_on: date | None = None,
    changed_on: date | None = None,
    all_words: Words | None = None,
    answers: Sequence[Answer] = (),
) -> RosterResult:
    """Return what `import_roster` would do now, and do nothing but remember the answers: see `DryRun`."""
    return _taken(
        data,
        org=org,
        registers=registers,
        desk=DryRun(registers),
        actor=actor,
        progress=progress,
        enrolled_on=enrolled_on,
        changed_on=changed_on,
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
    enrolled_on: date | None,
    changed_on: date | None,
    all_words: Words | None,
    answers: Sequence[Answer],
) -> RosterResult:
    school = registers.organisations.spelled(school_path(org))
    require(actor, Action.SUBMIT, org=school)
    form = read_roster(data, enrolled_on=enrolled_on, all_words=all_words)
    actor = replace(actor, channel=Channel.IMPORT)
    known = answers_known(form, answers, org=school, registers=registers, actor=actor, all_words=all_words)
    desk.ensure(school, actor=actor)
    with desk.paper(source=ROSTER, org=school, file_sha256=form.file_sha256, actor=actor) as paper:
        run = RosterRun(
            registers=registers,
            desk=desk,
            actor=actor,
            school=school,
            paper=paper,
            form=form,
            changed_on=changed_on,
            answers=known,
        )
        done = run.result(progress=progress)
    desk.keep_ours(form, org=school, actor=actor)
    return done


class RosterRun:
    """One run over one form."""

    def __init__(
        self,
        *,
        registers: Registers,
        desk: Desk,
        actor: Actor,
        school: str,
        paper: Paper,
        form: RosterForm,
        changed_on: date | None = None,
        answers: Answers = NO_ANSWERS,
    ) -> None:
        """`changed_on` is from when on what differs is applied; where it is None it is only told."""
        self._registers = registers
        self._desk = desk
        self._actor = actor
        self._school = School(school, registers=registers, desk=desk, actor=actor)
        self._answers = answers
        rows = tuple(answered(form.rows, answers))
        self._form = replace(form, rows=completed(rows, self._school))
        self._paper = paper
        self._changed_on = changed_on
        self._met: set[UUID] = set()
        self._above = RowsAbove()
        self._doubles = RowDoubles(registers, school=school, actor=actor)

    def result(self, *, progress: Progress | None) -> RosterResult:
        """Take all rows, and say what became of them."""
        results = list(self.results(progress=progress))
        return counted(
            results,
            import_id=self._paper.import_id,
            form=self._form,
            missing=self.missing(results),
            answers=self._answers.told,
        )

    def results(self, *, progress: Progress | None) -> Iterator[RowResult]:
        """Take the rows one after the other, and say what became of each."""
        done = 0
        if progress is not None:
            progress(done, len(self._form.rows))
        for portion in self.portions():
            taken = self.take(portion)
            self._paper.keep([each.line for each in taken], lines=done + len(taken))
            for each in taken:
                done += 1
                if progress is not None:
                    progress(done, len(self._form.rows))
                yield each

    def missing(self, results: Sequence[RowResult]) -> tuple[UUID, ...]:
        """Return the children in care of whom no row speaks, not even one that was refused.

        A list of which lines were settled is part of one.
        """
        if self._form.settled is not None:
            return ()
        refused = [each.row.cells for each in results if each.became is None]
        by_number = self._school.children([cells[NUMBER] for cells in refused if cells.get(NUMBER)])
        named = self._school.named([cells[NAME] for cells in refused if cells.get(NAME)])
        spoken_of = {i for ids in by_number.values() if not isinstance(ids, Refused) for i in ids}
        spoken_of |= {i for found in named.values() if not isinstance(found, Refused) for i in found.now}
        there = self._registers.record.in_care(self._school.path, local_day(self._registers.now()))
        return tuple(i for i in there if i not in self._met and i not in spoken_of)

    def portions(self) -> Iterator[list[ReadRow]]:
        """Go through the rows in portions, no two of one child in the same: each sees the other."""
        held: list[ReadRow] = []
        people = People()
        for number, row in numbered(self._form.rows):
            read = read_row(row, number)
            who = None if isinstance(read.on_paper, RowResult) else person(read)
            if len(held) == ROWS_AT_ONCE or (who and people.meets(who)):
                yield held
                held, people = [], People()
            held.append(read)
            if who is not None:
                people.add(who)
        if held:
            yield held

    def take(self, portion: Sequence[ReadRow]) -> list[RowResult]:
        """Enrol the children of some rows, or say why not, in the order of the rows.

        Numbers that differ may stand for one child whose files were merged: its second row is taken after.
        """
        results = {row.number: row.on_paper for row in portion if isinstance(row.on_paper, RowResult)}
        rows = {row.number: row for row in portion if row.number not in results}
        found = self._meant({number: person(row) for number, row in rows.items()})
        here: dict[UUID, ReadRow] = {}
        new: dict[UUID, ReadRow] = {}
        later: list[ReadRow] = []
        for number, row in rows.items():
            meant = found[number]
            if not isinstance(meant, Refused):
                self._met.update(meant)
            if isinstance(meant, Refused):
                results[number] = _refused(row, meant)
            elif len(meant) > 1:
                asked = self._which_of(meant, numbered=person(row).student_no is not None)
                results[number] = refused_row(row.row, asked, number=number, status=409)
            elif not meant and (wanted := self._wanted_of(row)) is not None and not wanted.enrols:
                results[number] = refused_row(row.row, COMPARE_AGAIN, number=number, status=409)
            else:
                child_id = meant[0] if meant else self._school.new_child(person(row))
                if child_id in here:
                    later.append(row)
                    continue
                self._met.add(child_id)
                here[child_id] = row
                if not meant:
                    new[child_id] = row
        results |= self._recorded(here, new=new)
        if later:
            results |= {row.number: each for row, each in zip(later, self.take(later), strict=True)}
        return [results[row.number] for row in portion]

    def _which_of(self, meant: Sequence[UUID], *, numbered: bool) -> Reason:
        """Return the question which of several children is meant, with who they are and how to answer."""
        asked = in_column(NOT_ENROLLED if numbered else NOT_TOLD_APART, NUMBER)
        return answerable(candidates(asked, list(self._school.told_apart(meant))))

    def _recorded(self, rows: Mapping[UUID, ReadRow], *, new: Mapping[UUID, ReadRow]) -> dict[int, RowResult]:
        """Record what rows say of some children, of which `new` ones get their files by that."""
        if not rows:
            return {}
        asked = self._doubles.questions({i: (row.row, on_paper(row)) for i, row in new.items()})
        entries = {child_id: self._entries(row, child_id) for child_id, row in rows.items()}
        self._school.expect_carers(carers_on(rows.values()))
        decided = self._desk.record(
            entries, actor=self._actor, provenance=self._paper.provenance, settle=self._school.settle
        )
        return {
            rows[i].number: with_question(each.result(decided[i]), asked.get(i))
            for i, each in entries.items()
        }

    def _meant(self, people: Mapping[int, Person]) -> dict[int, tuple[UUID, ...] | Refused]:
        """Find the child that each row speaks of: by its number, or else by who it is."""
        numbers = {number: p.student_no for number, p in people.items() if p.student_no is not None}
        by_number = self._school.children([*numbers.values()])
        found = {number: by_number[student_no] for number, student_no in numbers.items()}
        found |= {n: (child_id,) for n, child_id in self._answers.children.items() if n in people}
        others = {number: person for number, person in people.items() if not found.get(number)}
        return found | self._school.alike(others)

    def _entries(self, row: ReadRow, child_id: UUID) -> RowEntries:
        return RowEntries(
            row.row,
            self._above.without_contradictions(child_id, on_paper(row)),
            number=row.number,
            school=self._school,
            actor=self._actor,
            wanted=self._wanted_of(row),
            import_id=self._paper.import_id,
            answered=row.number in self._answers.children,
        )

    def _wanted_of(self, row: ReadRow) -> Wanted | None:
        """Return what of a row is to be applied: what was settled, or all or nothing."""
        if self._form.settled is None:
            return None if self._changed_on is None else Wanted(day=self._changed_on)
        settled = self._form.settled[row.row.line]
        return Wanted(
            day=self._changed_on or local_day(self._registers.now()),
            columns=settled.taken,
            settled=settled.kept,
            enrols=settled.enrols,
        )


def _refused(row: ReadRow, refused: Refused) -> RowResult:
    return refused_row(row.row, *explained(refused), number=row.number, status=status_of_line(refused))
