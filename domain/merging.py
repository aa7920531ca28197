"""What becomes of a file that is merged into another one of the same child (ADR 57).

Which of its entries come over, and as what. They were decided when they were recorded, and are not again.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from domain.care_views import Pairing
from domain.catalogue import details_by_effects
from domain.child import Child, comes_of_age
from domain.choices import Line
from domain.days import local_day
from domain.effects import Effect
from domain.event import Details, NewEvent, Occurred
from domain.fields import fields_of, say_the_same
from domain.ids import is_own, own_id
from domain.ledger.event_type import EventType
from domain.ledger.fact import Fact
from domain.ledger.facts import BY_VERSION
from domain.org import county_of
from domain.reasons import MERGED_INTO, SAME_FILE, TRANSFER_OPEN
from domain.refusal import Reason, conflict, refuses
from domain.told import SAYS_NOTHING, upon
from domain.wire import to_wire

OTHER_COUNTY = Reason(
    code="other_county",
    zh="两份档案分属两县，不能并档；请由转出方退出",
    en="The files belong to two counties and can't be merged. Close one of them by an exit.",
)
KEPT_OPENED_LATER = Reason(
    code="kept_opened_later",
    zh="保留的档案须是建档较早的一份；请改为把较晚的一份并入较早的一份",
    en="The file that is kept must be the one that was opened first. Merge the later one into it.",
)
# A file is opened once, who is where and in care is worked out from both files, and a merge never comes over.
_STAYS = frozenset(
    {
        Effect.IDENTIFIES,
        Effect.OPENS_CARE,
        Effect.CLOSES_CARE,
        Effect.PLACES,
        Effect.PLACES_ON_LINE,
        Effect.LEAVES_LINE,
        Effect.PROPOSES_TRANSFER,
        Effect.ANSWERS_TRANSFER,
        Effect.MERGES,
    }
)
# By these the kept file says who the child is.
_IDENTITY = ("name", "student_no")
_DAY = timedelta(days=1)
# What several entries that come of one are told apart by.
ENTRY, PROFILE, CARE, EXIT, LINE = "entry", "profile", "care", "exit", "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """An entry of the kept file that comes of one of the other, its `source`; `org` is where that was."""

    source: Fact
    part: str
    details: Details
    occurred: Occurred
    org: str

    def new_event(self, merge_id: UUID) -> NewEvent:
        """Return it as a new event of the kept file: as late, as known and by whom as it was recorded."""
        event = self.source.event
        recorded_on = local_day(event.recorded_at) if event.recorded_at else None
        return NewEvent(
            event_id=coming_id(merge_id, self.source.event_id, self.part),
            occurred=self.occurred,
            details=self.details,
            recorded_by=event.recorded_by,
            written_on=self.source.written_on or recorded_on,
            late_reason=event.late_reason,
            evidence=event.evidence,
            source_event_id=event.event_id,
            noted_at=self.source.known_at,
        )


def coming_id(merge_id: UUID, source: UUID, part: str = ENTRY) -> UUID:
    """Return the id of an entry that comes over by a merge: the same however often that is tried."""
    return own_id(merge_id, f"{part}:{source}")


@refuses(SAME_FILE, OTHER_COUNTY, KEPT_OPENED_LATER, TRANSFER_OPEN, MERGED_INTO)
def refuse_merge(kept: Child, other: Child) -> None:
    """Refuse two files that can't become one. Raises `Conflict`."""
    if kept.child_id == other.child_id:
        raise conflict(SAME_FILE, "/into")
    if kept.merged:
        raise conflict(MERGED_INTO, "/into")
    if county_of(kept.org) != county_of(other.org):
        raise conflict(OTHER_COUNTY, "/into")
    if any(transfer.open for child in (kept, other) for transfer in child.transfers):
        raise conflict(TRANSFER_OPEN)
    if kept.enrolment is None or kept.enrolment.day > first_day(other):
        raise conflict(KEPT_OPENED_LATER, "/into")


def first_day(child: Child) -> date:
    """Return the first day of which a file says anything: from then on it is part of another."""
    return min(fact.day for fact in child.entries)


def taken_over(other: Child) -> Details:
    """Return what the kept file says of the one that it takes over."""
    profile: Any = other.profile
    details: Details = details_by_effects(Effect.TAKES_OVER)(
        child=other.child_id,
        name=profile.name,
        student_no=profile.student_no,
        id_number=profile.id_number,
    )
    return details


def coming_over(kept: Child, other: Child, *, merge_id: UUID) -> Iterator[Coming]:
    """Go through what the kept file must say of the other, in the order in which that was recorded.

    How pairings go on and end depends on what that leads to: see `pairings_due`.
    """
    yield from _profile(kept, other)
    yield from _lines(kept, other)
    yield from _care(kept, other)
    there = _said_there(kept, other)
    repeated, completed = _of_family(kept, other, there=there, merge_id=merge_id)
    there |= repeated
    left = {pairing.event_id for pairing in other.pairings if _paired(kept, pairing)}
    ids = {f.event_id: there.get(f.event_id) or coming_id(merge_id, f.event_id) for f in other.facts}
    for fact in sorted(other.facts, key=BY_VERSION):
        if fact.event_id in there or fact.event_id in left or _stays(fact, left=left):
            continue
        details = _remapped(completed.get(fact.event_id, fact.details), fact.event_type, ids)
        if to_wire(details) or not fact.event_type.has(Effect.CHANGES_PROFILE):
            yield _coming(fact, ENTRY, details)


def _coming(fact: Fact, part: str, details: Details, *, day: date | None = None, org: str = "") -> Coming:
    occurred = fact.occurred if day is None else Occurred.on(day)
    return Coming(source=fact, part=part, details=details, occurred=occurred, org=org or fact.event.org)


def _stays(fact: Fact, *, left: set[UUID]) -> bool:
    """Return whether an entry does not come over as it is. `left` are pairings that the kept file has."""
    effects = {*fact.event_type.effects}
    if fact.event_type.changes_others or effects & _STAYS:
        return True
    return effects == {Effect.ENDS_PAIRING} and fact.details.pairing in left


def _remapped(details: Any, event_type: EventType, ids: Mapping[UUID, UUID]) -> Any:
    """Return what an entry says in the kept file: of entries there, and not who the child is."""
    said = {field.name: getattr(details, field.name) for field in fields_of(type(details))}
    changes = {name: now for name, value in said.items() if (now := _named_there(value, ids)) != value}
    if event_type.has(Effect.CHANGES_PROFILE):
        changes |= dict.fromkeys(_IDENTITY)
    return replace(details, **changes) if changes else details


def _named_there(value: Any, ids: Mapping[UUID, UUID]) -> Any:
    """Return the ids of entries as they are in the kept file, and anything else as it is."""
    if isinstance(value, UUID):
        return ids.get(value, value)
    if isinstance(value, tuple) and any(isinstance(each, UUID) for each in value):
        return tuple(ids.get(each, each) for each in value)
    return value


def _profile(kept: Child, other: Child) -> Iterator[Coming]:
    """Say as a change of the profile what the other file was opened with and the kept one leaves open."""
    enrolment, there, now = other.enrolment, kept.profile, other.profile
    assert enrolment is not None
    change = details_by_effects(Effect.CHANGES_PROFILE)
    said = {
        field.name: getattr(now if field.name in _IDENTITY else enrolment.details, field.name)
        for field in fields_of(change)
        if getattr(there, field.name) in SAYS_NOTHING
    }
    if said := {name: value for name, value in said.items() if value not in SAYS_NOTHING}:
        yield _coming(enrolment, PROFILE, change(**said))


def _lines(kept: Child, other: Child) -> Iterator[Coming]:
    """Place the child on the lines on which the other file alone has a place: its village, or its school."""
    for line in Line:
        here, there = ([m for m in child.placed if m.line is line] for child in (kept, other))
        if not there or not there[-1].org or (here and here[-1].org):
            continue
        move = there[-1]
        placing = (*other.having(Effect.PLACES), *other.having(Effect.PLACES_ON_LINE))
        source = max((fact for fact in placing if fact.day == move.day), key=BY_VERSION)
        yield _coming(source, LINE, details_by_effects(Effect.PLACES_ON_LINE)(line=line, org=move.org))


def _care(kept: Child, other: Child) -> Iterator[Coming]:
    """Open and close care on the days on which the other file alone has the child in care."""
    opens, closes = (
        details_by_effects(Effect.OPENS_CARE, Effect.PLACES),
        list(other.having(Effect.CLOSES_CARE)),
    )
    exits = sorted({fact.day for fact in kept.having(Effect.CLOSES_CARE)})
    assert kept.profile is not None
    of_age = comes_of_age(kept.profile.birth_date) - _DAY
    placed = sorted(other.having(Effect.PLACES), key=lambda f: (f.day, f.event.originator_version))
    for span in other.spans:
        opening = other.fact(span.event_id)
        assert opening is not None
        for first, last in _uncovered(kept, span.start, min(span.last or date.max, of_age)):
            # An exit of the kept file that ended nothing before would end what now comes over.
            again = (day + _DAY for day in exits if first <= day < last)
            for day in (first, *again):
                yield _coming(opening, f"{CARE}:{day}", opens(), day=day, org=other.org_on(day))
            for move in placed:
                if first < move.day <= last:
                    yield _coming(move, CARE, opens())
            closing = next((fact for fact in closes if fact.day == last), None)
            if closing is not None and not kept.in_care(last + _DAY):
                yield _coming(closing, EXIT, closing.details)


def _uncovered(kept: Child, first: date, last: date) -> Iterator[tuple[date, date]]:
    """Go through the days from `first` to `last` on which the kept file has the child not in care."""
    for span in kept.spans:
        until = span.last or date.max
        if until < first or span.start > last:
            continue
        if first < span.start:
            yield first, span.start - _DAY
        if until >= last:
            return
        first = until + _DAY
    if first <= last:
        yield first, last


def _paired(kept: Child, pairing: Pairing) -> bool:
    """Return whether the kept file pairs the child with this carer at the same time."""
    return any(
        other.carer == pairing.carer
        and other.start < (pairing.end or date.max)
        and pairing.start < (other.end or date.max)
        for other in kept.pairings
    )


def _said_there(kept: Child, other: Child) -> dict[UUID, UUID]:
    """Find the entries that the kept file has as well, each beside the one there; one is that of one."""
    there = dict[type[Details], list[Fact]]()
    for fact in kept.facts:
        there.setdefault(type(fact.details), []).append(fact)
    found: dict[UUID, UUID] = {}
    for fact in other.facts:
        alike = there.get(type(fact.details), [])
        same = next((each for each in alike if _same(each, fact)), None)
        if same is not None:
            alike.remove(same)
            found[fact.event_id] = same.event_id
    return found


def _of_family(
    kept: Child, other: Child, *, there: Container[UUID], merge_id: UUID
) -> tuple[dict[UUID, UUID], dict[UUID, Details]]:
    """Hold what the other file says of parents and guardians against what the kept one says by then.

    Return the entries that add nothing, each beside the one that says it already, and what the others say
    once they are completed.
    """
    known = dict[str, list[tuple[tuple[datetime, datetime], UUID, Details]]]()
    for fact in filter(_tells_of_family, kept.facts):
        known.setdefault(_topic(fact), []).append((fact.order[:2], fact.event_id, fact.details))
    repeated, completed = dict[UUID, UUID](), dict[UUID, Details]()
    for fact in filter(_tells_of_family, other.facts):
        if fact.event_id in there:
            continue
        said, details = known.setdefault(_topic(fact), []), fact.details
        if by_then := sorted((e for e in said if e[0] <= fact.order[:2]), key=itemgetter(0)):
            _, event_id, before = by_then[-1]
            details = upon(before, details)
            if say_the_same(before, details):
                repeated[fact.event_id] = event_id
                continue
        completed[fact.event_id] = details
        said.append((fact.order[:2], coming_id(merge_id, fact.event_id), details))
    return repeated, completed


def _tells_of_family(fact: Fact) -> bool:
    return fact.event_type.has(Effect.TELLS_OF_PARENT) or fact.event_type.has(Effect.NAMES_GUARDIAN)


def _topic(fact: Fact) -> str:
    assert fact.event_type.settles is not None
    return fact.event_type.settles(fact.details)


def _same(one: Fact, other: Fact) -> bool:
    """Return whether two entries of one type are of the same thing: they say the same, or have one cause.

    A cause counts where the ledger itself wrote both because of it; what a client gives may be any paper.
    """
    cause = one.event.source_event_id
    written = is_own(one.event_id) and is_own(other.event_id)
    if written and cause is not None and cause == other.event.source_event_id:
        return True
    return one.occurred == other.occurred and say_the_same(one.details, other.details)


def came_by(child: Child, merge_id: UUID) -> tuple[Fact, ...]:
    """Return the standing entries of a kept file that came by a merge."""
    return tuple(fact for fact in child.facts if fact.event.metadata.causation_id == merge_id)
