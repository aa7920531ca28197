"""Follow-up overdue 复查逾期: a health check asked for another look, and nobody has recorded one."""

from collections.abc import Iterator
from datetime import date

from domain.alert_kind import AlertKind, Spell
from domain.child import Child
from domain.org import Step
from domain.refusal import Text
from domain.spells import stretches


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the spells from the day of a follow-up until a check or a visit to a doctor after it."""
    asked = [
        (fact, said.follow_up_on) for fact, said in child.of("health_check_recorded") if said.follow_up_on
    ]
    if not asked:
        return iter(())
    looked = child.of_any("health_check_recorded", "illness_escorted")

    def owed(day: date) -> bool:
        return any(
            on <= day and not any(fact.day < look.day <= day for look in looked) for fact, on in asked if on
        )

    turns = [(fact.day, fact.event_id) for fact in looked]
    turns += [(on, fact.event_id) for fact, on in asked if on]
    return stretches(turns, owed)


KIND = AlertKind(
    name="health",
    label=Text(zh="复查逾期", en="follow-up overdue"),
    notice=Text(
        zh="有一名儿童体检后应复查，已逾期 {days} 天。",
        en="A child was to be looked at again after a health check, {days} days ago.",
    ),
    steps=((Step.INFO, 7), (Step.WARNING, 30)),
    spells=_spells,
    order=120,
)
