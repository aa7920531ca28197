"""Mandatory reports: how far each is, and about which of them nobody called within the hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from application.access import Action
from domain.fields import Choice
from domain.ledger.fact import Fact
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.incidents.incident import Incident, Stage
from domain.streams.incidents.kind import KIND
from domain.streams.incidents.reported import IncidentReported
from reports import filters
from reports.columns import open_, org
from reports.filters import between
from reports.report import ENROLLED, Asked, Filter, Found, Kind, Report, Table, Topic
from reports.streams import streams_of

# The law says: at once.
HOURS_TO_CALL = 1
HOURS = Filter(
    name="hours",
    kind=Kind.WHOLE,
    least=1,
    title=Text(zh="时限（小时）", en="Hours to call within"),
    text=Text(zh="发现后几小时内应打电话，默认1", en="within how many hours somebody must call; else 1"),
)


class Told(Choice):
    """Whether the authorities were called in time."""

    IN_TIME = "in_time", "已及时报告", "called in time"
    LATE = "late", "报告超时", "called late"
    UNTIMED = "untimed", "已报告，时刻不详", "called, nobody knows after how long"
    NOBODY = "nobody", "超时无人报告", "nobody has called within the hours"
    STILL = "still", "尚在时限内", "nobody has called yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An incident, the entry that it was found by, and whether it was told in time."""

    org: str
    found: Fact
    said: IncidentReported
    incident: Incident
    told: Told

    @property
    def first_call(self) -> int | None:
        """After how many minutes somebody called first, as far as that is known."""
        return min((each.minutes for each in self.incident.calls if each.minutes is not None), default=None)


INCIDENTS: Table[Line] = Table(
    columns=(
        open_("day", "发现日期", "Found on", lambda x: x.found.day),
        open_("found_at", "发现时刻", "Found at", lambda x: x.found.occurred.at),
        open_("situations", "情形", "Situations", lambda x: x.said.situations, lines=True),
        open_("children", "儿童（人）", "Children", lambda x: len(x.incident.children)),
        open_("told", "报告情况", "Told", lambda x: x.told),
        open_("minutes", "首次报告（分钟）", "First call after (minutes)", lambda x: x.first_call),
        open_("calls", "报告（次）", "Calls", lambda x: len(x.incident.calls)),
        open_("stage", "阶段", "Stage", lambda x: x.incident.stage),
        org(),
        open_("incident_id", "事件编号", "Incident id", lambda x: x.incident.stream_id),
    ),
)


def read(asked: Asked) -> Found:
    """List the incidents that the reader may know of: those about which nobody called first."""
    now, hours = asked.system.now(), timedelta(hours=asked.whole("hours") or HOURS_TO_CALL)
    lines = [
        Line(org=where, found=fact, said=said, incident=each, told=told(each, fact, now=now, within=hours))
        for where, each in streams_of(asked, KIND)
        for fact, said in each.of(IncidentReported)
        if between(asked, fact.day)
    ]
    lines.sort(key=lambda x: (x.told is not Told.NOBODY, x.found.day, x.incident.stream_id))
    return Found(tables=(INCIDENTS.filled(lines),), population=ENROLLED, clocks=clocks(now=now), notes=())


def told(incident: Incident, found: Fact, *, now: datetime, within: timedelta) -> Told:
    """Return whether the authorities were called in time; the moment of a call counts, not its entry.

    Of what was found on a day, nobody knows when, the hours run from the end of that day.
    """
    if not incident.calls:
        over = incident.stage is Stage.CLOSED or now - found.occurred.instant > within
        return Told.NOBODY if over else Told.STILL
    minutes = [each.minutes for each in incident.calls if each.minutes is not None]
    if not minutes:
        return Told.UNTIMED
    return Told.IN_TIME if timedelta(minutes=min(minutes)) <= within else Told.LATE


REPORT = Report(
    name="incidents",
    title=Text(zh="强制报告", en="Mandatory reports"),
    text=Text(
        zh="每起侵害情形到了哪一步，发现后时限内有没有人报告",
        en="How far each mandatory report is, and whether somebody called within the hours.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO, HOURS),
    tables=(INCIDENTS,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=65,
)
