"""What a rule can say beyond the first ones: numbers, stretches, parties, populations, the untold."""

from datetime import date
from typing import Any

import pytest

from domain.care_actions.letter_sent import LetterSent
from domain.care_actions.parent_home_recorded import ParentHomeRecorded
from domain.care_actions.trigger_closed import TriggerClosed
from domain.care_actions.trigger_observed import TriggerKind, TriggerObserved
from domain.choices import Parent, Party, Tag
from domain.event import Event
from domain.rules.calendar import default_calendar
from domain.rules.days_off import eve_of, is_day_off
from domain.rules.periods import PeriodKind, parse_period, periods_between
from domain.rules.rule import Rule, rule_to_data
from domain.rules.rule_check import check_rule, rule_from_data
from domain.rules.verdict import Verdict
from domain.rules.words import Festival
from tests.domain.rules.asking import judge
from tests.support.builders import CARER, call, enrolled, event, paired, talk, visit

ENROLLED = enrolled("2025-01-10")
VISIT: dict[str, Any] = {"type": "home_visit_made", "where": {"outcome": ["met"]}}


def rule(*requirements: dict[str, Any], period: str = "month", **more: Any) -> Rule:
    """A rule with these requirements."""
    return rule_from_data(
        {
            "rule_id": "X1",
            "version": 1,
            "title": {"zh": "试行", "en": "A trial"},
            "source": "a test",
            "period": period,
            "severity": "info",
            "responsible_role": "class_teacher",
            "requirements": list(requirements),
            **more,
        }
    )


def told(verdict: Verdict) -> tuple[str, int, int]:
    """The status, what was achieved, and what was required."""
    return verdict.status.value, verdict.achieved, verdict.required


def trigger(day: str, kind: TriggerKind = TriggerKind.GRADES_FELL) -> Event:
    """Something calls for a visit."""
    return event(TriggerObserved(kind=kind), day, name=kind)


def test_at_most_holds_until_it_is_exceeded_and_is_met_only_when_the_period_is_over() -> None:
    seldom = rule({"n": 1, "op": "at_most", "any_of": [VISIT]})
    one, two = visit("2026-03-03"), visit("2026-03-05")

    assert told(judge(ENROLLED, one, rule=seldom, as_of="2026-03-10", known="2026-03-10")) == (
        "pending",
        0,
        0,
    )
    assert judge(ENROLLED, one, rule=seldom).status == "met"
    assert judge(ENROLLED, one, two, rule=seldom, as_of="2026-03-10", known="2026-03-10").status == "short"


def test_exactly_is_missed_by_one_more_and_by_one_less() -> None:
    once = rule({"n": 1, "op": "exactly", "any_of": [VISIT]})

    assert judge(ENROLLED, rule=once).status == "short"
    assert judge(ENROLLED, visit("2026-03-03"), rule=once).status == "met"
    assert judge(ENROLLED, visit("2026-03-03"), visit("2026-03-05"), rule=once).status == "short"


def test_three_visits_in_one_phase_are_not_one_in_each() -> None:
    phases = rule({"n": 1, "each": {"every": "phase"}, "any_of": [VISIT]}, period="term")
    start, mid, end = visit("2026-03-30"), visit("2026-05-04"), visit("2026-06-11")

    judged = judge(ENROLLED, start, mid, end, rule=phases, period="2026-spring")
    assert told(judged) == ("met", 3, 3)
    crowded = judge(
        ENROLLED, start, visit("2026-03-02"), visit("2026-03-03"), rule=phases, period="2026-spring"
    )
    assert told(crowded) == ("short", 1, 3)
    assert [w.status.value for w in crowded.requirements[0].windows] == ["met", "short", "short"]


def test_a_talk_on_each_schoolday_is_asked_on_no_holiday_and_no_weekend() -> None:
    daily = rule({"n": 1, "each": {"every": "schoolday"}, "any_of": [{"type": "talk_held"}]}, period="week")

    # Qingming of 2026 is a Sunday, and the Monday after it is off.
    week = judge(
        ENROLLED, *(talk(f"2026-04-{day:02d}") for day in (7, 8, 9, 10)), rule=daily, period="2026-W15"
    )

    assert told(week) == ("met", 4, 4)
    assert told(judge(ENROLLED, rule=daily, period="2026-W30")) == ("not_applicable", 0, 0)
    assert is_day_off(date(2026, 4, 6))
    assert is_day_off(date(2026, 2, 28)), "a Saturday on which others work is none at school"


def test_of_the_eves_of_three_festivals_one_falls_into_autumn_and_two_into_spring() -> None:
    festivals = ["womens_day", "childrens_day", "national_day"]
    eves = rule(
        {
            "n": 1,
            "each": {"every": "eve", "festivals": festivals},
            "any_of": [{"type": "call_made", "parties": [["child"], ["parent"]]}],
        },
        period="term",
    )

    def days(term: str) -> list[str]:
        judged = judge(ENROLLED, rule=eves, period=term, child=ENROLLED.originator_id)
        return [window.first.isoformat() for window in judged.requirements[0].windows]

    assert days("2025-autumn") == ["2025-09-30"]
    assert days("2026-spring") == ["2026-03-07", "2026-05-31"]


@pytest.mark.parametrize(
    ("festival", "year", "eve"),
    [
        (Festival.SPRING_FESTIVAL, 2026, "2026-02-16"),
        (Festival.SPRING_FESTIVAL, 2027, "2027-02-05"),
        (Festival.MID_AUTUMN, 2026, "2026-09-24"),
        (Festival.DRAGON_BOAT, 2024, "2024-06-09"),
        (Festival.CHILDRENS_DAY, 2031, "2031-05-31"),
    ],
)
def test_eves_of_festivals_by_the_moon_are_those_of_the_almanac(
    festival: Festival, year: int, eve: str
) -> None:
    assert str(eve_of(festival, year)) == eve


FIVE = rule(
    {"n": 1, "each": {"every": "trigger", "type": "trigger_observed", "days": 7}, "any_of": [VISIT]},
)


def test_a_visit_before_the_trigger_answers_it_never_and_one_visit_answers_two() -> None:
    before, after = visit("2026-03-03"), visit("2026-03-16")
    both = (trigger("2026-03-12"), trigger("2026-03-12", TriggerKind.QUARREL))

    missed = judge(ENROLLED, before, *both, rule=FIVE)
    assert told(missed) == ("short", 0, 2)
    assert missed.rejected == ((before.event_id, "before_trigger"),)
    assert told(judge(ENROLLED, before, *both, after, rule=FIVE)) == ("met", 2, 2)


@pytest.mark.parametrize(
    ("day", "status"), [("2026-03-19", "met"), ("2026-03-20", "short"), ("2026-03-12", "met")]
)
def test_the_seventh_day_after_a_trigger_is_the_last(day: str, status: str) -> None:
    assert judge(ENROLLED, trigger("2026-03-12"), visit(day), rule=FIVE).status == status


def test_a_trigger_late_in_the_month_is_answered_in_the_next_one() -> None:
    story = (ENROLLED, trigger("2026-03-29"))

    assert judge(*story, rule=FIVE, as_of="2026-04-02", known="2026-04-02").status == "pending"
    answered = judge(*story, visit("2026-04-03"), rule=FIVE)
    assert (answered.status, str(answered.ends)) == ("met", "2026-04-05")
    assert judge(*story, visit("2026-04-03"), rule=FIVE, period="2026-04").status == "not_applicable"


def test_later_sightings_join_the_first_and_what_needs_no_visit_asks_for_none() -> None:
    first, again = trigger("2026-03-10"), trigger("2026-03-12")
    closed = event(
        TriggerClosed(trigger=first.event_id, not_needed_because="moved", approved_by="Li"), "2026-03-11"
    )

    assert told(judge(ENROLLED, first, again, rule=FIVE)) == ("short", 0, 1)
    assert judge(ENROLLED, first, closed, rule=FIVE).status == "not_applicable"


def test_parties_are_at_either_end_whoever_began() -> None:
    mutual = rule({"n": 1, "any_of": [{"type": "call_made", "parties": [["carer"], ["parent"]]}]})

    def status(caller: Party, called: Party) -> str:
        return judge(ENROLLED, call("2026-03-10", caller=caller, called=called), rule=mutual).status.value

    assert status(Party.MOTHER, Party.CARER) == status(Party.CARER, Party.FATHER) == "met"
    assert status(Party.CHILD, Party.MOTHER) == "short"


def test_a_letter_to_a_guardian_who_cannot_read_does_not_count() -> None:
    from domain.care_actions.guardian_designated import GuardianDesignated

    letters = rule({"n": 1, "any_of": [{"type": "letter_sent", "holds": ["reader_can_read"]}]})
    letter = event(LetterSent(writer=Party.SCHOOL, reader=Party.GUARDIAN), "2026-03-10")

    def guardian(*, can_read: bool, day: str = "2026-01-01") -> Event:
        return event(GuardianDesignated(name="Grandma", can_read=can_read), day, name=str(can_read))

    blind = judge(ENROLLED, guardian(can_read=False), letter, rule=letters)
    assert blind.rejected == ((letter.event_id, "cannot_read"),)
    assert judge(ENROLLED, guardian(can_read=True), letter, rule=letters).status == "met"
    assert judge(ENROLLED, letter, rule=letters).status == "met", "nobody said that she can't"


def test_a_visit_while_a_parent_is_at_home() -> None:
    stay = rule({"n": 1, "each": {"every": "parent_home"}, "any_of": [VISIT]}, period="winter")
    home = event(
        ParentHomeRecorded(parent=Parent.MOTHER, planned=False, until=date(2026, 2, 20)), "2026-02-10"
    )

    assert judge(ENROLLED, home, visit("2026-02-20"), rule=stay, period="2026-winter").status == "met"
    assert judge(ENROLLED, home, visit("2026-02-21"), rule=stay, period="2026-winter").status == "short"
    assert judge(ENROLLED, rule=stay, period="2026-winter").status == "not_applicable"


def test_a_duty_of_the_holidays_exists_in_them_alone() -> None:
    weekly = rule({"n": 1, "any_of": [VISIT]}, period="week", during="holiday")

    assert judge(ENROLLED, rule=weekly, period="2026-W30").status == "short"
    assert judge(ENROLLED, rule=weekly, period="2026-W15").status == "not_applicable"


def test_a_rule_is_made_for_its_population_and_what_nobody_knows_is_never_met() -> None:
    poor = rule({"n": 1, "any_of": [VISIT]}, population=[{"tags": ["poor"]}])
    young = rule({"n": 1, "any_of": [VISIT]}, population=[{"under_age": 8}, {"tags": ["poor"]}])
    left = rule({"n": 1, "any_of": [VISIT]}, population=[{"definition": "school_broad@1"}])
    tagged = event(
        type(ENROLLED.details)(  # type: ignore[call-arg]
            name="Xiaoming", sex="male", birth_date=date(2016, 5, 20), tags=(Tag.POOR,)
        ),
        "2025-01-10",
    )

    assert judge(ENROLLED, visit("2026-03-03"), rule=poor).status == "not_applicable"
    assert judge(tagged, visit("2026-03-03"), rule=poor).status == "met"
    assert judge(tagged, visit("2026-03-03"), rule=young).status == "met", "one group is enough"
    unknown = judge(ENROLLED, visit("2026-03-03"), rule=left)
    assert (unknown.status, unknown.untold) == ("unevaluable", ("population",))


def test_what_no_entry_can_tell_is_shown_as_such_and_never_met() -> None:
    untold = {"n": 1, "any_of": [], "untold": {"zh": "没有这类记录", "en": "No such entries are kept."}}

    alone = judge(ENROLLED, visit("2026-03-03"), rule=rule(untold))
    assert (alone.status, alone.untold, alone.required) == ("unevaluable", ("no_entries",), 0)
    assert (
        judge(ENROLLED, visit("2026-03-03"), rule=rule(untold, {"n": 1, "any_of": [VISIT]})).status
        == "unevaluable"
    )
    assert judge(ENROLLED, rule=rule(untold, {"n": 1, "any_of": [VISIT]})).status == "short"


def test_filters_ask_for_what_is_filled_in_how_many_there_were_and_on_which_weekday() -> None:
    def with_cadre(**more: Any) -> Event:
        return event(type(visit("2026-03-03").details)(carers=(CARER,), outcome="met", **more), "2026-03-06")

    strict = rule({"n": 1, "any_of": [VISIT | {"filled": ["accompanied_by"], "on": ["friday"]}]})
    pairs = rule({"n": 1, "any_of": [VISIT | {"at_least": {"carers": 2}}]})

    assert judge(ENROLLED, with_cadre(accompanied_by="Cadre Zhao"), rule=strict).status == "met"
    assert [r.reason for r in judge(ENROLLED, with_cadre(), rule=strict).rejected] == ["not_filled"]
    assert [r.reason for r in judge(ENROLLED, with_cadre(), rule=pairs).rejected] == ["too_few_there"]


@pytest.mark.parametrize("kind", [k for k in PeriodKind if k is not PeriodKind.SCHOOLDAY])
def test_every_period_has_a_name_by_which_it_is_found_again(kind: PeriodKind) -> None:
    calendar = default_calendar()
    found = list(periods_between(date(2024, 9, 1), date(2027, 8, 31), kind=kind, calendar=calendar))

    assert found
    assert [parse_period(each.name, kind=kind, calendar=calendar) for each in found] == found


def test_a_school_year_begins_after_the_longest_holidays() -> None:
    def ends(name: str, kind: PeriodKind) -> tuple[str, str]:
        found = parse_period(name, kind=kind, calendar=default_calendar())
        return str(found.first), str(found.last)

    assert ends("2025-2026", PeriodKind.SCHOOL_YEAR) == ("2025-09-01", "2026-08-31")
    assert ends("2025-2026-start", PeriodKind.SCHOOL_YEAR_START) == ("2025-09-01", "2025-09-30")
    assert ends("2025-2026-end", PeriodKind.SCHOOL_YEAR_END) == ("2026-06-11", "2026-07-10")
    assert ends("2026-summer", PeriodKind.SUMMER) == ("2026-07-11", "2026-08-31")
    assert ends("2026-winter", PeriodKind.HOLIDAY) == ("2026-02-01", "2026-02-28")


def test_what_a_rule_does_not_say_is_left_out_so_that_older_ones_read_as_they_were_written() -> None:
    data = rule_to_data(rule({"n": 1, "any_of": [VISIT]}))

    assert set(data) == {
        *("rule_id", "version", "title", "source", "period", "requirements", "responsible_role", "severity"),
        *("subject", "min_active"),
    }
    assert sorted(data["requirements"][0]) == ["any_of", "distinct_days", "n"]
    assert sorted(data["requirements"][0]["any_of"][0]) == ["record", "type", "where"]


AT, IN = "/requirements/0", "/requirements/0/any_of/0"
LEVEL = {"subject": "child", "period": "week", "requirements": []}


def asking(**more: Any) -> dict[str, Any]:
    """A change of what is required."""
    return {"requirements": [{"any_of": [VISIT], **more}]}


def filtering(**more: Any) -> dict[str, Any]:
    """A change of what counts."""
    return {"requirements": [{"any_of": [VISIT | more]}]}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"subject": "home"}, f"{IN}/type", "not_of_subject"),
        ({"levels": [LEVEL]}, "/levels/0/subject", "not_for_subject"),
        ({"population": [{}]}, "/population/0", "too_few"),
        ({"population": [{"definition": "mine@1"}]}, "/population/0/definition", "unknown_word"),
        ({"population": [{"tags": ["rich"]}]}, "/population/0/tags", "wrong_value"),
        (asking(share=0.5), f"{AT}/share", "not_for_subject"),
        (asking(each={"every": "trigger", "days": 3}), f"{AT}/each/type", "missing"),
        (asking(each={"every": "week", "days": 3}), f"{AT}/each/days", "unknown_field"),
        (asking(standing=True), f"{IN}/type", "not_for_subject"),
        (filtering(parties=[["child"]]), f"{IN}/parties", "no_such_field"),
        (filtering(open=["8:00", "07:00"]), f"{IN}/open", "not_a_time"),
        (filtering(says={"outcome": ["x"]}), f"{IN}/says/outcome", "no_such_field"),
        (filtering(at_least={"outcome": 2}), f"{IN}/at_least/outcome", "no_such_field"),
        (filtering(filled=["weather"]), f"{IN}/filled/0", "no_such_field"),
    ],
)
def test_a_fault_of_what_is_new_names_its_place(change: dict[str, Any], pointer: str, code: str) -> None:
    data = rule_to_data(rule({"n": 1, "any_of": [VISIT]})) | change

    assert (pointer, code) in [(f.pointer, f.reason.code) for f in check_rule(data)]


def test_incidents_that_few_may_read_are_counted_by_no_rule() -> None:
    data = rule_to_data(rule({"n": 1, "any_of": [VISIT]}))
    data |= {"subject": "school", "requirements": [{"any_of": [{"type": "incident_reported"}]}]}

    assert [f.reason.code for f in check_rule(data)] == ["not_of_subject"]


def test_a_paired_carer_is_asked_for_as_before() -> None:
    story = (ENROLLED, paired("2025-01-10"), visit("2026-03-05"), visit("2026-03-19"))

    assert judge(*story).status == "met"
