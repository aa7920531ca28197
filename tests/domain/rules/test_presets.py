"""What each rule that ships with CareLedger asks for."""

from dataclasses import replace

import pytest

from domain.care_actions.call_made import CallOutcome
from domain.choices import CarerKind, Party, VisitOutcome
from domain.event import Event
from domain.rules.verdict import Verdict
from tests.domain.rules.asking import judge, preset
from tests.support.builders import (
    OTHER_CARER,
    an_id,
    call,
    enrolled,
    paired,
    record_filed,
    stream,
    talk,
    visit,
)

ENROLLED = enrolled("2026-01-10")
WITH_PROXY_PARENT = (ENROLLED, paired("2026-01-10", kind=CarerKind.PROXY_PARENT))


def test_c04_asks_for_a_visit_by_the_proxy_parent_and_for_no_record() -> None:
    bare = visit("2026-03-03", record=None)

    assert judge(*WITH_PROXY_PARENT, bare, rule="C04").status == "met"
    assert judge(*WITH_PROXY_PARENT, visit("2026-03-03", carers=(OTHER_CARER,)), rule="C04").status == "short"
    assert judge(ENROLLED, paired("2026-01-10"), bare, rule="C04").status == "not_applicable"


@pytest.mark.parametrize("parent", [Party.FATHER, Party.MOTHER])
def test_c05_is_met_by_a_minute_with_either_parent(parent: Party) -> None:
    assert judge(*WITH_PROXY_PARENT, call("2026-03-10", called=parent, minutes=1), rule="C05").status == "met"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (call("2026-03-10", outcome=CallOutcome.NO_ANSWER, minutes=0), "not_connected"),
        (call("2026-03-10", outcome=CallOutcome.NOT_UNDERSTOOD), "not_connected"),
        (call("2026-03-10", minutes=0), "too_short"),
        (call("2026-03-10", called=Party.GUARDIAN), "wrong_party"),
        (call("2026-03-10", caller=Party.CHILD), "wrong_party"),
        (call("2026-03-10", carers=(OTHER_CARER,)), "wrong_actor"),
        (call("2026-03-10", carers=()), "wrong_actor"),
    ],
)
def test_c05_names_the_call_that_does_not_count(other: Event, reason: str) -> None:
    judged = judge(*WITH_PROXY_PARENT, other, rule="C05")

    assert judged.status == "short"
    assert judged.rejected == ((other.event_id, reason),)


def test_c18_asks_for_a_talk_with_its_record_by_whomever() -> None:
    bare = talk("2026-03-10", record=None)

    assert judge(ENROLLED, talk("2026-03-10", carers=(OTHER_CARER,)), rule="C18").status == "met"
    assert judge(ENROLLED, bare, rule="C18").rejected == ((bare.event_id, "no_record"),)
    assert judge(ENROLLED, bare, record_filed("2026-03-12", bare), rule="C18").status == "met"


def test_c27_asks_every_week_and_lets_the_guardian_stand_for_the_parents() -> None:
    # Four school weeks, three calls: the week without one is named.
    calls = (call("2026-03-03", called=Party.GUARDIAN), call("2026-03-10"), call("2026-03-29"))
    weeks = ("2026-W10", "2026-W11", "2026-W12", "2026-W13")

    verdicts = {week: judge(*WITH_PROXY_PARENT, *calls, rule="C27", period=week) for week in weeks}

    assert {week: v.status for week, v in verdicts.items()} == {
        "2026-W10": "met",
        "2026-W11": "met",
        "2026-W12": "short",
        "2026-W13": "met",
    }
    assert str(verdicts["2026-W12"].period.first) == "2026-03-16"


def test_a_relaxed_c27_scores_no_week_and_leaves_the_weeks_before_it() -> None:
    relaxed = replace(
        preset("C27"), version=2, requirements=(replace(preset("C27").requirements[0], n=None),)
    )
    story = (*WITH_PROXY_PARENT, call("2026-03-31"))

    fifth_week = judge(*story, rule=relaxed, period="2026-W14")

    assert (fifth_week.status, fifth_week.required) == ("unspecified", 0)
    assert fifth_week.counted == (call("2026-03-31").event_id,)
    assert judge(*story, rule="C27", period="2026-W12").status == "short"


def test_c36_asks_for_both_a_talk_and_a_visit_in_a_term() -> None:
    def status(*events: Event) -> tuple[str, int]:
        judged = judge(ENROLLED, *events, rule="C36", period="2026-spring")
        return judged.status.value, judged.achieved

    assert status(talk("2026-03-10"), visit("2026-07-10", record=None)) == ("met", 2)
    assert status(visit("2026-03-10"), visit("2026-04-10")) == ("short", 1)
    assert status(talk("2026-03-10"), visit("2026-07-11")) == ("short", 1)
    assert status(talk("2026-03-10", record=None), visit("2026-03-11")) == ("short", 1)
    assert status(talk("2026-03-10"), visit("2026-03-11", outcome=VisitOutcome.REFUSED)) == ("short", 1)


def test_c36_tells_what_each_requirement_lacks() -> None:
    judged = judge(ENROLLED, talk("2026-03-10"), rule="C36", period="2026-spring")

    talks, visits = judged.requirements
    assert (talks.status, talks.counted) == ("met", (talk("2026-03-10").event_id,))
    assert (visits.status, visits.required, visits.counted) == ("short", 1, ())


def test_561_children_of_whom_one_was_visited_in_the_last_week_and_written_down_after_it() -> None:
    def story(number: int) -> tuple[Event, ...]:
        child = an_id(f"child {number}")
        known = "2026-07-15" if number == 560 else None
        return (
            enrolled("2026-01-10", child=child),
            talk("2026-04-01", child=child),
            visit("2026-07-08", child=child, known=known),
        )

    def met(**asked: str) -> list[bool]:
        return [
            judge(*story(n), rule="C36", period="2026-spring", child=an_id(f"child {n}"), **asked).status
            == "met"
            for n in range(561)
        ]

    assert sum(met()) == 561
    then = met(as_of="2026-07-10", known="2026-07-10")
    assert (sum(then), then.index(False)) == (560, 560)


def test_54_children_and_one_visit_whose_record_came_three_days_later() -> None:
    # 27 counsellors with two children each owe 108 visits in a month.
    def story(number: int) -> tuple[Event, ...]:
        child, carer = an_id(f"child {number}"), an_id(f"counsellor {number // 2}")
        record = None if number == 7 else "All well."
        return (
            enrolled("2026-01-10", child=child),
            paired("2026-01-10", child=child, carer=carer),
            visit("2026-03-05", child=child, carers=(carer,)),
            visit("2026-03-19", child=child, carers=(carer,), record=record),
        )

    def verdicts(*more: Event) -> list[Verdict]:
        return [judge(*story(n), *(e for e in more if n == 7), child=an_id(f"child {n}")) for n in range(54)]

    before = verdicts()
    assert sum(v.required for v in before) == 108
    assert [n for n, v in enumerate(before) if v.status != "met"] == [7]
    without_record = story(7)[-1]
    assert before[7].rejected == ((without_record.event_id, "no_record"),)

    after = verdicts(record_filed("2026-03-22", without_record, child=an_id("child 7")))
    assert [v.status for v in after] == ["met"] * 54


def test_two_visits_on_one_day_leave_the_month_one_short() -> None:
    story = (ENROLLED, paired("2026-01-10"), visit("2026-03-05"), visit("2026-03-05", name="again"))

    judged = judge(*story)

    assert (judged.status, judged.achieved, judged.required) == ("short", 1, 2)
    assert [r.reason for r in judged.rejected] == ["same_day"]


def test_the_three_ones_of_a_proxy_parent() -> None:
    story = stream(*WITH_PROXY_PARENT, visit("2026-03-03"), call("2026-03-10"), visit("2026-03-16"))

    assert judge(*story, rule="C04").counted == (visit("2026-03-03").event_id, visit("2026-03-16").event_id)
    assert judge(*story, rule="C04").achieved == 1
    assert judge(*story, rule="C05").status == "met"
