"""Carers, and how many children each looks after today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from application.access import Action
from application.visibility import Sensitivity
from domain.choices import CarerKind
from domain.days import local_day
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.carers.carer import Carer, CarerRegistered
from reports import filters
from reports.report import IN_CARE, Asked, Column, Found, Report, Table, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A carer, and for how many children it is there today, by kind."""

    carer: Carer
    said: CarerRegistered
    children: Mapping[CarerKind, int]

    @property
    def kinds(self) -> tuple[CarerKind, ...]:
        """What it is to those children."""
        return tuple(self.children)


CARERS: Table[Known] = Table(
    columns=(
        Column(
            name="name",
            title=Text(zh="姓名", en="Name"),
            of=lambda x: x.said.name,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(
            name="staff_no",
            title=Text(zh="工号", en="Staff no."),
            of=lambda x: x.said.staff_no,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(
            name="phone",
            title=Text(zh="电话", en="Telephone"),
            of=lambda x: x.said.phone,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(
            name="children_today",
            title=Text(zh="今日结对人数", en="Children today"),
            of=lambda x: sum(x.children.values()),
        ),
        Column(name="kinds", title=Text(zh="结对类型", en="Kinds"), of=lambda x: x.kinds),
        Column(
            name="capacity", title=Text(zh="最多结对人数", en="Most at once"), of=lambda x: x.said.capacity
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.carer.org),
        Column(name="carer_id", title=Text(zh="帮扶人编号", en="Carer id"), of=lambda x: x.carer.carer_id),
    ),
)


def read(asked: Asked) -> Found:
    """List the carers of an organisation by organisation and name."""
    system = asked.system
    ids = system.carers.ids(actor=asked.actor, org=asked.org or asked.actor.org, limit=asked.most)
    carers = system.carers.load_many(ids, unreadable=asked.reports.unreadable)
    today = local_day(system.now())
    known = [_known(carer, said, today=today) for carer in carers if (said := carer.registered)]
    known.sort(key=lambda each: (each.carer.org, each.said.name, each.carer.carer_id))
    return Found(
        tables=(CARERS.filled(known),), population=IN_CARE, clocks=clocks(now=system.now()), notes=()
    )


def _known(carer: Carer, said: CarerRegistered, *, today: date) -> Known:
    loads: dict[CarerKind, int] = {kind: carer.load(today, kind=kind) for kind in CarerKind}
    return Known(carer=carer, said=said, children={kind: load for kind, load in loads.items() if load})


REPORT = Report(
    name="carers",
    title=Text(zh="帮扶人", en="Carers"),
    text=Text(zh="帮扶人及其今日结对人数", en="Carers, and how many children each looks after today."),
    filters=(filters.ORG,),
    tables=(CARERS,),
    read=read,
    action=Action.READ,
    topic=Topic.CARERS,
    order=60,
)
