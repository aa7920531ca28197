"""Entries of one day that say different things of the same, while no time tells which of them holds."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.ledger.fact import Fact
from domain.ledger.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two entries of `day` give different values for a field; that of the `later` one holds."""

    day: date
    field: str
    earlier: UUID
    later: UUID


def contradictions(state: Facts) -> tuple[Contradiction, ...]:
    """Return what standing entries of one day say against one another, in the order of the later entry.

    Two moments that differ contradict nothing: the later one is a change. An erased entry says nothing.
    """
    of_day: dict[date, list[Fact]] = {}
    for fact in state.facts:
        if fact.event_type.settles is not None and not fact.event.erased:
            of_day.setdefault(fact.day, []).append(fact)
    return tuple(found for facts in of_day.values() for found in _between(facts))


def contradicted_by(state: Facts) -> Mapping[UUID, tuple[UUID, ...]]:
    """Return for each entry that is contradicted the ids of those that contradict it."""
    found: dict[UUID, dict[UUID, None]] = {}
    for each in contradictions(state):
        found.setdefault(each.earlier, {})[each.later] = None
        found.setdefault(each.later, {})[each.earlier] = None
    return {event_id: tuple(others) for event_id, others in found.items()}


def _between(facts: list[Fact]) -> Iterator[Contradiction]:
    """Hold each entry against the one before it that speaks of the same: that is the one it overrules."""
    last: dict[str, tuple[Fact, Any]] = {}
    for fact in facts:
        for field, value in _said(fact):
            before, said = last.get(field, (fact, value))
            if said != value and not _told_apart(before, fact):
                yield Contradiction(day=fact.day, field=field, earlier=before.event_id, later=fact.event_id)
            last[field] = fact, value


def _told_apart(one: Fact, other: Fact) -> bool:
    moments = one.occurred.at, other.occurred.at
    return None not in moments and moments[0] != moments[1]


def _said(fact: Fact) -> Iterator[tuple[str, Any]]:
    """Return what an entry says, by field; a field that is as by default says nothing."""
    settles = fact.event_type.settles
    assert settles is not None
    about = settles(fact.details)
    for field in dataclasses.fields(fact.details):
        value = getattr(fact.details, field.name)
        if value != field.default:
            yield f"{about}.{field.name}", value
