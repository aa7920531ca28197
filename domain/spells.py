"""Spells of what lasts, worked out from the entries by which it may change."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from msgspec.structs import replace

from domain.alert_kind import Spell
from domain.child import Child
from domain.days import birthday

Turn = tuple[date, UUID]


def stretches(turns: Iterable[Turn], holds: Callable[[date], bool]) -> Iterator[Spell]:
    """Go through the spells during which something holds that changes on some days alone.

    Each turn is such a day with the entry that says so; a spell begins and ends by the last one of its day.
    """
    begun: Turn | None = None
    ordered = sorted(turns, key=itemgetter(0))
    for day, of_day in groupby(ordered, key=itemgetter(0)):
        entry = list(of_day)[-1][1]
        if holds(day):
            begun = begun or (day, entry)
        elif begun is not None:
            yield Spell(event_id=begun[1], since=begun[0], until=day, by=entry)
            begun = None
    if begun is not None:
        yield Spell(event_id=begun[1], since=begun[0])


def in_care(child: Child) -> Iterator[Turn]:
    """Go through the days on which care begins, each with its entry."""
    return ((span.start, span.event_id) for span in child.spans)


def aged(child: Child, spells: Iterable[Spell], *, at_least: int = 0, under: int) -> Iterator[Spell]:
    """Cut spells to the years in which a child is so old; of whom nobody knows its birthday none is left."""
    if child.born is None:
        return
    first, last = birthday(child.born, at_least), birthday(child.born, under)
    for spell in spells:
        since = max(spell.since, first)
        until = last if spell.until is None else min(spell.until, last)
        if since < until:
            by = spell.by if until == spell.until else None
            yield replace(spell, since=since, until=until, by=by)
