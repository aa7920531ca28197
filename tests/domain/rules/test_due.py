"""For whom a duty falls due, and when its period is over."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.choices import CarerKind
from domain.days import end_of_day
from domain.rules.calendar import default_calendar
from domain.rules.periods import PeriodKind, parse_period
from domain.rules.verdict import verdict
from tests.domain.rules.asking import judge, preset
from tests.support.builders import (
    CHILD,
    OTHER_CARER,
    enrolled,
    exited,
    paired,
    readmitted,
    stream,
    unpaired,
    visit,
    voided,
)

CARED_FOR = (enrolled("2026-01-10"), paired("2026-01-10"))
FIRST = visit("2026-03-05")
SECOND = visit("2026-03-19")


def test_a_month_not_over_is_pending_until_it_is_met() -> None:
    story = (*CARED_FOR, FIRST, SECOND)

    assert judge(*story, as_of="2026-03-18").status == "pending"
    assert judge(*story, as_of="2026-03-19").status == "met"
    assert judge(*CARED_FOR, FIRST, as_of="2026-03-31").status == "short"


def test_the_last_day_counts_whole_and_the_month_is_over_with_its_last_moment() -> None:
    month_end = end_of_day(date(2026, 3, 31))

    def at(known: timedelta) -> str:
        return judge(*CARED_FOR, FIRST, as_of="2026-03-31", known=month_end - known).status

    assert at(timedelta(microseconds=1)) == "pending"
    assert at(timedelta()) == "short"


@pytest.mark.parametrize(
    ("enrolment", "status"),
    # March has 31 days: who came on the 16th was there for 16 of them, who came on the 17th for 15.
    [("2026-03-16", "short"), ("2026-03-17", "not_applicable"), ("2026-04-01", "not_applicable")],
)
def test_who_comes_in_mid_month_is_due_from_half_of_it_on(enrolment: str, status: str) -> None:
    assert judge(enrolled(enrolment), paired(enrolment)).status == status


@pytest.mark.parametrize(("exit_day", "status"), [("2026-03-16", "short"), ("2026-03-15", "not_applicable")])
def test_who_leaves_in_mid_month_is_due_from_half_of_it_on(exit_day: str, status: str) -> None:
    assert judge(*CARED_FOR, exited(exit_day)).status == status


def test_days_before_an_exit_and_after_a_readmission_add_up() -> None:
    story = (*CARED_FOR, exited("2026-03-08"), readmitted("2026-03-24"), paired("2026-03-24"))

    assert judge(*story).status == "short"  # 8 + 8 of 31
    assert judge(*story[:-2], readmitted("2026-03-25"), paired("2026-03-25")).status == "not_applicable"


def test_an_exit_after_one_that_was_voided_ends_care() -> None:
    by_mistake = exited("2026-02-01")
    story = (
        *CARED_FOR,
        by_mistake,
        readmitted("2026-02-10"),
        voided("2026-02-11", by_mistake),
        exited("2026-02-20"),
    )

    assert judge(*story, rule="C18").status == "not_applicable"


def test_an_exit_known_only_later_leaves_the_duty_as_it_was_known() -> None:
    story = (*CARED_FOR, exited("2026-03-10", known="2026-04-05"))

    assert judge(*story).status == "not_applicable"
    assert judge(*story, known="2026-03-31", as_of="2026-03-31").status == "short"


def test_who_turns_18_is_due_no_longer() -> None:
    def status(birth_date: str) -> str:
        story = (enrolled("2026-01-10", birth_date=birth_date), paired("2026-01-10"))
        return judge(*story).status

    assert status("2008-03-17") == "short"  # the last day of care is the 16th
    assert status("2008-03-16") == "not_applicable"


@pytest.mark.parametrize(("end", "status"), [("2026-03-17", "short"), ("2026-03-16", "not_applicable")])
def test_a_pairing_that_ends_in_mid_month_is_due_from_half_of_it_on(end: str, status: str) -> None:
    # The day on which a pairing ends is the first without it.
    assert judge(*CARED_FOR, unpaired(end, CARED_FOR[1])).status == status


def test_on_the_day_a_pairing_ends_the_carer_is_the_childs_no_more() -> None:
    on_the_day, day_before = visit("2026-03-20"), visit("2026-03-19")

    judged = judge(*CARED_FOR, unpaired("2026-03-20", CARED_FOR[1]), day_before, on_the_day)

    assert judged.counted == (day_before.event_id,)
    assert judged.rejected == ((on_the_day.event_id, "wrong_actor"),)


def test_one_counsellor_after_another_keeps_the_duty_alive() -> None:
    next_one = paired("2026-03-10", carer=OTHER_CARER)
    story = (*CARED_FOR, unpaired("2026-03-10", CARED_FOR[1]), next_one)

    assert judge(*story, FIRST, visit("2026-03-19", carers=(OTHER_CARER,))).status == "met"


def test_a_child_without_a_counsellor_is_not_judged_by_the_counsellors_rule() -> None:
    volunteer = paired("2026-01-10", kind=CarerKind.VOLUNTEER)

    judged = judge(enrolled("2026-01-10"), volunteer, FIRST)

    assert (judged.status, judged.required) == ("not_applicable", 0)
    assert judged.rejected == ((FIRST.event_id, "wrong_actor"),)


def test_a_share_is_meant_as_it_is_written_in_decimals() -> None:
    # In floating point 0.07 of 100 days would be a little more than 7 days.
    rule = replace(preset("C36"), min_active=0.07)
    spring = default_calendar().term_named("spring")
    assert spring is not None
    hundred_days = replace(default_calendar(), terms=(replace(spring, last="06-08"),))

    judged = verdict(
        stream(enrolled("2026-06-02")),
        subject=CHILD,
        rule=rule,
        period=parse_period("2026-spring", kind=PeriodKind.TERM, calendar=hundred_days),
        calendar=hundred_days,
        as_of=date(2026, 11, 21),
        as_known_at=end_of_day(date(2026, 11, 21)),
    )

    assert judged.period.days == 100
    assert judged.status == "short"
