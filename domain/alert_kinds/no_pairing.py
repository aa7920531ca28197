"""No pairing 未结对: a child in care without any adult carer. Children who help are no carers."""

from collections.abc import Iterator
from datetime import date

from domain.alert_kind import AlertKind, Spell
from domain.child import Child
from domain.choices import PEERS
from domain.org import Step
from domain.refusal import Text
from domain.spells import in_care, stretches


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the spells in care without a pairing with an adult."""
    adults = [pairing for pairing in child.pairings if pairing.kind not in PEERS]
    ended_by = {
        fact.details.pairing: fact.event_id for fact in child.facts if hasattr(fact.details, "pairing")
    }
    turns = [*in_care(child), *((pairing.start, pairing.event_id) for pairing in adults)]
    turns += [(p.end, ended_by.get(p.event_id, p.event_id)) for p in adults if p.end is not None]

    def without(day: date) -> bool:
        return child.in_care(day) and not any(pairing.holds(day) for pairing in adults)

    return stretches(turns, without)


KIND = AlertKind(
    name="no_pairing",
    label=Text(zh="未结对", en="no pairing"),
    notice=Text(
        zh="有一名在册儿童已 {days} 天没有成年帮扶人。",
        en="A child in care has had no adult carer for {days} days.",
    ),
    steps=((Step.INFO, 7), (Step.WARNING, 30), (Step.HIGH, 60)),
    spells=_spells,
    order=70,
)
