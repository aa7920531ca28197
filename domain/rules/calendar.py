"""When a school's terms begin and end: data, and so far the same for every organisation."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

from domain.refusal import Fault, Invalid, Reason, Text
from domain.rules.strict import convert

PHASE_DAYS = 30

NOT_MONTH_DAY = Reason(
    code="not_month_day",
    zh="须写作 MM-DD，且不能是 02-29",
    en="Must be written MM-DD, and not 02-29.",
)
TERM_NAME = Reason(
    code="term_name", zh="学期名须由小写字母组成", en="The name of a term must be lower-case letters."
)
TERM_TOO_SHORT = Reason(
    code="term_too_short",
    zh="学期须长于期初与期末之和（60 天）",
    en="A term must be longer than 60 days.",
)
TERMS_OVERLAP = Reason(code="terms_overlap", zh="学期互相重叠", en="Two terms overlap.")
NO_TERMS = Reason(code="no_terms", zh="没有写明任何学期", en="No term is given.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term as it returns every year; `first` and `last` are MM-DD and both belong to it."""

    name: str
    title: Text
    first: str
    last: str

    def beginning_in(self, year: int) -> tuple[date, date]:
        """Return the first and last day of the term that begins in `year`."""
        return _day(year, self.first), _day(year + (self.last < self.first), self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The terms of a school year. What lies between them are holidays."""

    name: str
    terms: tuple[Term, ...]

    def term_on(self, day: date) -> tuple[int, Term] | None:
        """Find the term that holds `day` and the year in which it began; None in the holidays."""
        for year in (day.year, day.year - 1):
            for term in self.terms:
                first, last = term.beginning_in(year)
                if first <= day <= last:
                    return year, term
        return None

    def around(self, day: date) -> list[tuple[date, date, str]]:
        """Return the terms of the years around a day in order: their ends, and their names."""
        return _terms_around(self, day.year)

    def term_named(self, name: str) -> Term | None:
        """Find a term by its name."""
        return next((term for term in self.terms if term.name == name), None)


def calendar_from_data(data: Mapping[str, object]) -> Calendar:
    """Make a calendar of JSON or TOML values.

    Raises `Invalid` with the pointer of everything that is wrong with it.
    """
    calendar = convert(Calendar, data)
    faults = tuple(_faults(calendar)) or tuple(_overlaps(calendar))
    if faults:
        raise Invalid(*faults)
    return calendar


@cache
def default_calendar() -> Calendar:
    """Return the terms that hold where nobody has said otherwise."""
    text = files("domain.rules").joinpath("default_calendar.toml").read_text(encoding="utf-8")
    return calendar_from_data(tomllib.loads(text))


def _day(year: int, month_day: str) -> date:
    return date.fromisoformat(f"{year:04d}-{month_day}")


@lru_cache(maxsize=64)
def _terms_around(calendar: Calendar, year: int) -> list[tuple[date, date, str]]:
    return sorted(
        (*term.beginning_in(y), term.name) for y in range(year - 2, year + 3) for term in calendar.terms
    )


def _faults(calendar: Calendar) -> Iterator[Fault]:
    if not calendar.terms:
        yield Fault(reason=NO_TERMS, pointer="/terms")
    for i, term in enumerate(calendar.terms):
        if not re.fullmatch(r"[a-z]{1,20}", term.name):
            yield Fault(reason=TERM_NAME, pointer=f"/terms/{i}/name")
        for field in ("first", "last"):
            if not _is_month_day(getattr(term, field)):
                yield Fault(reason=NOT_MONTH_DAY, pointer=f"/terms/{i}/{field}")


def _is_month_day(word: str) -> bool:
    if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", word):
        return False
    try:
        _day(2001, word)
    except ValueError:
        return False
    return True


def _overlaps(calendar: Calendar) -> Iterator[Fault]:
    spans = sorted(
        (*term.beginning_in(year), i) for i, term in enumerate(calendar.terms) for year in (2001, 2002)
    )
    for first, last, i in spans[: len(calendar.terms)]:
        if last - first < timedelta(days=2 * PHASE_DAYS):
            yield Fault(reason=TERM_TOO_SHORT, pointer=f"/terms/{i}")
    for (_, last, _i), (first, _last, j) in pairwise(spans):
        if first <= last:
            yield Fault(reason=TERMS_OVERLAP, pointer=f"/terms/{j}")
