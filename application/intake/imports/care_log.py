"""Importing a care log: every line that can be placed becomes one event of one child, once and for ever."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from uuid import UUID

from application.access import Action, Actor, require
from application.intake.batches import CARE_LOG
from application.intake.imports.care_log_form import (
    CARER,
    CONTENT,
    COUNTERPART,
    NAME,
    NUMBER,
    OUTCOME,
    PaperCells,
    action_of,
    filled,
    minutes_of,
    occurred_of,
    read_care_log,
    written_on_of,
)
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
from application.intake.work import at_work
from application.reasons import ERASED, TWO_ALIKE, UNKNOWN_CARER
from application.recording.outcome import Outcome, Provenance
from domain.care_action import PaperLine
from domain.catalogue import care_actions_by_type
from domain.child import Child, fold
from domain.effects import Effect
from domain.event import Channel, Draft, Event
from domain.fields import fields_of
from domain.ledger.event_voided import EventVoided
from domain.normal import normal_name
from domain.org import county_of
from domain.reasons import MISSING, UNKNOWN_CHILD
from domain.refusal import Reason, Refused

NAME_MISMATCH = Reason(
    code="name_mismatch",
    zh="不是该学籍号所属儿童的姓名",
    en="Not the name of the child that has this student number.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLogResult:
    """What became of the lines of a care log; a line that was typed twice counts as recorded already."""

    import_id: UUID
    lines: int
    recorded: int
    already_recorded: int
    refused: tuple[RefusedLine, ...]


def import_care_log(
    data: bytes, *, org: str, registers: Registers, actor: Actor, progress: Progress | None = None
) -> CareLogResult:
    """Import a care log into a school that is known.

    Each child's lines are kept in one transaction, so an import that was interrupted is finished by
    running it again. Raises a `Refused` where the file as a whole or the school cannot be used.
    """
    school = registers.organisations.existing(school_path(org))
    require(actor, Action.SUBMIT, org=school)
    form = read_care_log(data)
    upload = registers.batches.begin_paper(
        source=CARE_LOG, org=school, file_sha256=form.file_sha256, actor=actor
    )
    run = _CareLogImport(
        registers=registers,
        actor=replace(actor, channel=Channel.IMPORT),
        school=school,
        import_id=upload.batch_id,
        file_sha256=form.file_sha256,
    )
    run.refused.extend(form.refused)
    with at_work(registers.batches, upload):
        for done in run.take(form.readable):
            if progress is not None:
                progress(done + len(form.refused), form.lines)
    return CareLogResult(
        import_id=run.import_id,
        lines=form.lines,
        recorded=run.recorded,
        already_recorded=run.already_recorded,
        refused=tuple(sorted(run.refused, key=lambda r: r.line)),
    )


class _CareLogImport:
    """One run over one file: counts, and who is who in this school."""

    def __init__(
        self, *, registers: Registers, actor: Actor, school: str, import_id: UUID, file_sha256: str
    ) -> None:
        self._registers = registers
        self._actor = actor
        self._school = school
        self._file_sha256 = file_sha256
        self._carers: dict[str, UUID | Reason] = {}
        self.import_id = import_id
        self.recorded = 0
        self.already_recorded = 0
        self.refused: list[RefusedLine] = []

    def take(self, lines: Sequence[PaperCells]) -> Iterator[int]:
        """Record the lines child by child, and give after each child how many lines are done."""
        children = self._by_child(lines)
        done = len(lines) - sum(map(len, children.values()))
        yield done
        for child_id, events in self._registers.log.each_stream(list(children)):
            self._take_child(fold(child_id, events), children[child_id])
            done += len(children[child_id])
            yield done

    def _by_child(self, lines: Sequence[PaperCells]) -> dict[UUID, list[PaperCells]]:
        found: dict[str, tuple[UUID, ...]] = {}
        children: dict[UUID, list[PaperCells]] = {}
        for line in lines:
            number = line[NUMBER]
            if number not in found:
                found[number] = self._find(number) if number else ()
            if len(found[number]) == 1:
                children.setdefault(found[number][0], []).append(line)
            else:
                self._refuse(line, UNKNOWN_CHILD if number else in_column(MISSING, NUMBER))
        return children

    def _find(self, number: str) -> tuple[UUID, ...]:
        return self._registers.record.meant((number,), scope=county_of(self._school))[number]

    def _take_child(self, child: Child, lines: Sequence[PaperCells]) -> None:
        drafts: list[tuple[PaperCells, Draft]] = []
        undone, known = _undone(child), {fact.event_id for fact in child.entries}
        told = {
            _said(fact.event)
            for fact in child.entries
            if fact.event.metadata.import_id is not None
            and fact.event_id not in undone
            and care_actions_by_type()[fact.type].from_paper is not None
        }
        for line in lines:
            event_id = self._event_id(line, undone=undone)
            if event_id in known:
                self.already_recorded += 1
                continue
            try:
                _refuse_other_child(child, line)
                draft = self._draft(line, event_id=event_id)
                if _said(draft) in told:
                    self.already_recorded += 1
                else:
                    drafts.append((line, draft))
            except Unreadable as error:
                self._refuse(line, error.reason)
            except Refused as refused:
                self._refuse(line, explained(refused, action_of(line).details))
        for (line, draft), outcome in zip(drafts, self._record(child, drafts), strict=True):
            if isinstance(outcome, Refused):
                self._refuse(line, explained(outcome, type(draft.details)))
            elif outcome.new:
                self.recorded += 1
            else:
                self.already_recorded += 1

    def _record(self, child: Child, drafts: Sequence[tuple[PaperCells, Draft]]) -> Sequence[Outcome]:
        lines: dict[UUID, int] = {}
        for line, draft in drafts:
            lines.setdefault(draft.event_id, line.line)
        try:
            return self._registers.record.record_many(
                actor=self._actor,
                stream_id=child.child_id,
                drafts=[draft for _, draft in drafts],
                provenance=Provenance(import_id=self.import_id, file_sha256=self._file_sha256, lines=lines),
            )
        except Refused as refused:
            return [refused for _ in drafts]

    def _event_id(self, line: PaperCells, *, undone: frozenset[UUID]) -> UUID:
        """Give the id that this line has for ever; after an import was undone, the next one."""
        ids = (self._id(line, generation) for generation in count())
        return next(event_id for event_id in ids if event_id not in undone)

    def _id(self, line: PaperCells, generation: int) -> UUID:
        # The parts of the digest are for ever: a change would record every old line a second time.
        return derived_id(
            self._registers.keyring.digest("import_line", self._school, generation, *line.cells)
        )

    def _draft(self, line: PaperCells, *, event_id: UUID) -> Draft:
        action = action_of(line)
        occurred, written_on, minutes = occurred_of(line), written_on_of(line), minutes_of(line)
        carer_id = self._carer(filled(line, CARER))
        assert action.from_paper is not None
        said = PaperLine(
            counterpart=line[COUNTERPART],
            outcome=line[OUTCOME],
            minutes=minutes,
            content=line[CONTENT],
            carer_id=carer_id,
        )
        return Draft(
            event_id=event_id,
            occurred=occurred,
            details=action.from_paper(said),
            recorded_by=line[CARER],
            written_on=written_on,
        )

    def _carer(self, name: str) -> UUID:
        if name not in self._carers:
            carers, counties = self._registers.carers, (county_of(self._school),)
            names = carers.names(carers.named(org=self._school, name=name), counties=counties)
            alike = [carer_id for carer_id, now in names.items() if normal_name(now) == normal_name(name)]
            self._carers[name] = alike[0] if len(alike) == 1 else TWO_ALIKE if alike else UNKNOWN_CARER
        found = self._carers[name]
        if isinstance(found, Reason):
            raise unreadable(found, CARER)
        return found

    def _refuse(self, line: PaperCells, reason: Reason) -> None:
        self.refused.append(RefusedLine(line=line.line, reason=reason))


def _said(entry: Event | Draft) -> tuple[object, ...]:
    """Give what a line says, however its cells are spelled: what tells it from the other lines of a child.

    A spreadsheet that saves a log again writes days, times and numbers in its own way, and the id of a line
    is made of its cells.
    """
    details = entry.details
    record = care_actions_by_type()[details.TYPE].record
    words = normal_name(getattr(details, record) or "") if record else ""
    plain = tuple(getattr(details, each.name) for each in fields_of(type(details)) if each.name != record)
    return details.TYPE, plain, words, entry.occurred, entry.written_on


def _refuse_other_child(child: Child, line: PaperCells) -> None:
    """Raise Unreadable where the line does not speak of this child under a name that it ever had."""
    if child.enrolment is None:
        raise Unreadable(UNKNOWN_CHILD)
    if child.enrolment.event.erased:
        raise Unreadable(ERASED)
    names = {normal_name(fact.details.name) for fact in child.having(Effect.IDENTIFIES)}
    names |= {
        normal_name(fact.details.name) for fact in child.having(Effect.CHANGES_PROFILE) if fact.details.name
    }
    if line[NAME] and normal_name(line[NAME]) not in names:
        raise unreadable(NAME_MISMATCH, NAME)


def _undone(child: Child) -> frozenset[UUID]:
    """Find the entries that were voided because an import was undone."""
    return frozenset(said.target for _, said in child.of(EventVoided) if said.undoes_import is not None)
