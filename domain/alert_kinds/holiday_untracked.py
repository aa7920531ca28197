"""Holiday untracked 假期去向不明: nobody knows where a child spends a holiday, or it was not found there."""

from collections.abc import Iterator
from datetime import date

from domain.alert_kind import AlertKind, Spell
from domain.care_actions.holiday_check_made import HolidayCheckResult
from domain.care_actions.holiday_plan_registered import HolidayStay
from domain.child import Child
from domain.ledger.fact import Fact
from domain.org import Step
from domain.refusal import Text
from domain.spells import stretches

_LOST = (HolidayCheckResult.NOT_REACHED, HolidayCheckResult.ELSEWHERE)


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the spells from such an entry until one that says where the child is, or a sighting."""
    said = [*child.of_any("holiday_plan_registered", "holiday_check_made")]
    if not any(map(_is_lost, said)):
        return iter(())
    told = sorted(
        (*said, *(f for f in child.facts if child.counts_as_sighting(f))), key=lambda fact: fact.order
    )

    def lost(day: date) -> bool:
        last = next((fact for fact in reversed(told) if fact.day <= day), None)
        return last is not None and _is_lost(last)

    return stretches([(fact.day, fact.event_id) for fact in told], lost)


def _is_lost(fact: Fact) -> bool:
    if fact.type == "holiday_plan_registered":
        return fact.details.stays is HolidayStay.NOT_KNOWN
    return fact.type == "holiday_check_made" and fact.details.result in _LOST


KIND = AlertKind(
    name="holiday_untracked",
    label=Text(zh="假期去向不明", en="holiday untracked"),
    notice=Text(
        zh="有一名儿童假期去向不明或巡查未找到，已 {days} 天。",
        en="Nobody has known for {days} days where a child spends the holiday.",
    ),
    steps=((Step.WARNING, 1), (Step.HIGH, 3), (Step.CRITICAL, 7)),
    spells=_spells,
    order=88,
)
