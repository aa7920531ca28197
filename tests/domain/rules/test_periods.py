import tomllib
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.refusal import Invalid
from domain.rules.calendar import calendar_from_data, default_calendar
from domain.rules.periods import PeriodKind, parse_period, period_of, periods_between

CALENDAR = default_calendar()
DAYS = st.dates(date(1900, 1, 8), date(2199, 12, 20))


@pytest.mark.parametrize(
    ("name", "kind", "first", "last", "days"),
    [
        ("2026-W10", "week", "2026-03-02", "2026-03-08", 7),
        ("2026-W01", "week", "2025-12-29", "2026-01-04", 7),
        ("2026-W53", "week", "2026-12-28", "2027-01-03", 7),
        ("2026-03", "month", "2026-03-01", "2026-03-31", 31),
        ("2024-02", "month", "2024-02-01", "2024-02-29", 29),
        ("2026-H1", "half_year", "2026-01-01", "2026-06-30", 181),
        ("2026-H2", "half_year", "2026-07-01", "2026-12-31", 184),
        ("2026-spring", "term", "2026-03-01", "2026-07-10", 132),
        ("2026-autumn", "term", "2026-09-01", "2027-01-31", 153),
        ("2026-spring-start", "term_start", "2026-03-01", "2026-03-30", 30),
        ("2026-spring-mid", "term_mid", "2026-03-31", "2026-06-10", 72),
        ("2026-spring-end", "term_end", "2026-06-11", "2026-07-10", 30),
        ("2026-autumn-end", "term_end", "2027-01-02", "2027-01-31", 30),
    ],
)
def test_a_name_stands_for_its_days(name: str, kind: str, first: str, last: str, days: int) -> None:
    period = parse_period(name, kind=PeriodKind(kind), calendar=CALENDAR)

    assert (period.name, period.kind) == (name, kind)
    assert (str(period.first), str(period.last), period.days) == (first, last, days)
    assert period_of(period.first, kind=period.kind, calendar=CALENDAR) == period
    assert period_of(period.last, kind=period.kind, calendar=CALENDAR) == period
    assert period_of(period.last + timedelta(days=1), kind=period.kind, calendar=CALENDAR) != period


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "month"),
        ("2026", "month"),
        ("2026-3", "month"),
        ("2026-13", "month"),
        ("2026-00", "month"),
        ("2026-03-01", "month"),
        ("2026-03\n", "month"),
        ("２０２６-03", "month"),
        ("2026-0٣", "month"),
        ("0026-03", "month"),
        ("9999-12", "month"),
        ("2026-W10", "month"),
        ("2026-" + "9" * 5000, "month"),
        ("2026-03", "week"),
        ("2026-W00", "week"),
        ("2026-W54", "week"),
        ("2025-W53", "week"),
        ("2026-w10", "week"),
        ("2026-H3", "half_year"),
        ("2026-summer", "term"),
        ("2026-spring-start", "term"),
        ("2026-spring", "term_start"),
        ("2026-spring-mid", "term_end"),
    ],
)
def test_any_other_name_is_refused(name: str, kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_period(name, kind=PeriodKind(kind), calendar=CALENDAR)
    assert [(f.pointer, f.reason.code) for f in refused.value.faults] == [("/period", "bad_period")]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-02-28", None),
        ("2026-03-01", "2026-spring"),
        ("2026-07-10", "2026-spring"),
        ("2026-07-11", None),
        ("2026-08-31", None),
        ("2026-09-01", "2026-autumn"),
        ("2026-12-31", "2026-autumn"),
        ("2027-01-31", "2026-autumn"),
        ("2027-02-01", None),
    ],
)
def test_between_the_terms_there_is_none(day: str, name: str | None) -> None:
    period = period_of(date.fromisoformat(day), kind=PeriodKind.TERM, calendar=CALENDAR)

    assert (period and period.name) == name


def test_a_stretch_of_days_touches_every_period_that_shares_a_day_with_it() -> None:
    def names(first: str, last: str, kind: PeriodKind) -> list[str]:
        between = periods_between(
            date.fromisoformat(first), date.fromisoformat(last), kind=kind, calendar=CALENDAR
        )
        return [period.name for period in between]

    assert names("2026-02-28", "2026-04-01", PeriodKind.MONTH) == ["2026-02", "2026-03", "2026-04"]
    assert names("2026-03-08", "2026-03-09", PeriodKind.WEEK) == ["2026-W10", "2026-W11"]
    assert names("2026-01-15", "2026-09-01", PeriodKind.TERM) == [
        "2025-autumn",
        "2026-spring",
        "2026-autumn",
    ]
    assert names("2026-07-11", "2026-08-31", PeriodKind.TERM) == []
    assert names("2026-03-02", "2026-03-01", PeriodKind.MONTH) == []


@given(day=DAYS, kind=st.sampled_from(PeriodKind))
def test_every_day_finds_its_period_again_by_name(day: date, kind: PeriodKind) -> None:
    period = period_of(day, kind=kind, calendar=CALENDAR)

    if period is not None:
        assert period.holds(day)
        assert parse_period(period.name, kind=kind, calendar=CALENDAR) == period


@given(first=DAYS, span=st.integers(0, 800), kind=st.sampled_from(PeriodKind))
def test_periods_of_a_kind_follow_one_another_without_overlap(
    first: date, span: int, kind: PeriodKind
) -> None:
    last = first + timedelta(days=span)
    found = list(periods_between(first, last, kind=kind, calendar=CALENDAR))

    days = [p.first + timedelta(days=n) for p in found for n in range(p.days)]
    assert days == sorted(set(days))
    inside = {first + timedelta(days=n) for n in range(span + 1)}
    assert {d for d in inside if period_of(d, kind=kind, calendar=CALENDAR)} <= set(days)


def _terms(*terms: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "name": "ours",
        "terms": [
            {"name": name, "title": {"zh": "学期", "en": "term"}, "first": first, "last": last}
            for name, first, last in terms
        ],
    }


def test_a_school_may_have_other_terms() -> None:
    calendar = calendar_from_data(_terms(("winter", "11-01", "03-31"), ("summer", "04-01", "07-31")))

    assert period_of(date(2027, 2, 1), kind=PeriodKind.TERM, calendar=calendar) == parse_period(
        "2026-winter", kind=PeriodKind.TERM, calendar=calendar
    )


@pytest.mark.parametrize(
    ("terms", "pointer", "code"),
    [
        ([], "/terms", "no_terms"),
        ([("Spring", "03-01", "07-10")], "/terms/0/name", "term_name"),
        ([("spring", "02-29", "07-10")], "/terms/0/first", "not_month_day"),
        ([("spring", "3-1", "07-10")], "/terms/0/first", "not_month_day"),
        ([("spring", "03-01", "07-32")], "/terms/0/last", "not_month_day"),
        ([("spring", "03-01", "04-20")], "/terms/0", "term_too_short"),
        ([("a", "03-01", "07-10"), ("b", "07-10", "12-31")], "/terms/1", "terms_overlap"),
        ([("a", "03-01", "07-10"), ("b", "09-01", "03-01")], "/terms/0", "terms_overlap"),
    ],
)
def test_terms_that_cannot_be_are_refused(terms: list[tuple[str, str, str]], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        calendar_from_data(_terms(*terms))
    assert (pointer, code) in [(f.pointer, f.reason.code) for f in refused.value.faults]


def test_a_calendar_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        calendar_from_data(tomllib.loads('name = "x"\nterms = []\nholidays = 3'))
    assert [f.pointer for f in refused.value.faults] == ["/holidays"]


@pytest.mark.parametrize("kind", PeriodKind)
@pytest.mark.parametrize("rest", ["9" * 30, "W" + "9" * 30])
def test_a_number_beyond_all_measure_names_no_period(kind: PeriodKind, rest: str) -> None:
    with pytest.raises(Invalid):
        parse_period(f"2026-{rest}", kind=kind, calendar=CALENDAR)
