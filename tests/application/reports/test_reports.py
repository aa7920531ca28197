"""Reports over many children: the sample school's figures, both clocks, rules bound and unbound."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from application.access import SYSTEM
from application.organisations.known_rules import known_rules
from application.reports.reporting import Reports
from application.settings import read_settings
from application.system import System, reports_of
from domain.org import Step
from domain.refusal import Invalid, Unknown
from domain.rules.rule_files import load_rules, presets
from domain.rules.verdict import Status
from tests.application.papers import SCHOOL, take_log, take_roster
from tests.support.actions import CLASS, Desk
from tests.support.actions import SCHOOL as DESK_SCHOOL
from tests.support.sample_term import (
    LATE,
    OPEN_AT_END,
    RECORDED,
    SHORT,
    numbers,
)
from tests.support.systems import StandingClock, fresh_system

TALK_ONCE = """
rule_id = "C18"
version = {version}
title = {{ zh = "谈心", en = "Talk" }}
source = "test"
period = "{period}"
severity = "warning"
responsible_role = "paired_carer"

[[requirements]]
n = {n}

[[requirements.any_of]]
type = "talk_held"
"""


@pytest.fixture
def reports(system: System) -> Reports:
    return reports_of(system)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with fresh_system(tmp_path_factory.mktemp("sample")) as system:
        take_roster(system)
        take_log(system)
        system.organisations.count_pupils(SCHOOL, pupils=502, actor=SYSTEM)
        bind(system, SCHOOL, "C39", "2026-03-01")
        yield system


def bind(system: System, org: str, rule_id: str, day: str) -> None:
    system.organisations.governance.bind_rule(
        org, rule=presets()[rule_id, 1], effective_from=date.fromisoformat(day), actor=SYSTEM
    )


def test_the_sample_school_in_figures(sample: System) -> None:
    summary = reports_of(sample).summary(SCHOOL)

    school, roster, care_log = summary.school, summary.roster, summary.care_log
    assert (school.pupils, school.left_behind, school.rate_percent) == (502, 54, 10.76)
    assert (school.both_parents_away, school.single_parent_away) == (32, 22)
    assert (roster.children, roster.paired, roster.unpaired, roster.carers) == (54, 54, 0, 27)
    assert (care_log.recorded, care_log.late_over_5_days) == (RECORDED, LATE)
    assert care_log.per_type == {"家访": 470, "电话": 253, "谈心": 208}


@pytest.mark.parametrize("month", SHORT)
def test_the_children_short_of_their_visits(sample: System, month: str) -> None:
    found = reports_of(sample).org_compliance(org=SCHOOL, rule_id="C39", period=month, as_of=date(2026, 7, 1))

    assert {short.student_no for short in found.short} == numbers(SHORT[month])
    assert (found.bound, found.due, found.rule_version) == (54, 54, 1)
    assert found.due == found.met + len(found.short)
    assert found.pending == found.not_applicable == found.unspecified == 0


def test_a_month_that_is_not_over_is_pending(sample: System) -> None:
    found = reports_of(sample).org_compliance(
        org=SCHOOL, rule_id="C39", period="2026-06", as_of=date(2026, 6, 10)
    )

    assert found.short == ()
    assert found.pending > 0
    assert found.met + found.pending == found.due == 54


def test_a_township_equals_the_sum_of_its_schools_and_a_school_of_its_classes(sample: System) -> None:
    reports = reports_of(sample)

    def report(org: str) -> tuple[int, int, int]:
        found = reports.org_compliance(org=org, rule_id="C39", period="2026-04", as_of=date(2026, 7, 1))
        return found.due, found.met, len(found.short)

    parts = [report(f"{SCHOOL}/{grade}年级") for grade in range(1, 7)]
    assert report("示例县") == report(SCHOOL) == tuple(map(sum, zip(*parts, strict=True)))


def test_the_silent_children(sample: System) -> None:
    found = reports_of(sample).children(uncontacted_days=30, on=date(2026, 6, 30))

    assert [(c.student_no, c.last_contact_on, c.days_silent) for c in found] == [
        ("T202600010", date(2026, 3, 28), 94),
        ("T202600037", date(2026, 3, 22), 100),
        ("T202600046", date(2026, 3, 21), 101),
    ]


def test_the_ladder_at_the_end_of_the_term(sample: System) -> None:
    lines = reports_of(sample).silent_on(date(2026, 6, 30))

    found = {step.value: {x.student_no for x in lines if x.step is step} for step in Step}
    expected = {step: numbers(words) for step, words in OPEN_AT_END.items()}
    assert found == {"warning": set(), "high": set()} | expected


def test_who_was_enrolled_later_is_not_listed_for_a_day_before(desk: Desk, reports: Reports) -> None:
    desk.enrol("2026-03-01", student_no="T1")
    desk.enrol("2026-04-01", student_no="T2")

    assert [c.student_no for c in reports.children(on=date(2026, 3, 15))] == ["T1"]
    assert [c.student_no for c in reports.children()] == ["T1", "T2"]


def test_an_exited_child_is_listed_but_not_silent(desk: Desk, reports: Reports) -> None:
    child = desk.enrol("2026-03-01")
    desk.submit("child_exited", "2026-04-01", child=child, based_on=1, reason="moved")

    assert [c.days_silent for c in reports.children()] == [None]
    assert reports.children(uncontacted_days=0) == ()
    assert reports.silent_on(date(2026, 6, 30)) == ()
    assert reports.summary(DESK_SCHOOL).roster.children == 0


def test_an_unbound_rule_is_evaluated_and_says_so(desk: Desk, reports: Reports) -> None:
    desk.enrol("2026-03-01")

    found = reports.org_compliance(org=DESK_SCHOOL, rule_id="C18", period="2026-04")

    assert (found.bound, found.due, found.short) == (0, 0, ())
    other = found.unbound
    assert (other.children, other.due, len(other.short)) == (1, 1, 1)
    assert [note.code for note in found.notes] == ["rule_not_bound"]


def test_the_nearest_organisation_binds_and_versions_are_told(desk: Desk, reports: Reports) -> None:
    other = f"{DESK_SCHOOL}/grade 4"
    strict = load_rules([TALK_ONCE.format(version=2, period="month", n=3)])["C18", 2]
    child = desk.enrol("2026-03-01", student_no="T1")
    desk.enrol("2026-03-01", student_no="T2", org=other)
    carer = desk.carer()
    desk.submit("talk_held", "2026-04-03", child=child, carers=[str(carer)], record="ok")
    bind(desk.system, DESK_SCHOOL, "C18", "2026-03-01")
    desk.system.organisations.governance.bind_rule(
        other, rule=strict, effective_from=date(2026, 7, 1), actor=SYSTEM
    )

    before = reports.org_compliance(org=DESK_SCHOOL, rule_id="C18", period="2026-04")
    after = reports.org_compliance(org=DESK_SCHOOL, rule_id="C18", period="2026-07", as_of=date(2026, 8, 1))

    assert (before.bound, before.met, before.rule_versions) == (2, 1, (1,))
    assert {s.student_no: s.required for s in after.short} == {"T1": 1, "T2": 3}
    assert (after.rule_version, after.rule_versions) == (2, (1, 2))


def test_a_version_with_another_period_is_found_by_the_name_of_the_period(
    desk: Desk, reports: Reports
) -> None:
    weekly = load_rules([TALK_ONCE.format(version=2, period="week", n=1)])["C18", 2]
    desk.enrol("2026-03-01")
    bind(desk.system, DESK_SCHOOL, "C18", "2026-03-01")
    desk.system.organisations.governance.bind_rule(
        DESK_SCHOOL, rule=weekly, effective_from=date(2026, 7, 1), actor=SYSTEM
    )

    week = reports.org_compliance(org=DESK_SCHOOL, rule_id="C18", period="2026-W28", as_of=date(2026, 8, 1))
    month = reports.org_compliance(org=DESK_SCHOOL, rule_id="C18", period="2026-04")

    assert [(r.bound, r.rule_version) for r in (week, month)] == [(1, 2), (1, 1)]


def test_what_cannot_be_judged_is_refused(reports: Reports, desk: Desk) -> None:
    child = desk.enrol()

    with pytest.raises(Unknown):
        reports.org_compliance(org=DESK_SCHOOL, rule_id="C99", period="2026-04")
    with pytest.raises(Invalid):
        reports.org_compliance(org=DESK_SCHOOL, rule_id="C18", period="2026-W10")
    with pytest.raises(Invalid):
        reports.child_compliance(child, rule_id="C18", period="2026-W10")
    with pytest.raises(Unknown):
        reports.child_compliance(uuid4())


def test_a_child_is_judged_under_every_rule_that_is_bound(desk: Desk, reports: Reports) -> None:
    child, carer = desk.enrol("2026-03-01"), desk.carer()
    desk.pair(child, carer)
    desk.visit(child, carer, "2026-05-04")
    bind(desk.system, DESK_SCHOOL, "C39", "2026-03-01")
    bind(desk.system, DESK_SCHOOL, "C36", "2026-03-01")

    may = reports.child_compliance(child, period="2026-05")
    present = reports.child_compliance(child)
    named = reports.child_compliance(child, rule_id="C18", period="2026-05")

    assert [(v.rule_id, v.bound, v.verdict.status) for v in may.items] == [("C39", True, Status.SHORT)]
    assert [(v.rule_id, v.period.name) for v in present.items] == [("C36", "2026-spring"), ("C39", "2026-06")]
    assert [(v.rule_id, v.bound, v.verdict.status) for v in named.items] == [("C18", False, Status.SHORT)]
    assert [note.code for note in named.notes] == ["rule_not_bound"]


def test_both_clocks_reach_into_a_report(desk: Desk, reports: Reports, clock: StandingClock) -> None:
    clock.now = datetime(2026, 4, 5, 4, tzinfo=UTC)
    child, carer = desk.enrol("2026-03-01"), desk.carer()
    desk.pair(child, carer)
    bind(desk.system, DESK_SCHOOL, "C39", "2026-03-01")
    desk.visit(child, carer, "2026-03-05")
    clock.now = datetime(2026, 4, 20, 4, tzinfo=UTC)
    desk.visit(child, carer, "2026-03-25")

    today = reports.org_compliance(org=CLASS, rule_id="C39", period="2026-03")
    then = reports.org_compliance(org=CLASS, rule_id="C39", period="2026-03", as_known_at=date(2026, 4, 10))
    before = reports.org_compliance(org=CLASS, rule_id="C39", period="2026-03", as_known_at=date(2026, 4, 1))
    clipped = reports.org_compliance(org=CLASS, rule_id="C39", period="2026-03", as_known_at=date(2027, 1, 1))

    assert (today.met, len(today.short)) == (1, 0)
    assert (then.met, len(then.short), then.clocks.clipped) == (0, 1, False)
    assert (before.due, before.not_applicable) == (0, 0)
    assert (clipped.met, clipped.clocks.clipped) == (1, True)


def test_a_deployment_may_add_rules_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(TALK_ONCE.format(version=2, period="week", n=1), encoding="utf-8")
    (tmp_path / "policy.toml").write_text("not a rule", encoding="utf-8")

    rules = known_rules(read_settings({"CARELEDGER_RULES_DIR": str(tmp_path)}))

    assert {("C18", 1), ("C18", 2), ("C39", 1)} <= set(rules)


def test_a_rule_that_ships_cannot_be_changed_under_its_version(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(TALK_ONCE.format(version=1, period="week", n=1), encoding="utf-8")

    with pytest.raises(Invalid):
        known_rules(read_settings({"CARELEDGER_RULES_DIR": str(tmp_path)}))
