"""The lines of a care log that are of one child, on their way into its file, and what becomes of each."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache as cached
from functools import partial
from itertools import count
from uuid import UUID

from msgspec.structs import replace

from application.intake.batch_lines import (
    ALREADY_RECORDED,
    REFUSED,
    BatchLine,
    of_line,
    recorded_line,
    standing_line,
    status_of_line,
)
from application.intake.imports.care_log_cells import (
    CARER,
    COLUMNS,
    CONTENT,
    COUNTERPART,
    NAME,
    OUTCOME,
    TYPE,
    PaperCells,
    action_of,
    filled,
    minutes_of,
    occurred_of,
    written_on_of,
)
from application.intake.imports.care_log_meaning import Known, Meaning, Meant, is_of, is_whole, meaning_of
from application.intake.imports.paper import Unreadable, derived_id, explained, reasons_of, unreadable
from application.intake.imports.reasons import ROW_HIDDEN
from application.intake.imports.registers import Registers
from application.intake.imports.school import School
from application.intake.papers import people
from application.intake.papers.words import SheetWords
from application.reasons import ERASED, TWO_ALIKE, UNKNOWN_CARER
from application.recording.outcome import Decided, Outcome, Recorded
from domain.care_action import PaperLine
from domain.catalogue import care_actions_by_type
from domain.child import Child
from domain.effects import Effect
from domain.event import NewEvent
from domain.ledger.event_voided import EventVoided
from domain.ledger.fact import Fact
from domain.normal import normal_name, undotted
from domain.reasons import UNKNOWN_CHILD
from domain.refusal import Fault, Reason, Refused

_CARER = COLUMNS.index(CARER)
_NO_ID = UUID(int=0)
MAY_REPEAT = Reason(
    code="may_repeat",
    zh="可能与另一条是同一件事（同日、同类、同一人，内容相近），请核对；仍会登记",
    en="This may tell of the same as another entry: one day, type and carer, nearly the same words. Check "
    "it; it is recorded all the same.",
)
NAME_MISMATCH = Reason(
    code="name_mismatch",
    zh="不是该学籍号所属儿童的姓名",
    en="This is not the name of the child with this student number.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarersNamed:
    """Whom a cell names: the carers that are `known`, and the names of `others`."""

    known: tuple[UUID, ...]
    others: tuple[str, ...] = ()

    @property
    def people(self) -> frozenset[UUID | str]:
        """All of them, whoever is named first."""
        return frozenset((*self.known, *map(undotted, self.others)))


class LogLines:
    """What all lines of one log are read by: whose carers they name, and the ids that they have for ever."""

    def __init__(
        self, school: School, *, registers: Registers, words: SheetWords, import_id: UUID | None = None
    ) -> None:
        self._school = school
        self.import_id = import_id
        self.words = words
        self._keyring = registers.keyring
        self._carers: dict[str, UUID | Reason] = {}
        self._named: dict[str, CarersNamed | Reason] = {}
        self._people: dict[str, frozenset[UUID | str]] = {}

    def id_by_cells(self, line: PaperCells, *, undone: Collection[UUID]) -> UUID:
        """Return the id that a line has by its cells; after an import was undone, the next one."""
        # The parts of the digest are for ever: a change would record every old line a second time.
        digest, path = self._keyring.digest, self._school.path
        for generation in count():
            event_id = derived_id(digest("import_line", path, generation, *line.written))
            if not undone or event_id not in undone:
                break
        return event_id

    def id_by_meaning(self, meaning: Meaning, *, child_id: UUID, undone: Collection[UUID]) -> UUID:
        """Return the id that a line has by what it means, where its cells say too little."""
        digest = self._keyring.digest
        ids = (
            derived_id(digest("import_line_meaning", child_id, generation, *meaning.texts))
            for generation in count()
        )
        return next(event_id for event_id in ids if event_id not in undone)

    def new_event(self, line: PaperCells, *, event_id: UUID) -> NewEvent:
        """Write a line as an entry. Raises `Unreadable`, or the `Refused` of what can't be told so."""
        return entry_of(line, carers=self.carers, event_id=event_id)

    def faults(self, line: PaperCells) -> tuple[Reason, ...]:
        """Return all that keeps a line from being an entry, whoever its child is."""
        try:
            self.new_event(line, event_id=_NO_ID)
        except Unreadable as error:
            return error.reasons
        except Refused as refused:
            return explained(refused, action_of(line).details)
        return ()

    def carers(self, text: str) -> CarersNamed:
        """Find the carers whom a cell names, one of them at least. Raises `Unreadable`."""
        if text not in self._named:
            self._named[text] = self._look_for(text)
        found = self._named[text]
        if isinstance(found, Reason):
            raise unreadable(found, CARER)
        return found

    def expect(self, texts: Iterable[str]) -> None:
        """Look up at once the carers whom some cells name."""
        new = dict.fromkeys(text for text in texts if text not in self._named)
        self._school.look_up_carers([name for text in new for name in people.people(text)])

    def people(self, text: str) -> frozenset[UUID | str]:
        """Return those whom a cell names, whoever is named first."""
        if text not in self._people:
            try:
                self._people[text] = self.carers(text).people
            except Unreadable:
                self._people[text] = frozenset(map(undotted, self._apart(text)))
        return self._people[text]

    def _look_for(self, text: str) -> CarersNamed | Reason:
        found = {name: self._one_carer(name) for name in self._apart(text)}
        known = dict.fromkeys(each for each in found.values() if isinstance(each, UUID))
        if not known:
            return next((each for each in found.values() if isinstance(each, Reason)), UNKNOWN_CARER)
        others = sorted((name for name, each in found.items() if isinstance(each, Reason)), key=normal_name)
        return CarersNamed(known=tuple(known), others=tuple(others))

    def _apart(self, text: str) -> Iterator[str]:
        """Go through the names of a cell; what may be one name or two is one where somebody bears it."""
        if isinstance(self._one_carer(text), UUID):
            yield text
            return
        for name in people.people(text):
            if people.may_be_several(name) and self._one_carer(name) is UNKNOWN_CARER:
                yield from people.parted(name)
            else:
                yield name

    def _one_carer(self, name: str) -> UUID | Reason:
        if name not in self._carers:
            alike = self._school.carers_meant(name)
            self._carers[name] = alike[0] if len(alike) == 1 else TWO_ALIKE if alike else UNKNOWN_CARER
        return self._carers[name]


class ChildEntries:
    """The entries that the lines of one child stand for, on their way into its file."""

    def __init__(self, lines: Sequence[PaperCells], *, log: LogLines) -> None:
        self._lines = lines
        self._log = log
        self._begin()

    def _begin(self) -> None:
        self._results: list[BatchLine] = []
        self._new_events: list[tuple[PaperCells, NewEvent]] = []
        self._repeats: list[tuple[PaperCells, int]] = []
        self._by_cells: defaultdict[UUID, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def carers(self) -> Iterator[str]:
        """The cells that name carers."""
        return (line.cells[_CARER] for line in self._lines)

    def derive(self, child: Child) -> list[NewEvent]:
        """Propose what the file of the child knows nothing of."""
        self._begin()
        undone = _undone(child)
        recorded = {fact.event_id: fact for fact in child.entries}
        # Most lines that come again are known by their cells.
        before = cached(
            lambda: Known((Meant(f.event, known=self._log.words), f) for f in self._imported(child))
        )
        proposed = Known[int]()
        refuse_other_child = _refusing_others(child)
        for line in self._lines:
            by_cells = self._log.id_by_cells(line, undone=undone)
            fact = recorded.get(by_cells)
            try:
                if fact is not None and is_of(line, fact.event, known=self._log.words):
                    self._results.append(self._known_line(line, fact))
                    continue
                refuse_other_child(line)
                new_event = self._log.new_event(line, event_id=by_cells)
            except (Unreadable, Refused) as error:
                self._results.append(self._refused(line, error))
                continue
            meant = Meant(new_event, known=self._log.words, line=line)
            event_id = by_cells
            if fact is not None or by_cells in self._by_cells or not is_whole(line):
                event_id = self._log.id_by_meaning(meant.meaning, child_id=child.child_id, undone=undone)
                fact = recorded.get(event_id)
            fact = fact or before().find(meant) or self._of_same(child, line, new_event)
            if fact is not None:
                self._results.append(self._known_line(line, fact))
            elif (first := self._proposed(line, by_cells, proposed.find(meant))) is not None:
                self._repeats.append((line, first))
            else:
                proposed.add(meant, len(self._new_events))
                self._by_cells[by_cells].append(len(self._new_events))
                if event_id != by_cells:
                    new_event = replace(new_event, event_id=event_id)
                self._new_events.append((line, new_event))
        return [new_event for _, new_event in self._new_events]

    def _refused(self, line: PaperCells, error: Unreadable | Refused) -> BatchLine:
        """Return what is kept of a line that can't be recorded, with all its reasons."""
        if isinstance(error, Unreadable):
            others = (each for each in self._log.faults(line) if each not in error.reasons)
            return refused_line(line.line, *error.reasons, *others)
        reasons = explained(error, action_of(line).details)
        return refused_line(line.line, *reasons, status=status_of_line(error))

    def _known_line(self, line: PaperCells, fact: Fact) -> BatchLine:
        """Return what is kept of a line that was recorded before as `fact`."""
        own = of_line(fact, import_id=self._log.import_id, line=line.line)
        return standing_line(line.line, fact, own=own)

    def _proposed(self, line: PaperCells, by_cells: UUID, alike: int | None) -> int | None:
        """Find an entry that this file proposes already: by what it means, or by its cells."""
        if alike is not None:
            return alike
        same = self._by_cells.get(by_cells, ())
        return next((n for n in same if is_of(line, self._new_events[n][1], known=self._log.words)), None)

    def _imported(self, child: Child) -> Iterator[Fact]:
        """Go through what papers have brought of a child."""
        undone = _undone(child)
        for fact in child.entries:
            brought = fact.event.metadata.import_id is not None and fact.event_id not in undone
            if brought and care_actions_by_type()[fact.type].from_paper is not None:
                yield fact

    def _of_same(self, child: Child, line: PaperCells, new_event: NewEvent) -> Fact | None:
        """Find what was recorded of a line with several carers when the first of them alone was kept."""
        words, people = self._log.words, self._log.people(line[CARER])
        if len(people) < 2:
            return None
        meaning = meaning_of(new_event, known=words, line=line, whoever=True)
        return next(
            (
                fact
                for fact in self._imported(child)
                if fact.event.occurred == new_event.occurred
                and self._log.people(fact.event.recorded_by) == people
                and meaning.may_be(meaning_of(fact.event, known=words, whoever=True))
            ),
            None,
        )

    def results(self, decided: Decided[Child] | Refused) -> list[BatchLine]:
        """Say what became of each line."""
        if isinstance(decided, Refused):
            reasons, status = explained(decided), status_of_line(decided)
            told = {each.line for each in self._results}
            others = (line for line in self._lines if line.line not in told)
            return [*self._results, *(refused_line(each.line, *reasons, status=status) for each in others)]
        return [*self._results, *self._decided(decided.outcomes)]

    def _decided(self, outcomes: Sequence[Outcome]) -> Iterator[BatchLine]:
        for (line, new_event), outcome in zip(self._new_events, outcomes, strict=True):
            if isinstance(outcome, Refused):
                reasons = explained(outcome, type(new_event.details))
                yield refused_line(line.line, *reasons, status=status_of_line(outcome))
            else:
                yield self._asked(recorded_line(line.line, outcome), outcome, hidden=line.hidden)
        for line, first in self._repeats:
            outcome = outcomes[first]
            if isinstance(outcome, Refused):
                yield refused_line(line.line, *explained(outcome), status=status_of_line(outcome))
            else:
                said = recorded_line(line.line, outcome)
                yield replace(said, status=200, state=ALREADY_RECORDED)

    def _asked(self, line: BatchLine, outcome: Recorded, *, hidden: bool) -> BatchLine:
        """Return a recorded line with what is to be checked of it: another entry may tell of the same."""
        here = {new_event.event_id: each.line for each, new_event in self._new_events}
        reasons = [ROW_HIDDEN] if hidden else []
        reasons += (_repeats(each, here.get(each)) for each in outcome.repeats)
        return replace(line, faults=tuple(Fault(reason=each) for each in reasons)) if reasons else line


def _repeats(other: UUID, line: int | None) -> Reason:
    zh, en = (f"已登记的 {other}", f"recorded {other}") if line is None else (f"第 {line} 行", f"line {line}")
    return Reason(code=MAY_REPEAT.code, zh=f"{MAY_REPEAT.zh}：{zh}", en=f"{MAY_REPEAT.en.rstrip('.')}: {en}.")


def entry_of(line: PaperCells, *, carers: Callable[[str], CarersNamed], event_id: UUID) -> NewEvent:
    """Write a line as an entry; `carers` finds those whom a cell names.

    Raises as `LogLines.new_event` does.
    """
    try:
        action, named = action_of(line), carers(filled(line, CARER))
        occurred, written_on, minutes = occurred_of(line), written_on_of(line), minutes_of(line)
        counterpart, outcome, content = line[COUNTERPART], line[OUTCOME], line.record
    except Unreadable:
        raise Unreadable(*reasons_of(partial(read, line) for read in _reads(carers))) from None
    assert action.from_paper is not None
    on_paper = PaperLine(
        word=line[TYPE],
        counterpart=counterpart,
        outcome=outcome,
        minutes=minutes,
        content=content,
        carers=named.known,
        companions="、".join(named.others),
    )
    return NewEvent(
        event_id=event_id,
        occurred=occurred,
        details=action.from_paper(on_paper),
        recorded_by=line[CARER],
        written_on=written_on,
        line=line.line,
    )


def _reads(carers: Callable[[str], CarersNamed]) -> Iterator[Callable[[PaperCells], object]]:
    """Go through all that is read of a line, one by one."""
    yield from (occurred_of, action_of, written_on_of, minutes_of)
    yield lambda line: carers(filled(line, CARER))
    yield from (partial(_cell, column=column) for column in (COUNTERPART, OUTCOME, CONTENT))


def _cell(line: PaperCells, *, column: str) -> str:
    return line[column]


def refused_line(number: int, *reasons: Reason, status: int | None = None) -> BatchLine:
    """Return what is kept of a line that was refused; by default with the status that follows from why."""
    if status is None:
        status = 404 if reasons[0] == UNKNOWN_CHILD else 422
    return BatchLine(
        line=number, status=status, state=REFUSED, faults=tuple(Fault(reason=each) for each in reasons)
    )


def _refusing_others(child: Child) -> Callable[[PaperCells], None]:
    """Return what raises Unreadable where a line doesn't speak of a child by a name that it ever had."""
    naming = (Effect.IDENTIFIES, Effect.CHANGES_PROFILE, Effect.TAKES_OVER)
    named = [fact for effect in naming for fact in child.having(effect)]
    names = {undotted(fact.details.name) for fact in named if fact.details.name}
    is_its_name = cached(lambda name: undotted(name) in names)

    def refuse(line: PaperCells) -> None:
        if child.enrolment is None:
            raise Unreadable(UNKNOWN_CHILD)
        if child.enrolment.event.erased:
            raise Unreadable(ERASED)
        if (said := line[NAME]) and not (is_its_name(said) or is_its_name(line.as_written(NAME))):
            raise unreadable(NAME_MISMATCH, NAME)

    return refuse


def _undone(child: Child) -> frozenset[UUID]:
    """Find the entries that were voided because an import was undone."""
    voided = child.of_any(EventVoided)
    return frozenset(f.details.target for f in voided if f.details.undoes_import is not None)
