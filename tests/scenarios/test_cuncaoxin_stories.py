"""54 of 502: twenty-seven counsellors with two children each, two recorded visits a month."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.reports.lines import OrgCompliance
from application.system import reports_of
from domain.refusal import Conflict
from domain.rules.rule import Rule
from domain.rules.rule_files import load_rules, presets
from domain.rules.verdict import Why
from tests.support.actions import SCHOOL, Desk
from tests.support.systems import StandingClock, fresh_system

MARCH_IS_OVER = datetime(2026, 4, 1, 4, tzinfo=UTC)
RELAXED = """
rule_id = "C39"
version = 2
title = { zh = "经常走访", en = "Visit often" }
source = "test"
period = "month"
severity = "warning"
responsible_role = "paired_carer"

[[requirements]]

[[requirements.any_of]]
type = "home_visit_made"
where = { outcome = ["met"] }
"""


class School(Desk):
    """A school of 502 with 54 children in care, on the morning after March."""

    def __init__(self, folder: Path, clock: StandingClock) -> None:
        self._world = fresh_system(folder, clock=clock)
        super().__init__(self._world.__enter__())
        self.clock = clock
        self.counsellors = [self.carer(f"辅导员{n:02}") for n in range(1, 28)]
        self.children = [self.enrol("2026-02-20", student_no=f"T{n:02}") for n in range(1, 55)]
        for n, child in enumerate(self.children):
            self.submit("parent_work_recorded", "2026-02-20", child=child, parent="father", away=True)
            self.pair(child, self.counsellor(n), "2026-02-20")
        self.bind(presets()["C39", 1], "2026-03-01")
        self.system.organisations.count_pupils(SCHOOL, pupils=502, actor=SYSTEM)

    def close(self) -> None:
        self._world.__exit__(None, None, None)

    def counsellor(self, number: int) -> UUID:
        return self.counsellors[number // 2]

    def bind(self, rule: Rule, day: str) -> None:
        self.system.organisations.governance.bind_rule(
            SCHOOL, rule=rule, effective_from=date.fromisoformat(day), actor=SYSTEM
        )

    def visit_child(self, number: int, day: str, **more: object) -> UUID:
        return self.visit(self.children[number], self.counsellor(number), day, **more).event_id

    def visit_all(self) -> None:
        """Record the 107 visits that leave the last child's second visit open."""
        for number in range(54):
            self.visit_child(number, "2026-03-05")
            if number < 53:
                self.visit_child(number, "2026-03-19")

    def march(self, **clocks: date) -> OrgCompliance:
        return reports_of(self.system).org_compliance(org=SCHOOL, rule_id="C39", period="2026-03", **clocks)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    school = School(tmp_path, StandingClock(MARCH_IS_OVER))
    yield school
    school.close()


def short(found: OrgCompliance) -> list[str]:
    return [child.student_no for child in found.short]


def test_the_school_has_54_of_502_and_108_visits_due(school: School) -> None:
    summary = reports_of(school.system).summary(SCHOOL)
    march = school.march()

    assert (summary.school.left_behind, summary.school.rate_percent) == (54, 10.76)
    assert (summary.roster.paired, summary.roster.carers) == (54, 27)
    assert sum(child.required for child in march.short) == 108


def test_a_counsellor_takes_no_third_child(school: School) -> None:
    third = school.enrol("2026-02-20")

    with pytest.raises(Conflict) as refused:
        school.pair(third, school.counsellors[0], "2026-02-20")

    assert refused.value.reason.code == "capacity_exceeded"


def test_a_visit_without_its_record_is_short_until_the_record_is_filed(school: School) -> None:
    school.visit_all()
    without = school.visit_child(53, "2026-03-20", record=None)

    march = school.march()
    assert (march.due, march.met) == (54, 53)
    assert round(100 * march.met / march.due, 2) == 98.15
    assert short(march) == ["T54"]
    assert [(r.event_id, r.reason) for r in march.short[0].rejected] == [(without, Why.NO_RECORD)]

    filed = {"target": str(without), "record": "了解学习和生活情况"}
    school.submit("record_filed", "2026-03-23", child=school.children[53], **filed)

    march = school.march()
    assert (march.due, march.met, march.short) == (54, 54, ())
    fact = school.child(school.children[53]).fact(without)
    assert fact is not None
    (filing,) = fact.record_filed_by
    later = school.child(school.children[53]).fact(filing)
    assert later is not None
    assert (later.day - fact.day).days == 3


def test_two_visits_on_one_day_count_once(school: School) -> None:
    school.visit_all()
    again = school.visit_child(53, "2026-03-05")

    march = school.march()

    assert short(march) == ["T54"]
    assert len(march.short[0].counted) == 1
    assert again in {*march.short[0].counted, *(r.event_id for r in march.short[0].rejected)}
    assert [r.reason for r in march.short[0].rejected] == [Why.SAME_DAY]


def test_a_late_entry_changes_today_and_not_what_was_known(school: School) -> None:
    school.visit_all()
    assert short(school.march()) == ["T54"]

    school.clock.forward(days=20)
    school.visit_child(53, "2026-03-20")

    assert short(school.march()) == []
    assert short(school.march(as_known_at=date(2026, 4, 2))) == ["T54"]


def test_a_voided_visit_changes_today_and_not_what_was_known(school: School) -> None:
    school.visit_all()
    second = school.visit_child(53, "2026-03-20")
    assert short(school.march()) == []

    school.clock.forward(days=20)
    school.void(school.children[53], second)

    assert short(school.march()) == ["T54"]
    assert [r.reason for r in school.march().short[0].rejected] == [Why.VOIDED]
    assert short(school.march(as_known_at=date(2026, 4, 2))) == []


def test_a_corrected_date_changes_today_and_not_what_was_known(school: School) -> None:
    school.visit_all()
    second = school.visit_child(53, "2026-03-20")

    school.clock.forward(days=20)
    school.correct(school.children[53], second, occurred_on="2026-04-01")

    assert short(school.march()) == ["T54"]
    assert short(school.march(as_known_at=date(2026, 4, 2))) == []


def test_a_relaxed_rule_changes_nothing_for_a_period_begun_before_it(school: School) -> None:
    school.visit_all()
    before = school.march()

    school.clock.forward(days=1)
    school.bind(load_rules([RELAXED])["C39", 2], "2026-04-15")
    school.clock.forward(days=60)

    march = school.march()
    assert (march.rule_versions, short(march)) == ((1,), short(before))
    assert short(school.march(as_known_at=date(2026, 4, 2))) == ["T54"]
    reports = reports_of(school.system)
    april = reports.org_compliance(org=SCHOOL, rule_id="C39", period="2026-04")
    may = reports.org_compliance(org=SCHOOL, rule_id="C39", period="2026-05")
    assert (april.rule_versions, len(april.short)) == ((1,), 54)
    assert (may.rule_versions, may.unspecified, may.due) == ((2,), 54, 0)


def test_a_relaxed_rule_cannot_reach_back(school: School) -> None:
    with pytest.raises(Conflict):
        school.bind(load_rules([RELAXED])["C39", 2], "2026-03-15")
