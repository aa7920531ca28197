"""How many children have a carer, and how many carers have a child: by school and by kind of pairing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from domain.org import school_of
from domain.refusal import Text
from domain.rules.clocks import clocks
from projections import pairings
from projections.pairings import OfKind
from projections.runner import lag_of
from reports import filters
from reports.columns import open_, org, percent
from reports.reasons import BEHIND
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic


@dataclass(slots=True, kw_only=True)
class Coverage:
    """The children in care of an organisation, those who have a grown-up carer; its carers, those who have
    a child."""

    org: str
    children: int = 0
    paired: int = 0
    carers: int = 0
    active: int = 0
    pairings: int = 0


_FIGURES = (
    open_("children", "在册儿童", "Children in care", lambda x: x.children),
    open_("paired", "已结对", "Paired", lambda x: x.paired),
    percent("paired_percent", "结对率", "Paired", lambda x: (x.paired, x.children)),
    open_("carers", "登记的帮扶人", "Carers registered", lambda x: x.carers),
    open_("active", "有结对的帮扶人", "Carers with a child", lambda x: x.active),
    percent("active_percent", "帮扶人参与率", "Carers with a child", lambda x: (x.active, x.carers)),
)
WHOLE: Table[Coverage] = Table(
    name="whole",
    title=Text(zh="合计", en="In all"),
    columns=(org(), *_FIGURES, open_("pairings", "结对（对）", "Pairings", lambda x: x.pairings)),
)
KINDS: Table[OfKind] = Table(
    name="kinds",
    title=Text(zh="按结对类型", en="By kind of pairing"),
    columns=(
        open_("kind", "结对类型", "Kind", lambda x: x.kind),
        open_("pairings", "结对（对）", "Pairings", lambda x: x.pairings),
        open_("children", "儿童", "Children", lambda x: x.children),
        open_("carers", "帮扶人", "Carers", lambda x: x.carers),
    ),
)
SCHOOLS: Table[Coverage] = Table(
    title=Text(zh="按学校", en="By school"),
    columns=(org(), *_FIGURES),
)


def read(asked: Asked) -> Found:
    """Count the pairings that run on a day. Classmates who help are pairings by kind, and cover nobody."""
    system = asked.system
    lag = lag_of(system.database, system.log, "pairings")
    at = clocks(now=system.now(), as_of=asked.day("on"))
    schools = sorted(_schools(asked, at.as_of), key=lambda x: x.org)
    kinds = pairings.by_kind(system.database, org=asked.org, day=at.as_of)
    whole = _sum(asked.org, schools)
    whole.pairings = sum(each.pairings for each in kinds)
    return Found(
        tables=(WHOLE.filled([whole]), KINDS.filled(kinds), SCHOOLS.filled(schools)),
        population=IN_CARE,
        clocks=at,
        notes=(BEHIND,) if lag else (),
    )


def _schools(asked: Asked, day: date) -> Iterator[Coverage]:
    found: dict[str, Coverage] = {}

    def of(path: str) -> Coverage:
        school = school_of(path)
        return found.setdefault(school, Coverage(org=school))

    for row in pairings.covered(asked.system.database, org=asked.org, day=day):
        sums = of(row.org)
        sums.children += row.children
        sums.paired += row.paired
    for path, (carers, active) in pairings.active_carers(
        asked.system.database, org=asked.org, day=day
    ).items():
        sums = of(path)
        sums.carers += carers
        sums.active += active
    yield from found.values()


def _sum(path: str, schools: Iterable[Coverage]) -> Coverage:
    whole = Coverage(org=path)
    for each in schools:
        whole.children += each.children
        whole.paired += each.paired
        whole.carers += each.carers
        whole.active += each.active
    return whole


REPORT = Report(
    name="pairing-coverage",
    title=Text(zh="结对覆盖", en="Pairing coverage"),
    text=Text(
        zh="有多少儿童结了对，有多少帮扶人带了儿童，按学校、按类型",
        en="How many children have a carer and how many carers a child, by school and by kind.",
    ),
    filters=(filters.ORG, filters.ON),
    tables=(WHOLE, KINDS, SCHOOLS),
    read=read,
    topic=Topic.CARERS,
    order=110,
)
