"""Days and moments as China counts them.

A day is the local calendar day in Asia/Shanghai. A moment is an aware datetime.
Where a day is given and a moment is meant, the end of that day is meant.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Of whatever happens to a child that is in care; what lies outside was mistyped.
PLAUSIBLE_YEARS = range(1990, 9999)


def local_day(moment: datetime, /) -> date:
    """Return the Shanghai calendar day of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def birthday(born: date, age: int, /) -> date:
    """Return the day on which somebody turns an age in years; 29 February gives way to 1 March."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def months_after(day: date, months: int, /) -> date:
    """Return the day so many whole months later; of a month that is too short, the first of the next."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return day.replace(year=year, month=month + 1)
    except ValueError:
        return date(year, month + 2, 1)


@lru_cache(maxsize=4096)
def start_of_day(day: date, /, *, hour: int = 0) -> datetime:
    """Return the UTC moment at which `hour` o'clock strikes in Shanghai on `day`."""
    return datetime.combine(day, time(hour), SHANGHAI).astimezone(UTC)


@lru_cache(maxsize=4096)
def end_of_day(day: date, /) -> datetime:
    """Return the last UTC microsecond of `day` in Shanghai."""
    return start_of_day(day + timedelta(days=1)) - timedelta(microseconds=1)
