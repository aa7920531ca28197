"""The entries of one row of a census form, and what becomes of them in the file of its child."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from msgspec.structs import replace as restated

from application.access import Actor
from application.children.naming import name_of, names_of, names_taken_over
from application.intake.batch_lines import (
    BatchLine,
    of_line,
    recorded_line,
    standing_line,
    status_of_line,
)
from application.intake.imports.census import EntryOnPaper, Section
from application.intake.imports.paper import (
    RefusedLine,
    Unreadable,
    explained,
    in_column,
    naming,
    unreadable,
)
from application.intake.imports.reasons import MOVED_AWAY
from application.intake.imports.roster_cells import ENROLMENT, NUMBER, RosterRow
from application.intake.imports.roster_changes import Kept, RowChanges, Wanted
from application.intake.imports.roster_differs import Difference, differences
from application.intake.imports.roster_form import ChildOnPaper
from application.intake.imports.roster_rows import (
    CHANGED,
    COMPLETED,
    ENROLLED,
    KNOWN,
    RowResult,
    placed,
    refused_row,
)
from application.intake.imports.school import School
from application.reasons import ERASED, NOT_ALONE, NUMBER_TAKEN
from application.recording.outcome import Decided, Outcome, Recorded
from domain.case_no import case_no_of
from domain.child import Child
from domain.event import NewEvent, Occurred
from domain.normal import normal_number, undotted
from domain.org import within
from domain.refusal import Reason, Refused

NOT_ENROLLED = Reason(
    code=NUMBER_TAKEN.code,
    zh="该学籍号已属于另一份档案：本行儿童未建档，不受关爱预警。请核对学籍号和姓名；"
    "如是同一儿童，改名的登记档案变更，转来的办理转学",
    en="The number belongs to another file: the child of this row is not enrolled and not watched. Check "
    "number and name; if it is the same child, record the changed name or its transfer.",
)
NOT_TOLD_APART = Reason(
    code=NUMBER_TAKEN.code,
    zh="本校有几名同名、同性别、同日出生的儿童，无法判断本行是哪一名：请填写学籍号",
    en="Several children of the school have this name, sex and birthday. Give the student number.",
)
MERGED_NAME = Reason(
    code="name_of_merged_file",
    zh="本行是已并入的档案的姓名；已按现在的档案读取，请核对姓名",
    en="The row has the name of a file that was merged. It was read as of the file that goes on; check the "
    "name",
)
DIFFERS = Reason(
    code="differs_from_recorded",
    zh="与已有记录不一致的栏目，未更改",
    en="These columns differ from what is recorded; nothing was changed.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One thing that a row says, as a new event, and the columns of the form that it stands in.

    These are a section of it, or what is different from what is recorded.
    """

    new_event: NewEvent
    columns: tuple[str, ...]
    section: Section | None = None


class RowEntries:
    """The entries of one row on their way into the file of its child."""

    def __init__(
        self,
        row: RosterRow,
        on_paper: ChildOnPaper,
        *,
        number: int,
        school: School,
        actor: Actor,
        wanted: Wanted | None = None,
        import_id: UUID | None = None,
        answered: bool = False,
    ) -> None:
        """`number` is that of the line that is kept of the row; `wanted` what of it is to be applied.

        `answered` says that somebody who was asked said whom the row means.
        """
        self._answered = answered
        self._row = row
        self._on_paper = on_paper
        self._number = number
        self._school = school
        self._actor = actor
        self._wanted = wanted
        self._import_id = import_id
        self._begin()

    def _begin(self) -> None:
        self._parts: list[_Part] = []
        self._incomplete: list[RefusedLine] = []
        self._kept: list[RefusedLine] = []
        self._refused: tuple[tuple[Reason, ...], int] | None = None
        self._enrolled_before = False

    def derive(self, child: Child) -> list[NewEvent]:
        """Propose what the file of the child knows nothing of: all that the row says where there is none."""
        self._begin()
        org = None
        try:
            if child.enrolment is not None:
                self._enrolled_before = True
                self._refuse_another(child)
                self._note_unread()
            else:
                org = self._school.unit(self._on_paper.unit)
            self._parts = self._parts_for(child)
            if self._enrolled_before and self._wanted is not None:
                self._parts += self._changes_for(child, self._wanted)
        except Unreadable as error:
            self._refused = error.reasons, 422
        except Refused as refused:
            self._refused = explained(refused), status_of_line(refused)
        if self._refused is not None:
            return []
        return [
            restated(part.new_event, org=part.new_event.org or org, line=self._row.line)
            for part in self._parts
        ]

    def result(self, decided: Decided[Child] | Refused) -> RowResult:
        """Say what became of the row."""
        if isinstance(decided, Refused):
            self._refused = explained(decided), status_of_line(decided)
        elif self._refused is None and not self._enrolled_before:
            return self._enrolled(decided.outcomes)
        elif self._refused is None:
            return self._met(decided.outcomes, decided.state)
        assert self._refused is not None
        reasons, status = self._refused
        return refused_row(
            self._row, *reasons, number=self._number, status=status, incomplete=tuple(self._incomplete)
        )

    def _enrolled(self, outcomes: Sequence[Outcome]) -> RowResult:
        first, *others = outcomes
        if isinstance(first, Refused):
            return refused_row(
                self._row,
                *_explained(first, self._parts[0]),
                number=self._number,
                status=status_of_line(first),
                incomplete=tuple(self._incomplete),
            )
        self._note_unread()
        self._note_refused(self._parts[1:], others)
        return self._result(ENROLLED if first.new else KNOWN, recorded_line(self._number, first))

    def _met(self, outcomes: Sequence[Outcome], child: Child) -> RowResult:
        """Compare a row with the file of a child that was enrolled before, as it is now."""
        aside = self._unread | self._note_refused(self._parts, outcomes)
        differs = tuple(d for d in self._differences(child) if d.column not in aside)
        recorded = [
            (part, o)
            for part, o in zip(self._parts, outcomes, strict=True)
            if isinstance(o, Recorded) and o.new
        ]
        if not recorded:
            return self._there(child, differs=differs)
        line = recorded_line(self._number, recorded[0][1])
        new = {column for part, _ in recorded if part.section is None for column in part.columns}
        changed = tuple(column for column in self._row.cells if column in new - aside)
        parts = {column for part, _ in recorded if part.section is not None for column in part.columns}
        added = tuple(column for column in self._row.cells if column in parts and self._row.says(column))
        return self._result(
            CHANGED if changed else COMPLETED, line, differs=differs, changed=changed, added=added
        )

    def _there(self, child: Child, *, differs: tuple[Difference, ...]) -> RowResult:
        """Say of a row that brought nothing that it was known, or what this import recorded of it before."""
        assert child.enrolment is not None
        import_id, line = self._import_id, self._row.line
        own = [fact for fact in child.facts if of_line(fact, import_id=import_id, line=line)]
        if child.enrolment in own:
            return self._result(ENROLLED, standing_line(self._number, child.enrolment, own=True))
        if own:
            return self._result(COMPLETED, standing_line(self._number, own[0], own=True), differs=differs)
        return self._result(KNOWN, standing_line(self._number, child.enrolment), differs=differs)

    @property
    def _unread(self) -> frozenset[str]:
        """The columns that can't be understood, and those of which the file is to keep what it has."""
        unread = (column for part in self._on_paper.not_read for column in part.columns)
        return frozenset(unread) | (self._wanted.settled if self._wanted else frozenset())

    def _differences(self, child: Child) -> tuple[Difference, ...]:
        names = self._names(child)
        return differences(self._row, self._on_paper, child, school=self._school.path, names=names)

    def _names(self, child: Child) -> Mapping[UUID, str]:
        carers = {pairing.carer for pairing in child.pairings}
        return self._school.names(carers, counties=child.counties)

    def _result(
        self,
        became: str,
        line: BatchLine,
        *,
        differs: tuple[Difference, ...] = (),
        changed: tuple[str, ...] = (),
        added: tuple[str, ...] = (),
    ) -> RowResult:
        reasons = [each.reason for each in (*self._incomplete, *self._kept)]
        if differs:
            reasons.append(naming(DIFFERS, [each.column for each in differs]))
        return RowResult(
            row=self._row,
            became=became,
            line=placed(line, self._row, reasons),
            differs=differs,
            incomplete=tuple(self._incomplete),
            changed=changed,
            kept=tuple(self._kept),
            added=added,
        )

    def _refuse_another(self, child: Child) -> None:
        """Refuse a row that is not of the child whose number it names, or whose file was erased."""
        elsewhere = not within(child.org, self._school.path)
        if elsewhere and self._on_paper.enrolment.values.get("student_no") is None:
            raise Unreadable(MOVED_AWAY)
        if elsewhere or (not self._answered and _another_child(self._on_paper, child)):
            raise unreadable(NOT_ENROLLED, NUMBER)
        if child.enrolment is not None and child.enrolment.event.erased:
            raise Unreadable(ERASED)
        said = undotted(self._on_paper.enrolment.values["name"])
        taken_over = set(map(undotted, names_taken_over(child))) - {undotted(name_of(child) or "")}
        if said in taken_over:
            self._incomplete.append(self._told(naming(MERGED_NAME, [case_no_of(child.child_id)])))

    def _told(self, reason: Reason) -> RefusedLine:
        return RefusedLine(line=self._row.line, reason=reason, sheet=self._row.sheet)

    def _parts_for(self, child: Child) -> list[_Part]:
        """Write what a row says as events, the enrolment first, of a known child what its file lacks.

        Their ids follow from the child, and after an undo are new.
        """
        known = {fact.event_id for fact in child.entries}
        parts: list[_Part] = []
        for place, entry in enumerate(self._on_paper.entries):
            if self._enrolled_before and (_is_known(child, entry) or self._is_unwanted(entry)):
                continue
            try:
                details = entry.details(carer=self._school.carer)
            except Unreadable as error:
                self._leave_out(error.reason, entry.section.titles)
                continue
            new_event = NewEvent(
                event_id=self._school.new_entry(child.child_id, f"{details.TYPE} {place}", known=known),
                occurred=Occurred.on(entry.day or self._on_paper.enrolled_on),
                details=details,
                recorded_by=self._actor.name,
                recorder_said=False,
            )
            parts.append(_Part(new_event=new_event, columns=entry.section.titles, section=entry.section))
        return parts

    def _is_unwanted(self, entry: EntryOnPaper) -> bool:
        return self._wanted is not None and not self._wanted.touches(entry.section.titles)

    def _changes_for(self, child: Child, wanted: Wanted) -> list[_Part]:
        """Write what a row says otherwise than the file of a child as events under new ids."""
        aside = self._unread.union(*(part.columns for part in self._parts))
        known = {fact.event_id for fact in child.entries}
        changes = RowChanges(
            row=self._row,
            said=self._on_paper,
            child=child,
            differing=[each for each in self._differences(child) if each.column not in aside],
            wanted=wanted,
            school=self._school,
            recorded_by=self._actor.name,
            new_id=partial(self._school.new_entry, child.child_id, known=known),
            names=self._names(child),
        )
        parts: list[_Part] = []
        for each in changes.all():
            if isinstance(each, Kept):
                self._kept.append(each.told(self._row))
            else:
                parts += (_Part(new_event=new, columns=each.columns) for new in each.new_events)
        return parts

    def _note_unread(self) -> None:
        for part in self._on_paper.not_read:
            self._leave_out(part.reason, part.columns)

    def _note_refused(self, parts: Sequence[_Part], outcomes: Sequence[Outcome]) -> AbstractSet[str]:
        """List the parts that were refused, and return the columns that they stand in."""
        columns: set[str] = set()
        for part, outcome in zip(parts, outcomes, strict=True):
            if isinstance(outcome, Refused):
                columns |= {*part.columns}
                if outcome.reason != NOT_ALONE:
                    for reason in _explained(outcome, part):
                        self._leave_out(reason, part.columns)
        return columns

    def _leave_out(self, reason: Reason, columns: Sequence[str]) -> None:
        """List what of a row is not recorded, with every column that says something and is left out."""
        row = self._row
        filled = [column for column in row.cells if column in columns and row.says(column)]
        if len(filled) > 1 or (filled and filled[0] not in reason.zh):
            zh, en = reason.zh.rstrip("。"), reason.en.rstrip(".")
            left = "、".join(filled)
            reason = replace(reason, zh=f"{zh}。未登记的栏目：{left}", en=f"{en}. Not recorded: {left}.")
        self._incomplete.append(self._told(reason))


def _another_child(on_paper: ChildOnPaper, child: Child) -> bool:
    """Return whether a row is of somebody else under the same number, and not of a child that has changed.

    Under another name only an equal identity number, with sex and birthday, says that it is the same child:
    siblings of one birthday are none.
    """
    known, row = child.profile, on_paper.enrolment.values
    if known is None or undotted(row["name"]) in map(undotted, names_of(child)):
        return False
    if not known.id_number or not row.get("id_number"):
        return True
    same_id = normal_number(known.id_number) == normal_number(row["id_number"])
    return known.sex is not row["sex"] or known.birth_date != row["birth_date"] or not same_id


def _is_known(child: Child, entry: EntryOnPaper) -> bool:
    """Return whether the file ever had an entry about the same, even if it is void now."""
    return any(entry.section.is_of(fact.details) for fact in child.entries)


def _explained(refused: Refused, part: _Part) -> tuple[Reason, ...]:
    """Name the columns of the form where they are not the labels of the fields."""
    if (section := part.section) is None:
        return (in_column(refused.reason, "、".join(part.columns)),)
    last = refused.faults[0].pointer.rpartition("/")[2]
    columns = {
        "occurred_on": section.day_column or ENROLMENT.day_column,
        "carer": section.columns.get("carer"),
        "student_no": NUMBER,
    }
    if (column := columns.get(last)) is not None:
        return (in_column(refused.reason, column),)
    return explained(refused, section.action.details)
