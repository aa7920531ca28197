"""The folder of an inspection: a sheet for each child that was drawn, with what its file shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from application.access import Action
from domain.choices import Parent
from domain.refusal import Reason, Text
from domain.rules.clocks import Clocks, clocks
from domain.streams.inspections.inspection import Finding, Inspection
from domain.streams.inspections.kind import KIND
from domain.streams.inspections.visited import InspectionVisitMade
from reports import filters
from reports.columns import case_no, named, open_, org, personal
from reports.report import IN_CARE, Asked, Evidence, Filter, Found, Kind, Report, Table, Topic
from reports.sheets import Sheet, groups, missing, sheets
from reports.streams import streams_of

INSPECTION = Filter(
    name="inspection",
    kind=Kind.WORD,
    title=Text(zh="检查编号", en="Inspection id"),
    text=Text(zh="检查编号，默认最近一次抽了样的检查", en="its id; else the last one that drew a sample"),
)
NOTHING_DRAWN = Reason(
    code="nothing_drawn",
    zh="没有抽过样的检查；请先登记检查并抽样",
    en="No inspection has drawn a sample: record one and draw it first.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A child that was drawn, and what the inspectors found at its home."""

    sheet: Sheet
    visit: InspectionVisitMade | None

    @property
    def child_id(self) -> UUID:
        """The id of the child."""
        return self.sheet.child_id

    def entries(self, type_: str) -> tuple[Evidence, ...]:
        """Return the entries of a type that have their record, the latest first."""
        found = [fact for fact, _ in self.sheet.child.of(type_) if fact.has_record]
        return tuple(
            Evidence(child_id=self.child_id, event_id=fact.event_id, day=fact.day) for fact in reversed(found)
        )

    @property
    def checked(self) -> tuple[object, ...]:
        """What asking by telephone found of visits that were recorded."""
        return tuple(said.result for _, said in self.sheet.child.of("visit_verified"))


FINDINGS: Table[Finding] = Table(
    name="findings",
    title=Text(zh="检查问题", en="Findings"),
    columns=(
        open_("about", "所在方面", "About", lambda x: x.about),
        open_("found_on", "发现日期", "Found on", lambda x: x.found_on),
        open_("due", "整改期限", "Due", lambda x: x.due),
        open_("repaired_on", "整改日期", "Put right on", lambda x: x.repaired_on),
        open_("closed_on", "销号日期", "Closed on", lambda x: x.closed_on),
        open_("late", "超期", "Late", lambda x: x.late),
    ),
)
SHEETS: Table[Drawn] = Table(
    title=Text(zh="抽中儿童", en="Children who were drawn"),
    columns=(
        case_no(),
        named(lambda x: x.sheet.said("name")),
        open_("class", "年级班级", "Class", lambda x: x.sheet.unit),
        personal("address", "家庭住址", "Address", lambda x: x.sheet.said("address")),
        open_("away", "父母外出", "Parents away", lambda x: x.sheet.away),
        personal("carer", "照料人", "Who cares at home", lambda x: getattr(x.sheet.at_home, "name", None)),
        personal("phones", "家庭电话", "Telephones", lambda x: _phones(x.sheet)),
        personal("helpers", "帮扶人", "Carers", lambda x: x.sheet.helper_names, lines=True),
        open_(
            "visits", "家访（有记录）", "Home visits with a record", lambda x: x.entries("home_visit_made")
        ),
        open_("calls", "通话（有记录）", "Calls with a record", lambda x: x.entries("call_made")),
        open_("talks", "谈心（有记录）", "Talks with a record", lambda x: x.entries("talk_held")),
        open_("days_silent", "失联天数", "Days silent", lambda x: x.sheet.child.days_silent(x.sheet.day)),
        open_(
            "days_child_unseen",
            "未见面天数",
            "Days unseen",
            lambda x: x.sheet.child.days_child_unseen(x.sheet.day),
        ),
        open_("missing", "档案缺项", "Missing in the file", lambda x: missing(groups(x.sheet)), lines=True),
        open_("checked", "电话核实", "Checked by telephone", lambda x: x.checked),
        open_("outcome", "检查走访", "Visit by inspectors", lambda x: x.visit.outcome if x.visit else None),
        open_("agrees", "与档案相符", "File agrees", lambda x: x.visit.file_agrees if x.visit else None),
        org(lambda x: x.sheet.school),
    ),
    child=lambda row: row.child_id,
    cards=True,
    signed=(
        Text(zh="检查人员：", en="Inspectors:"),
        Text(zh="学校负责人：", en="Head of the school:"),
        Text(zh="日期：", en="Day:"),
    ),
)


def read(asked: Asked) -> Found:
    """Make the folder of the inspection that was asked for, or of the last one."""
    at = clocks(now=asked.system.now())
    inspection = _inspection(asked)
    if inspection is None:
        return Found(
            tables=(FINDINGS.filled([]), SHEETS.filled([])),
            population=IN_CARE,
            clocks=at,
            notes=(NOTHING_DRAWN,),
        )
    return Found(
        title=Text(zh=inspection.opened.title, en=inspection.opened.title) if inspection.opened else None,
        tables=(FINDINGS.filled(inspection.findings), SHEETS.filled(list(_drawn(asked, inspection, at)))),
        population=IN_CARE,
        clocks=at,
        notes=(),
    )


def _inspection(asked: Asked) -> Inspection | None:
    wanted = asked.word("inspection")
    found = [
        (max((fact.day for fact in inspection.facts), default=None), inspection)
        for _, inspection in streams_of(asked, KIND)
        if inspection.drawn and wanted in (None, str(inspection.stream_id))
    ]
    return max(found, key=lambda pair: (pair[0], pair[1].stream_id))[1] if found else None


def _drawn(asked: Asked, inspection: Inspection, at: Clocks) -> Iterator[Drawn]:
    visits = {said.child: said for _, said in inspection.of(InspectionVisitMade)}
    ids = dict.fromkeys(child for some in inspection.drawn.values() for child in some)
    for sheet in sheets(asked, at, ids=list(ids)):
        yield Drawn(sheet=sheet, visit=visits.get(sheet.child_id))


def _phones(sheet: Sheet) -> tuple[str, ...]:
    said = (sheet.at_home, *(sheet.parent(which) for which in Parent))
    return tuple(dict.fromkeys(phone for each in said if (phone := getattr(each, "phone", None))))


REPORT = Report(
    name="inspection-folder",
    title=Text(zh="检查材料", en="Inspection folder"),
    text=Text(
        zh="抽中的每名儿童一页：档案所示、缺项、电话核实与走访结果",
        en="A sheet for each child that was drawn: what its file shows and lacks, and what visits found.",
    ),
    filters=(filters.ORG, INSPECTION),
    tables=(FINDINGS, SHEETS),
    read=read,
    action=Action.READ,
    topic=Topic.WORK,
    order=134,
)
