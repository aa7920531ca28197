"""Data gap 无联系卡: a child in care for whom no contact card was ever given to anybody."""

from collections.abc import Iterator

from domain.alert_kind import AlertKind, Spell
from domain.child import Child
from domain.org import Step
from domain.refusal import Text


def _spells(child: Child) -> Iterator[Spell]:
    """Return the spell from the beginning of care until the first card."""
    if child.spans:
        began = child.spans[-1]
        card = next((fact for fact, _ in child.of("contact_card_issued")), None)
        if card is None:
            yield Spell(event_id=began.event_id, since=began.start)
        elif card.day > began.start:
            yield Spell(event_id=began.event_id, since=began.start, until=card.day, by=card.event_id)


KIND = AlertKind(
    name="data_gap",
    label=Text(zh="无联系卡", en="no contact card"),
    notice=Text(
        zh="有一名儿童在册 {days} 天，尚未发放联系卡。",
        en="A child has been in care for {days} days and no contact card was given to anybody.",
    ),
    steps=((Step.INFO, 30), (Step.WARNING, 90)),
    spells=_spells,
    order=130,
)
