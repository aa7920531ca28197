"""Every preset by its cases: met, short, and the edge of its quote."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.care_actions.placement_started import PlacementStarted
from domain.catalogue import stream_kinds
from domain.child import fold
from domain.choices import Line, Party
from domain.days import end_of_day
from domain.event import Event
from domain.ledger.facts import fold as folded
from domain.rules.calendar import default_calendar
from domain.rules.gathering import Sources, gathered
from domain.rules.periods import parse_period
from domain.rules.rule import Rule
from domain.rules.rule_files import presets
from domain.rules.verdict import Verdict, judge
from domain.rules.words import Subject
from tests.domain.rules.asking import judge as judge_child
from tests.domain.rules.preset_cases import AS_OF, CHILDREN, PROXY, UNITS, Case, trigger
from tests.support.builders import CHILD, call, event, stream, talk, visit
from tests.support.rules_table import ROWS

ALL = [
    pytest.param(name, case, id=f"{name}-{case.kind}-{number}")
    for name, cases in {**CHILDREN, **UNITS}.items()
    for number, case in enumerate(cases)
]


def rule_named(name: str) -> Rule:
    """A preset by id, or id and version."""
    rule_id, _, version = name.partition("@")
    return presets()[rule_id, int(version or 1)]


@pytest.mark.parametrize(("name", "case"), ALL)
def test_a_preset_says_of_each_story_what_its_quote_says(name: str, case: Case) -> None:
    rule = rule_named(name)

    found = (
        judge_child(*case.child_of, *case.child, rule=rule, period=case.period)
        if rule.subject is Subject.CHILD
        else of_unit(rule, case)
    )

    assert found.status.value == case.status, (found.counted, found.rejected, found.requirements)


def of_unit(rule: Rule, case: Case) -> Verdict:
    """Judge the one subject of a story that is not the child."""
    placed = _in_village(case) if rule.subject is Subject.VILLAGE else ()
    child = fold(CHILD, stream(*case.child_of, *placed, *case.child), as_of=AS_OF)
    streams = {
        kind: [
            folded(
                stream_kinds()[kind].view,
                stream_id,
                stream(*(e for e in events if e.originator_id == stream_id)),
            )
            for stream_id in {e.originator_id for e in events}
        ]
        for kind, events in (case.streams or {}).items()
    }
    period = parse_period(case.period, kind=rule.period, calendar=default_calendar())
    (subject,) = gathered(rule.subject, Sources(children=[child], streams=streams), day=period.first)
    return judge(
        subject,
        rule=rule,
        period=period,
        as_of=AS_OF,
        as_known_at=end_of_day(AS_OF),
        calendar=default_calendar(),
    )


def _in_village(_case: Case) -> tuple[Event, ...]:
    return (event(PlacementStarted(line=Line.VILLAGE, org="county/township/school"), "2025-01-10"),)


def test_every_row_has_its_preset_its_cases_and_titles_in_both_languages() -> None:
    named = {(rule_id, version) for rule_id, version in presets()}
    told = {(name.partition("@")[0], int(name.partition("@")[2] or 1)) for name in {**CHILDREN, **UNITS}}

    assert {rule_id for rule_id, _ in named} == set(ROWS)
    assert told == named
    assert all(rule.title.zh and rule.title.en for rule in presets().values())


@pytest.mark.parametrize("file", sorted(Path("domain/rules/presets").glob("*.toml")), ids=lambda f: f.stem)
def test_every_file_says_how_its_row_is_read(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert re.match(rf"# {file.stem.partition('-')[0]}[:, ]", text)
    assert "# Read as:" in text


def test_rows_of_which_the_source_gives_no_number_are_scored_by_nobody() -> None:
    open_rows = {
        "C03",
        "C12",
        "C17",
        "C29",
        "C31",
        "C32",
        "C33",
        "C44",
        "C45",
        "T08",
        "T09",
        "T10",
        "T11",
        "T15",
        "P04",
    }

    found = {
        rule_id
        for (rule_id, _), rule in presets().items()
        if all(each.n is None and each.op is None and each.untold is None for each in rule.requirements)
    }
    assert found == open_rows


def test_one_visit_closes_two_triggers_and_counts_for_the_month_as_well() -> None:
    story: list[Any] = [*PROXY, visit("2026-03-03"), call("2026-03-10")]
    story += [trigger("2026-03-12", "grades_fell"), trigger("2026-03-12", "quarrel")]

    def status(rule: str, *more: Event) -> str:
        return judge_child(*story, *more, rule=rule).status.value

    assert (status("C04"), status("C05"), status("T03"), status("T05")) == ("met", "met", "short", "short")
    closing = visit("2026-03-15")
    assert (status("T03", closing), status("T05", closing)) == ("met", "met")
    assert judge_child(*story, closing, rule="C04").achieved == 1


def test_a_school_of_proxy_parents_over_four_weeks_and_the_rule_that_was_relaxed() -> None:
    monday = date(2026, 3, 2)
    talks = [talk(str(monday + timedelta(weeks=w, days=d))) for w in range(4) for d in range(5)]
    calls = [
        call("2026-03-03"),
        call("2026-03-10", called=Party.GUARDIAN),
        call("2026-03-24"),
    ]
    story = (*PROXY, *talks, *calls, visit("2026-03-11"))
    weeks = ["2026-W10", "2026-W11", "2026-W12", "2026-W13"]

    daily = [judge_child(*story, rule="C26", period=week) for week in weeks]
    weekly = {week: judge_child(*story, rule="C27", period=week).status.value for week in weeks}

    assert (sum(v.achieved for v in daily), sum(v.required for v in daily)) == (20, 20)
    assert weekly == dict.fromkeys(weeks, "met") | {"2026-W12": "short"}
    assert judge_child(*story, rule="C28").status == "met"
    assert judge_child(*story, rule="C29", period="2026-W14").status == "unspecified"
