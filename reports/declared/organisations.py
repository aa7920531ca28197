"""Organisations, and how many children are in care at and below each."""

from collections import Counter
from dataclasses import dataclass

from domain.days import local_day
from domain.org import ancestors
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.subtree import WITHIN, below
from reports import filters
from reports.columns import open_
from reports.report import IN_CARE, Asked, Column, Found, Report, Table, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An organisation: its pupils as they were counted last, the children in care there and below."""

    path: str
    pupils: int | None
    approximate: bool
    children: int


UNITS: Table[Unit] = Table(
    columns=(
        Column(name="org", title=Text(zh="机构路径", en="Organisation path"), of=lambda x: x.path),
        Column(name="pupils", title=Text(zh="学生", en="Pupils"), of=lambda x: x.pupils),
        open_("approximate", "约数", "At least so many", lambda x: x.approximate),
        Column(name="children", title=Text(zh="在册儿童", en="Children in care"), of=lambda x: x.children),
    ),
)


def read(asked: Asked) -> Found:
    """List the organisations at and below one."""
    at = clocks(now=asked.system.now())
    rows = asked.system.database.all(
        "SELECT org, count(*) AS children FROM child_status"  # noqa: S608  a constant
        " WHERE enrolled_on IS NOT NULL AND (care_ends_on IS NULL OR care_ends_on >= :today)"
        f" AND {WITHIN} GROUP BY org",
        today=local_day(asked.system.now()),
        **below(asked.org),
    )
    children: Counter[str] = Counter()
    for row in rows:
        for path in ancestors(row["org"]):
            children[path] += row["children"]
    units = asked.reports.units(asked.org)
    found = [
        Unit(
            path=unit.path,
            pupils=unit.pupils,
            approximate=unit.pupils_approximate,
            children=children[unit.path],
        )
        for unit in units
    ]
    return Found(tables=(UNITS.filled(found),), population=IN_CARE, clocks=at, notes=())


REPORT = Report(
    name="organisations",
    title=Text(zh="机构", en="Organisations"),
    text=Text(zh="机构、学生数与在册儿童", en="Organisations, their pupils and their children in care."),
    filters=(filters.ORG,),
    tables=(UNITS,),
    read=read,
    topic=Topic.ENTRIES,
    order=80,
)
