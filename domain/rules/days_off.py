"""Days off and festivals, from a kept library (ADR 63): those of the State, and those that go by the moon."""

from datetime import date, timedelta
from functools import cache

from domain.rules.words import Festival

_FIXED = {
    Festival.NEW_YEAR: (1, 1),
    Festival.WOMENS_DAY: (3, 8),
    Festival.LABOUR_DAY: (5, 1),
    Festival.CHILDRENS_DAY: (6, 1),
    Festival.TEACHERS_DAY: (9, 10),
    Festival.NATIONAL_DAY: (10, 1),
}
# By the name that the library gives the day; of several days of one name the first is meant.
_BY_MOON = {
    Festival.SPRING_FESTIVAL: "春节",
    Festival.QINGMING: "清明节",
    Festival.DRAGON_BOAT: "端午节",
    Festival.MID_AUTUMN: "中秋节",
}
_MONDAY_TO_FRIDAY = range(5)


def is_day_off(day: date) -> bool:
    """Return whether no school teaches on a day: it is a weekend, or a holiday of the State.

    Saturdays and Sundays on which others work for a holiday are off all the same.
    """
    return day.weekday() not in _MONDAY_TO_FRIDAY or day in _holidays(day.year)


@cache
def festival_in(festival: Festival, year: int) -> date | None:
    """Return the day of a festival in a year; None where the library doesn't tell it."""
    if (fixed := _FIXED.get(festival)) is not None:
        return date(year, *fixed)
    wanted = _BY_MOON[festival]
    days = (day for day, names in _named(year).items() if wanted in names)
    return min(days, default=None)


def eve_of(festival: Festival, year: int) -> date | None:
    """Return the day before a festival."""
    day = festival_in(festival, year)
    return None if day is None else day - timedelta(days=1)


def _holidays(year: int) -> frozenset[date]:
    return _all_of(year)


@cache
def _all_of(year: int) -> frozenset[date]:
    return frozenset(_named(year, observed=True))


@cache
def _named(year: int, *, observed: bool = False) -> dict[date, tuple[str, ...]]:
    # Only who asks about a day needs it: reading rules does not.
    from holidays import country_holidays

    found = country_holidays("CN", years=year, language="zh_CN", observed=observed)
    return {day: tuple(found.get_list(day)) for day in found if day.year == year}
