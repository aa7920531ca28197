from dataclasses import replace
from datetime import date

import pytest

from domain.choices import CarerKind
from domain.refusal import Conflict, Invalid
from domain.rules.binding import RuleBinding, refuse_overlap, rule_in_force
from tests.domain.rules.asking import judge, preset
from tests.support.builders import an_id, call, enrolled, paired

SCHOOL = "county/township/school"
TODAY = date(2026, 11, 21)
STRICT = preset("C27")
OPEN = replace(STRICT, version=2, requirements=(replace(STRICT.requirements[0], n=None),))


def bound(since: str, until: str | None = None, *, org: str = SCHOOL, rule: object = STRICT) -> RuleBinding:
    return RuleBinding(
        rule=rule,  # type: ignore[arg-type]
        org=org,
        effective_from=date.fromisoformat(since),
        effective_to=date.fromisoformat(until) if until else None,
        binding_event_id=an_id(f"{org} {since} {until}"),
    )


def version_on(day: str, *bindings: RuleBinding, org: str = SCHOOL, rule_id: str = "C27") -> int | None:
    found = rule_in_force(bindings, org=org, rule_id=rule_id, day=date.fromisoformat(day))
    return found and found.rule.version


def test_a_binding_holds_from_its_first_day_until_before_its_end() -> None:
    binding = bound("2026-03-01", "2026-05-01")

    assert version_on("2026-02-28", binding) is None
    assert version_on("2026-03-01", binding) == 1
    assert version_on("2026-04-30", binding) == 1
    assert version_on("2026-05-01", binding) is None
    assert version_on("2026-03-01", binding, rule_id="C39") is None


def test_the_nearest_organisation_up_the_tree_decides() -> None:
    county, school = bound("2026-03-01", org="county"), bound("2026-03-01", rule=OPEN)

    assert version_on("2026-03-01", county, school, org=f"{SCHOOL}/grade 3/class 1") == 2
    assert version_on("2026-03-01", county, school, org="county/township/other school") == 1
    assert version_on("2026-03-01", county, school, org="county/township") == 1
    assert version_on("2026-03-01", school, org="county/township") is None
    assert version_on("2026-03-01", school, org=f"{SCHOOL}-annexe") is None


def test_a_newer_version_ends_the_open_one_before_it() -> None:
    first, second = bound("2026-03-01"), bound("2026-03-30", rule=OPEN)

    assert version_on("2026-03-29", first, second) == 1
    assert version_on("2026-03-30", second, first) == 2
    found = rule_in_force((first, second), org=SCHOOL, rule_id="C27", day=date(2026, 3, 2))
    assert found == replace(first, effective_to=date(2026, 3, 30))


def test_a_version_that_was_followed_does_not_come_back_when_the_newer_one_ends() -> None:
    bindings = (bound("2026-03-01"), bound("2026-04-01", "2026-05-01", rule=OPEN))

    assert version_on("2026-05-01", *bindings) is None
    assert version_on("2026-05-01", *bindings, bound("2026-01-01", org="county")) == 1


def test_history_brought_in_from_paper_may_reach_back_over_empty_days() -> None:
    refuse_overlap((), bound("2026-03-01"), today=TODAY)
    refuse_overlap((bound("2026-09-01"),), bound("2026-03-01", "2026-09-01"), today=TODAY)
    refuse_overlap((bound("2026-03-01", "2026-07-11"),), bound("2026-09-01"), today=TODAY)
    refuse_overlap((bound("2026-03-01", org="county/other"),), bound("2026-03-01"), today=TODAY)
    refuse_overlap((bound("2026-03-01", rule=preset("C39")),), bound("2026-03-01"), today=TODAY)


def test_a_newer_version_may_follow_from_today_or_later() -> None:
    refuse_overlap((bound("2026-03-01"),), bound("2026-11-21", rule=OPEN), today=TODAY)
    refuse_overlap((bound("2026-03-01"),), bound("2027-03-01", rule=OPEN), today=TODAY)


@pytest.mark.parametrize(
    ("existing", "new"),
    [
        (bound("2026-03-01"), bound("2026-11-20", rule=OPEN)),
        (bound("2026-03-01"), bound("2026-03-01", rule=OPEN)),
        (bound("2026-03-01"), bound("2026-02-01", rule=OPEN)),
        (bound("2026-03-01", "2026-07-11"), bound("2026-07-10", "2026-08-01", rule=OPEN)),
        (bound("2026-03-01", org="county"), bound("2026-04-01", rule=OPEN)),
    ],
)
def test_days_on_which_a_version_was_in_force_are_not_bound_again(
    existing: RuleBinding, new: RuleBinding
) -> None:
    with pytest.raises(Conflict) as refused:
        refuse_overlap((existing,), new, today=TODAY)
    assert refused.value.reason.code == "rewrites_the_past"


@pytest.mark.parametrize(
    ("existing", "new"),
    [
        (bound("2026-03-01"), bound("2026-12-01")),
        (bound("2026-03-01", rule=OPEN), bound("2026-12-01")),
        (bound("2026-03-01", "2027-01-01"), bound("2026-12-01", rule=OPEN)),
        (bound("2027-01-01"), bound("2026-12-01", rule=OPEN)),
        (bound("2027-01-01"), bound("2027-01-01", rule=OPEN)),
        (bound("2027-01-01"), bound("2026-03-01", rule=OPEN)),
    ],
)
def test_two_versions_in_force_at_once_are_refused(existing: RuleBinding, new: RuleBinding) -> None:
    with pytest.raises(Conflict) as refused:
        refuse_overlap((existing,), new, today=TODAY)
    assert refused.value.reason.code == "binding_overlaps"


def test_a_version_that_was_followed_is_not_continued_at_its_old_end() -> None:
    bindings = (bound("2026-03-01"), bound("2026-04-01", "2026-05-01", rule=OPEN))

    refuse_overlap(bindings, bound("2026-05-01", rule=replace(OPEN, version=3)), today=TODAY)
    with pytest.raises(Conflict):
        refuse_overlap(bindings, bound("2026-04-30", rule=replace(OPEN, version=3)), today=TODAY)


def test_a_binding_without_days_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        refuse_overlap((), bound("2026-03-01", "2026-03-01"), today=TODAY)
    assert refused.value.faults[0].pointer == "/effective_to"


def test_a_rule_relaxed_in_the_fifth_week_leaves_the_four_before_as_they_were() -> None:
    bindings = (bound("2026-03-02"), bound("2026-03-30", rule=OPEN))
    story = (
        enrolled("2026-01-10"),
        paired("2026-01-10", kind=CarerKind.PROXY_PARENT),
        call("2026-03-03"),
        call("2026-03-10"),
        call("2026-03-25"),
    )
    mondays = {
        "2026-W10": "2026-03-02",
        "2026-W11": "2026-03-09",
        "2026-W12": "2026-03-16",
        "2026-W13": "2026-03-23",
        "2026-W14": "2026-03-30",
    }

    def status(week: str) -> str:
        binding = rule_in_force(
            bindings, org=f"{SCHOOL}/class", rule_id="C27", day=date.fromisoformat(mondays[week])
        )
        assert binding is not None
        return judge(*story, rule=binding.rule, period=week).status

    assert {week: status(week) for week in mondays} == {
        "2026-W10": "met",
        "2026-W11": "met",
        "2026-W12": "short",
        "2026-W13": "met",
        "2026-W14": "unspecified",
    }


def test_a_month_begun_before_the_new_version_keeps_the_old_one() -> None:
    monthly = preset("C39")
    stricter = replace(monthly, version=2, requirements=(replace(monthly.requirements[0], n=4),))
    bindings = (bound("2026-03-01", rule=monthly), bound("2026-04-15", rule=stricter))

    assert version_on("2026-04-01", *bindings, rule_id="C39") == 1
    assert version_on("2026-05-01", *bindings, rule_id="C39") == 2
