"""Carers, pairings, homes, households and units as subjects of a verdict: gathered from what was folded."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.care_views import CareSpan, Pairing
from domain.child import Child
from domain.choices import PEERS, Line
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts
from domain.org import org_id, school_of, within
from domain.rules.subjects import Gathered
from domain.rules.words import Subject

# On which line a unit lies, and how many parts its path has; that of a class has so many at least.
_UNITS: Mapping[Subject, tuple[tuple[Line, ...], int]] = {
    Subject.CLASS: ((Line.SCHOOL,), 4),
    Subject.SCHOOL: ((Line.SCHOOL,), 3),
    Subject.VILLAGE: ((Line.VILLAGE,), 3),
    Subject.TOWNSHIP: (tuple(Line), 2),
}
Span = tuple[date, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was folded under the clocks of a question: children, and streams of other kinds by their kind."""

    children: Sequence[Child]
    streams: Mapping[str, Sequence[Facts]] = field(default_factory=dict)

    @property
    def others(self) -> Iterator[Facts]:
        """All streams that are no child's."""
        for some in self.streams.values():
            yield from some


def gathered(subject: Subject, sources: Sources, *, day: date) -> list[Gathered]:
    """Return every subject of a kind that there is, in order of name and id; units as they are on `day`."""
    found = _BY_SUBJECT[subject](subject, sources, day)
    return sorted(found, key=lambda each: (each.org, each.name, each.subject_id))


def _carers(_subject: Subject, sources: Sources, _day: date) -> Iterator[Gathered]:
    """A carer owes something while it has a child to look after."""
    pairings: dict[UUID, list[Pairing]] = {}
    children: dict[UUID, dict[UUID, Child]] = {}
    for child in sources.children:
        for pairing in child.pairings:
            if pairing.kind not in PEERS:
                pairings.setdefault(pairing.carer, []).append(pairing)
                children.setdefault(pairing.carer, {})[child.child_id] = child
    by_carer = _by_carer(sources)
    void = _by_carer(sources, void=True)
    files = {child.child_id: child for child in sources.children}
    for carer, held in pairings.items():
        facts = by_carer.get(carer, [])
        about = {f.event.originator_id for f in facts} & files.keys()
        first = next(iter(children[carer].values()))
        yield Gathered(
            subject_id=carer,
            kind=Subject.CARER,
            name="",
            org=school_of(first.org_on(held[0].start)),
            facts=_ordered(facts),
            void=_ordered(void.get(carer, [])),
            spans=[_span(pairing) for pairing in held],
            children=children[carer] | {i: files[i] for i in about},
            pairings=held,
        )


def _by_carer(sources: Sources, *, void: bool = False) -> dict[UUID, list[Fact]]:
    found: dict[UUID, list[Fact]] = {}
    for facts in (*sources.children, *sources.others):
        for fact in facts.void if void else facts.facts:
            for carer in dict.fromkeys(fact.event_type.carers(fact.details)):
                found.setdefault(carer, []).append(fact)
    return found


def _pairings(_subject: Subject, sources: Sources, _day: date) -> Iterator[Gathered]:
    """A pairing is judged by what its carer did for its child while it ran."""
    for child in sources.children:
        for pairing in child.pairings:
            if pairing.kind in PEERS:
                continue

            def theirs(fact: Fact, pairing: Pairing = pairing) -> bool:
                carers = fact.event_type.carers(fact.details)
                return pairing.holds(fact.day) and (not carers or pairing.carer in carers)

            yield Gathered(
                subject_id=pairing.event_id,
                kind=Subject.PAIRING,
                name="",
                org=child.org_on(pairing.start),
                facts=[f for f in child.facts if theirs(f)],
                void=[f for f in child.void if theirs(f)],
                spans=[_span(pairing)],
                children={child.child_id: child},
                pairings=[pairing],
            )


def _units(subject: Subject, sources: Sources, day: date) -> Iterator[Gathered]:
    """A unit is judged by what it and those below it recorded, and what stands in its children's files."""
    members: dict[str, list[Child]] = {}
    for child in sources.children:
        for path in _paths(subject, child, day):
            members.setdefault(path, []).append(child)
    for path, children in members.items():
        spans: list[CareSpan] = [span for child in children for span in child.spans]
        own = [f for facts in sources.others for f in facts.facts if within(f.event.org, path)]
        void = [f for facts in sources.others for f in facts.void if within(f.event.org, path)]
        yield Gathered(
            subject_id=org_id(path),
            kind=subject,
            name=path,
            org=path,
            facts=_ordered([*own, *(f for child in children for f in child.facts)]),
            void=_ordered([*void, *(f for child in children for f in child.void)]),
            spans=[(span.start, span.last) for span in spans],
            children={child.child_id: child for child in children},
            pairings=[p for child in children for p in child.pairings],
        )


def _paths(subject: Subject, child: Child, day: date) -> Iterator[str]:
    """Return the units of a kind to which a child belongs on a day, or first does where that is later."""
    lines, depth = _UNITS[subject]
    first = min((move.day for move in child.placed), default=day)
    held = {move.line: move.org for move in child.placed if move.day <= max(day, first)}
    paths = (org.split("/") for line, org in held.items() if line in lines and org)
    end = None if subject is Subject.CLASS else depth
    yield from dict.fromkeys("/".join(parts[:end]) for parts in paths if len(parts) >= depth)


def _streams(subject: Subject, sources: Sources, _day: date) -> Iterator[Gathered]:
    """A home or a household has a stream of its own, from its opening to its closing."""
    files = {child.child_id: child for child in sources.children}
    for facts in sources.streams.get(subject, ()):
        if not facts.facts:
            continue
        state: Any = facts
        closed = bool(getattr(state, "closed", False) or getattr(state, "dissolved", False))
        children = {i: files[i] for i in getattr(state, "ever", ()) if i in files}
        opened: Any = getattr(state, "opened", None)
        yield Gathered(
            subject_id=facts.stream_id,
            kind=subject,
            name=(opened.name or "") if opened is not None else "",
            org=facts.facts[0].event.org,
            facts=_ordered([*facts.facts, *(f for child in children.values() for f in child.facts)]),
            void=_ordered([*facts.void, *(f for child in children.values() for f in child.void)]),
            spans=[(facts.facts[0].day, facts.facts[-1].day if closed else None)],
            children=children,
        )


def _span(pairing: Pairing) -> Span:
    return pairing.start, None if pairing.end is None else pairing.end - timedelta(days=1)


def _ordered(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (*fact.order, fact.event_id))


_BY_SUBJECT: Mapping[Subject, Callable[[Subject, Sources, date], Iterator[Gathered]]] = {
    Subject.CARER: _carers,
    Subject.PAIRING: _pairings,
    Subject.HOME: _streams,
    Subject.HOUSEHOLD: _streams,
    **dict.fromkeys(_UNITS, _units),
}
