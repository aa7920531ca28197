"""Parent unseen 久未见父母: a parent who works away has not been home for half a year, or a year."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.alert_kind import AlertKind, Ending, Spell
from domain.child import Child
from domain.choices import Parent
from domain.effects import Effect
from domain.org import Step
from domain.parents import absence_as_told
from domain.refusal import Text


def _spells(child: Child) -> Iterator[Spell]:
    """Go through both parents, as the entries stand: since when each is away without a visit home.

    A visit on which the child did not see the parent is none, and neither is one that was only planned.
    """
    for parent in Parent:
        absence = absence_as_told(child, parent, date.max)
        told = absence.by
        if told is None or not told.away or told.back is not None:
            continue
        visits = [
            visit
            for visit in child.homecomings
            if visit.parent is parent and not visit.planned and _seen(child, visit.event_id)
        ]
        last = max(visits, key=lambda visit: visit.until or visit.day, default=None)
        since = absence.since or told.day
        if last is not None and (last.until or last.day) > since:
            yield Spell(event_id=last.event_id, since=last.until or last.day)
        else:
            yield Spell(event_id=told.event_id, since=since)


def _seen(child: Child, event_id: UUID) -> bool:
    fact = child.fact(event_id)
    return fact is not None and fact.details.seen is not False


def _ended(kind: AlertKind, child: Child, anchor: UUID) -> tuple[Ending, UUID | None]:
    """Return the ending: by the last that was said of that parent since."""
    began = child.fact(anchor)
    told = [*child.having(Effect.TELLS_OF_HOMECOMING), *child.having(Effect.TELLS_OF_PARENT)]
    later = [
        fact
        for fact in told
        if began is not None and fact.details.parent is began.details.parent and fact.order > began.order
    ]
    last = max(later, key=lambda fact: fact.order, default=None)
    return (kind.ended_as, last.event_id) if last else (Ending.NEVER_WAS, None)


KIND = AlertKind(
    name="parent_unseen",
    label=Text(zh="久未见父母", en="parent unseen"),
    notice=Text(
        zh="有一名儿童的父亲或母亲已 {days} 天没有回家。",
        en="A parent of a child has not been home for {days} days.",
    ),
    steps=((Step.WARNING, 183), (Step.HIGH, 365)),
    spells=_spells,
    single=False,
    ended=_ended,
    order=80,
)
