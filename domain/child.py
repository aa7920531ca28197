"""The child: everything that was recorded of it, folded into what is true.

The fold is arithmetic over the stream and never refuses; what may be refused is decided before an
event is made, in `domain.decisions`.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import chain, pairwise
from typing import TypeVar
from uuid import UUID

from msgspec.structs import replace as restated

from domain.care_actions.care_handed_over import CareHandedOver
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.care_actions.child_exited import ChildExited
from domain.care_actions.child_readmitted import ChildReadmitted
from domain.care_actions.event_corrected import EventCorrected
from domain.care_actions.event_voided import EventVoided
from domain.care_actions.guardian_designated import GuardianDesignated
from domain.care_actions.pairing_ended import PairingEnded
from domain.care_actions.pairing_started import PairingStarted
from domain.care_actions.parent_work_recorded import ParentWorkRecorded
from domain.care_actions.profile_changed import ProfileChanged
from domain.care_actions.record_filed import RecordFiled
from domain.care_actions.transfer_accepted import TransferAccepted
from domain.care_actions.transfer_declined import TransferDeclined
from domain.care_actions.transfer_proposed import TransferProposed
from domain.care_actions.transfer_withdrawn import TransferWithdrawn
from domain.choices import CarerKind, Parent
from domain.correction import corrected
from domain.event import Details, Event
from domain.fact import Fact
from domain.org import county_of, school_of
from domain.wire import to_wire

CARE_ENDS_AT_AGE = 18
# Their envelopes say where the child belongs from then on.
_PLACING = (ChildEnrolled, ChildReadmitted, TransferAccepted)
_ANSWERS = (TransferAccepted, TransferDeclined, TransferWithdrawn)
_BOUNDS = (ChildEnrolled, ChildExited, ChildReadmitted)
_SPANS = (*_BOUNDS, ProfileChanged)
# What each view of a child rests on: an entry of any other type leaves it as it is.
_RESTS_ON: Mapping[str, tuple[type[Details], ...]] = {
    "enrolment": (ChildEnrolled,),
    "profile": (ChildEnrolled, ProfileChanged),
    "moves": _PLACING,
    "orgs": _PLACING,
    "transfers": (TransferProposed, *_ANSWERS, ChildExited),
    "spans": _SPANS,
    "ended_pairings": (PairingEnded, CareHandedOver),
    "pairings": (*_SPANS, *_PLACING, PairingStarted, PairingEnded, CareHandedOver),
}

D = TypeVar("D", bound=Details)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareSpan:
    """Days in care, both inclusive; `last` None while it runs."""

    start: date
    last: date | None
    event_id: UUID

    def holds(self, day: date) -> bool:
        """Tell whether `day` lies in this span."""
        return self.start <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A carer's interval [start, end) with the child; `event_id` is that of its start."""

    event_id: UUID
    carer: UUID
    kind: CarerKind
    start: date
    end: date | None

    def holds(self, day: date) -> bool:
        """Tell whether the pairing is active on `day`."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From `day` on the child belongs to `org`."""

    day: date
    org: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer as it was proposed, and whether it is still to be decided."""

    event_id: UUID
    to: str
    proposed_on: date
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """From where silence is counted: the last contact, or the beginning of care."""

    day: date
    event_id: UUID
    is_contact: bool


@dataclass(frozen=True, kw_only=True)
class Child:
    """One child as its stream tells it. `facts` stand, in the order of `Fact.order`; `void` do not."""

    child_id: UUID
    version: int = 0
    position: int = 0
    facts: tuple[Fact, ...] = ()
    void: tuple[Fact, ...] = ()

    @cached_property
    def _by_id(self) -> dict[UUID, Fact]:
        return {fact.event_id: fact for fact in self.facts}

    @cached_property
    def entries(self) -> tuple[Fact, ...]:
        """Every entry, void ones too, in order."""
        return _ordered((*self.facts, *self.void))

    def fact(self, event_id: UUID) -> Fact | None:
        """Find a standing entry."""
        return self._by_id.get(event_id)

    @cached_property
    def _by_type(self) -> dict[type[Details], list[Fact]]:
        found: dict[type[Details], list[Fact]] = {}
        for fact in self.facts:
            found.setdefault(type(fact.details), []).append(fact)
        return found

    def of(self, details: type[D]) -> Iterator[tuple[Fact, D]]:
        """Go through the standing entries of one type, in order."""
        for fact in self._by_type.get(details, ()):
            yield fact, fact.details

    def _of_any(self, *kinds: type[Details]) -> Sequence[Fact]:
        """Give the standing entries of some types, in order."""
        found = [facts for kind in kinds if (facts := self._by_type.get(kind))]
        return found[0] if len(found) == 1 else _ordered(chain.from_iterable(found))

    @cached_property
    def enrolment(self) -> Fact | None:
        """The standing enrolment."""
        return next((fact for fact, _ in self.of(ChildEnrolled)), None)

    @cached_property
    def profile(self) -> ChildEnrolled | None:
        """Who the child is, after all profile changes."""
        if self.enrolment is None:
            return None
        profile: ChildEnrolled = self.enrolment.details
        for _, change in self.of(ProfileChanged):
            changes = {n: getattr(change, n) for n in to_wire(change)}
            profile = replace(profile, **changes)
        return profile

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Where the child belonged from when on. Of two on one day the one recorded later holds."""
        placed = sorted(self._of_any(*_PLACING), key=lambda f: (f.day, f.event.originator_version))
        return tuple(Move(day=f.day, org=f.event.org) for f in placed)

    @property
    def org(self) -> str:
        """The path of the organisation that the child belongs to."""
        return self.moves[-1].org if self.moves else ""

    @cached_property
    def orgs(self) -> tuple[str, ...]:
        """Every organisation that the child ever belonged to."""
        return tuple(dict.fromkeys(move.org for move in self.moves))

    @property
    def counties(self) -> frozenset[str]:
        """Every county that the child ever belonged to."""
        return frozenset(map(county_of, self.orgs))

    def org_on(self, day: date) -> str:
        """Give the organisation that the child belonged to on `day`; before its first the first."""
        until = [move.org for move in self.moves if move.day <= day]
        return until[-1] if until else next(iter(self.orgs), "")

    @cached_property
    def transfers(self) -> tuple[Transfer, ...]:
        """Every transfer that was proposed; one is open until it is answered, or the child leaves care."""
        decided = {fact.details.transfer for fact in self._of_any(*_ANSWERS)}
        exits = [fact.day for fact, _ in self.of(ChildExited)]
        return tuple(
            Transfer(
                event_id=fact.event_id,
                to=said.to,
                proposed_on=fact.day,
                open=fact.event_id not in decided and all(day < fact.day for day in exits),
            )
            for fact, said in self.of(TransferProposed)
        )

    def transfer(self, event_id: UUID) -> Transfer | None:
        """Find a transfer by the event id of its proposal."""
        return next((t for t in self.transfers if t.event_id == event_id), None)

    @cached_property
    def spans(self) -> tuple[CareSpan, ...]:
        """The days in care, by enrolment, exits, readmissions and the 18th birthday."""
        spans: list[CareSpan] = []
        for fact in sorted(self._of_any(*_BOUNDS), key=lambda f: (f.day, isinstance(f.details, ChildExited))):
            running = bool(spans) and spans[-1].last is None
            if isinstance(fact.details, ChildEnrolled | ChildReadmitted):
                # A readmission while care runs is left over from an exit that was voided since.
                if not running:
                    spans.append(CareSpan(start=fact.day, last=None, event_id=fact.event_id))
            elif isinstance(fact.details, ChildExited) and running:
                spans[-1] = replace(spans[-1], last=fact.day)
        return tuple(_cut_at_age(spans, self.profile))

    def in_care(self, day: date) -> bool:
        """Tell whether the child is in care on `day`."""
        return any(span.holds(day) for span in self.spans)

    @cached_property
    def pairings(self) -> tuple[Pairing, ...]:
        """Every pairing there was, whether it was ended or is running."""
        return tuple(
            Pairing(
                event_id=fact.event_id,
                carer=fact.details.carer,
                kind=fact.details.kind,
                start=fact.day,
                end=min(self._ends_of(fact), default=None),
            )
            for fact in self._of_any(PairingStarted, CareHandedOver)
        )

    @cached_property
    def ended_pairings(self) -> Mapping[UUID, date]:
        """The first day without each pairing that was ended or handed over; the first said end holds."""
        ends: dict[UUID, date] = {}
        for fact in self._of_any(PairingEnded, CareHandedOver):
            ends.setdefault(fact.details.pairing, fact.day)
        return ends

    def _ends_of(self, start: Fact) -> Iterator[date]:
        """Go through all that ends a pairing: its end, that of care, a move to another school."""
        if (ended := self.ended_pairings.get(start.event_id)) is not None:
            yield ended
        for span in self.spans:
            if span.last is not None and start.day <= span.last:
                yield span.last + timedelta(days=1)
        for before, after in pairwise(self.moves):
            # What began on that day began at the new school.
            if start.day < after.day and school_of(before.org) != school_of(after.org):
                yield after.day

    @cached_property
    def last_contact(self) -> Fact | None:
        """The latest entry that was a contact."""
        return next((fact for fact in reversed(self.facts) if fact.is_contact), None)

    @cached_property
    def anchor(self) -> Anchor | None:
        """From where the child's silence counts; None when it never was in care."""
        anchors = [Anchor(day=s.start, event_id=s.event_id, is_contact=False) for s in self.spans]
        if (contact := self.last_contact) is not None:
            anchors.append(Anchor(day=contact.day, event_id=contact.event_id, is_contact=True))
        return max(anchors, key=lambda a: (a.day, a.is_contact), default=None)

    def days_silent(self, day: date) -> int | None:
        """Give whole days from the anchor to the end of `day`; None when not in care then."""
        if self.anchor is None or not self.in_care(day):
            return None
        return (day - self.anchor.day).days

    @cached_property
    def parents(self) -> dict[Parent, ParentWorkRecorded]:
        """What is known of each parent's work; the latest entry about a parent holds."""
        return {said.parent: said for _, said in self.of(ParentWorkRecorded)}

    @cached_property
    def guardian(self) -> GuardianDesignated | None:
        """The current primary guardian."""
        return next((said for _, said in reversed(list(self.of(GuardianDesignated)))), None)


def fold(child_id: UUID, events: Iterable[Event], *, as_of: date | None = None) -> Child:
    """Fold a stream, in order of version, into the child.

    `as_of` leaves out what happened after that day; for what was known then, fold what was recorded by then.
    """
    stream = tuple(events)
    voids = _voids(stream)
    corrections: dict[UUID, list[Event]] = {}
    for event in stream:
        if type(event.details) is EventCorrected and event.event_id not in voids:
            corrections.setdefault(event.details.target, []).append(event)
    facts = [_fact(event, corrections.get(event.event_id, ()), voids) for event in stream]
    standing = [f for f in facts if f.voided_by is None and (as_of is None or f.day <= as_of)]
    filings: dict[UUID, list[UUID]] = {}
    for fact in standing:
        if type(fact.details) is RecordFiled:
            filings.setdefault(fact.details.target, []).append(fact.event_id)
    return Child(
        child_id=child_id,
        version=stream[-1].originator_version if stream else 0,
        position=max((e.position or 0 for e in stream), default=0),
        facts=_ordered(
            restated(f, record_filed_by=tuple(filings[f.event_id])) if f.event_id in filings else f
            for f in standing
        ),
        void=_ordered(f for f in facts if f.voided_by is not None and (as_of is None or f.day <= as_of)),
    )


def evolve(child: Child, event: Event) -> Child:
    """Give the child after one more event: what a fold of the whole stream gives, at the price of one event.

    The child must be folded without `as_of`. What changes other entries, a correction or a voiding, has all
    of them folded again.
    """
    if isinstance(event.details, EventCorrected | EventVoided):
        stream = sorted((f.event for f in child.entries), key=lambda e: e.originator_version)
        return fold(child.child_id, (*stream, event))
    facts, by_id = list(child.facts), dict(child._by_id)  # noqa: SLF001  # its own module
    if isinstance(event.details, RecordFiled) and (target := child.fact(event.details.target)) is not None:
        filed = restated(target, record_filed_by=(*target.record_filed_by, event.event_id))
        facts[bisect_left(facts, target.order, key=lambda f: f.order)] = by_id[target.event_id] = filed
    fact = Fact.as_recorded(event)
    insort(facts, fact, key=lambda f: f.order)
    by_id[event.event_id] = fact
    grown = replace(
        child,
        version=event.originator_version,
        position=max(child.position, event.position or 0),
        facts=tuple(facts),
    )
    untouched = (name for name, types in _RESTS_ON.items() if not isinstance(event.details, types))
    # Views that were worked out already and still hold.
    vars(grown).update({name: vars(child)[name] for name in untouched if name in vars(child)}, _by_id=by_id)
    return grown


def _voids(stream: Iterable[Event]) -> dict[UUID, UUID]:
    voids: dict[UUID, UUID] = {}
    for event in stream:
        if type(event.details) is EventVoided:
            voids.setdefault(event.details.target, event.event_id)
    return voids


def _fact(event: Event, corrections: Sequence[Event], voids: dict[UUID, UUID]) -> Fact:
    if not corrections and not voids:
        return Fact.as_recorded(event)
    occurred, written_on, details = event.occurred, event.written_on, event.details
    applied: list[UUID] = []
    for correction in corrections:
        assert isinstance(correction.details, EventCorrected)
        if not correction.erased and not event.erased:
            occurred, written_on, details = corrected(
                occurred, written_on, details, correction.details.fields
            )
        applied.append(correction.event_id)
    return Fact(
        event=event,
        occurred=occurred,
        written_on=written_on,
        details=details,
        corrected_by=tuple(applied),
        voided_by=voids.get(event.event_id),
    )


def _ordered(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda f: f.order))


def _cut_at_age(spans: list[CareSpan], profile: ChildEnrolled | None) -> Iterator[CareSpan]:
    born = profile.birth_date if profile else None
    last_day = comes_of_age(born) - timedelta(days=1) if born else None
    for span in spans:
        if last_day is None:
            yield span
        elif span.start <= last_day:
            yield replace(span, last=last_day if span.last is None else min(span.last, last_day))


def comes_of_age(born: date, /) -> date:
    """Give the day on which care ends by age; who was born on 29 February comes of age on 1 March."""
    try:
        return born.replace(year=born.year + CARE_ENDS_AT_AGE)
    except ValueError:
        return date(born.year + CARE_ENDS_AT_AGE, 3, 1)
