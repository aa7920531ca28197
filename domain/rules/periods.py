"""The stretches of time in which duties fall due, and their names: 2026-W10, 2026-03, 2026-spring."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from domain.fields import Choice
from domain.reasons import BAD_PERIOD
from domain.refusal import Invalid, invalid
from domain.rules.calendar import PHASE_DAYS, Calendar
from domain.rules.days_off import is_day_off


class PeriodKind(Choice):
    """How long a duty has."""

    WEEK = "week", "周", "week"
    MONTH = "month", "月", "month"
    HALF_YEAR = "half_year", "半年", "half-year"
    TERM = "term", "学期", "term"
    TERM_START = "term_start", "期初", "start of term"
    TERM_MID = "term_mid", "期中", "middle of term"
    TERM_END = "term_end", "期末", "end of term"
    SCHOOLDAY = "schoolday", "上学日", "schoolday"
    SCHOOL_YEAR = "school_year", "学年", "school year"
    SCHOOL_YEAR_START = "school_year_start", "学年初", "start of school year"
    SCHOOL_YEAR_END = "school_year_end", "学年末", "end of school year"
    HOLIDAY = "holiday", "假期", "holidays"
    SUMMER = "summer", "暑假", "summer holidays"
    WINTER = "winter", "寒假", "winter holidays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One named stretch of days; `first` and `last` both belong to it."""

    name: str
    kind: PeriodKind
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def holds(self, day: date) -> bool:
        """Return whether `day` lies in it."""
        return self.first <= day <= self.last


# Those that follow from where the terms of a whole year lie.
OF_YEAR = (
    PeriodKind.SCHOOL_YEAR,
    PeriodKind.SCHOOL_YEAR_START,
    PeriodKind.SCHOOL_YEAR_END,
    PeriodKind.HOLIDAY,
    PeriodKind.SUMMER,
    PeriodKind.WINTER,
)


def period_of(day: date, *, kind: PeriodKind, calendar: Calendar) -> Period | None:
    """Find the period of this kind that holds `day`; None where there is none, as in the holidays."""
    match kind:
        case PeriodKind.WEEK:
            year, week, weekday = day.isocalendar()
            monday = day - timedelta(days=weekday - 1)
            return _period(kind, f"{year:04d}-W{week:02d}", monday, monday + timedelta(days=6))
        case PeriodKind.MONTH:
            last = monthrange(day.year, day.month)[1]
            return _period(kind, f"{day:%Y-%m}", day.replace(day=1), day.replace(day=last))
        case PeriodKind.HALF_YEAR if day.month <= 6:
            return _period(kind, f"{day:%Y}-H1", date(day.year, 1, 1), date(day.year, 6, 30))
        case PeriodKind.HALF_YEAR:
            return _period(kind, f"{day:%Y}-H2", date(day.year, 7, 1), date(day.year, 12, 31))
        case PeriodKind.SCHOOLDAY:
            taught = calendar.term_on(day) is not None and not is_day_off(day)
            return _period(kind, day.isoformat(), day, day) if taught else None
        case _ if kind in OF_YEAR:
            return _of_year(day, kind, calendar)
        case _:
            return _of_term(day, kind, calendar)


def parse_period(name: str, *, kind: PeriodKind, calendar: Calendar) -> Period:
    """Read the name of a period.

    Raises `Invalid` where no period of this kind has exactly this name.
    """
    if not re.match(r"(?:1[89]|20|21)[0-9]{2}-", name):
        raise invalid(BAD_PERIOD, "/period")
    try:
        day = _A_DAY_IN[kind](int(name[:4]), name[5:], calendar)
    except (ValueError, OverflowError):
        raise invalid(BAD_PERIOD, "/period") from None
    period = period_of(day, kind=kind, calendar=calendar)
    # The day was read leniently ("2026-3"), the name is not.
    if period is None or period.name != name:
        raise invalid(BAD_PERIOD, "/period")
    return period


def parse_any_period(name: str, *, calendar: Calendar) -> Period:
    """Read the name of a period of any kind. Raises `Invalid` where there is none of this name."""
    for kind in PeriodKind:
        with suppress(Invalid):
            return parse_period(name, kind=kind, calendar=calendar)
    raise invalid(BAD_PERIOD, "/period")


def periods_between(first: date, last: date, *, kind: PeriodKind, calendar: Calendar) -> Iterator[Period]:
    """Go through the periods that share a day with `first` to `last`, in order."""
    day = first
    while day <= last:
        period = period_of(day, kind=kind, calendar=calendar)
        if period is not None:
            yield period
            day = period.last
        day += timedelta(days=1)


def _period(kind: PeriodKind, name: str, first: date, last: date) -> Period:
    return Period(name=name, kind=kind, first=first, last=last)


def _of_term(day: date, kind: PeriodKind, calendar: Calendar) -> Period | None:
    found = calendar.term_on(day)
    if found is None:
        return None
    year, term = found
    first, last = term.beginning_in(year)
    name = f"{year:04d}-{term.name}"
    phases = {
        PeriodKind.TERM: _period(PeriodKind.TERM, name, first, last),
        PeriodKind.TERM_START: _period(
            PeriodKind.TERM_START, f"{name}-start", first, first + timedelta(days=PHASE_DAYS - 1)
        ),
        PeriodKind.TERM_MID: _period(
            PeriodKind.TERM_MID,
            f"{name}-mid",
            first + timedelta(days=PHASE_DAYS),
            last - timedelta(days=PHASE_DAYS),
        ),
        PeriodKind.TERM_END: _period(
            PeriodKind.TERM_END, f"{name}-end", last - timedelta(days=PHASE_DAYS - 1), last
        ),
    }
    period = phases[kind]
    return period if period.holds(day) else None


def _of_year(day: date, kind: PeriodKind, calendar: Calendar) -> Period | None:
    """Find the school year, one of its ends, or the holidays that hold `day`."""
    if kind in (PeriodKind.HOLIDAY, PeriodKind.SUMMER, PeriodKind.WINTER):
        return _holidays(day, kind, calendar)
    for first, last in school_years(day, calendar):
        if not first <= day <= last:
            continue
        name = f"{first:%Y}-{last:%Y}"
        taught = max(end for _, end, _ in calendar.around(day) if end <= last)
        year = {
            PeriodKind.SCHOOL_YEAR: _period(kind, name, first, last),
            PeriodKind.SCHOOL_YEAR_START: _period(
                kind, f"{name}-start", first, first + timedelta(days=PHASE_DAYS - 1)
            ),
            PeriodKind.SCHOOL_YEAR_END: _period(
                kind, f"{name}-end", taught - timedelta(days=PHASE_DAYS - 1), taught
            ),
        }[kind]
        return year if year.holds(day) else None
    return None


def school_years(day: date, calendar: Calendar) -> list[tuple[date, date]]:
    """Return the school years around a day; each begins with the first term after the longest holidays."""
    terms = calendar.around(day)
    longest = max((after[0] - before[1]).days for before, after in pairwise(terms))
    begins = [after[0] for before, after in pairwise(terms) if (after[0] - before[1]).days == longest]
    return [(first, following - timedelta(days=1)) for first, following in pairwise(begins)]


def _holidays(day: date, kind: PeriodKind, calendar: Calendar) -> Period | None:
    begins = {first for first, _ in school_years(day, calendar)}
    for (_, last, _), (first, _, _) in pairwise(calendar.around(day)):
        if not last < day < first:
            continue
        found = PeriodKind.SUMMER if first in begins else PeriodKind.WINTER
        if kind not in (found, PeriodKind.HOLIDAY):
            return None
        start = last + timedelta(days=1)
        return _period(kind, f"{start:%Y}-{found}", start, first - timedelta(days=1))
    return None


def _day_of_year(year: int, rest: str, calendar: Calendar) -> date:
    """Return a day in a school year, one of its ends, or holidays, by what follows the year in its name."""
    if rest in (PeriodKind.SUMMER, PeriodKind.WINTER):
        kind = PeriodKind.from_word(rest)
        for month in range(1, 13):
            for day in (1, 15, 28):
                found = period_of(date(year, month, day), kind=kind, calendar=calendar)
                if found is not None and found.first.year == year:
                    return found.first
        raise ValueError("no such holidays")
    years = [span for span in school_years(date(year, 12, 31), calendar) if span[0].year == year]
    if not years:
        raise ValueError("no such school year")
    first, last = years[0]
    if not rest.endswith("-end"):
        return first
    return max(end for _, end, _ in calendar.around(last) if end <= last)


def _week(year: int, rest: str, _calendar: Calendar) -> date:
    return date.fromisocalendar(year, int(rest.removeprefix("W")), 1)


def _month(year: int, rest: str, _calendar: Calendar) -> date:
    return date(year, int(rest), 1)


def _half_year(year: int, rest: str, _calendar: Calendar) -> date:
    return date(year, 1 if rest == "H1" else 7, 1)


def _term(*, of: Callable[[date, date], date]) -> Callable[[int, str, Calendar], date]:
    def read(year: int, rest: str, calendar: Calendar) -> date:
        term = calendar.term_named(rest.partition("-")[0])
        if term is None:
            raise ValueError("no such term")
        return of(*term.beginning_in(year))

    return read


def _schoolday(year: int, rest: str, _calendar: Calendar) -> date:
    return date.fromisoformat(f"{year:04d}-{rest}")


_A_DAY_IN: dict[PeriodKind, Callable[[int, str, Calendar], date]] = {
    PeriodKind.WEEK: _week,
    PeriodKind.MONTH: _month,
    PeriodKind.HALF_YEAR: _half_year,
    PeriodKind.TERM: _term(of=lambda first, _last: first),
    PeriodKind.TERM_START: _term(of=lambda first, _last: first),
    PeriodKind.TERM_MID: _term(of=lambda first, _last: first + timedelta(days=PHASE_DAYS)),
    PeriodKind.TERM_END: _term(of=lambda _first, last: last),
    PeriodKind.SCHOOLDAY: _schoolday,
    **dict.fromkeys(OF_YEAR, _day_of_year),
}
