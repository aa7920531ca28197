"""What stands on one stream, under two clocks; views of it are worked out once and kept while they hold.

The fold is arithmetic over the stream and never refuses; what may be refused is decided before an event is
made, in `domain.ledger.decide`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, overload
from uuid import UUID

from msgspec.structs import replace as restated

from domain.event import Details, Event
from domain.ledger.corrections import corrected
from domain.ledger.event_type import DECLARES, declared
from domain.ledger.fact import Fact

if TYPE_CHECKING:
    from datetime import date

D = TypeVar("D", bound=Details)
F = TypeVar("F", bound="Facts")
T = TypeVar("T")

# How the facts of a stream are ordered: by when they happened (ADR 29), or as they were recorded.
BY_OCCURRENCE: Callable[[Fact], Any] = attrgetter("order")
BY_VERSION: Callable[[Fact], Any] = attrgetter("event.originator_version")


class View(Generic[T]):
    """A property of `Facts` that is worked out once, and kept by `evolve` while what it rests on stands."""

    def __init__(self, work_out: Callable[[Any], T], rests_on: frozenset[object]) -> None:
        """Work the value out by a method; see `view`."""
        self._work_out = work_out
        self._name = work_out.__name__
        self.rests_on = rests_on
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, facts: None, owner: type) -> Self: ...

    @overload
    def __get__(self, facts: Facts, owner: type) -> T: ...

    def __get__(self, facts: Facts | None, owner: type) -> Self | T:
        """Work the value out, and put it where the next look finds it without this."""
        if facts is None:
            return self
        value = vars(facts)[self._name] = self._work_out(facts)
        return value


def view(*rests_on: object) -> Callable[[Callable[[Any], T]], View[T]]:
    """Declare a view by what it rests on; any other entry leaves its value as it is.

    It rests on details classes, names of types, effects (or kinds of effects) that types declare, and on
    what other views of the class rest on.
    """
    flat = chain.from_iterable(each.rests_on if isinstance(each, View) else (each,) for each in rests_on)
    found = frozenset(flat)
    return lambda work_out: View(work_out, found)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The entries of one stream. `facts` stand, in the order of `ORDER`; `void` do not."""

    ORDER: ClassVar[Callable[[Fact], Any]] = BY_OCCURRENCE

    stream_id: UUID
    version: int = 0
    position: int = 0
    facts: tuple[Fact, ...] = ()
    void: tuple[Fact, ...] = ()

    @cached_property
    def _by_id(self) -> dict[int, Fact]:
        # By the number that an id is: Python would work out the hash of an id anew each time.
        return {fact.event.event_id.int: fact for fact in self.facts}

    @cached_property
    def _by_type(self) -> dict[type[Details], list[Fact]]:
        found: dict[type[Details], list[Fact]] = {}
        for fact in self.facts:
            found.setdefault(type(fact.details), []).append(fact)
        return found

    @cached_property
    def entries(self) -> tuple[Fact, ...]:
        """Every entry, void ones too, in order."""
        return self.ordered((*self.facts, *self.void)) if self.void else self.facts

    @cached_property
    def latest(self) -> Fact | None:
        """The entry that was recorded last, whether it stands or not."""
        return max(self.entries, key=BY_VERSION, default=None)

    @classmethod
    def ordered(cls, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """Put facts into the order of this kind of stream."""
        return tuple(sorted(facts, key=cls.ORDER))

    def fact(self, event_id: UUID) -> Fact | None:
        """Find a standing entry."""
        return self._by_id.get(event_id.int)

    @overload
    def of(self, wanted: type[D]) -> Iterator[tuple[Fact, D]]: ...

    @overload
    def of(self, wanted: str) -> Iterator[tuple[Fact, Any]]: ...

    def of(self, wanted: type[Details] | str) -> Iterator[tuple[Fact, Any]]:
        """Go through the standing entries of one type, given by its details or its name, in order."""
        for fact in self._of(wanted):
            yield fact, fact.details

    def _of(self, wanted: type[Details] | str) -> Sequence[Fact]:
        if isinstance(wanted, str):
            return next((facts for details, facts in self._by_type.items() if wanted == details.TYPE), ())
        return self._by_type.get(wanted, ())

    def of_any(self, *wanted: type[Details] | str) -> Sequence[Fact]:
        """Return the standing entries of some types, given by their details or names, in order."""
        if len(wanted) == 1:
            return self._of(wanted[0])
        return self._merged([facts for each in wanted if (facts := self._of(each))])

    def last(self, *wanted: type[Details]) -> Fact | None:
        """Return the last of the standing entries of some types."""
        found = self.of_any(*wanted)
        return found[-1] if found else None

    def counts_as_contact(self, fact: Fact) -> bool:
        """Return whether by an entry somebody was reached, as far as the whole stream tells."""
        return fact.is_contact

    def having(self, effect: object) -> Sequence[Fact]:
        """Return the standing entries whose type declares an effect, in order."""
        found: list[list[Fact]] = []
        for details, facts in self._by_type.items():
            if DECLARES[details, effect]:
                # A comprehension is a call, of which there are many here.
                found.append(facts)
        return self._merged(found) if found else ()

    def _merged(self, found: Sequence[Sequence[Fact]]) -> Sequence[Fact]:
        return found[0] if len(found) == 1 else self.ordered(chain.from_iterable(found))


def views_of(kind: type[Facts]) -> Mapping[str, View[Any]]:
    """Return the views that a class declares, by name."""
    return {name: each for c in kind.__mro__ for name, each in vars(c).items() if isinstance(each, View)}


def untouched(kind: type[Facts], details: type[Details]) -> tuple[str, ...]:
    """Name the views of a class that hold whatever an entry with these details says."""
    if (kind, details) not in _UNTOUCHED:
        event_type = declared(details)
        _UNTOUCHED[kind, details] = tuple(
            name
            for name, each in views_of(kind).items()
            if not any(on in (details, event_type.type) or event_type.has(on) for on in each.rests_on)
        )
    return _UNTOUCHED[kind, details]


_UNTOUCHED: dict[tuple[type[Facts], type[Details]], tuple[str, ...]] = {}


def fold(kind: type[F], stream_id: UUID, events: Iterable[Event], *, as_of: date | None = None) -> F:
    """Fold a stream, in order of version, into a view of it.

    `as_of` leaves out what happened after that Shanghai day; for what was known at a moment, fold what was
    recorded by then. Corrections, filings and voidings are applied in the order of their recording.
    """
    return filled(kind(stream_id=stream_id), events, as_of=as_of)


def filled(empty: F, events: Iterable[Event], *, as_of: date | None = None) -> F:
    """Fold a stream as `fold` does, into what is known of it besides its events."""
    stream = tuple(events)
    facts = _as_they_stand(stream)
    if as_of is not None:
        facts = [fact for fact in facts if fact.day <= as_of]
    if void := [fact for fact in facts if fact.voided_by is not None]:
        facts = [fact for fact in facts if fact.voided_by is None]
    if filings := _filings(facts):
        facts = [
            restated(fact, record_filed_by=tuple(filings[fact.event_id]))
            if fact.event_id in filings
            else fact
            for fact in facts
        ]
    return replace(
        empty,
        version=stream[-1].originator_version if stream else 0,
        position=max([event.position or 0 for event in stream], default=0),
        facts=empty.ordered(facts),
        void=empty.ordered(void),
    )


def evolve(state: F, event: Event) -> F:
    """Return the state after one more event: what a fold of the whole stream gives, for the price of one.

    The state must be folded without `as_of`. What changes other entries, a correction or a voiding, has all
    of them folded again.
    """
    event_type = declared(type(event.details))
    if event_type.changes_others:
        stream = sorted((fact.event for fact in state.entries), key=lambda e: e.originator_version)
        return filled(state, (*stream, event))
    grown = _Grown(state)
    holding = untouched(type(state), type(event.details))
    if event_type.files is not None:
        target = state.fact(getattr(event.details, event_type.files))
        if target is not None:
            filed = restated(target, record_filed_by=(*target.record_filed_by, event.event_id))
            grown.put(filed, instead_of=target)
            kept = untouched(type(state), type(target.details))
            holding = tuple(name for name in holding if name in kept)
    grown.put(Fact.as_recorded(event))
    known, after = vars(state), object.__new__(type(state))
    # What it is beside its entries, and the views that were worked out already and still hold.
    names = (*state.__dataclass_fields__, *holding)
    vars(after).update({name: known[name] for name in names if name in known})
    vars(after).update(
        version=event.originator_version,
        position=max(state.position, event.position or 0),
        facts=tuple(grown.facts),
        _by_id=grown.by_id,
        _by_type=grown.by_type,
    )
    return after


class _Grown:
    """The entries of a state, looked up in each way, with some put in."""

    def __init__(self, state: Facts) -> None:
        self.facts = list(state.facts)
        self.by_id, self.by_type = dict(state._by_id), dict(state._by_type)  # noqa: SLF001  # its own module
        self._order = type(state).ORDER

    def put(self, fact: Fact, *, instead_of: Fact | None = None) -> None:
        """Put an entry in its place, or where the same one stood as it was before."""
        order, facts, details = self._order, self.facts, type(fact.details)
        # The lists of the state itself stay as they are.
        of_type = self.by_type[details] = list(self.by_type.get(details, ()))
        place = order(fact)
        if instead_of is not None:
            for standing in (facts, of_type):
                standing[bisect_left(standing, place, key=order)] = fact
        elif facts and place < order(facts[-1]):
            insort(facts, fact, key=order)
            insort(of_type, fact, key=order)
        else:
            # Nearly always it is the last of all.
            facts.append(fact)
            of_type.append(fact)
        self.by_id[fact.event.event_id.int] = fact


def _as_they_stand(stream: Sequence[Event]) -> list[Fact]:
    """Apply the corrections and voidings of a stream to its entries, in order of version."""
    types = {details: declared(details) for details in {type(event.details) for event in stream}}
    if not any(each.changes_others for each in types.values()):
        return [Fact.as_recorded(event) for event in stream]
    voids: dict[UUID, UUID] = {}
    for event in stream:
        if (voided := types[type(event.details)].voids) is not None:
            voids.setdefault(voided(event.details) or stream[0].event_id, event.event_id)
    corrections: dict[UUID, list[tuple[Event, Mapping[str, Any]]]] = {}
    for event in stream:
        if (corrects := types[type(event.details)].corrects) is not None and event.event_id not in voids:
            target, fields = corrects(event.details)
            corrections.setdefault(target or stream[0].event_id, []).append((event, fields))
    return [_fact(event, corrections.get(event.event_id, ()), voids) for event in stream]


def _filings(standing: Iterable[Fact]) -> dict[UUID, list[UUID]]:
    filings: dict[UUID, list[UUID]] = {}
    for fact in standing:
        if (files := declared(type(fact.details)).files) is not None:
            filings.setdefault(getattr(fact.details, files), []).append(fact.event_id)
    return filings


def _fact(
    event: Event, corrections: Sequence[tuple[Event, Mapping[str, Any]]], voids: Mapping[UUID, UUID]
) -> Fact:
    occurred, written_on, details = event.occurred, event.written_on, event.details
    for correction, fields in corrections:
        if not correction.erased and not event.erased:
            occurred, written_on, details = corrected(occurred, written_on, details, fields)
    return Fact(
        event=event,
        occurred=occurred,
        written_on=written_on,
        details=details,
        corrected_by=tuple(correction.event_id for correction, _ in corrections),
        voided_by=voids.get(event.event_id),
    )
