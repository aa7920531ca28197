"""No entrustment 未办委托: both parents are away, and no entrustment is signed (未成年人保护法 22)."""

from collections.abc import Iterator
from datetime import date, timedelta

from domain.alert_kind import AlertKind, Spell
from domain.care_gaps import both_away, turns_of_parents
from domain.child import Child
from domain.org import Step
from domain.refusal import Text
from domain.spells import stretches


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the spells in which neither parent is there and no entrustment holds."""
    signed = list(child.of("entrustment_signed"))
    turns = [*turns_of_parents(child), *((fact.day, fact.event_id) for fact, _ in signed)]
    turns += [(said.until + timedelta(days=1), fact.event_id) for fact, said in signed if said.until]

    def without(day: date) -> bool:
        holding = any(fact.day <= day <= (said.until or date.max) for fact, said in signed)
        return not holding and both_away(child, day)

    return stretches(turns, without)


KIND = AlertKind(
    name="no_entrustment",
    label=Text(zh="未办委托", en="no entrustment"),
    notice=Text(
        zh="有一名儿童父母均外出已 {days} 天，没有有效的委托照护书（未成年人保护法第二十二条）。",
        en="Both parents of a child have been away for {days} days without an entrustment that holds.",
    ),
    source="未成年人保护法 22",
    steps=((Step.INFO, 14), (Step.WARNING, 30)),
    spells=_spells,
    order=60,
)
