"""The levels of a rule that are not about children: carers, schools, homes and others, judged on demand."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.reports.judging import Judge
from application.reports.lines import LevelStanding, ShortSubject
from domain.catalogue import kind_of_type, stream_kinds
from domain.child import Child
from domain.ledger.facts import Facts, fold
from domain.ledger.kind import UNNAMED
from domain.org import within
from domain.rules.binding import rule_in_force
from domain.rules.entries import UNITS
from domain.rules.gathering import Sources, gathered
from domain.rules.periods import Period, periods_between
from domain.rules.rule import Rule, levels_of
from domain.rules.subjects import Gathered
from domain.rules.verdict import Verdict
from domain.rules.verdict import judge as judge_subject
from domain.rules.words import Status, Subject
from domain.subtree import WITHIN, below


@dataclass(slots=True)
class _Tally:
    counts: Counter[Status] = field(default_factory=Counter)
    short: list[ShortSubject] = field(default_factory=list)
    untold: list[ShortSubject] = field(default_factory=list)

    def add(self, subject: Gathered, verdict: Verdict) -> None:
        self.counts[verdict.status] += 1
        if verdict.status is Status.SHORT:
            self.short.append(_told(subject, verdict))
        if verdict.status is Status.UNEVALUABLE:
            self.untold.append(_told(subject, verdict))


class Levels:
    """Judges the levels of a rule that are not about children."""

    def __init__(self, *, log: EventLog, database: Database) -> None:
        self._log = log
        self._database = database

    def of(
        self,
        levels: Sequence[Rule],
        *,
        judge: Judge,
        org: str,
        period: Period,
        children: Sequence[Child],
    ) -> tuple[LevelStanding, ...]:
        """Judge each level in every one of its periods that begins in `period`.

        `children` are all that ever were in the organisation.
        """
        kinds = {name for level in levels for name in _kinds_asked(level)}
        known_at = judge.known_at
        streams = {
            kind: list(self._folded(kind, org=org, as_of=judge.clocks.as_of, known_at=known_at))
            for kind in kinds
        }
        sources = Sources(children=children, streams=streams)
        found = (_judged(level, sources, judge=judge, org=org, period=period) for level in levels)
        return tuple(each for each in found if each is not None)

    def _folded(self, kind: str, *, org: str, as_of: date, known_at: datetime | None) -> Iterator[Facts]:
        found = stream_kinds()[kind]
        rows = self._database.all(
            f"SELECT DISTINCT originator_id FROM events WHERE topic IN :opening AND {WITHIN}",  # noqa: S608
            opening=tuple(found.opening),
            **below(org),
        )
        ids = sorted(row["originator_id"] for row in rows)
        for stream_id, events in self._log.each_stream(ids, known_at=known_at):
            yield fold(found.view, stream_id, events, as_of=as_of)


def further_levels(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the levels of the latest of some versions of a rule that are not about children."""
    latest = max(rules, key=lambda rule: rule.version)
    return tuple(level for level in levels_of(latest) if level.subject is not Subject.CHILD)


def _kinds_asked(level: Rule) -> Iterator[str]:
    """Name the kinds of streams, beside children, whose entries a level asks for."""
    if level.subject in (Subject.HOME, Subject.HOUSEHOLD):
        yield level.subject.value
    for requirement in level.requirements:
        for wanted in requirement.any_of:
            if (kind := kind_of_type(wanted.type).name) != UNNAMED:
                yield kind


def _judged(
    level: Rule,
    sources: Sources,
    *,
    judge: Judge,
    org: str,
    period: Period,
) -> LevelStanding | None:
    """Sum up a level; None where no version in force asks anything of such subjects, or there is none."""
    bound, unbound, seen = _Tally(), _Tally(), set[UUID]()
    there: list[Gathered] = []
    for when in _periods(level, judge, period):
        # Who belongs to a unit changes; a carer or a home is gathered once.
        if level.subject in UNITS or not there:
            found = gathered(level.subject, sources, day=when.first)
            there = [each for each in found if within(each.org, org)]
        seen |= {each.subject_id for each in there}
        for subject in there:
            rule, holds = _rule_for(level, subject, judge, when)
            if rule is not None:
                (bound if holds else unbound).add(subject, _verdict(subject, rule, judge, when))
    shown = bound if bound.counts else unbound
    counts = shown.counts
    if not counts:
        return None
    return LevelStanding(
        subject=level.subject,
        rule_version=level.version,
        subjects=len(seen),
        bound=bound.counts.total(),
        due=counts[Status.MET] + counts[Status.SHORT] + counts[Status.PENDING],
        met=counts[Status.MET],
        pending=counts[Status.PENDING],
        not_applicable=counts[Status.NOT_APPLICABLE],
        unspecified=counts[Status.UNSPECIFIED],
        unevaluable=counts[Status.UNEVALUABLE],
        short=tuple(shown.short),
        untold=tuple(shown.untold),
    )


def _periods(level: Rule, judge: Judge, period: Period) -> Iterator[Period]:
    if level.period is period.kind:
        yield period
        return
    last = min(period.last, judge.clocks.as_of)
    for each in periods_between(period.first, last, kind=level.period, calendar=judge.choice.calendar):
        if each.first >= period.first:
            yield each


def _rule_for(level: Rule, subject: Gathered, judge: Judge, when: Period) -> tuple[Rule | None, bool]:
    """Return the version in force that has such a level, and True; otherwise the level itself, and False.

    None where another version is in force, which asks nothing of such subjects.
    """
    found = rule_in_force(judge.bindings, org=subject.org, rule_id=level.rule_id, day=when.first)
    if found is None:
        return level, False
    same = (
        each
        for each in levels_of(found.rule)
        if each.subject is level.subject and each.period is level.period
    )
    return next(same, None), True


def _verdict(subject: Gathered, rule: Rule, asked: Judge, when: Period) -> Verdict:
    return judge_subject(
        subject,
        rule=rule,
        period=when,
        as_of=asked.clocks.as_of,
        as_known_at=asked.clocks.as_known_at,
        calendar=asked.choice.calendar,
    )


def _told(subject: Gathered, verdict: Verdict) -> ShortSubject:
    windows = (w for each in verdict.requirements for w in each.windows if w.status is Status.SHORT)
    return ShortSubject(
        subject_id=subject.subject_id,
        name=subject.name,
        org=subject.org,
        period=verdict.period,
        status=verdict.status,
        required=verdict.required,
        achieved=verdict.achieved,
        counted=verdict.counted,
        rejected=verdict.rejected,
        missing=tuple((w.first, w.last) for w in windows),
        unreached=tuple(child for each in verdict.requirements for child in each.unreached),
        untold=verdict.untold,
    )
