"""Spells without anybody at home who looks after a child, as far as the entries tell."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from domain.alert_kind import Spell
from domain.child import Child
from domain.choices import GuardianKind, Parent, ParentStatus
from domain.effects import Effect
from domain.ledger.fact import Fact
from domain.parents import absence_as_told, at_home_on, in_any, state_on
from domain.spells import Turn, stretches

_GONE = (ParentStatus.DEAD, ParentStatus.MISSING, ParentStatus.DETAINED)


def care_gaps(child: Child) -> Iterator[Spell]:
    """Go through the spells in which both parents are away and all who cared at home have ended.

    Of a child of whom nobody ever said who cares at home, it is not known that nobody does.
    """
    arranged, designated = child.having(Effect.ARRANGES_CARE), child.having(Effect.NAMES_GUARDIAN)
    ended = child.having(Effect.ENDS_ARRANGED_CARE)
    if not ended:
        return iter(())
    ends = {fact.details.arrangement: fact.day for fact in ended}
    turns = [*turns_of_parents(child), *_turns(arranged), *_turns(designated), *_turns(ended)]

    def nobody(day: date) -> bool:
        said = [fact for fact in arranged if fact.day <= day]
        running = any(day < ends.get(fact.event_id, date.max) for fact in said)
        guardian = next((fact for fact in reversed(designated) if fact.day <= day), None)
        cares = guardian is not None and guardian.details.kind is not GuardianKind.LEGAL
        return bool(said) and not running and not cares and both_away(child, day)

    return stretches(turns, nobody)


def both_away(child: Child, day: date) -> bool:
    """Return whether neither parent is there: away and on no visit home, or dead, missing or detained."""
    return all(
        in_any(state_on(child, parent, day), _GONE)
        or (absence_as_told(child, parent, day).away is True and at_home_on(child, parent, day) is None)
        for parent in Parent
    )


def turns_of_parents(child: Child) -> Iterator[Turn]:
    """Go through the days on which it may change who of the parents is there."""
    for told in child.parents_told:
        yield told.day, told.event_id
        for day in (told.left, told.back):
            if day is not None and day > told.day:
                yield day, told.event_id
    for state in child.states_told:
        yield state.day, state.event_id
    for visit in child.homecomings:
        if not visit.planned:
            yield visit.day, visit.event_id
            yield (visit.until or visit.day) + timedelta(days=1), visit.event_id


def _turns(facts: Sequence[Fact]) -> Iterator[Turn]:
    return ((fact.day, fact.event_id) for fact in facts)
