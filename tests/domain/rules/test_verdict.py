from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.choices import CarerKind, Party, VisitOutcome
from domain.days import end_of_day
from domain.refusal import Invalid
from domain.rules.calendar import default_calendar
from domain.rules.periods import PeriodKind, parse_period
from domain.rules.rule import Filter, Requirement
from domain.rules.verdict import verdict
from tests.domain.rules.asking import judge, preset
from tests.support.builders import (
    CHILD,
    OTHER_CARER,
    an_id,
    call,
    corrected,
    enrolled,
    paired,
    record_filed,
    talk,
    visit,
    voided,
)

CARED_FOR = (enrolled("2026-01-10"), paired("2026-01-10"))
FIRST = visit("2026-03-05")
SECOND = visit("2026-03-19")


def test_two_recorded_visits_by_the_counsellor_meet_the_month() -> None:
    judged = judge(*CARED_FOR, SECOND, FIRST)

    assert judged.status == "met"
    assert (judged.achieved, judged.required) == (2, 2)
    assert judged.counted == (FIRST.event_id, SECOND.event_id)
    assert judged.rejected == ()
    assert (judged.rule_id, judged.version, judged.period.name) == ("C39", 1, "2026-03")


def test_visits_of_the_months_around_it_are_not_even_named() -> None:
    judged = judge(*CARED_FOR, visit("2026-02-28"), visit("2026-04-01"), visit("2026-03-31"))

    assert judged.status == "short"
    assert (judged.achieved, judged.required) == (1, 2)
    assert judged.counted == (visit("2026-03-31").event_id,)
    assert judged.rejected == ()


def test_a_visit_just_after_midnight_in_shanghai_belongs_to_the_new_month() -> None:
    just_after = visit("2026-04-01", at="00:00")

    assert judge(*CARED_FOR, just_after, period="2026-04").counted == (just_after.event_id,)
    assert judge(*CARED_FOR, just_after, period="2026-03").counted == ()


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (visit("2026-03-19", outcome=VisitOutcome.NOBODY_HOME, met=()), "not_met"),
        (visit("2026-03-19", outcome=VisitOutcome.REFUSED, met=()), "not_met"),
        (visit("2026-03-19", record=None), "no_record"),
        (visit("2026-03-19", carers=(OTHER_CARER,)), "wrong_actor"),
        (visit("2026-03-05", name="again"), "same_day"),
    ],
)
def test_a_visit_that_does_not_count_is_named_with_its_reason(other: object, reason: str) -> None:
    judged = judge(*CARED_FOR, FIRST, other)  # type: ignore[arg-type]

    assert judged.status == "short"
    assert (judged.achieved, judged.required) == (1, 2)
    assert [r.reason for r in judged.rejected] == [reason]


def test_what_no_record_could_mend_is_said_first() -> None:
    nothing_right = visit("2026-03-19", outcome=VisitOutcome.REFUSED, carers=(OTHER_CARER,), record=None)
    wrong_carer = visit("2026-03-20", carers=(OTHER_CARER,), record=None)

    judged = judge(*CARED_FOR, nothing_right, wrong_carer)

    assert judged.rejected == (
        (nothing_right.event_id, "not_met"),
        (wrong_carer.event_id, "wrong_actor"),
    )


def test_a_visit_with_the_counsellor_among_others_counts() -> None:
    together = visit("2026-03-19", carers=(OTHER_CARER, *FIRST.details.carers))  # type: ignore[attr-defined]

    assert judge(*CARED_FOR, FIRST, together).status == "met"


def test_a_pairing_of_another_kind_does_not_make_a_counsellor() -> None:
    as_volunteer = paired("2026-01-10", carer=OTHER_CARER, kind=CarerKind.VOLUNTEER)

    judged = judge(*CARED_FOR, as_volunteer, visit("2026-03-19", carers=(OTHER_CARER,)))

    assert [r.reason for r in judged.rejected] == ["wrong_actor"]


def test_of_two_on_one_day_the_earlier_counts_and_a_bare_day_is_its_end() -> None:
    morning = visit("2026-03-05", at="08:30")
    some_time = visit("2026-03-05")

    judged = judge(*CARED_FOR, some_time, morning)

    assert judged.counted == (morning.event_id,)
    assert judged.rejected == ((some_time.event_id, "same_day"),)


def test_without_distinct_days_two_on_one_day_count_twice() -> None:
    rule = preset("C39")
    lenient = replace(rule, requirements=(replace(rule.requirements[0], distinct_days=False),))

    assert judge(*CARED_FOR, FIRST, visit("2026-03-05", name="again"), rule=lenient).status == "met"


def test_a_record_filed_later_makes_the_visit_count_from_that_day_on() -> None:
    bare = visit("2026-03-19", record=None)
    story = (*CARED_FOR, FIRST, bare, record_filed("2026-04-02", bare))

    assert judge(*story).status == "met"
    assert judge(*story, known="2026-04-01").status == "short"
    assert judge(*story, as_of="2026-04-01").rejected == ((bare.event_id, "no_record"),)


def test_a_voided_filing_takes_the_record_away_again() -> None:
    bare = visit("2026-03-19", record=None)
    filing = record_filed("2026-03-21", bare)

    judged = judge(*CARED_FOR, FIRST, bare, filing, voided("2026-04-02", filing))

    assert judged.rejected == ((bare.event_id, "no_record"),)


def test_a_voided_visit_is_named_and_no_longer_counts() -> None:
    story = (*CARED_FOR, FIRST, SECOND, voided("2026-04-10", SECOND))

    today, then = judge(*story), judge(*story, known="2026-04-09")

    assert (today.status, today.rejected) == ("short", ((SECOND.event_id, "voided"),))
    assert (then.status, then.counted) == ("met", (FIRST.event_id, SECOND.event_id))


def test_a_corrected_date_moves_a_visit_out_of_the_month_and_leaves_what_was_known() -> None:
    story = (*CARED_FOR, FIRST, SECOND, corrected("2026-04-10", SECOND, fields={"occurred_on": "2026-04-01"}))

    assert judge(*story).counted == (FIRST.event_id,)
    assert judge(*story, period="2026-04").counted == (SECOND.event_id,)
    assert judge(*story, known="2026-04-09").status == "met"


def test_a_corrected_outcome_takes_a_visit_away() -> None:
    story = (
        *CARED_FOR,
        FIRST,
        SECOND,
        corrected("2026-04-10", SECOND, fields={"details": {"outcome": "refused"}}),
    )

    assert judge(*story).rejected == ((SECOND.event_id, "not_met"),)


def test_a_voided_correction_never_was() -> None:
    correction = corrected("2026-04-10", SECOND, fields={"occurred_on": "2026-04-01"})

    assert judge(*CARED_FOR, FIRST, SECOND, correction, voided("2026-04-12", correction)).status == "met"


def test_a_late_entry_counts_and_is_marked() -> None:
    late = visit("2026-03-19", known="2026-04-20", written_on="2026-03-25")
    in_time = visit("2026-03-20", known="2026-04-20", written_on="2026-03-25")
    story = (*CARED_FOR, late, in_time)

    judged = judge(*story)

    assert (judged.status, judged.late) == ("met", (late.event_id,))
    assert judge(*story, known="2026-04-19").status == "short"


def test_events_of_other_children_are_left_out() -> None:
    elsewhere = visit("2026-03-19", child=an_id("another child"))

    judged = judge(*CARED_FOR, FIRST, elsewhere)

    assert (judged.status, judged.counted) == ("short", (FIRST.event_id,))


def test_an_empty_stream_is_not_applicable() -> None:
    assert judge().status == "not_applicable"


def test_a_period_of_another_kind_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        verdict(
            (),
            subject=CHILD,
            rule=preset("C39"),
            period=parse_period("2026-W10", kind=PeriodKind.WEEK, calendar=default_calendar()),
            calendar=default_calendar(),
            as_of=date(2026, 11, 21),
            as_known_at=end_of_day(date(2026, 11, 21)),
        )
    assert refused.value.reason.code == "not_of_this_rule"


def test_the_order_of_requirements_does_not_decide_a_verdict_with_an_open_number() -> None:
    talks, visits = preset("C36").requirements
    story = (enrolled("2026-01-10"), talk("2026-03-05"))
    for requirements in ((talks, replace(visits, n=None)), (replace(visits, n=None), talks)):
        rule = replace(preset("C36"), requirements=requirements)
        assert judge(*story, rule=rule, period="2026-spring").status == "unspecified"
        assert judge(story[0], rule=rule, period="2026-spring").status == "short"


def test_what_was_recorded_at_the_very_moment_is_known() -> None:
    moment = end_of_day(date(2026, 4, 2))
    story = (*CARED_FOR, FIRST, visit("2026-03-19", known=moment))

    assert judge(*story, known=moment).status == "met"
    assert judge(*story, known=moment - timedelta(microseconds=1)).status == "short"


def test_of_several_filters_for_a_type_the_reason_is_that_of_the_nearest() -> None:
    child_calls, carer_calls = (
        Filter(type="call_made", where={"caller": ("child",), "called": ("parent",)}),
        Filter(type="call_made", min_minutes=10, by=CarerKind.CARE_COUNSELLOR),
    )
    either = Requirement(n=1, any_of=(child_calls, carer_calls, Filter(type="talk_held")))
    rule = replace(preset("C39"), requirements=(either,))
    too_short = call("2026-03-05", caller=Party.MOTHER, called=Party.CHILD, minutes=3)

    assert judge(*CARED_FOR, too_short, rule=rule).rejected == ((too_short.event_id, "wrong_party"),)
    assert judge(*CARED_FOR, too_short, talk("2026-03-05", record=None), rule=rule).status == "met"


def test_a_duty_that_others_can_fulfil_too_is_due_without_a_pairing() -> None:
    either = Requirement(n=1, any_of=(preset("C39").requirements[0].any_of[0], Filter(type="talk_held")))
    rule = replace(preset("C39"), requirements=(either,))

    assert judge(enrolled("2026-01-10"), rule=rule).status == "short"


def test_a_visit_that_one_requirement_takes_is_not_held_against_the_other() -> None:
    by_volunteer = Requirement(n=1, any_of=(Filter(type="home_visit_made", by=CarerKind.VOLUNTEER),))
    rule = replace(preset("C39"), requirements=(*preset("C39").requirements, by_volunteer))
    volunteer = paired("2026-01-10", carer=OTHER_CARER, kind=CarerKind.VOLUNTEER)
    theirs = visit("2026-03-26", carers=(OTHER_CARER,), record=None)

    judged = judge(*CARED_FOR, volunteer, FIRST, SECOND, theirs, rule=rule)

    assert (judged.status, judged.required, judged.achieved) == ("met", 3, 3)
    assert (len(judged.counted), judged.rejected) == (3, ())
    assert judged.requirements[0].rejected == ((theirs.event_id, "wrong_actor"),)
