"""Entries of one day that say different things of the same, while no time tells which of them holds."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.care_actions.child_enrolled import ChildEnrolled
from domain.care_actions.guardian_designated import GuardianDesignated
from domain.care_actions.parent_work_recorded import ParentWorkRecorded
from domain.care_actions.profile_changed import ProfileChanged
from domain.child import Child
from domain.ledger.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two entries of `day` give different values for a field; the child has that of the `later` one."""

    day: date
    field: str
    earlier: UUID
    later: UUID


def contradictions(child: Child) -> tuple[Contradiction, ...]:
    """Give what standing entries of one day say against one another, in the order of the later entry.

    Two moments that differ contradict nothing: the later one is a change. An erased entry says nothing.
    """
    of_day: dict[date, list[Fact]] = {}
    for fact in child.facts:
        if type(fact.details) in _ABOUT and not fact.event.erased:
            of_day.setdefault(fact.day, []).append(fact)
    return tuple(found for facts in of_day.values() for found in _between(facts))


def contradicted_by(child: Child) -> Mapping[UUID, tuple[UUID, ...]]:
    """Give for each entry that is contradicted the ids of those that contradict it."""
    found: dict[UUID, dict[UUID, None]] = {}
    for each in contradictions(child):
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
    """Give what an entry says, by field; a field that is as by default says nothing."""
    about = _ABOUT[type(fact.details)](fact.details)
    for field in dataclasses.fields(fact.details):
        value = getattr(fact.details, field.name)
        if value != field.default:
            yield f"{about}.{field.name}", value


def _parent(said: ParentWorkRecorded) -> str:
    return said.parent.value


# What each type says something of that holds until it is said otherwise.
_ABOUT: Mapping[type, Any] = {
    ChildEnrolled: lambda _: "profile",
    ProfileChanged: lambda _: "profile",
    GuardianDesignated: lambda _: "guardian",
    ParentWorkRecorded: _parent,
}
