"""How many children are left behind under one definition, at and below each organisation."""

from dataclasses import dataclass

from application.reports.reporting import Classes
from domain.choices import Line
from domain.left_behind import DEFINITION, LeftBehindClass
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.report import IN_CARE, Asked, Column, Found, Report, Table, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class OfUnit:
    """How many children of an organisation count as what."""

    path: str
    definition: str
    classes: Classes


UNITS: Table[OfUnit] = Table(
    columns=(
        Column(name="org", title=Text(zh="机构路径", en="Organisation path"), of=lambda x: x.path),
        Column(name="definition", title=Text(zh="口径", en="Definition"), of=lambda x: x.definition),
        Column(name="children", title=Text(zh="在册", en="In care"), of=lambda x: x.classes.total()),
        Column(
            name="left_behind",
            title=Text(zh="留守儿童", en="Left behind"),
            of=lambda x: x.classes[LeftBehindClass.BOTH] + x.classes[LeftBehindClass.ONE],
        ),
        Column(
            name="both",
            title=Text(zh="纯留守", en="Both parents away"),
            of=lambda x: x.classes[LeftBehindClass.BOTH],
        ),
        Column(
            name="one",
            title=Text(zh="单留守", en="One parent away"),
            of=lambda x: x.classes[LeftBehindClass.ONE],
        ),
        Column(name="not", title=Text(zh="非留守", en="Not"), of=lambda x: x.classes[LeftBehindClass.NOT]),
        Column(
            name="unknown",
            title=Text(zh="不明", en="Unknown"),
            of=lambda x: x.classes[LeftBehindClass.UNKNOWN],
        ),
    ),
)


def read(asked: Asked) -> Found:
    """Sum up who counts as what: every figure is that of the organisations below it, added up."""
    definition, on = asked.word("definition") or DEFINITION, asked.day("on")
    found = asked.reports.left_behind(
        asked.org, definition=definition, on=on, line=Line.from_word(asked.word("line") or Line.SCHOOL)
    )
    paths = [unit.path for unit in asked.reports.units(asked.org)]
    rows = [OfUnit(path=path, definition=definition, classes=found.get(path, Classes())) for path in paths]
    return Found(
        tables=(UNITS.filled(rows),),
        population=IN_CARE,
        clocks=clocks(now=asked.system.now(), as_of=on),
        notes=(),
    )


REPORT = Report(
    name="left-behind",
    title=Text(zh="留守儿童统计", en="Children left behind"),
    text=Text(
        zh="各机构按同一口径统计的留守儿童，不明的单列",
        en="Children left behind by organisation under one definition, and of whom it is unknown.",
    ),
    filters=(filters.DEFINITION, filters.LINE, filters.ON, filters.ORG),
    tables=(UNITS,),
    read=read,
    topic=Topic.CHILDREN,
    order=62,
)
