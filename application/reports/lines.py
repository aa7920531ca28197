"""What the reports answer: verdicts of one child and of an organisation, children and their silence."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from domain.alert_kind import UNCONTACTED
from domain.card import Card
from domain.case_no import case_no_of
from domain.child import Child
from domain.ladder import Ladders
from domain.left_behind import LeftBehindClass
from domain.org import Step
from domain.refusal import Reason
from domain.rules.clocks import Clocks
from domain.rules.periods import Period
from domain.rules.verdict import Rejection, Status, Verdict
from domain.rules.words import Subject, Untold
from domain.watched import POPULATION, Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortChild:
    """A child for which a rule was not met: what counted, how many were required, what did not count.

    `days` tells of each piece of evidence when it happened.
    """

    case_no: str
    student_no: str
    child_id: UUID
    counted: tuple[UUID, ...]
    required: int
    rejected: tuple[Rejection, ...]
    days: Mapping[UUID, date]
    name: str
    org: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How some children came out: `due` is `met`, the number of `short`, and `pending`.

    With `not_applicable`, `unspecified`, `unevaluable` these are all `children`. Those who are short are in
    order of their numbers.
    """

    children: int
    due: int
    met: int
    short: tuple[ShortChild, ...]
    pending: int
    not_applicable: int
    unspecified: int
    unevaluable: int = 0


@dataclass(slots=True)
class Standings:
    """A sum over verdicts while it is being made."""

    tally: Counter[Status] = field(default_factory=Counter)
    short: list[ShortChild] = field(default_factory=list)
    versions: set[int] = field(default_factory=set)

    @property
    def children(self) -> int:
        """How many were judged."""
        return self.tally.total()

    def add(self, child: Child, verdict: Verdict) -> None:
        """Count one verdict."""
        self.tally[verdict.status] += 1
        self.versions.add(verdict.version)
        if verdict.status is Status.SHORT:
            self.short.append(
                ShortChild(
                    case_no=case_no_of(child.child_id),
                    student_no=student_no_of(child),
                    child_id=child.child_id,
                    counted=verdict.counted,
                    required=verdict.required,
                    rejected=verdict.rejected,
                    days=_days(child, {*verdict.counted, *(r.event_id for r in verdict.rejected)}),
                    name=name_of(child),
                    org=child.org,
                )
            )

    def figures(self) -> dict[str, Any]:
        """Return the sum, as the fields of a `Standing`."""
        tally = self.tally
        return {
            "children": self.children,
            "due": tally[Status.MET] + tally[Status.SHORT] + tally[Status.PENDING],
            "met": tally[Status.MET],
            "short": tuple(sorted(self.short, key=lambda s: (s.student_no, s.child_id))),
            "pending": tally[Status.PENDING],
            "not_applicable": tally[Status.NOT_APPLICABLE],
            "unspecified": tally[Status.UNSPECIFIED],
            "unevaluable": tally[Status.UNEVALUABLE],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortSubject:
    """A subject that fell short in a period, or of which nobody can tell how it stands.

    `missing` are the days of the stretches in which something is missing, `unreached` the children of whom
    it does not hold.
    """

    subject_id: UUID
    name: str
    org: str
    period: Period
    status: Status
    required: int
    achieved: int
    counted: tuple[UUID, ...]
    rejected: tuple[Rejection, ...]
    missing: tuple[tuple[date, date], ...]
    unreached: tuple[UUID, ...]
    untold: tuple[Untold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStanding:
    """How the subjects of one level came out: each counts once for each of its periods.

    `bound` tells for how many of these the rule was bound; where for none, all are judged by the latest
    version that is known, to show what it would say of them.
    """

    subject: Subject
    rule_version: int
    subjects: int
    bound: int
    due: int
    met: int
    pending: int
    not_applicable: int
    unspecified: int
    unevaluable: int
    short: tuple[ShortSubject, ...]
    untold: tuple[ShortSubject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgCompliance(Standing):
    """How an organisation's children came out under a rule in one period.

    Counted are the `children` for whom the rule was bound on the first day of the period, as in the overview.
    The `unbound` were judged by its latest version that is known, to show what it would say of them.
    `rule_version` is the latest of `rule_versions`, which were applied to those bound; where none is, to the
    others. `levels` are those of the rule that are not about children. `notes` say what the figures don't.
    """

    rule_id: str
    rule_version: int
    rule_versions: tuple[int, ...]
    period: Period
    unbound: Standing
    notes: tuple[Reason, ...]
    clocks: Clocks
    population: str = POPULATION
    levels: tuple[LevelStanding, ...] = ()

    @property
    def bound(self) -> int:
        """For how many children the rule was bound."""
        return self.children


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildVerdict:
    """How one child came out under one rule; `bound` tells whether the rule held for it, `watched`
    whether it counts in the figures of that period."""

    rule_id: str
    rule_version: int
    period: Period
    bound: bool
    watched: bool
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildVerdicts:
    """How one child came out under each rule that was asked about, and what these don't say."""

    items: tuple[ChildVerdict, ...]
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLine:
    """One enrolled child on the day asked about: both silences None where it is not in care, `ground` None
    where it is not watched. `last_seen_on` is None where nobody ever saw it, `left_behind` goes by the
    definition asked for."""

    child_id: UUID
    case_no: str
    student_no: str
    name: str
    org: str
    last_contact_on: date | None
    days_silent: int | None
    last_seen_on: date | None
    days_child_unseen: int | None
    ground: Ground | None
    left_behind: LeftBehindClass


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentChild:
    """A child that is silent for long enough to be alerted about; silence counts from `since`."""

    child_id: UUID
    case_no: str
    student_no: str
    step: Step
    days_silent: int
    days_child_unseen: int | None
    since: date
    name: str
    org: str


def silent_for(line: ChildLine, *, uncontacted_days: int | None, unseen_days: int | None) -> bool:
    """Return whether nobody has reached or seen a child that is watched for so many days; None is any."""
    pairs = ((uncontacted_days, line.days_silent), (unseen_days, line.days_child_unseen))
    asked = [(-1 if found is None else found) >= days for days, found in pairs if days is not None]
    return all(asked) and (not asked or line.ground is not None)


def silent_child(child: Card, day: date, ladders: Ladders) -> SilentChild | None:
    """Return what the ladder of silence in force shows of a child at the end of a day; None where nothing."""
    silent = child.days_silent(day)
    if silent is None or child.anchor is None:
        return None
    step = ladders.step_on(UNCONTACTED, since=child.anchor.day, day=day, moves=child.moves)
    if step is None:
        return None
    return SilentChild(
        child_id=child.child_id,
        case_no=case_no_of(child.child_id),
        student_no=child.student_no or "",
        step=step,
        days_silent=silent,
        days_child_unseen=child.days_child_unseen(day),
        since=child.anchor.day,
        name=child.name or "",
        org=child.org,
    )


def student_no_of(child: Child) -> str:
    """Return the student number of a child; empty where it has none, or it can't be read any more."""
    return (child.profile.student_no if child.profile else "") or ""


def name_of(child: Child) -> str:
    """Return the name of a child; empty where it can't be read any more."""
    return (child.profile.name if child.profile else "") or ""


def _days(child: Child, wanted: Collection[UUID]) -> dict[UUID, date]:
    """Return the days of some entries of a child."""
    if not wanted:
        return {}
    return {fact.event_id: fact.day for fact in child.entries if fact.event_id in wanted}
