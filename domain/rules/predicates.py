"""Named questions that a filter may ask of the child on the day of an event."""

from collections.abc import Callable, Mapping
from datetime import date

from domain.child import Child
from domain.choices import Party
from domain.effects import Effect
from domain.ledger.fact import Fact
from domain.rules.words import Predicate, Why


def holds(predicate: Predicate, fact: Fact, child: Child | None) -> Why | None:
    """Return why an event does not count for a predicate; None where it does, or nobody knows."""
    return None if child is None else _BY_NAME[predicate](fact, child)


def parent_home(child: Child, day: date) -> bool:
    """Return whether a parent is known to be at home on a visit on `day`."""
    return any(first <= day <= last for first, last in stays(child, until=day))


def stays(child: Child, *, until: date) -> list[tuple[date, date]]:
    """Return the stays of its parents at home that began by a day; without an end they last that long."""
    return [
        (stay.day, stay.until or until)
        for stay in child.homecomings
        if not stay.planned and stay.day <= (stay.until or until)
    ]


def _reader_can_read(fact: Fact, child: Child) -> Why | None:
    if getattr(fact.details, "reader", None) is not Party.GUARDIAN:
        return None
    told = [
        *child.having(Effect.NAMES_GUARDIAN)[-1:],
        *(f for f in child.having(Effect.ARRANGES_CARE)),
    ]
    able = [f.details.can_read for f in told if f.day <= fact.day and f.details.can_read is not None]
    # Of several who look after the child one who can read is enough.
    return Why.CANNOT_READ if able and not any(able) else None


def _parent_home(fact: Fact, child: Child) -> Why | None:
    return None if parent_home(child, fact.day) else Why.PARENT_AWAY


_BY_NAME: Mapping[Predicate, Callable[[Fact, Child], Why | None]] = {
    Predicate.READER_CAN_READ: _reader_can_read,
    Predicate.PARENT_HOME: _parent_home,
}
