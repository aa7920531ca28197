"""What is different in a row of next year's roster, as the dated events that mean it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from msgspec.structs import replace as restated

from application.intake.imports.census import EntryOnPaper, Section
from application.intake.imports.paper import RefusedLine, Unreadable, in_column
from application.intake.imports.roster_cells import CLASS, DEPENDING, ENROLMENT, GRADE, RosterRow
from application.intake.imports.roster_differs import Difference, pairing_meant
from application.intake.imports.roster_form import ChildOnPaper
from application.intake.imports.school import School
from domain.care_views import Pairing
from domain.catalogue import details_by_effects
from domain.child import Child
from domain.choices import CarerKind
from domain.effects import Effect
from domain.event import Details, NewEvent, Occurred
from domain.fields import fields_of
from domain.normal import undotted
from domain.refusal import Reason

SAYS_NOTHING = Reason(
    code="says_nothing",
    zh="单元格为空，已有记录保留；确实没有了的，请登记档案变更",
    en="The cell is empty, so what is recorded stays. If it holds no more, record a change.",
)
TO_BE_CORRECTED = Reason(
    code="to_be_corrected",
    zh="这不会随时间改变：原记录有误的，请更正建档记录",
    en="This does not change with time. If what is recorded is wrong, correct the enrolment.",
)
OPENED_ONCE = Reason(
    code="opened_once",
    zh="档案只建一次，建档日期不变；原日期有误的，请更正建档记录",
    en="A file is opened once and keeps its day. If that day is wrong, correct the enrolment.",
)
RUNS_ALREADY = Reason(
    code="pairing_goes_on",
    zh="与这名帮扶人的结对一直在进行；原日期有误的，请更正结对记录",
    en="The pairing with this carer goes on. If the day of its beginning is wrong, correct that.",
)
SEVERAL_CARERS = Reason(
    code="several_carers",
    zh="该儿童有几名结对帮扶人，看不出哪一名换了人；请另行登记结对的结束和开始",
    en="The child has several carers, and the row doesn't say which is replaced. End and start the pairing.",
)
KNOWN_SINCE = Reason(
    code="known_since",
    zh="变更日期之后另有登记，以后来的为准；请写明更晚的变更日期（--changed-on，接口为 changed_on）",
    en="Something later is recorded, which holds. Give a later day of change: --changed-on, over HTTP "
    "changed_on.",
)
# What says that something is different from a day on.
_PROFILE_CHANGED = details_by_effects(Effect.CHANGES_PROFILE)
_PAIRING_ENDED = details_by_effects(Effect.ENDS_PAIRING)
_TRANSFER_PROPOSED = details_by_effects(Effect.PROPOSES_TRANSFER)
_TRANSFER_ACCEPTED = details_by_effects(Effect.PLACES, Effect.ANSWERS_TRANSFER, Effect.ANSWERED_BY_RECEIVER)
_PARTS_OF_PROFILE = frozenset(field.name for field in fields_of(_PROFILE_CHANGED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a row is to be applied, and from which day on: these columns, or all where it is None.

    Of the columns that are `settled` the file keeps what it has, and nobody is told of them again. A child
    who is not known is taken in where it `enrols`.
    """

    day: date
    columns: frozenset[str] | None = None
    settled: frozenset[str] = frozenset()
    enrols: bool = True

    def touches(self, columns: Iterable[str]) -> bool:
        """Return whether any of some columns is to be applied."""
        return self.columns is None or not self.columns.isdisjoint(columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is different: the columns that say so, and its events in the order of recording."""

    columns: tuple[str, ...]
    new_events: tuple[NewEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Columns of which the file keeps what it has, and why."""

    columns: tuple[str, ...]
    reason: Reason

    def told(self, row: RosterRow) -> RefusedLine:
        """Return what is told of it."""
        reason = in_column(self.reason, "、".join(self.columns))
        return RefusedLine(line=row.line, reason=reason, sheet=row.sheet)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChanges:
    """What a row says otherwise of a child, `differing`, on its way to become events.

    `new_id` gives an event the id of what it is about; `names` are those of the child's carers.
    """

    row: RosterRow
    said: ChildOnPaper
    child: Child
    differing: Sequence[Difference]
    wanted: Wanted
    school: School
    recorded_by: str
    new_id: Callable[[str], UUID]
    names: Mapping[UUID, str]

    def all(self) -> Iterator[Change | Kept]:
        """Go through what is different, and what can't be applied."""
        by_column = {each.column: each for each in self._applied()}
        for column, each in by_column.items():
            if each.on_paper in (None, "") and not self.row.says(column):
                yield Kept(columns=(column,), reason=SAYS_NOTHING)
        said = {
            c: each for c, each in by_column.items() if each.on_paper not in (None, "") or self.row.says(c)
        }
        yield from self._profile(said)
        yield from self._unit([c for c in (GRADE, CLASS) if c in said])
        for section in DEPENDING:
            columns = tuple(column for column in section.titles if column in said)
            entries = [each for each in self.said.depending if each.section is section]
            if columns and entries:
                pairs = section.action.has(Effect.STARTS_PAIRING)
                yield from self._pairing(entries, columns) if pairs else self._latest(entries[0], columns)

    def _applied(self) -> Iterator[Difference]:
        """Go through the differences that are to be applied; of a pairing all or none."""
        wanted = self.wanted.columns
        for each in self.differing:
            of_one = next((s.titles for s in DEPENDING if s.day_column and each.column in s.titles), ())
            if wanted is None or each.column in wanted or wanted.intersection(of_one):
                yield each

    def _profile(self, said: Mapping[str, Difference]) -> Iterator[Change | Kept]:
        columns = {name: column for name, column in ENROLMENT.columns.items() if column in said}
        new = {name: said[column].on_paper for name, column in columns.items() if name in _PARTS_OF_PROFILE}
        for name, column in columns.items():
            if name not in new:
                yield Kept(columns=(column,), reason=TO_BE_CORRECTED)
        if ENROLMENT.day_column is not None and ENROLMENT.day_column in said:
            yield Kept(columns=(ENROLMENT.day_column,), reason=OPENED_ONCE)
        since = self.child.having(Effect.CHANGES_PROFILE)
        later = {
            n for n in new for f in since if f.day > self.wanted.day and getattr(f.details, n) is not None
        }
        if later:
            yield Kept(columns=tuple(columns[name] for name in later), reason=KNOWN_SINCE)
        if applied := {name: value for name, value in new.items() if name not in later}:
            yield Change(
                columns=tuple(columns[name] for name in applied),
                new_events=(self._event(_PROFILE_CHANGED(**applied)),),
            )

    def _unit(self, columns: Sequence[str]) -> Iterator[Change | Kept]:
        if not columns:
            return
        now = self.child.org.removeprefix(self.school.path).removeprefix("/").partition("/")
        new = self.said.unit.partition("/")
        parts = [new[at] if title in columns else now[at] for title, at in ((GRADE, 0), (CLASS, 2))]
        if self.child.moves[-1].day > self.wanted.day:
            yield Kept(columns=tuple(columns), reason=KNOWN_SINCE)
            return
        to = self.school.unit("/".join(filter(None, parts)))
        proposed = self._event(_TRANSFER_PROPOSED(to=to))
        accepted = self._event(_TRANSFER_ACCEPTED(transfer=proposed.event_id, accepted_by=self.recorded_by))
        accepted = restated(accepted, org=to, only_with=proposed.event_id)
        yield Change(columns=tuple(columns), new_events=(proposed, accepted))

    def _latest(self, entry: EntryOnPaper, columns: tuple[str, ...]) -> Iterator[Change | Kept]:
        """Say anew what the latest entry of a section says, with what is different."""
        section = entry.section
        known = [f for f, said in self.child.of(section.action.details) if section.is_of(said)]
        if known and known[-1].day > self.wanted.day:
            yield Kept(columns=columns, reason=KNOWN_SINCE)
            return
        differing = {each.column for each in self.differing} - {*columns}
        of_row = {n: v for n, v in entry.values.items() if section.columns[n] not in differing}
        unknown = [n for n, c in section.columns.items() if c in columns and n not in entry.values]
        before = known[-1].details if known else None
        if before is None:
            details = entry.details(carer=self.school.carer)
        elif _is_another(section, before, of_row):
            details = replace(entry, values=of_row).details(carer=self.school.carer)
        else:
            said = of_row | dict.fromkeys(unknown)
            details = replace(before, **_without_span(before, said), unknown=_fields(before, unknown))
        yield Change(columns=columns, new_events=(self._event(details),))

    def _pairing(self, entries: Sequence[EntryOnPaper], columns: tuple[str, ...]) -> Iterator[Change | Kept]:
        """End the pairing that goes on no more, and start the one that the row names.

        Where a row names several carers, that is one who is not paired yet; the others go on.
        """
        day = self.wanted.day
        there = [p for p in self.child.pairings if p.end is None or p.end > day]
        entry = next((e for e in entries if not self._named(there, [e])), entries[-1])
        said, go_on = entry.values, self._named(there, [e for e in entries if e is not entry])
        running = [p for p in there if p not in go_on]
        at = pairing_meant(self.child, dict(entry.by_column()), self.names, entry.section)
        meant = self.child.pairings[at] if at >= 0 else None
        same = meant is not None and meant in running and self._is_called(meant, said["carer"])
        ends = (
            [meant]
            if meant is not None and same
            else [p for p in running if p.kind == said["kind"]] or running
        )
        bounds = [*(p.start for p in self.child.pairings), *self.child.ended_pairings.values()]
        latest = max(bounds, default=date.min)
        begins = entry.day if entry.day is not None and entry.day > latest else day
        if reason := _in_the_way(meant if same else None, said["kind"], ends, begins):
            yield Kept(columns=columns, reason=reason)
            return
        try:
            starts = self._event(entry.details(carer=self.school.carer), day=begins)
        except Unreadable as error:
            yield Kept(columns=columns, reason=error.reason)
            return
        ended = [self._event(_PAIRING_ENDED(pairing=each.event_id), day=begins) for each in ends]
        if same:
            # Nobody is paired twice with one child: what runs ends first.
            yield Change(columns=columns, new_events=(*ended, starts))
        else:
            # Who can't be paired replaces nobody.
            ended = [restated(each, only_with=starts.event_id) for each in ended]
            yield Change(columns=columns, new_events=(starts, *ended))

    def _named(self, pairings: Sequence[Pairing], entries: Sequence[EntryOnPaper]) -> list[Pairing]:
        """Return the pairings with the carers whom entries name."""
        return [p for p in pairings if any(self._is_called(p, e.values["carer"]) for e in entries)]

    def _is_called(self, pairing: Pairing, name: str) -> bool:
        return undotted(self.names.get(pairing.carer, "")) == undotted(name)

    def _event(self, details: Details, *, day: date | None = None) -> NewEvent:
        about = " ".join(filter(None, ("changed", details.TYPE, getattr(details, "parent", ""))))
        return NewEvent(
            event_id=self.new_id(about),
            occurred=Occurred.on(day or self.wanted.day),
            details=details,
            recorded_by=self.recorded_by,
            recorder_said=False,
        )


def _in_the_way(
    same: Pairing | None, kind: CarerKind, ends: Sequence[Pairing], begins: date
) -> Reason | None:
    """Return why a pairing can't take the place of others."""
    if same is not None and same.kind == kind:
        return RUNS_ALREADY
    if len(ends) > 1:
        return SEVERAL_CARERS
    return KNOWN_SINCE if any(p.start > begins for p in ends) else None


def _is_another(section: Section, before: Any, said: Mapping[str, Any]) -> bool:
    """Return whether a row names somebody else as the guardian: what was known of the former goes."""
    named = section.action.has(Effect.NAMES_GUARDIAN)
    return named and undotted(before.name) != undotted(said.get("name", before.name))


def _fields(before: Any, names: Sequence[str]) -> tuple[Any, ...] | None:
    """Return the words for what a row says is not known any more."""
    (kind,) = (field.base for field in fields_of(type(before)) if field.name == "unknown")
    return tuple(kind.from_word(name) for name in names) or None


def _without_span(before: Any, said: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out since when a parent was away, where that is different now."""
    if "away" not in said or said["away"] == before.away:
        return dict(said)
    return {**said, "away_from": None, "away_to": None}
