"""The child: everything that was recorded of it, folded into what is true."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, cast
from uuid import UUID

from msgspec.structs import replace as restated

from domain.care_views import (
    Anchor,
    CareSpan,
    Homecoming,
    HukouSaid,
    Move,
    Pairing,
    ParentTold,
    Profile,
    StateTold,
    TagsSaid,
    Transfer,
    belongs_to,
    held_on,
    org_then,
    silent_on,
)
from domain.choices import PEERS, Line
from domain.days import birthday
from domain.effects import Effect
from domain.event import Event
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts, view
from domain.ledger.facts import fold as folded
from domain.lines import line_proposed, lines_of
from domain.org import county_of, school_of
from domain.reasons_to_visit import OpenReason, open_reasons
from domain.told import standing
from domain.wire import to_wire

CARE_ENDS_AT_AGE = 18


@dataclass(frozen=True, kw_only=True)
class Child(Facts):
    """One child as its stream tells it."""

    @property
    def child_id(self) -> UUID:
        """The id of the child, which is that of its stream."""
        return self.stream_id

    @view(Effect.MERGES)
    def merged(self) -> Fact | None:
        """The entry by which this file was merged into another; None where it is one of its own."""
        return next(iter(self.having(Effect.MERGES)), None)

    @property
    def merged_into(self) -> UUID | None:
        """The child in whose file this one goes on."""
        return None if self.merged is None else self.merged.details.into

    @view(Effect.TAKES_OVER)
    def taken_over(self) -> tuple[Fact, ...]:
        """The entries by which other files of the child go on in this one."""
        return tuple(self.having(Effect.TAKES_OVER))

    @view(Effect.IDENTIFIES, merged)
    def enrolment(self) -> Fact | None:
        """The standing enrolment; a file that was merged stands for nobody, and has none."""
        return None if self.merged else next(iter(self.having(Effect.IDENTIFIES)), None)

    @view(enrolment, Effect.CHANGES_PROFILE)
    def profile(self) -> Profile | None:
        """Who the child is, after all profile changes."""
        if self.enrolment is None:
            return None
        profile: Any = self.enrolment.details
        for fact in self.having(Effect.CHANGES_PROFILE):
            changes = {n: getattr(fact.details, n) for n in to_wire(fact.details)}
            profile = replace(profile, **changes)
        return cast("Profile", profile)

    @view(Effect.PLACES, Effect.PLACES_ON_LINE, Effect.LEAVES_LINE, Effect.PROPOSES_TRANSFER)
    def placed(self) -> tuple[Move, ...]:
        """Where the child belonged from when on, on each of its lines. Of two on one day the one recorded
        later holds."""
        return tuple(lines_of(self))

    @view(placed)
    def moves(self) -> tuple[Move, ...]:
        """Where the child belonged from when on: to its school, and while it has none to its village."""
        held, moves = dict[Line, str](), list[Move]()
        for move in self.placed:
            held[move.line] = move.org
            line = next((each for each in Line if held.get(each)), move.line)
            if move.line is line or (moves and moves[-1].org != held[line]):
                moves.append(Move(day=move.day, org=held[line], line=line))
        return tuple(moves)

    def belongs_to(self, scope: str) -> bool:
        """Return whether the child belongs to a subtree now, by one of its lines."""
        return belongs_to(self.placed, scope)

    @view(moves)
    def org(self) -> str:
        """The path of the organisation that the child belongs to."""
        return self.moves[-1].org if self.moves else ""

    @property
    def last_org(self) -> str:
        """The organisation that the child belongs to; once its enrolment is void, where it was until then."""
        if self.org:
            return self.org
        said = ((fact.event.originator_version, fact.event.org) for fact in self.entries if fact.event.org)
        return max(said, default=(0, ""))[1]

    @view(moves)
    def orgs(self) -> tuple[str, ...]:
        """Every organisation that the child ever belonged to."""
        return tuple(dict.fromkeys(move.org for move in self.moves))

    @view(orgs)
    def counties(self) -> frozenset[str]:
        """Every county that the child ever belonged to."""
        return frozenset(map(county_of, self.orgs))

    def org_on(self, day: date) -> str:
        """Return the organisation that the child belonged to on `day`; before its first the first."""
        return org_then(self.moves, day)

    @view(Effect.PROPOSES_TRANSFER, Effect.ANSWERS_TRANSFER, Effect.CLOSES_CARE)
    def transfers(self) -> tuple[Transfer, ...]:
        """Every transfer that was proposed; one is open until it is answered, or the child leaves care."""
        if not (proposed := self.having(Effect.PROPOSES_TRANSFER)):
            return ()
        decided = {fact.details.transfer for fact in self.having(Effect.ANSWERS_TRANSFER)}
        exits = [fact.day for fact in self.having(Effect.CLOSES_CARE)]
        return tuple(
            Transfer(
                event_id=fact.event_id,
                to=fact.details.to,
                proposed_on=fact.day,
                line=line_proposed(self, fact),
                open=fact.event_id not in decided and all(day < fact.day for day in exits),
            )
            for fact in proposed
        )

    def transfer(self, event_id: UUID) -> Transfer | None:
        """Find a transfer by the event id of its proposal."""
        return next((t for t in self.transfers if t.event_id == event_id), None)

    @view(Effect.OPENS_CARE, Effect.CLOSES_CARE, profile)
    def spans(self) -> tuple[CareSpan, ...]:
        """The days in care, by enrolment, exits, readmissions and the 18th birthday; none once merged."""
        if self.merged:
            return ()
        spans: list[CareSpan] = []
        opening, closing = self.having(Effect.OPENS_CARE), self.having(Effect.CLOSES_CARE)
        bounds = [*((f.day, False, f) for f in opening), *((f.day, True, f) for f in closing)]
        if len(bounds) > 1:
            bounds.sort(key=lambda bound: (*bound[:2], bound[2].order))
        for _, closes, fact in bounds:
            running = bool(spans) and spans[-1].last is None
            if not closes:
                # A readmission while care runs is left over from an exit that was voided since.
                if not running:
                    spans.append(CareSpan(start=fact.day, last=None, event_id=fact.event_id))
            elif running:
                spans[-1] = restated(spans[-1], last=fact.day)
        return tuple(_cut_at_age(spans, self.born))

    def in_care(self, day: date) -> bool:
        """Return whether the child is in care on `day`."""
        return held_on(self.spans, day)

    @view(Effect.ENDS_PAIRING)
    def ended_pairings(self) -> Mapping[UUID, date]:
        """The first day without each pairing that was ended or handed over; the first said end holds."""
        ends: dict[UUID, date] = {}
        for fact in self.having(Effect.ENDS_PAIRING):
            ends.setdefault(fact.details.pairing, fact.day)
        return ends

    @view(Effect.STARTS_PAIRING, ended_pairings, spans, moves)
    def pairings(self) -> tuple[Pairing, ...]:
        """Every pairing there was, whether it was ended or is running; none once the file was merged."""
        if self.merged:
            return ()
        return tuple(
            Pairing(
                event_id=fact.event_id,
                carer=fact.details.carer,
                kind=fact.details.kind,
                start=fact.day,
                end=min(self._ends_of(fact), default=None),
            )
            for fact in self.having(Effect.STARTS_PAIRING)
        )

    def _ends_of(self, start: Fact) -> Iterator[date]:
        """Go through all that ends a pairing: its end, that of care, a move to another school."""
        if (ended := self.ended_pairings.get(start.event_id)) is not None:
            yield ended
        for span in self.spans:
            if span.last is not None and start.day <= span.last:
                yield span.last + timedelta(days=1)
        for before, after in pairwise(self.moves):
            # What began on that day began at the new school.
            elsewhere = school_of(before.org) != school_of(after.org)
            # That it is in a school beside its village, or no longer, ends nothing.
            if start.day < after.day and elsewhere and before.line is after.line:
                yield after.day

    @property
    def born(self) -> date | None:
        """The day of its birth, as far as it is known."""
        profile = self.profile
        return profile.birth_date if profile else None

    @view(Effect.TELLS_OF_PARENT)
    def parents_told(self) -> tuple[ParentTold, ...]:
        """What holds of its parents by each entry, in order: of each the latest by a day holds on it."""
        return tuple(
            ParentTold(
                event_id=fact.event_id,
                day=fact.day,
                parent=said.parent,
                away=said.away,
                left=said.away_from,
                back=said.away_to,
                how_far=said.how_far,
                place=said.place,
            )
            for fact, said in standing(self, Effect.TELLS_OF_PARENT)
        )

    @view(Effect.TELLS_STATE_OF_PARENT)
    def states_told(self) -> tuple[StateTold, ...]:
        """How it stands with its parents, in order: of each the latest that had happened by a day holds."""
        return tuple(
            StateTold(
                event_id=fact.event_id,
                day=fact.day,
                parent=fact.details.parent,
                status=fact.details.status,
                since=fact.details.since,
            )
            for fact in self.having(Effect.TELLS_STATE_OF_PARENT)
        )

    @view(Effect.TELLS_OF_HOMECOMING)
    def homecomings(self) -> tuple[Homecoming, ...]:
        """The visits home of its parents, in order, those that are planned among them."""
        return tuple(
            Homecoming(
                event_id=fact.event_id,
                day=fact.day,
                parent=fact.details.parent,
                planned=fact.details.planned,
                until=fact.details.until,
            )
            for fact in self.having(Effect.TELLS_OF_HOMECOMING)
        )

    @view(Effect.CALLS_FOR_VISIT, Effect.SETTLES_VISIT)
    def reasons_to_visit(self) -> tuple[OpenReason, ...]:
        """What calls for a visit and is open: one case of each kind."""
        return open_reasons(self)

    @view(Effect.IDENTIFIES, Effect.CHANGES_PROFILE)
    def hukou_said(self) -> tuple[HukouSaid, ...]:
        """Its household registration by its enrolment and each change of it: the latest by a day holds."""
        changed = (f for f in self.having(Effect.CHANGES_PROFILE) if f.details.hukou_type is not None)
        said = (*self.having(Effect.IDENTIFIES)[:1], *changed)
        return tuple(HukouSaid(event_id=f.event_id, day=f.day, hukou=f.details.hukou_type) for f in said)

    @property
    def address(self) -> str | None:
        """Where it lives, as far as that is known."""
        return self.profile.address if self.profile else None

    @view(Effect.IDENTIFIES, Effect.CHANGES_PROFILE)
    def tags_said(self) -> tuple[TagsSaid, ...]:
        """The groups that its enrolment and each change name: of them the latest by a day holds."""
        changed = (f for f in self.having(Effect.CHANGES_PROFILE) if f.details.tags is not None)
        said = (*self.having(Effect.IDENTIFIES)[:1], *changed)
        return tuple(TagsSaid(day=fact.day, tags=fact.details.tags) for fact in said)

    @cached_property
    def last_contact(self) -> Fact | None:
        """The latest entry that was a contact."""
        return next((fact for fact in reversed(self.facts) if self.counts_as_contact(fact)), None)

    def counts_as_contact(self, fact: Fact) -> bool:
        """Return whether by an entry somebody who answers for the child reached it, or those around it.

        What other pupils did is none, and a visit that the family disproved never was.
        """
        return fact.is_contact and self._answered_for(fact)

    def counts_as_sighting(self, fact: Fact) -> bool:
        """Return whether by an entry somebody who answers for the child met the child itself."""
        return fact.is_sighting and self._answered_for(fact)

    def _answered_for(self, fact: Fact) -> bool:
        if fact.event_id in self.disproved:
            return False
        carers = fact.event_type.carers(fact.details)
        return not carers or not self.peers.issuperset(carers)

    @view(Effect.VERIFIES_VISIT)
    def disproved(self) -> frozenset[UUID]:
        """The visits of which the family said last that there was none."""
        said = [fact.details for fact in self.having(Effect.VERIFIES_VISIT)]
        last = {each.visit: each.disproves for each in said if each.disproves is not None}
        return frozenset(visit for visit, disproved in last.items() if disproved)

    @cached_property
    def peers(self) -> frozenset[UUID]:
        """The carers who are other pupils: those whom every pairing with the child calls so."""
        grown_up = {pairing.carer for pairing in self.pairings if pairing.kind not in PEERS}
        return frozenset(p.carer for p in self.pairings if p.kind in PEERS) - grown_up

    @cached_property
    def last_sighting(self) -> Fact | None:
        """The latest entry by which somebody of the carers' side met the child itself."""
        return next((fact for fact in reversed(self.facts) if self.counts_as_sighting(fact)), None)

    @cached_property
    def anchor(self) -> Anchor | None:
        """From where the child's silence counts; None when it never was in care."""
        return self._anchored(self.last_contact)

    @cached_property
    def unseen_anchor(self) -> Anchor | None:
        """From where it counts how long nobody has seen the child; None when it never was in care."""
        return self._anchored(self.last_sighting)

    def _anchored(self, last: Fact | None) -> Anchor | None:
        """Return the later of the beginning of care and an entry that reached the child."""
        found: Anchor | None = None
        if last is not None:
            found = Anchor(day=last.day, event_id=last.event_id, is_contact=True, type=last.type)
        for span in self.spans:
            if found is None or found.day < span.start:
                opened = self.fact(span.event_id)
                began = opened.type if opened else ""
                found = Anchor(day=span.start, event_id=span.event_id, is_contact=False, type=began)
        return found

    def days_silent(self, day: date) -> int | None:
        """Return whole days from the anchor to the end of `day`; None when not in care then."""
        return silent_on(self.anchor, self.spans, day)

    def days_child_unseen(self, day: date) -> int | None:
        """Return whole days since somebody saw the child to the end of `day`; None when not in care then."""
        return silent_on(self.unseen_anchor, self.spans, day)


def fold(child_id: UUID, events: Iterable[Event], *, as_of: date | None = None) -> Child:
    """Fold a stream, in order of version, into the child; see `domain.ledger.facts.fold`."""
    return folded(Child, child_id, events, as_of=as_of)


def _cut_at_age(spans: list[CareSpan], born: date | None) -> Iterator[CareSpan]:
    last_day = comes_of_age(born) - timedelta(days=1) if born else None
    for span in spans:
        if last_day is None:
            yield span
        elif span.start <= last_day:
            yield restated(span, last=last_day if span.last is None else min(span.last, last_day))


def comes_of_age(born: date, /) -> date:
    """Return the day on which care ends by age; who was born on 29 February comes of age on 1 March."""
    return birthday(born, CARE_ENDS_AT_AGE)
