"""What was recorded, and by whom, the last first; the names of children are those of the present."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from application.visibility import Sensitivity
from domain.case_no import case_no_of
from domain.catalogue import event_types, submitted_types
from domain.refusal import Reason, Text
from domain.rules.clocks import clocks
from projections import timeline
from projections.runner import lag_of
from projections.timeline import Line
from reports import filters
from reports.people import children_of, name_in
from reports.reasons import BEHIND
from reports.report import ENROLLED, Asked, Column, Filter, Found, Kind, Report, Table, Topic

# A file of more lines is asked for in parts: by days, by type or by organisation.
MOST = 100_000
CUT_OFF = Reason(
    code="cut_off",
    zh=f"只列出最近登记的 {MOST} 条；请按日期、类型或机构分别查询",
    en=f"Only the last {MOST} entries are listed: ask by days, by type or by organisation.",
)
TYPE = Filter(
    name="type",
    kind=Kind.WORD,
    title=Text(zh="类型", en="Type"),
    text=Text(zh="仅此类型", en="only entries of this type"),
    words={name: event_types()[name].label for name in submitted_types()},
)
LATE = Filter(
    name="late",
    kind=Kind.FLAG,
    title=Text(zh="仅迟登", en="Only late"),
    text=Text(zh="仅迟登的", en="only what was written down late"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry, with the name of its child where the reader may know it by now."""

    line: Line
    name: str

    @property
    def child_id(self) -> UUID | None:
        """The child; None on any other stream."""
        return self.line.child_id if self.line.stream_kind is None else None

    @property
    def case_no(self) -> str | None:
        """The case number of the child."""
        return case_no_of(self.child_id) if self.child_id is not None else None


ENTRIES: Table[Row] = Table(
    columns=(
        Column(name="position", title=Text(zh="序号", en="No."), of=lambda x: x.line.position),
        Column(name="occurred_on", title=Text(zh="发生日期", en="Happened"), of=lambda x: x.line.occurred_on),
        Column(name="type", title=Text(zh="类型", en="Type"), of=lambda x: event_types()[x.line.type].label),
        Column(name="case_no", title=Text(zh="个案编号", en="Case no."), of=lambda x: x.case_no),
        Column(
            name="name",
            title=Text(zh="姓名", en="Name"),
            of=lambda x: x.name,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.line.org),
        Column(
            name="written_on", title=Text(zh="登记日期", en="Written down"), of=lambda x: x.line.written_on
        ),
        Column(name="late_days", title=Text(zh="迟登天数", en="Days late"), of=lambda x: x.line.late_days),
        Column(
            name="recorded_at", title=Text(zh="入库时间", en="Recorded at"), of=lambda x: x.line.recorded_at
        ),
        Column(
            name="actor",
            title=Text(zh="登记人", en="Recorded by"),
            of=lambda x: x.line.actor,
            sensitivity=Sensitivity.PERSONAL,
        ),
    ),
    child=lambda row: row.child_id,
)


def read(asked: Asked) -> Found:
    """List entries of an organisation, as it was when they were recorded."""
    system, most, entry_type = asked.system, min(asked.most, MOST), asked.word("type")
    lag = lag_of(system.database, system.log, "timeline")
    found = timeline.newest(
        system.database,
        org=asked.org,
        first=asked.day("from"),
        last=asked.day("to"),
        entry_types=(entry_type,) if entry_type else (),
        late=True if asked.flag("late") else None,
        limit=most + 1,
    )
    notes = [*([BEHIND] if lag else []), *([CUT_OFF] if len(found) > MOST else [])]
    return Found(
        tables=(ENTRIES.filled(_named(asked, found[:most])),),
        population=ENROLLED,
        clocks=clocks(now=system.now()),
        notes=tuple(notes) if found or notes else None,
        answer={"items": found[:most]},
    )


def _named(asked: Asked, lines: Sequence[Line]) -> list[Row]:
    children = children_of(asked, [line.child_id for line in lines if line.stream_kind is None])
    return [
        Row(line=line, name=name_in(children, line.child_id if line.stream_kind is None else None))
        for line in lines
    ]


REPORT = Report(
    name="timeline",
    title=Text(zh="登记流水", en="What was recorded"),
    text=Text(zh="登记流水，最近登记的在前", en="What was recorded, the last recorded first."),
    filters=(filters.ORG, filters.FROM, filters.TO, TYPE, LATE),
    tables=(ENTRIES,),
    read=read,
    topic=Topic.ENTRIES,
    order=70,
)
