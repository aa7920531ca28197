"""What holds for every story, told by hypothesis."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as restated

from domain.days import end_of_day, start_of_day
from domain.event import Event
from domain.rules.calendar import default_calendar
from domain.rules.periods import Period, period_of
from domain.rules.rule import Rule
from domain.rules.rule_check import rule_from_data
from domain.rules.rule_files import presets
from domain.rules.verdict import Verdict, verdict
from tests.support.builders import CHILD, stream
from tests.support.simple_verdict import simple_verdict
from tests.support.stories import DAYS, FIRST, days, stories

CALENDAR = default_calendar()

EITHER_WAY = rule_from_data(
    {
        "rule_id": "either-way",
        "version": 1,
        "title": {"zh": "见面或通话", "en": "See or hear each other"},
        "source": "test",
        "period": "month",
        "severity": "info",
        "responsible_role": "paired_carer",
        "min_active": 0.3,
        "requirements": [
            {
                "n": 2,
                "distinct_days": False,
                "any_of": [
                    {"type": "call_made", "where": {"caller": ["child"], "called": ["parent"]}},
                    {"type": "call_made", "min_minutes": 2, "by": "proxy_parent"},
                    {"type": "home_visit_made", "where": {"met": ["parent"]}, "record": True},
                ],
            },
            {"n": 1, "any_of": [{"type": "home_visit_made", "by": "proxy_parent"}]},
        ],
    }
)
OPEN = replace(
    EITHER_WAY, version=2, requirements=tuple(replace(r, n=None) for r in EITHER_WAY.requirements[:1])
)
FIRST_RULES = tuple(presets()[rule_id, 1] for rule_id in ("C04", "C05", "C18", "C27", "C36", "C39"))
RULES = (*FIRST_RULES, EITHER_WAY, OPEN)
LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def questions(draw: st.DrawFn) -> tuple[Rule, Period, date, int]:
    """A rule, one of its periods, a day asked about, and how many days later we knew."""
    rule = draw(st.sampled_from(RULES))
    day = FIRST + timedelta(days=draw(st.sampled_from([12, 12, 40, 40, *range(9, DAYS)])))
    period = period_of(day, kind=rule.period, calendar=CALENDAR)
    assert period is not None
    # Mostly in hindsight; often on the very last day, where it turns.
    as_of = draw(st.one_of(st.just(date(2026, 11, 21)), st.just(period.last), days))
    return rule, period, as_of, draw(st.sampled_from([0, 0, -1, 3, 365]))


@settings(LAW, max_examples=2 * settings().max_examples)
@given(events=stories(), question=questions(), last_minute=st.booleans())
def test_the_verdict_agrees_with_the_naive_one(
    events: tuple[Event, ...], question: tuple[Rule, Period, date, int], last_minute: bool
) -> None:
    rule, period, as_of, later = question
    known_day = as_of + timedelta(days=later)
    as_known_at = end_of_day(known_day) if last_minute else start_of_day(known_day, hour=23)

    judged = verdict(
        events,
        subject=CHILD,
        rule=rule,
        period=period,
        calendar=CALENDAR,
        as_of=as_of,
        as_known_at=as_known_at,
    )

    naive = simple_verdict(
        list(events),
        rule=rule,
        first=period.first,
        last=period.last,
        as_of=as_of,
        as_known_at=as_known_at,
    )
    assert (judged.status, list(judged.counted), list(judged.rejected)) == (
        naive.status,
        naive.counted,
        naive.rejected,
    )


def _in_hindsight(events: tuple[Event, ...], rule: Rule, period: Period) -> Verdict:
    return verdict(
        events,
        subject=CHILD,
        rule=rule,
        period=period,
        calendar=CALENDAR,
        as_of=date(2026, 11, 21),
        as_known_at=end_of_day(date(2026, 11, 21)),
    )


@LAW
@given(events=stories(corrections=False), question=questions(), seed=st.integers(0, 2**32))
def test_facts_that_were_noted_at_different_moments_may_arrive_in_any_order(
    events: tuple[Event, ...], question: tuple[Rule, Period, date, int], seed: int
) -> None:
    rule, period, _, _ = question
    noted = start_of_day(date(2026, 1, 1))
    events = tuple(restated(e, noted_at=noted + timedelta(minutes=n)) for n, e in enumerate(events))
    shuffled = list(events)
    Random(seed).shuffle(shuffled)

    assert _in_hindsight(stream(*shuffled), rule, period) == _in_hindsight(events, rule, period)


@LAW
@given(events=stories(), question=questions(), seed=st.integers(0, 2**32))
def test_the_order_in_which_a_stream_is_handed_over_changes_nothing(
    events: tuple[Event, ...], question: tuple[Rule, Period, date, int], seed: int
) -> None:
    rule, period, _, _ = question
    shuffled = list(events)
    Random(seed).shuffle(shuffled)

    assert _in_hindsight(tuple(shuffled), rule, period) == _in_hindsight(events, rule, period)


@LAW
@given(events=stories(), question=questions())
def test_what_comes_in_later_leaves_the_answer_as_known_before(
    events: tuple[Event, ...], question: tuple[Rule, Period, date, int]
) -> None:
    rule, period, as_of, _ = question
    as_known_at = end_of_day(period.last)
    asked = {
        "subject": CHILD,
        "rule": rule,
        "period": period,
        "calendar": CALENDAR,
        "as_of": as_of,
        "as_known_at": as_known_at,
    }
    known_then = tuple(e for e in events if e.recorded_at is not None and e.recorded_at <= as_known_at)

    assert verdict(events, **asked) == verdict(known_then, **asked)  # type: ignore[arg-type]


@LAW
@given(events=stories(), question=questions())
def test_every_event_counts_or_is_rejected_at_most_once_and_says_what_it_needs(
    events: tuple[Event, ...], question: tuple[Rule, Period, date, int]
) -> None:
    rule, period, _, _ = question

    judged = _in_hindsight(events, rule, period)

    named = [*judged.counted, *(r.event_id for r in judged.rejected)]
    assert len(named) == len(set(named))
    assert 0 <= judged.achieved <= judged.required
    if judged.status == "met":
        assert judged.achieved == judged.required
    if judged.status == "short":
        assert judged.achieved < judged.required
