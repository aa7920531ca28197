"""Judging children under two clocks: one by the rules that are bound for it, an organisation's by one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from application.reports.lines import ChildVerdict, LevelStanding, OrgCompliance, Standing, Standings
from application.reports.notes import NOBODY_WATCHED, PARTLY_BOUND, RULE_NOT_BOUND
from application.reports.rule_choice import Periods, RuleChoice
from domain.child import Child
from domain.org import within
from domain.refusal import Invalid, Reason
from domain.rules.binding import RuleBinding
from domain.rules.clocks import Clocks
from domain.rules.periods import Period
from domain.rules.rule import Rule
from domain.rules.verdict import Verdict, verdict_of
from domain.rules.words import Subject
from domain.streams.organisations.unit import Extension
from domain.watched import ground_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges by the bindings and the extensions of some organisations.

    `known_at` is the moment of knowledge where one was asked about; None means the present.
    """

    choice: RuleChoice
    bindings: Sequence[RuleBinding]
    extensions: Sequence[Extension]
    clocks: Clocks
    known_at: datetime | None

    def periods(self, rule_id: str, *, period: str | None) -> Periods:
        """Return the periods of a rule by their kind; without a name those that hold the day asked about.

        Raises `Unknown` and `Invalid`, as `RuleChoice.periods` does.
        """
        return self.choice.periods(rule_id, period=period, bindings=self.bindings, on=self.clocks.as_of)

    def chosen(
        self, org_on: Callable[[date], str], *, rule_id: str, periods: Periods
    ) -> tuple[Rule, Period, bool]:
        """Return the version that judges a child of `org_on` a day, the period, and whether it is bound."""
        return self.choice.rule_for(org_on, rule_id=rule_id, periods=periods, bindings=self.bindings)

    def watched(self, child: Child, period: Period) -> bool:
        """Return whether a child is watched on the last day of a period, or on the day asked about before."""
        day = min(period.last, self.clocks.as_of)
        return ground_on(child, day, extensions=self.extensions, known_at=self.known_at) is not None

    def verdict(self, child: Child, rule: Rule, period: Period) -> Verdict:
        """Judge one child under one version of a rule."""
        return verdict_of(
            child,
            rule=rule,
            period=period,
            as_of=self.clocks.as_of,
            as_known_at=self.clocks.as_known_at,
            calendar=self.choice.calendar,
        )

    def verdicts(self, child: Child, *, rule_id: str | None, period: str | None) -> Iterator[ChildVerdict]:
        """Judge a child under the rule that is named, otherwise under each that is bound for it.

        Raises `Unknown` for a rule that is not known, `Invalid` for a period that is none of the rule that is
        named.
        """
        for each in [rule_id] if rule_id is not None else sorted({b.rule.rule_id for b in self.bindings}):
            try:
                periods = self.periods(each, period=period)
            except Invalid:
                if rule_id is not None:
                    raise
                continue
            rule, when, bound = self.chosen(child.org_on, rule_id=each, periods=periods)
            if bound or rule_id is not None:
                yield ChildVerdict(
                    rule_id=rule.rule_id,
                    rule_version=rule.version,
                    period=when,
                    bound=bound,
                    watched=self.watched(child, when),
                    verdict=self.verdict(child, rule, when),
                )


@dataclass(slots=True, kw_only=True)
class OrgTally:
    """Counts how the children of an organisation came out under a rule, apart where it was not bound."""

    judge: Judge
    org: str
    rule_id: str
    periods: Periods
    bound: Standings = field(default_factory=Standings)
    unbound: Standings = field(default_factory=Standings)
    unwatched: int = 0

    def add(self, child: Child) -> None:
        """Count a child that was ever in the organisation, where it counts there; none if it is of others."""
        rule, when, bound = self._chosen(child.org_on)
        if rule.subject is not Subject.CHILD:
            return
        # A period counts where the child was on its first day, so that the sums of schools hold.
        if not within(child.org_on(when.first), self.org):
            return
        if not self.judge.watched(child, when):
            self.unwatched += 1
            return
        (self.bound if bound else self.unbound).add(child, self.judge.verdict(child, rule, when))

    def notes(self, *, nobody: Callable[[], Reason]) -> list[Reason]:
        """Return what the figures don't say; `nobody` gives why there is no child at all."""
        if self.unbound.children:
            return [PARTLY_BOUND if self.bound.children else RULE_NOT_BOUND]
        if self.bound.children:
            return []
        return [NOBODY_WATCHED if self.unwatched else nobody()]

    @property
    def counts(self) -> bool:
        """Whether the rule has a level of children, who are counted."""
        return self._chosen(lambda _: self.org)[0].subject is Subject.CHILD

    @property
    def period(self) -> Period:
        """The period that the organisation itself is judged in."""
        return self._chosen(lambda _: self.org)[1]

    def compliance(self, *, notes: Sequence[Reason], levels: tuple[LevelStanding, ...] = ()) -> OrgCompliance:
        """Return the sum."""
        rule, when, _ = self._chosen(lambda _: self.org)
        versions = self.bound.versions or self.unbound.versions or {rule.version}
        return OrgCompliance(
            rule_id=self.rule_id,
            rule_version=max(versions),
            rule_versions=tuple(sorted(versions)),
            period=when,
            unbound=Standing(**self.unbound.figures()),
            notes=tuple(notes),
            clocks=self.judge.clocks,
            levels=levels,
            **self.bound.figures(),
        )

    def _chosen(self, org_on: Callable[[date], str]) -> tuple[Rule, Period, bool]:
        return self.judge.chosen(org_on, rule_id=self.rule_id, periods=self.periods)
