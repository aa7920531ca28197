"""The sample school's term, lived through day by day: every paper arrives on the day that it was written."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.intake.imports.care_log import import_care_log
from application.intake.imports.roster import import_roster
from domain.alert_kind import UNCONTACTED
from domain.days import end_of_day, start_of_day
from domain.event import Event
from domain.rules.calendar import default_calendar
from domain.rules.periods import PeriodKind, parse_period
from domain.rules.rule_files import presets
from domain.rules.verdict import Status, verdict
from domain.streams.alerts.case import AlertEscalated, AlertRaised, AlertResolved
from projections import compliance, status, timeline
from projections.outbox import deliveries
from projections.positions import everything
from projections.rebuild import rebuild
from tests.support.sample_term import (
    FIRST_DAY,
    LATE,
    OPEN_AT_END,
    PER_TYPE,
    SCHOOL,
    SHORT,
    SHORT_AS_KNOWN_AT_MONTH_END,
    PlainSilence,
    PlainWatch,
    as_csv,
    as_xlsx,
    contact_of,
    is_month_end,
    log_by_day,
    numbers,
    roster_by_day,
    term_days,
)
from tests.support.status_rows import without_searched
from tests.support.world import World

Happening = tuple[datetime, str, str, str]
STEPS = (AlertRaised, AlertEscalated, AlertResolved)


@dataclass
class Term:
    """The term as it was lived through, and what must have happened by the plain reading of the papers."""

    world: World
    head: UUID
    expected: list[Happening] = field(default_factory=list)
    short_at_month_end: dict[str, set[str]] = field(default_factory=dict)

    def student_no(self, child: UUID) -> str:
        profile = self.world.child(child).profile
        assert profile is not None
        return profile.student_no

    def events(self, *types: type) -> list[Event]:
        return [e for e in everything(self.world.system.log) if isinstance(e.details, types)]

    def short(self, period: str) -> set[str]:
        standing = compliance.of_org(
            self.world.database, org=SCHOOL, rule_id="C39", period=period, now=self.world.now
        )
        return {self.student_no(row.child_id) for row in standing.short}


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Term]:
    with World(tmp_path_factory.mktemp("term"), start=f"{FIRST_DAY} 07:00") as world:
        world.system.organisations.ensure(SCHOOL, actor=SYSTEM)
        head = world.recipient("Head teacher", org=SCHOOL, catch_all=True)
        world.bind("C39", org=SCHOOL, effective_from="2026-03-01")
        lived = Term(world=world, head=head)
        _live(lived)
        yield lived


def _live(term: Term) -> None:
    world, watch = term.world, PlainWatch()
    rosters, logs = roster_by_day(), log_by_day()
    for day in term_days():
        at_eight = start_of_day(day, hour=8)
        world.advance_to(at_eight)
        term.expected += [(at_eight, *happening) for happening in watch.look(day)]

        world.advance_to(f"{day} 20:00")
        if rows := rosters.get(day):
            import_roster(as_xlsx(rows), org=SCHOOL, registers=world.system.registers, actor=SYSTEM)
            for row in rows:
                if row[1] and row[4] != "2015-02-30":
                    watch.children.setdefault(str(row[0]), PlainSilence(last=(day, "24:00")))
        if lines := logs.get(day):
            import_care_log(as_csv(lines), org=SCHOOL, registers=world.system.registers, actor=SYSTEM)
            for line in lines:
                contact = contact_of(line)
                if contact and line["学籍号"] in watch.children:
                    watch.hear(line["学籍号"], contact)
        world.advance_to(f"{day} 20:05")
        # An import speaks a minute after the child's last line has come in.
        heard_at = start_of_day(day, hour=20) + timedelta(seconds=60)
        term.expected += [(heard_at, *happening) for happening in watch.look(day)]

        if is_month_end(day):
            world.advance_to(end_of_day(day))
            term.short_at_month_end[f"{day:%Y-%m}"] = term.short(f"{day:%Y-%m}")


def test_alerts_rise_at_eight_on_the_right_days_and_end_when_the_contact_is_heard_of(term: Term) -> None:
    happened = []
    for event in term.events(*STEPS):
        case = term.world.system.alerts.load(event.originator_id)
        assert case.child is not None
        assert event.recorded_at is not None
        # The plain watch beside it knows of silence alone.
        if case.kind != UNCONTACTED:
            continue
        step = getattr(event.details, "step", None) or case.step
        happened.append((event.recorded_at, term.student_no(case.child), event.type, str(step)))

    assert sorted(happened) == sorted(term.expected)
    assert len(happened) > 100
    at_eight = [h for h in happened if h[0] == start_of_day(h[0].date(), hour=8)]
    assert {h[2] for h in at_eight} == {"alert_raised", "alert_escalated"}


def test_nothing_is_raised_or_told_twice(term: Term) -> None:
    raised = [e.details for e in term.events(AlertRaised)]
    told = term.world.inbox(term.head)

    assert max(Counter((r.kind, r.child, r.anchor) for r in raised).values()) == 1  # type: ignore[attr-defined]
    assert max(Counter((i.alert_id, i.step, i.recipient_id) for i in told).values()) == 1
    assert len(told) == len(term.events(AlertRaised, AlertEscalated))
    assert deliveries.counts(term.world.database) == {"accepted": len(told)}


def test_the_alerts_that_are_open_at_the_end(term: Term) -> None:
    rows = term.world.database.all("SELECT child_id, step FROM alert_status WHERE open = :open", open=True)
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["step"], set()).add(term.student_no(row["child_id"]))

    assert found == {step: numbers(words) for step, words in OPEN_AT_END.items()}


def test_who_was_short_as_known_at_each_months_end(term: Term) -> None:
    expected = {month: numbers(words) for month, words in SHORT_AS_KNOWN_AT_MONTH_END.items()}

    assert term.short_at_month_end == expected
    assert {month: _short_by_verdict(term, month) for month in expected} == expected


def test_who_was_short_as_known_in_the_end(term: Term) -> None:
    assert {month: term.short(month) for month in SHORT} == {m: numbers(words) for m, words in SHORT.items()}


def test_the_timeline_counts_every_line_once(term: Term) -> None:
    figures = timeline.figures(term.world.database, org=SCHOOL)

    assert {name: figures.per_type[name] for name in PER_TYPE} == PER_TYPE
    assert (figures.late, figures.void) == (LATE, 0)


def test_rebuilt_from_the_log_everything_is_as_it_was(term: Term) -> None:
    world = term.world
    tables = ("child_status", "alert_status", "timeline", "compliance", "delivery", "inbox", "timer")
    before = _rows(world, tables)

    assert list(status.differences(world.database, world.system.log)) == []
    with world.database.transaction() as tx:
        for table in ("child_status", "alert_status", "timeline", "compliance"):
            tx.run(f"DELETE FROM {table}")
    rebuild(
        database=world.database,
        log=world.system.log,
        governing=lambda child: world.system.organisations.governance.governing(child.orgs),
        calendar=default_calendar(),
        now=lambda: world.now,
    )

    assert _rows(world, tables) == before


def _rows(world: World, tables: Sequence[str]) -> dict[str, Any]:
    found = {table: world.database.all(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4") for table in tables}
    return {table: without_searched(rows) for table, rows in found.items()}


def _short_by_verdict(term: Term, month: str) -> set[str]:
    rule = presets()["C39", 1]
    period = parse_period(month, kind=PeriodKind.MONTH, calendar=default_calendar())
    known_at = end_of_day(period.last)
    short = set()
    for child in status.child_ids(term.world.system.log):
        judged = verdict(
            term.world.system.log.stream(child),
            subject=child,
            rule=rule,
            period=period,
            calendar=default_calendar(),
            as_of=period.last,
            as_known_at=known_at,
        )
        if judged.status is Status.SHORT:
            short.add(term.student_no(child))
    return short
