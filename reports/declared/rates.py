"""Filing, enrolment and retention: the numerator, the denominator, and who is missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from application.access import Action
from domain.fields import Choice
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.columns import case_no, named, open_, org, percent, personal
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic
from reports.sheets import Sheet, groups, missing, sheets

COMPULSORY = range(6, 15)
NOBODY_MISSING = Text(zh="没有缺漏的儿童。", en="Nobody is missing.")
# What keeps a child that should learn out of school.
_OUT = ("not_yet", "dropped_out", "not_back")


class Rate(Choice):
    """A share that offices ask for."""

    FILING = "filing", "建档率（三知齐全）", "filing: files that say what they must"
    ENROLMENT = "enrolment", "入学率（6至14周岁）", "enrolment: children of 6 to 14 who go to school"
    RETENTION = (
        "retention",
        "巩固率（学年初在读者仍在读）",
        "retention: who attended in September and still does",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A child that one of the rates lacks, and why."""

    rate: Rate
    sheet: Sheet
    why: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A rate with its figures."""

    rate: Rate
    whole: int
    missing: tuple[Missing, ...]

    @property
    def part(self) -> int:
        """For how many it holds."""
        return self.whole - len(self.missing)


RATES: Table[Share] = Table(
    name="rates",
    title=Text(zh="比率", en="Rates"),
    columns=(
        open_("rate", "项目", "Rate", lambda x: x.rate),
        open_("numerator", "分子", "Numerator", lambda x: x.part),
        open_("denominator", "分母", "Denominator", lambda x: x.whole),
        percent("percent", "比率", "Rate", lambda x: (x.part, x.whole)),
    ),
)
NAMES: Table[Missing] = Table(
    title=Text(zh="缺漏名单", en="Who is missing"),
    columns=(
        case_no(lambda x: x.sheet.child_id),
        open_("rate", "项目", "Rate", lambda x: x.rate),
        named(lambda x: x.sheet.said("name")),
        personal("why", "原因", "Why", lambda x: x.why, lines=True),
        org(lambda x: x.sheet.org),
    ),
    child=lambda row: row.sheet.child_id,
)


def read(asked: Asked) -> Found:
    """Work out the rates of an organisation on a day, for want of it today."""
    at = clocks(now=asked.system.now(), as_of=asked.day("on"))
    found = sheets(asked, at)
    shares = [
        _share(Rate.FILING, found, lambda sheet: missing(groups(sheet))),
        _share(Rate.ENROLMENT, [x for x in found if x.age in COMPULSORY], _not_at_school),
        _share(Rate.RETENTION, [x for x in found if _attended(x, _september(at.as_of))], _not_at_school),
    ]
    return Found(
        tables=(
            RATES.filled(shares),
            NAMES.filled([each for share in shares for each in share.missing], empty=NOBODY_MISSING),
        ),
        population=IN_CARE,
        clocks=at,
        notes=() if found else None,
    )


def _share(rate: Rate, of: Sequence[Sheet], why: Callable[[Sheet], tuple[object, ...]]) -> Share:
    found = ((sheet, why(sheet)) for sheet in of)
    lacking = tuple(Missing(rate=rate, sheet=sheet, why=said) for sheet, said in found if said)
    return Share(rate=rate, whole=len(of), missing=lacking)


def _statuses(sheet: Sheet) -> Iterator[tuple[date, Choice]]:
    for fact, said in sheet.child.of("school_status_changed"):
        yield fact.day, said.status


def _not_at_school(sheet: Sheet) -> tuple[object, ...]:
    """Say why a child is not at school; nothing where it is, or nobody said that it isn't."""
    last = [status for _, status in _statuses(sheet)][-1:]
    return tuple(status for status in last if status.value in _OUT)


def _attended(sheet: Sheet, day: date) -> bool:
    """Return whether a child was in care on a day, and nobody had said that it was out of school."""
    before = [status.value for when, status in _statuses(sheet) if when <= day]
    return sheet.child.in_care(day) and not (before and before[-1] in _OUT)


def _september(day: date) -> date:
    """Return the first day of the school year that a day lies in."""
    return date(day.year if day.month >= 9 else day.year - 1, 9, 1)


REPORT = Report(
    name="rates",
    title=Text(zh="建档率、入学率、巩固率", en="Filing, enrolment and retention"),
    text=Text(
        zh="建档、入学、巩固三率，附分子、分母与缺漏名单",
        en="Three rates with their numerators and denominators, and the names of who is missing.",
    ),
    filters=(filters.ORG, filters.ON),
    tables=(RATES, NAMES),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=120,
)
