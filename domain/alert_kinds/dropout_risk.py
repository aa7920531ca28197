"""Dropout risk 辍学风险: somebody fears that a child leaves school, or it is not back or has left."""

from collections.abc import Iterator
from datetime import date

from domain.alert_kind import AlertKind, Spell
from domain.care_actions.school_status_changed import SchoolStatus
from domain.child import Child
from domain.org import Step
from domain.refusal import Text
from domain.spells import stretches

_OUT = (SchoolStatus.NOT_BACK, SchoolStatus.DROPPED_OUT)


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the spells from the first fear, or the day it was not back, until it attends again."""
    said = child.of_any("dropout_risk_raised", "school_status_changed")

    def out(day: date) -> bool:
        last = next((fact for fact in reversed(said) if fact.day <= day), None)
        if last is None:
            return False
        return last.type == "dropout_risk_raised" or last.details.status in _OUT

    return stretches([(fact.day, fact.event_id) for fact in said], out)


KIND = AlertKind(
    name="dropout_risk",
    label=Text(zh="辍学风险", en="dropout risk"),
    notice=Text(
        zh="有一名儿童有辍学风险或未返校，已 {days} 天没有恢复就读的记录。",
        en="A child may leave school or is not back, and for {days} days nothing says that it attends.",
    ),
    source="未成年人保护法 28",
    steps=((Step.WARNING, 0), (Step.HIGH, 3), (Step.CRITICAL, 14)),
    spells=_spells,
    order=95,
)
