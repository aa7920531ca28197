"""What the reports answer: verdicts of one child and of an organisation, children and their silence."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.org import Step
from domain.rules.clocks import Clocks
from domain.rules.periods import Period
from domain.rules.verdict import Rejection, Verdict
from domain.watched import POPULATION, Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortChild:
    """A child for which a rule was not met: what counted, how many were required, what did not count."""

    student_no: str
    child_id: UUID
    counted: tuple[UUID, ...]
    required: int
    rejected: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgCompliance:
    """How an organisation's children came out under a rule in one period.

    `due` = `met` + the number of `short` + `pending`; with `not_applicable` and `unspecified` these are
    all who are watched. For `bound` of them the rule was bound; the others were judged by its latest version
    that is known. `rule_version` is the latest of `rule_versions`, which were applied.
    """

    rule_id: str
    rule_version: int
    rule_versions: tuple[int, ...]
    period: Period
    bound: int
    due: int
    met: int
    short: tuple[ShortChild, ...]
    pending: int
    not_applicable: int
    unspecified: int
    clocks: Clocks
    population: str = POPULATION


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
class ChildLine:
    """One enrolled child on the day asked about: `days_silent` None where it is not in care, `ground` None
    where it is not watched."""

    child_id: UUID
    student_no: str
    name: str
    org: str
    last_contact_on: date | None
    days_silent: int | None
    ground: Ground | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderLine:
    """A child that is silent for long enough to stand on the ladder; silence counts from `since`."""

    child_id: UUID
    student_no: str
    step: Step
    days_silent: int
    since: date
