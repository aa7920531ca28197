"""Which entries may tell of one and the same: a visit that was recorded under two ids."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from application.access import Action
from application.readable import readable
from application.visibility import Sensitivity
from domain.case_no import case_no_of
from domain.catalogue import care_actions_by_type, event_types
from domain.child import Child, fold
from domain.ledger.fact import Fact
from domain.org import within
from domain.refusal import Text
from domain.repeats import repeats
from domain.rules.clocks import clocks
from projections import timeline
from projections.runner import lag_of
from reports import filters
from reports.reasons import BEHIND
from reports.report import ENROLLED, Asked, Column, Evidence, Found, Report, Table, Topic

_AT_ONCE = 200
NO_REPEATS = Text(zh="没有疑似重复登记的内容。", en="No two entries seem to tell of the same.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Two entries in the file of a child that may tell of the same, in the order in which they happened."""

    child: Child
    facts: tuple[Fact, Fact]

    @property
    def day(self) -> date:
        """The day of both."""
        return self.facts[0].day

    @property
    def type(self) -> str:
        """The type of both."""
        return self.facts[0].type

    @property
    def case_no(self) -> str:
        """The case number of the child."""
        return case_no_of(self.child.child_id)

    @property
    def name(self) -> str | None:
        """What the child is called."""
        return self.child.profile.name if self.child.profile else None


def _evidence(row: Repeat) -> tuple[Evidence, ...]:
    return tuple(Evidence(child_id=row.child.child_id, event_id=fact.event_id) for fact in row.facts)


REPEATS: Table[Repeat] = Table(
    columns=(
        Column(name="occurred_on", title=Text(zh="日期", en="Day"), of=lambda x: x.day),
        Column(
            name="type", title=Text(zh="类型", en="Type"), of=lambda x: event_types()[x.facts[0].type].label
        ),
        Column(
            name="case_no",
            title=Text(zh="个案编号", en="Case no."),
            of=lambda x: case_no_of(x.child.child_id),
        ),
        Column(
            name="name",
            title=Text(zh="姓名", en="Name"),
            of=lambda x: x.name,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.child.org),
        Column(
            name="recorded_by",
            title=Text(zh="登记人", en="Recorded by"),
            of=lambda x: tuple(fact.event.recorded_by for fact in x.facts),
            lines=True,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="event_ids", title=Text(zh="事件编号", en="Event ids"), of=_evidence, lines=True),
    ),
    child=lambda row: row.child.child_id,
)


def read(asked: Asked) -> Found:
    """List pairs of entries by child and day; both still stand."""
    system = asked.system
    lag = lag_of(system.database, system.log, "timeline")
    found = sorted(_found(asked), key=lambda x: (x.day, x.child.child_id), reverse=True)[: asked.most]
    return Found(
        tables=(REPEATS.filled(found, empty=NO_REPEATS),),
        population=ENROLLED,
        clocks=clocks(now=system.now()),
        notes=(BEHIND,) if lag else (),
        answer={"items": [_said(each) for each in found]},
    )


def _found(asked: Asked) -> Iterator[Repeat]:
    first, last = asked.day("from"), asked.day("to")
    ids = timeline.told_twice_a_day(
        asked.system.database, org=asked.org, entry_types=_recorded_types(), first=first, last=last
    )
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for child_id, events in readable(asked.system.log, some, unreadable=asked.reports.unreadable):
            child = fold(child_id, events)
            # What a merged file says twice, the kept one says as well.
            if not child.merged and within(child.org, asked.org) and within(child.org, asked.actor.org):
                yield from (
                    Repeat(child=child, facts=pair)
                    for pair in repeats(child)
                    if (first or date.min) <= pair[0].day <= (last or date.max)
                )


def _recorded_types() -> tuple[str, ...]:
    return tuple(name for name, action in care_actions_by_type().items() if action.record is not None)


def _said(row: Repeat) -> dict[str, object]:
    return {
        "child_id": row.child.child_id,
        "case_no": row.case_no,
        "name": row.name,
        "org": row.child.org,
        "type": row.type,
        "occurred_on": row.day,
        "event_ids": [fact.event_id for fact in row.facts],
    }


REPORT = Report(
    name="repeats",
    title=Text(zh="疑似重复登记", en="Entries that may tell of the same"),
    text=Text(
        zh="同一儿童、同一天、同类、同一人、内容相近的两条记录",
        en="Two entries of one child, day, type and carer with nearly the same content.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(REPEATS,),
    read=read,
    action=Action.READ,
    topic=Topic.ENTRIES,
    order=76,
)
