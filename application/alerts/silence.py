"""What the cases of one child still have to say, and when it is looked at next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from domain.alert_kind import AlertKind, Ending, Spell, alert_kinds
from domain.care_views import Anchor
from domain.child import Child
from domain.days import local_day, start_of_day
from domain.event import Details
from domain.ladder import EscalationPolicy, Ladders, graver, next_ring
from domain.org import Step
from domain.streams.alerts.case import (
    AlertCarried,
    AlertCase,
    AlertEscalated,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    Counted,
    alert_id,
)
from domain.streams.alerts.case import (
    AlertKind as AlertKindWord,
)
from domain.streams.organisations.unit import Extension
from domain.watched import ground_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A spell that is to be told of, at the step that it has reached."""

    kind: AlertKind
    spell: Spell
    step: Step


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A child with its cases, looked at by what its units said, at a moment."""

    child: Child
    cases: Sequence[AlertCase]
    extensions: Sequence[Extension]
    ladders: Ladders
    policy: EscalationPolicy
    now: datetime

    @cached_property
    def at(self) -> datetime:
        """The moment by which it is judged: now, and no earlier than the cases that go on were.

        A clock that was set back must not end what has rung, only to ring it again.
        """
        moments = [
            case.decided_at
            for case in self.cases
            if case.decided_at and any(is_of(case, spell, kind) for kind, spell in self._spells)
        ]
        return max([self.now, *moments])

    @cached_property
    def _today(self) -> date:
        return local_day(self.at)

    @cached_property
    def _ring_day(self) -> date:
        return self.policy.last_ring_day(self.at)

    @cached_property
    def _watched(self) -> bool:
        return ground_on(self.child, self._today, extensions=self.extensions) is not None

    @cached_property
    def _kinds(self) -> Sequence[AlertKind]:
        """The kinds that ring where the child is."""
        org, day, ladders = self.child.org_on(local_day(self.now)), local_day(self.now), self.ladders
        return [k for k in alert_kinds().values() if ladders.in_force(k.name, org=org, day=day) is not None]

    @cached_property
    def _spells(self) -> Sequence[tuple[AlertKind, Spell]]:
        return [(kind, spell) for kind in self._kinds for spell in kind.spells(self.child)]

    @cached_property
    def wanted(self) -> Sequence[Wanted]:
        """What is to be told of now."""
        child = self.child
        if not (self._spells and child.in_care(self._today) and child.in_care(self._ring_day)):
            return ()
        found = [
            Wanted(kind=kind, spell=spell, step=step)
            for kind, spell in self._spells
            if spell.holds(self._today)
            and (self._watched or not kind.of_watched_only)
            and (step := self._step(kind, spell)) is not None
        ]
        return [each for each in found if not _is_covered(each, found)]

    def _step(self, kind: AlertKind, spell: Spell) -> Step | None:
        return self.ladders.step_on(kind.name, since=spell.since, day=self._ring_day, moves=self.child.moves)

    @property
    def ids(self) -> Iterator[UUID]:
        """Go through the ids of the cases that may be raised: their rows may not be there yet."""
        for kind, spell in self._spells:
            if spell.holds(self._today):
                yield alert_id(kind.name, child=self.child.child_id, anchor=spell.event_id)

    def outstanding(self) -> Iterator[tuple[AlertCase, Details]]:
        """Go through what the cases still have to say, endings first."""
        of_now = [(each, _case_of(each, self.cases)) for each in self.wanted]
        going_on = {case.alert_id for _, case in of_now if case is not None}
        for case in self.cases:
            if case.open and case.alert_id not in going_on:
                yield case, self._ending(case)
        for each, known in of_now:
            raised = self._raised(each)
            case = known or AlertCase(
                stream_id=alert_id(each.kind.name, child=raised.child, anchor=raised.anchor)
            )
            if (details := _next_of(case, raised, org=self.child.org)) is not None:
                yield case, details

    def next_look(self) -> datetime | None:
        """Return when the cases have something to say next; None when never, as things stand."""
        if any(self.outstanding()):
            return self.now
        # Whether a child is watched changes by events alone, and each of them has it looked at again.
        span = next((span for span in self.child.spans if span.holds(self._today)), None)
        if span is None:
            return None
        looks = [
            look
            for kind, spell in self._spells
            if self._watched or not kind.of_watched_only
            for look in self._looks(kind, spell, last=span.last)
        ]
        if self.wanted and span.last is not None:
            looks.append(start_of_day(span.last + timedelta(days=1)))
        return min(looks, default=None)

    def _looks(self, kind: AlertKind, spell: Spell, *, last: date | None) -> Iterator[datetime]:
        """Go through the moments at which a spell rings next, and at which it ends."""
        today, ladders = self._today, self.ladders
        if spell.until is not None and spell.until <= today:
            return
        steps = ladders.in_force(kind.name, org=self.child.org_on(today), day=today)
        reached = self._step(kind, spell)
        if steps is not None:
            ring = next_ring(steps, spell.since, after=reached, hour=self.policy.hour)
            if ring is not None and (spell.until is None or local_day(ring) < spell.until):
                yield ring
        if reached is not None and spell.until is not None:
            yield start_of_day(spell.until)

    def _raised(self, wanted: Wanted) -> AlertRaised:
        child, day = self.child, self._ring_day
        return AlertRaised(
            kind=AlertKindWord.from_word(wanted.kind.name),
            child=child.child_id,
            anchor=wanted.spell.event_id,
            silent_since=wanted.spell.since,
            step=wanted.step,
            days_silent=(day - wanted.spell.since).days,
            silence=_counted(child.anchor, day),
            unseen=_counted(child.unseen_anchor, day),
        )

    def _ending(self, case: AlertCase) -> AlertResolved:
        child = self.child
        if child.anchor is None or not child.in_care(self._today):
            last = child.merged or (child.facts[-1] if child.facts else None)
            return AlertResolved(ending=Ending.CARE_ENDED, by_event=last.event_id if last else None)
        if case.anchor is not None and child.fact(case.anchor) is None:
            return AlertResolved(ending=Ending.NEVER_WAS)
        kind = next((each for each in self._kinds if each.name == case.kind), None)
        if kind is None:
            return AlertResolved(ending=Ending.SWITCHED_OFF)
        spells = [spell for of, spell in self._spells if of is kind]
        if any(is_of(case, spell, kind) and spell.holds(self._today) for spell in spells):
            if kind.of_watched_only and not self._watched:
                return AlertResolved(ending=Ending.NOT_WATCHED)
            if kind.covered_by in {each.kind.name for each in self.wanted}:
                return AlertResolved(ending=Ending.COVERED)
        assert case.anchor is not None, "a case that can be read says what began it"
        ending, by_event = kind.ended(kind, child, case.anchor)
        return AlertResolved(ending=ending, by_event=by_event)


def is_of(case: AlertCase, spell: Spell, kind: AlertKind) -> bool:
    """Return whether a case is of a spell: it began with that or, of a silence, on its day (ADR 29)."""
    return case.kind == kind.name and (
        case.anchor == spell.event_id or (kind.single and case.silent_since == spell.since)
    )


def _is_covered(wanted: Wanted, among: Sequence[Wanted]) -> bool:
    return any(
        other.kind.name == wanted.kind.covered_by
        and other.spell.event_id == wanted.spell.event_id
        and not graver(wanted.step, other.step)
        for other in among
    )


def _case_of(wanted: Wanted, cases: Sequence[AlertCase]) -> AlertCase | None:
    """Return the case of a spell: of several the one that is open, then the one with its very beginning."""
    there = [case for case in cases if case.version and is_of(case, wanted.spell, wanted.kind)]
    began = wanted.spell.event_id
    return max(there, key=lambda c: (c.open, c.anchor == began, c.decided_at), default=None)


def _next_of(case: AlertCase, wanted: AlertRaised, *, org: str) -> Details | None:
    """Return what a case still has to say, or None where it says so already."""
    if not case.version:
        return wanted
    if not case.open:
        return AlertReopened(**_as_it_is(wanted))
    if case.step is not wanted.step:
        return AlertEscalated(**_as_it_is(wanted))
    if case.org != org:
        return AlertCarried(**_as_it_is(wanted))
    return None


def _as_it_is(wanted: AlertRaised) -> dict[str, Any]:
    names = ("step", "silent_since", "days_silent", "silence", "unseen")
    return {name: getattr(wanted, name) for name in names}


def _counted(anchor: Anchor | None, day: date) -> Counted | None:
    if anchor is None:
        return None
    return Counted(days=(day - anchor.day).days, since=anchor.day, by=anchor.event_id, type=anchor.type)
