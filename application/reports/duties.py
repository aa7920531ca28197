"""What is owed to a child and still to be done: what its rules ask for, and visits that are called for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.reports.judging import Judge
from application.reports.reporting import Reports
from domain.alert_kinds.trigger_visit_overdue import in_time_until
from domain.child import Child
from domain.choices import CarerKind
from domain.refusal import Text
from domain.rules.binding import RuleBinding, periods_governed, rule_in_force
from domain.rules.clocks import Clocks
from domain.rules.periods import Period
from domain.rules.rule import Requirement, Rule, levels_of
from domain.rules.verdict import RequirementVerdict
from domain.rules.words import EachOf, Op, Status, Subject

VISIT = Text(zh="必访", en="Visit that is called for")
# Of what must not be, and of what must always be so, nothing is left to be done.
_TO_BE_DONE = (None, Op.AT_LEAST, Op.EXACTLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """So many entries are `missing`, to be made by the end of the day `until`; `counted` are those made.

    Of a rule it is `rule_id`, and `place` says which of its levels and which requirement of that; of a visit
    that an entry calls for it is `called_by`. `kinds` are the kinds of carers by whom it has to be done;
    empty where anybody may.
    """

    title: Text
    since: date
    until: date
    missing: int
    rule_id: str | None = None
    place: tuple[int, int] = (0, 0)
    called_by: UUID | None = None
    counted: tuple[UUID, ...] = ()
    kinds: frozenset[CarerKind] = frozenset()


def duties_of(child: Child, judge: Judge) -> Iterator[Duty]:
    """Go through what is still owed to a child on the day of the clocks, a visit that is overdue as well.

    What a period asked for that is over is missed, and no duty any more.
    """
    for binding in judge.bindings:
        for number, level in enumerate(levels_of(binding.rule)):
            if level.subject is Subject.CHILD:
                yield from _of_level(child, judge, binding, level, number=number)
    asked_by_rules = frozenset(_asked_after(child, judge) if child.reasons_to_visit else ())
    for reason in child.reasons_to_visit:
        # As long as it is in time, the rule says the same and more.
        if reason.kind in asked_by_rules and judge.clocks.as_of <= in_time_until(reason):
            continue
        called = child.fact(reason.event_id)
        assert called is not None, "a reason stands as long as its entry"
        kind = called.details.kind
        yield Duty(
            title=Text(zh=f"{VISIT.zh}：{kind.zh}", en=f"{VISIT.en}: {kind.en}"),
            since=reason.since,
            until=in_time_until(reason),
            missing=1,
            called_by=reason.event_id,
        )


def _asked_after(child: Child, judge: Judge) -> Iterator[str]:
    """Go through the kinds of reasons to visit after which a rule that is in force asks for something."""
    today = judge.clocks.as_of
    for rule_id in {binding.rule.rule_id for binding in judge.bindings}:
        in_force = rule_in_force(judge.bindings, org=child.org, rule_id=rule_id, day=today)
        for requirement in in_force.rule.requirements if in_force is not None else ():
            if requirement.each is not None and requirement.each.every is EachOf.TRIGGER:
                yield from (requirement.each.where or {}).get("kind", ())


def _of_level(child: Child, judge: Judge, binding: RuleBinding, rule: Rule, *, number: int) -> Iterator[Duty]:
    today = judge.clocks.as_of
    periods = periods_governed(
        judge.bindings,
        binding,
        level=rule,
        org_on=child.org_on,
        calendar=judge.choice.calendar,
        first=today,
        last=today,
    )
    for period in periods:
        if not judge.watched(child, period):
            continue
        verdict = judge.verdict(child, rule, period)
        for at, (asked, found) in enumerate(zip(rule.requirements, verdict.requirements, strict=True)):
            if asked.op in _TO_BE_DONE:
                yield from _open(rule, asked, found, period=period, today=today, place=(number, at))


def _open(
    rule: Rule,
    requirement: Requirement,
    found: RequirementVerdict,
    *,
    period: Period,
    today: date,
    place: tuple[int, int],
) -> Iterator[Duty]:
    """Go through the stretches of a requirement that have begun and are still open."""
    windows = [(w.status, w.first, w.last, w.counted) for w in found.windows]
    whole = (found.status, period.first, period.last, found.counted)
    for status, first, last, counted in windows or [whole]:
        if status is Status.PENDING and first <= today:
            yield Duty(
                title=rule.title,
                rule_id=rule.rule_id,
                place=place,
                since=first,
                until=last,
                missing=max((requirement.n or 0) - len(counted), 1),
                counted=counted,
                kinds=frozenset(wanted.by for wanted in requirement.any_of if wanted.by is not None),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A duty, and the child that it is owed to, as of the day `on`."""

    child: Child
    duty: Duty
    on: date

    @property
    def days_left(self) -> int:
        """How many days are left after that; below zero where it is overdue."""
        return (self.duty.until - self.on).days

    @property
    def carers(self) -> tuple[UUID, ...]:
        """Those by whom it has to be done: of the kinds that the rule names, or all who look after it."""
        kinds = self.duty.kinds
        running = (each for each in self.child.pairings if each.holds(self.on))
        return tuple(dict.fromkeys(p.carer for p in running if not kinds or p.kind in kinds))

    @property
    def order(self) -> str:
        """Its place in a list in which what runs out first stands first; no other duty has it."""
        duty = self.duty
        of = duty.called_by or f"{duty.rule_id} {duty.place}"
        return f"{duty.until} {self.child.child_id} {duty.since} {of}"


def owed_to(child: Child, judge: Judge, *, until: date = date.max) -> Iterator[Owed]:
    """Go through what is owed to a child and runs out by a day."""
    for duty in duties_of(child, judge):
        if duty.until <= until:
            yield Owed(child=child, duty=duty, on=judge.clocks.as_of)


def owed_in(reports: Reports, *, org: str, at: Clocks, until: date = date.max) -> list[Owed]:
    """Return what is owed to the children in care at and below an organisation and runs out by a day."""
    judge = reports.judge_below(org, at)
    in_care = (child for child in reports.files(org, at) if child.in_care(at.as_of))
    owed = [each for child in in_care for each in owed_to(child, judge, until=until)]
    return sorted(owed, key=lambda each: each.order)
