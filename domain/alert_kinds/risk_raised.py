"""Risk raised 高风险未见面: a child was assessed as red, and nobody has seen it since."""

from collections.abc import Iterator
from datetime import date

from domain.alert_kind import AlertKind, Spell
from domain.care_actions.risk_assessed import RiskLevel
from domain.child import Child
from domain.org import Step
from domain.refusal import Text
from domain.spells import stretches


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the spells in which a child is red without having been seen since that was found."""
    assessed = [fact for fact, _ in child.of("risk_assessed")]
    if not any(fact.details.level is RiskLevel.RED for fact in assessed):
        return iter(())
    seen = [fact for fact in child.facts if child.counts_as_sighting(fact)]

    def unseen(day: date) -> bool:
        last = next((fact for fact in reversed(assessed) if fact.day <= day), None)
        if last is None or last.details.level is not RiskLevel.RED:
            return False
        return not any(last.day <= fact.day <= day for fact in seen)

    return stretches([(fact.day, fact.event_id) for fact in (*assessed, *seen)], unseen)


KIND = AlertKind(
    name="risk_raised",
    label=Text(zh="高风险未见面", en="high risk, unseen"),
    notice=Text(
        zh="有一名儿童评为高风险已 {days} 天，其后没有见面记录。",
        en="A child was found to be at high risk {days} days ago, and nobody has seen it since.",
    ),
    steps=((Step.WARNING, 1), (Step.HIGH, 3), (Step.CRITICAL, 7)),
    spells=_spells,
    order=85,
)
