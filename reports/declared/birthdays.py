"""Birthdays to come: who turns how old on which day, and whether that was celebrated last year."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from application.access import Action
from domain.days import birthday
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.columns import case_no, named, open_, org, personal
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic
from reports.sheets import Sheet, sheets

AHEAD = timedelta(days=7)
FROM = replace(
    filters.FROM,
    title=Text(zh="生日（起）", en="Birthday from"),
    text=Text(zh="该日或之后的生日，默认今天", en="birthdays on this day or later; else from today on"),
)
TO = replace(
    filters.TO,
    title=Text(zh="生日（止）", en="Birthday until"),
    text=Text(zh="该日或之前的生日，默认一周之内", en="birthdays until this day; else a week ahead"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """A birthday of a child; `last` is the day on which one was celebrated last."""

    sheet: Sheet
    day: date
    age: int
    last: date | None


DAYS: Table[Birthday] = Table(
    columns=(
        personal("day", "生日", "Birthday", lambda x: x.day),
        case_no(lambda x: x.sheet.child_id),
        named(lambda x: x.sheet.said("name")),
        personal("age", "周岁", "Turns", lambda x: x.age),
        open_("class", "年级班级", "Class", lambda x: x.sheet.unit),
        personal("helpers", "帮扶人", "Carers", lambda x: x.sheet.helper_names, lines=True),
        open_("celebrated_on", "上次庆生", "Celebrated last", lambda x: x.last),
        org(lambda x: x.sheet.school),
    ),
    child=lambda row: row.sheet.child_id,
)


def read(asked: Asked) -> Found:
    """List the birthdays of a span of days, by day: of a year at most."""
    at = clocks(now=asked.system.now())
    first = asked.day("from") or at.as_of
    last = min(asked.day("to") or first + AHEAD, first + timedelta(days=365))
    found = [each for sheet in sheets(asked, at) for each in _between(sheet, first, last)]
    found.sort(key=lambda x: (x.day, x.sheet.org, x.sheet.child_id))
    return Found(tables=(DAYS.filled(found),), population=IN_CARE, clocks=at, notes=())


def _between(sheet: Sheet, first: date, last: date) -> Iterator[Birthday]:
    born = sheet.child.born
    if born is None:
        return
    for year in sorted({first.year, last.year}):
        day = birthday(born, year - born.year)
        if born < day and first <= day <= last:
            said = sheet.last("birthday_celebrated")
            yield Birthday(sheet=sheet, day=day, age=year - born.year, last=said.day if said else None)


REPORT = Report(
    name="birthdays",
    title=Text(zh="近期生日", en="Birthdays to come"),
    text=Text(
        zh="一周之内或所问日期内过生日的儿童，满几周岁，帮扶人是谁",
        en="Children whose birthday is within a week, or the days asked about, and who their carers are.",
    ),
    filters=(filters.ORG, FROM, TO),
    tables=(DAYS,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=119,
)
