"""Importing a census form: every row that can be placed opens the file of one child, once and for ever."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from uuid import UUID

from application.access import Action, Actor, require
from application.intake.batches import ROSTER
from application.intake.imports.census import EntryOnPaper, Section
from application.intake.imports.paper import (
    Progress,
    RefusedLine,
    Unreadable,
    derived_id,
    explained,
    in_column,
    school_path,
    unreadable,
)
from application.intake.imports.registers import Registers
from application.intake.imports.roster_differs import differing_columns
from application.intake.imports.roster_form import (
    ENROLMENT,
    NUMBER,
    ChildOnPaper,
    RosterRow,
    SheetNotRead,
    read_roster,
    understood,
)
from application.intake.work import at_work
from application.reasons import ERASED, NUMBER_TAKEN, TWO_ALIKE
from application.recording.outcome import Outcome, Provenance
from domain.child import Child, fold
from domain.event import Channel, Draft, Occurred
from domain.normal import normal_name, normal_number
from domain.org import county_of, within
from domain.refusal import Reason, Refused
from domain.streams.carers.carer import CarerRegistered

NOT_ENROLLED = Reason(
    code=NUMBER_TAKEN.code,
    zh="该学籍号已属于另一份档案：本行儿童未建档，不受关爱预警。请核对学籍号和姓名；"
    "如是同一儿童，改名的登记档案变更，转来的办理转学",
    en="The number belongs to another file: the child of this row is not enrolled and not watched. Check "
    "number and name; if it is the same child, record the changed name or its transfer.",
)
ONE_CARER = Reason(
    code="one_carer",
    zh="一栏只能填一名结对帮扶人；其他人另行登记结对",
    en="One carer a cell: record the pairings with the others apart.",
)
# Between two carers in one cell; a word between them may be part of a name that is known.
_BETWEEN_CARERS = re.compile(r"[、,，;；/／\\|+＋&＆\n]")
_AND = re.compile(r".{2,}[和与及跟].{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingRow:
    """A row of a child that is enrolled already, and the columns that say something else."""

    line: int
    fields: tuple[str, ...]
    sheet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterResult:
    """What became of the rows of a form: enrolled, completed, already recorded, differing or refused.

    To a child that was `completed` something was added of which its file knew nothing yet. What differs was
    not applied. `incomplete` are parts of rows, beside these: the child is enrolled, its parents, guardian or
    pairing could not be recorded.
    """

    import_id: UUID
    lines: int
    enrolled: int
    completed: int
    already_recorded: int
    differs: tuple[DifferingRow, ...]
    refused: tuple[RefusedLine, ...]
    incomplete: tuple[RefusedLine, ...]
    sheets_not_read: tuple[SheetNotRead, ...]


def import_roster(
    data: bytes, *, org: str, registers: Registers, actor: Actor, progress: Progress | None = None
) -> RosterResult:
    """Import a census form into a school; the school and its classes are created where not known yet.

    Each row is kept in one transaction, so an import that was interrupted is finished by running it again.
    No child is refused for what only depends on its enrolment. Raises a `Refused` where the file as a whole
    cannot be used.
    """
    school = registers.organisations.spelled(school_path(org))
    require(actor, Action.SUBMIT, org=school)
    form = read_roster(data)
    actor = replace(actor, channel=Channel.IMPORT)
    registers.organisations.ensure(school, actor=actor)
    upload = registers.batches.begin_paper(
        source=ROSTER, org=school, file_sha256=form.file_sha256, actor=actor
    )
    run = _RosterImport(
        registers=registers,
        actor=actor,
        school=school,
        import_id=upload.batch_id,
        file_sha256=form.file_sha256,
    )
    with at_work(registers.batches, upload):
        for done, row in enumerate(form.rows, start=1):
            run.take(row)
            if progress is not None:
                progress(done, len(form.rows))
    return RosterResult(
        import_id=run.import_id,
        lines=len(form.rows),
        enrolled=run.enrolled,
        completed=run.completed,
        already_recorded=run.already_recorded,
        differs=tuple(run.differs),
        refused=tuple(run.refused),
        incomplete=tuple(run.incomplete),
        sheets_not_read=form.sheets_not_read,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One thing that a row says, as a draft, and the section of the form that it stands in."""

    draft: Draft
    section: Section


class _RosterImport:
    """One run over one form: counts, and what was created on the way."""

    def __init__(
        self, *, registers: Registers, actor: Actor, school: str, import_id: UUID, file_sha256: str
    ) -> None:
        self._registers = registers
        self._actor = actor
        self._school = school
        self._file_sha256 = file_sha256
        self._units: dict[str, str] = {}
        self._carers: dict[str, UUID] = {}
        self.import_id = import_id
        self.enrolled = 0
        self.completed = 0
        self.already_recorded = 0
        self.differs: list[DifferingRow] = []
        self.refused: list[RefusedLine] = []
        self.incomplete: list[RefusedLine] = []

    def take(self, row: RosterRow) -> None:
        """Enrol the child of a row, or say why not."""
        try:
            self._take(row, understood(row))
        except Unreadable as error:
            self._refuse(row, error.reason)
        except Refused as refused:
            self._refuse(row, explained(refused))

    def _take(self, row: RosterRow, said: ChildOnPaper) -> None:
        child = self._child(said.enrolment.said["student_no"])
        if child.enrolment is not None:
            self._meet(row, said, child)
            return
        org = self._unit(said.unit)
        parts = self._parts(row, said, child)
        first, *others = self._record(row, child, [part.draft for part in parts], org=org)
        if isinstance(first, Refused):
            self._refuse(row, _explained(first, parts[0].section))
            return
        if first.new:
            self.enrolled += 1
        else:
            self.already_recorded += 1
        self._tell_unread(row, said)
        self._tell_refused(row, parts[1:], others)

    def _record(
        self, row: RosterRow, child: Child, drafts: Sequence[Draft], *, org: str | None = None
    ) -> Sequence[Outcome]:
        return self._registers.record.record_many(
            actor=self._actor,
            stream_id=child.child_id,
            drafts=drafts,
            org=org,
            provenance=Provenance(
                import_id=self.import_id,
                file_sha256=self._file_sha256,
                lines={draft.event_id: row.line for draft in drafts},
            ),
        )

    def _tell_unread(self, row: RosterRow, said: ChildOnPaper) -> None:
        for part in said.not_read:
            self._leave_out(row, part.reason, part.columns)

    def _tell_refused(self, row: RosterRow, parts: Sequence[_Part], outcomes: Sequence[Outcome]) -> set[str]:
        """List the parts that were refused, and give the columns that they stand in."""
        columns: set[str] = set()
        for part, outcome in zip(parts, outcomes, strict=True):
            if isinstance(outcome, Refused):
                self._leave_out(row, _explained(outcome, part.section), part.section.titles)
                columns |= {*part.section.titles}
        return columns

    def _child(self, student_no: str) -> Child:
        """Load the child that has this number, or the file that it would get in this school."""
        county = county_of(self._school)
        found = self._registers.record.meant((student_no,), scope=county)[student_no]
        # The parts of the digest are for ever: a change would open a second file for every child.
        own = derived_id(self._registers.keyring.digest("import_child", self._school, student_no))
        if len(found) > 1:
            raise unreadable(NOT_ENROLLED, NUMBER)
        child_id = found[0] if found else own
        return fold(child_id, self._registers.log.stream(child_id))

    def _meet(self, row: RosterRow, said: ChildOnPaper, child: Child) -> None:
        """Take a row of a child that is enrolled: add what its file knows nothing of, compare the rest."""
        if not within(child.org, self._school) or _another_child(said, child):
            raise unreadable(NOT_ENROLLED, NUMBER)
        if child.enrolment is not None and child.enrolment.event.erased:
            raise Unreadable(ERASED)
        self._tell_unread(row, said)
        aside = {column for part in said.not_read for column in part.columns}
        parts = self._parts(row, said, child, missing_only=True)
        outcomes = self._record(row, child, [part.draft for part in parts]) if parts else ()
        aside |= self._tell_refused(row, parts, outcomes)
        if added := any(not isinstance(outcome, Refused) and outcome.new for outcome in outcomes):
            child = fold(child.child_id, self._registers.log.stream(child.child_id))
        names = self._registers.carers.names([p.carer for p in child.pairings], counties=child.counties)
        differing = differing_columns(row, said, child, school=self._school, names=names)
        fields = tuple(column for column in differing if column not in aside)
        if fields:
            self.differs.append(DifferingRow(line=row.line, fields=fields, sheet=row.sheet))
        elif added:
            self.completed += 1
        else:
            self.already_recorded += 1

    def _unit(self, unit: str) -> str:
        path = f"{self._school}/{unit}".removesuffix("/")
        if path not in self._units:
            self._units[path] = self._registers.organisations.ensure(path, actor=self._actor)
        return self._units[path]

    def _carer(self, name: str, column: str) -> UUID:
        """Find the carer of this name, which stands in `column`, in the school, or register one."""
        if _BETWEEN_CARERS.search(name):
            raise unreadable(ONE_CARER, column)
        if name not in self._carers:
            carers = self._registers.carers
            counties = (county_of(self._school),)
            names = carers.names(carers.named(org=self._school, name=name), counties=counties)
            alike = [carer_id for carer_id, now in names.items() if normal_name(now) == normal_name(name)]
            if len(alike) > 1:
                raise unreadable(TWO_ALIKE, column)
            self._carers[name] = alike[0] if alike else self._new_carer(name, column)
        return self._carers[name]

    def _new_carer(self, name: str, column: str) -> UUID:
        if _AND.fullmatch(name):
            raise unreadable(ONE_CARER, column)
        carers, digest = self._registers.carers, self._registers.keyring.digest
        ids = (derived_id(digest("import_carer", self._school, generation, name)) for generation in count())
        # Whoever had an id may bear another name by now, and is another person.
        carer_id = next(carer_id for carer_id in ids if not carers.known([carer_id]))
        carers.register(
            actor=self._actor, carer_id=carer_id, org=self._school, details=CarerRegistered(name=name)
        )
        return carer_id

    def _parts(
        self, row: RosterRow, said: ChildOnPaper, child: Child, *, missing_only: bool = False
    ) -> list[_Part]:
        """Say what a row says as events, the enrolment first; `missing_only` of what the file knows nothing.

        Their ids follow from the child, and after an undo are new.
        """
        known = {fact.event_id for fact in child.entries}
        parts: list[_Part] = []
        for place, entry in enumerate(said.entries):
            if missing_only and _is_told(child, entry):
                continue
            try:
                details = entry.details(carer=self._carer)
            except Unreadable as error:
                self._leave_out(row, error.reason, entry.section.titles)
                continue
            draft = Draft(
                event_id=self._event_id(child.child_id, f"{details.TYPE} {place}", known),
                occurred=Occurred.on(entry.day or said.enrolled_on),
                details=details,
                recorded_by=self._actor.name,
                recorder_said=False,
            )
            parts.append(_Part(draft=draft, section=entry.section))
        return parts

    def _event_id(self, child_id: UUID, what: str, known: set[UUID]) -> UUID:
        digest = self._registers.keyring.digest
        ids = (derived_id(digest("import_row", child_id, generation, what)) for generation in count())
        return next(event_id for event_id in ids if event_id not in known)

    def _refuse(self, row: RosterRow, reason: Reason) -> None:
        self.refused.append(RefusedLine(line=row.line, reason=reason, sheet=row.sheet))

    def _leave_out(self, row: RosterRow, reason: Reason, columns: Sequence[str]) -> None:
        """List what of a row is not recorded, with every column that says something and is left out."""
        filled = [column for column in row.cells if column in columns and row[column]]
        if len(filled) > 1 or (filled and filled[0] not in reason.zh):
            zh, en = reason.zh.rstrip("。"), reason.en.rstrip(".")
            left = "、".join(filled)
            reason = replace(reason, zh=f"{zh}。未登记的栏目：{left}", en=f"{en}. Not recorded: {left}.")
        self.incomplete.append(RefusedLine(line=row.line, reason=reason, sheet=row.sheet))


def _another_child(said: ChildOnPaper, child: Child) -> bool:
    """Tell whether a row is of somebody else under the same number, and not of a child that has changed.

    Under another name only an equal identity number, with sex and birthday, says that it is the same child:
    siblings of one birthday are none.
    """
    known, told = child.profile, said.enrolment.said
    if known is None or normal_name(known.name) == normal_name(told["name"]):
        return False
    if not known.id_number or not told.get("id_number"):
        return True
    same_id = normal_number(known.id_number) == normal_number(told["id_number"])
    return known.sex is not told["sex"] or known.birth_date != told["birth_date"] or not same_id


def _is_told(child: Child, entry: EntryOnPaper) -> bool:
    """Tell whether the file ever had an entry of the same, be it void by now."""
    return any(entry.section.is_of(fact.details) for fact in child.entries)


def _explained(refused: Refused, section: Section) -> Reason:
    """Name the column of the form where it is not the label of the field."""
    last = refused.faults[0].pointer.rpartition("/")[2]
    columns = {
        "occurred_on": section.day_column or ENROLMENT.day_column,
        "carer": section.columns.get("carer"),
        "student_no": NUMBER,
    }
    if (column := columns.get(last)) is not None:
        return in_column(refused.reason, column)
    return explained(refused, section.action.details)
