"""Compliance: how each child stands in each period of each rule that is bound.

A row holds the evidence. Whether what is missing is missing for good, or only so far, depends on the moment
of the question: `open` is read as pending until the period is over, and as short from then on.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from domain.child import Child
from domain.days import end_of_day, local_day, start_of_day
from domain.rules.binding import RuleBinding, periods_governed
from domain.rules.calendar import Calendar
from domain.rules.periods import Period, period_of
from domain.rules.verdict import Status, Verdict, verdict_of
from domain.rules.words import Subject
from domain.streams.organisations.unit import Extension
from domain.subtree import WITHIN, below
from domain.watched import ground_on
from projections.database import Database, Record
from projections.outbox import dead_letters, recomputing
from projections.outbox.recomputing import Pending

DDL = (
    """
    CREATE TABLE compliance (
        child_id uuid NOT NULL,
        rule_id text NOT NULL,
        version bigint NOT NULL,
        period text NOT NULL,
        org text NOT NULL,
        first_day date NOT NULL,
        last_day date NOT NULL,
        state text NOT NULL,
        required bigint NOT NULL,
        achieved bigint NOT NULL,
        counted jsonb NOT NULL,
        rejected jsonb NOT NULL,
        late jsonb NOT NULL,
        PRIMARY KEY (child_id, rule_id, period)
    )
    """,
    "CREATE INDEX compliance_rule ON compliance (rule_id, period)",
    "ALTER TABLE compliance ADD COLUMN watched boolean NOT NULL DEFAULT true",
)
OPEN = "open"
# Pending until the period is over, and what is said behind it from then on.
HELD = "held"
# Who asks for children to be judged again: what it has not read yet, no row can know of.
FOLLOWER = "relay"
# Of the periods that were judged, those that are not there any more. No rule has a blank in its id.
_OUTDATED = (
    "DELETE FROM compliance WHERE child_id = :child_id AND last_day >= :from_day "
    "AND (rule_id || ' ' || period) NOT IN :kept"
)
# No two periods of one kind begin further apart.
LONGEST_BREAK_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A child's period under the version in force, as the row has it and as of the moment of the question.

    `rejected` are (event id, reason). Who was not `watched` in the period counts in no figure.
    """

    child_id: UUID
    rule_id: str
    version: int
    period: str
    org: str
    first_day: date
    last_day: date
    status: Status
    required: int
    achieved: int
    counted: tuple[UUID, ...]
    rejected: tuple[tuple[UUID, str], ...]
    late: tuple[UUID, ...]
    watched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgStanding:
    """How the children of an organisation stand in one period; those who are short in order of id."""

    rule_id: str
    period: str
    met: int
    short: tuple[Standing, ...]
    pending: int
    not_applicable: int
    unspecified: int
    unevaluable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStanding:
    """How many children of an organisation stand how under one rule in one period.

    `rule_version` is the latest that was applied.
    """

    rule_id: str
    rule_version: int
    period: str
    first_day: date
    last_day: date
    met: int
    short: int
    pending: int
    not_applicable: int
    unspecified: int
    unevaluable: int = 0

    @property
    def due(self) -> int:
        """For how many the rule asked for something."""
        return self.met + self.short + self.pending


def judged(
    child: Child,
    *,
    bindings: Sequence[RuleBinding],
    extensions: Sequence[Extension],
    calendar: Calendar,
    from_day: date,
    now: datetime,
) -> Iterator[Record]:
    """Make the rows of a child for every period that ends on or after `from_day`, up to the present one.

    `child` is folded as of today, and `bindings` are all of its organisations, former ones too, and of those
    above, as are the `extensions` of whom they watch. A period is judged by the rules of where the child was
    on its first day, and counts there, for whoever is watched on its last day, or today while it runs. A file
    that was merged has no rows: the child is judged by the kept one.
    """
    if child.merged:
        return
    today = local_day(now)
    of_children = [binding for binding in bindings if binding.rule.subject is Subject.CHILD]
    for rule_id in sorted({binding.rule.rule_id for binding in of_children}):
        for binding, period in _periods(
            bindings, rule_id=rule_id, child=child, calendar=calendar, first=from_day, today=today
        ):
            if binding.rule.subject is not Subject.CHILD:
                continue
            verdict = verdict_of(
                child, rule=binding.rule, period=period, as_of=today, as_known_at=now, calendar=calendar
            )
            ground = ground_on(child, min(period.last, today), extensions=extensions)
            yield _row(child, verdict, watched=ground is not None, now=now)


def settle(database: Database, pending: Pending, rows: Sequence[Record]) -> bool:
    """Fulfil a request: put rows in the place of all that the child has from its day on.

    False where the request was changed or fulfilled meanwhile: then nothing is written. A crash of the server
    may bring the request back with the old rows, and the child is judged again.
    """
    return database.exchange(
        recomputing.FULFIL,
        dropped=(dead_letters.REMOVE, _OUTDATED),
        table="compliance",
        key=("child_id", "rule_id", "period"),
        rows=rows,
        lasting=False,
        child_id=pending.child_id,
        from_day=pending.from_day,
        position=pending.position,
        letter=dead_letters.name_of(recomputing.FOLLOWER, pending.child_id),
        kept=tuple(f"{row['rule_id']} {row['period']}" for row in rows),
    )


def next_period(binding: RuleBinding, *, calendar: Calendar, after: date) -> date | None:
    """Return the day on which the next period of a binding begins; None when it holds for no more of them."""
    start = max(after + timedelta(days=1), binding.effective_from)
    for day in (start + timedelta(days=n) for n in range(LONGEST_BREAK_DAYS)):
        found = period_of(day, kind=binding.rule.period, calendar=calendar)
        if found is not None and found.first == day:
            return day if binding.holds(day) else None
    return None


def of_child(
    database: Database, *, child_id: UUID, now: datetime, rule_id: str = "", period: str = ""
) -> tuple[Standing, ...]:
    """Return how a child stands, by rule and time; an empty rule or period means all."""
    rows = database.all(
        "SELECT * FROM compliance WHERE child_id = :child_id AND (:rule_id = '' OR rule_id = :rule_id) "
        "AND (:period = '' OR period = :period) ORDER BY rule_id, first_day",
        child_id=child_id,
        rule_id=rule_id,
        period=period,
    )
    return tuple(_standing(row, now=now) for row in rows)


def of_org(database: Database, *, org: str, rule_id: str, period: str, now: datetime) -> OrgStanding:
    """Return how those watched of an organisation's subtree stand in one period of one rule."""
    rows = database.all(
        "SELECT * FROM compliance WHERE rule_id = :rule_id AND period = :period AND watched "  # noqa: S608
        f"AND {WITHIN} "
        "ORDER BY child_id",
        rule_id=rule_id,
        period=period,
        **below(org),
    )
    standings = [_standing(row, now=now) for row in rows]
    statuses = [standing.status for standing in standings]
    return OrgStanding(
        rule_id=rule_id,
        period=period,
        met=statuses.count(Status.MET),
        short=tuple(s for s in standings if s.status is Status.SHORT),
        pending=statuses.count(Status.PENDING),
        not_applicable=statuses.count(Status.NOT_APPLICABLE),
        unspecified=statuses.count(Status.UNSPECIFIED),
        unevaluable=statuses.count(Status.UNEVALUABLE),
    )


def overview(database: Database, *, org: str, period: str | None, now: datetime) -> tuple[RuleStanding, ...]:
    """Return how an organisation's subtree stands under each rule that has rows for a period, by rule.

    Without a period it is of each rule the one that holds the present day.
    """
    rows = database.all(
        "SELECT rule_id, version, period, first_day, last_day, state, count(*) AS children "  # noqa: S608
        "FROM compliance WHERE (period = :period OR :period = '' AND first_day <= :today "
        f"AND last_day >= :today) AND watched AND {WITHIN} "
        "GROUP BY rule_id, version, period, first_day, last_day, state ORDER BY rule_id, period",
        period=period or "",
        today=local_day(now),
        **below(org),
    )
    by_rule = groupby(rows, key=lambda row: (str(row["rule_id"]), str(row["period"])))
    return tuple(_summed(rule_id, list(each), period=name, now=now) for (rule_id, name), each in by_rule)


def judged_until(database: Database, *, least: datetime) -> datetime:
    """Return the moment from which no row looks ahead: the beginning of the latest period that has one."""
    row = database.one("SELECT first_day FROM compliance ORDER BY first_day DESC LIMIT 1")
    return max(least, start_of_day(row["first_day"])) if row else least


def waiting(database: Database, *, org: str) -> int:
    """Count the children of a subtree, as it was or as it is, who are yet to be judged again."""
    row = database.one(
        "SELECT count(*) AS children FROM recompute_pending WHERE "  # noqa: S608  constants
        f"child_id IN (SELECT child_id FROM child_status WHERE {WITHIN}) "
        f"OR child_id IN (SELECT child_id FROM compliance WHERE {WITHIN})",
        **below(org),
    )
    return int(row["children"]) if row else 0


def _summed(rule_id: str, rows: Sequence[Record], *, period: str, now: datetime) -> RuleStanding:
    tally: Counter[Status] = Counter()
    for row in rows:
        tally[_status(row["state"], last_day=row["last_day"], now=now)] += row["children"]
    return RuleStanding(
        rule_id=rule_id,
        rule_version=max(row["version"] for row in rows),
        period=period,
        first_day=rows[0]["first_day"],
        last_day=rows[0]["last_day"],
        met=tally[Status.MET],
        short=tally[Status.SHORT],
        pending=tally[Status.PENDING],
        not_applicable=tally[Status.NOT_APPLICABLE],
        unspecified=tally[Status.UNSPECIFIED],
        unevaluable=tally[Status.UNEVALUABLE],
    )


def _periods(
    bindings: Sequence[RuleBinding],
    *,
    rule_id: str,
    child: Child,
    calendar: Calendar,
    first: date,
    today: date,
) -> Iterator[tuple[RuleBinding, Period]]:
    """Go through the periods of a rule, each with the binding that is in force on its first day."""
    for binding in (b for b in bindings if b.rule.rule_id == rule_id):
        for period in periods_governed(
            bindings,
            binding,
            level=binding.rule,
            org_on=child.org_on,
            calendar=calendar,
            first=first,
            last=today,
        ):
            yield binding, period


def _state(verdict: Verdict, *, now: datetime) -> str:
    """Return how a row tells it: open where it is short in the end if nothing more happens, and so on."""
    if verdict.status is Status.PENDING:
        return OPEN if verdict.at_end is Status.SHORT else f"{HELD} {verdict.at_end}"
    over = verdict.ends is not None and now >= end_of_day(verdict.ends)
    return OPEN if verdict.status is Status.SHORT and over else verdict.status.value


def _row(child: Child, verdict: Verdict, *, watched: bool, now: datetime) -> Record:
    return {
        "child_id": child.child_id,
        "rule_id": verdict.rule_id,
        "version": verdict.version,
        "period": verdict.period.name,
        "org": child.org_on(verdict.period.first),
        "first_day": verdict.period.first,
        "last_day": verdict.ends or verdict.period.last,
        "state": _state(verdict, now=now),
        "required": verdict.required,
        "achieved": verdict.achieved,
        "counted": [str(event_id) for event_id in verdict.counted],
        "rejected": [[str(r.event_id), r.reason.value] for r in verdict.rejected],
        "late": [str(event_id) for event_id in verdict.late],
        "watched": watched,
    }


def _status(state: str, *, last_day: date, now: datetime) -> Status:
    if state.startswith(HELD):
        return (
            Status.from_word(state.removeprefix(f"{HELD} "))
            if now >= end_of_day(last_day)
            else Status.PENDING
        )
    if state != OPEN:
        return Status.from_word(state)
    return Status.SHORT if now >= end_of_day(last_day) else Status.PENDING


def _standing(row: Record, *, now: datetime) -> Standing:
    state = row.pop("state")
    return Standing(
        **{
            **row,
            "status": _status(state, last_day=row["last_day"], now=now),
            "counted": tuple(UUID(event_id) for event_id in row["counted"]),
            "rejected": tuple((UUID(event_id), reason) for event_id, reason in row["rejected"]),
            "late": tuple(UUID(event_id) for event_id in row["late"]),
        }
    )
