"""Which version of a rule judges a period: the one in force on its first day, otherwise the latest known."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from application.reasons import UNKNOWN_RULE
from domain.reasons import BAD_PERIOD
from domain.refusal import Fault, Invalid, Unknown
from domain.rules.binding import RuleBinding, rule_in_force
from domain.rules.calendar import Calendar
from domain.rules.periods import Period, PeriodKind, parse_period, period_of
from domain.rules.rule import Rule
from domain.rules.rule_files import RulesByVersion

Periods = Mapping[PeriodKind, Period]


class RuleChoice:
    """Chooses among the versions that are bound and those that are merely known."""

    def __init__(self, *, rules: RulesByVersion, calendar: Calendar) -> None:
        self._rules = rules
        self.calendar = calendar

    def periods(
        self,
        rule_id: str,
        *,
        period: str | None,
        bindings: Iterable[RuleBinding],
        on: date | None = None,
    ) -> Periods:
        """Find the period for each kind that some version of the rule asks for.

        Without a name it is the period that holds the day `on`. Raises `Unknown` for a rule that is
        neither bound nor known, `Invalid` where the name is a period of none of its versions.
        """
        versions = self.versions(rule_id, bindings)
        if not versions:
            raise Unknown(Fault(reason=UNKNOWN_RULE, pointer="/rule"))
        found = {kind: self._period(period, kind, on) for kind in {rule.period for rule in versions}}
        periods = {kind: when for kind, when in found.items() if when is not None}
        if not periods:
            raise Invalid(Fault(reason=BAD_PERIOD, pointer="/period"))
        return periods

    def rule_for(
        self,
        org_on: Callable[[date], str],
        *,
        rule_id: str,
        periods: Periods,
        bindings: Iterable[RuleBinding],
    ) -> tuple[Rule, Period, bool]:
        """Return the version that judges a child of `org_on` a day, the period, and whether it is bound."""
        for kind, when in periods.items():
            org = org_on(when.first)
            found = rule_in_force(bindings, org=org, rule_id=rule_id, day=when.first)
            if found is not None and found.rule.period is kind:
                return found.rule, when, True
        fitting = [rule for rule in self.versions(rule_id, bindings) if rule.period in periods]
        latest = max(fitting, key=lambda rule: rule.version)
        return latest, periods[latest.period], False

    def versions(self, rule_id: str, bindings: Iterable[RuleBinding]) -> list[Rule]:
        """Return every version of a rule that is known or bound."""
        bound = [b.rule for b in bindings if b.rule.rule_id == rule_id]
        return [rule for (known, _), rule in self._rules.items() if known == rule_id] + bound

    def _period(self, name: str | None, kind: PeriodKind, on: date | None) -> Period | None:
        if name is None:
            return period_of(on, kind=kind, calendar=self.calendar) if on else None
        try:
            return parse_period(name, kind=kind, calendar=self.calendar)
        except Invalid:
            return None
