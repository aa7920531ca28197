"""Who recorded what in a whole school, and when it was known: read from the timeline."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, UnsetType

from api import query
from api.answer import (
    Answer,
    CaseNoIfAny,
    ChildName,
    EventId,
    Exactness,
    Moment,
    Org,
    Page,
    Version,
    personal,
    shown,
)
from api.operation import FROM, LATE, ORG, PAGE, TO, TYPE
from api.resource import Call, Resource
from application.access import Action
from domain.case_no import case_no_of
from domain.choices import Precision
from projections import timeline
from projections.runner import lag_of

RESOURCE = Resource(
    guide="concepts-read-models",
    tag="timeline",
    zh="登记流水",
    en="Who recorded what in an organisation, and of whom.",
)


class TimelineEntry(Answer, kw_only=True):
    """An entry as it was recorded."""

    event_id: EventId
    child_id: Annotated[UUID | None, shown("儿童编号", "Id of the child", "Null on any other stream.")]
    case_no: CaseNoIfAny
    child_name: ChildName
    stream_kind: Annotated[str | UnsetType, shown("档案类型", "Kind of stream")] = UNSET
    stream_id: Annotated[UUID | UnsetType, shown("档案编号", "Id of the stream")] = UNSET
    version: Version
    position: Annotated[int, shown("序位", "Position", "In the log.")]
    type: Annotated[str, shown("类型", "Type")]
    occurred_on: Annotated[date, shown("日期", "Day", "A Shanghai day.")]
    precision: Exactness
    written_on: Annotated[date | None, shown("书面登记日期", "Written on")]
    recorded_at: Annotated[Moment, shown("入库时间", "Recorded at")]
    org: Org
    actor: Annotated[str, personal("登记密钥", "Actor", "The name of the key.")]
    principal: Annotated[UUID | None, shown("主体编号", "Principal")]
    key: Annotated[str | None, shown("密钥编号", "Key")]
    channel: Annotated[str, shown("渠道", "Channel")]
    late_days: Annotated[int | None, shown("迟登天数", "Days late", "Null where it is not late.")]
    target: Annotated[UUID | None, shown("所涉事件", "Target", "What it corrects, voids or files.")]


class Timeline(Page[TimelineEntry]):
    """A page of entries, the last recorded first."""

    lag: Annotated[int, shown("滞后", "Lag", "How many positions this list is behind the log.")]


@RESOURCE.operation(
    "GET",
    "/v1/timeline",
    zh="读取登记流水",
    en="Read what was recorded in an organisation",
    answers={200: Timeline},
    params=(ORG, FROM, TO, TYPE, LATE, *PAGE),
)
def list_timeline(call: Call) -> Timeline:
    """List entries, the last recorded first, by the organisation that the child belonged to then.

    列出登记流水，最近登记的在前，按儿童当时所属机构筛选。
    """
    org, system = call.org(Action.REPORT), call.system
    lag = lag_of(system.database, system.log, "timeline")
    entry_type = call.asked(TYPE)
    page = call.page(
        lambda before, limit: timeline.newest(
            system.database,
            org=org,
            before=before,
            first=call.asked(FROM),
            last=call.asked(TO),
            entry_types=(entry_type,) if entry_type else (),
            late=call.asked(LATE),
            limit=limit,
        ),
        place=query.position,
        after=lambda line: (line.position,),
    )
    names = call.names_of([line.child_id for line in page.items if line.stream_kind is None])
    items = [_shown(line, names) for line in page.items]
    return Timeline(items=items, next=page.next, lag=lag, notes=call.notes_if_empty(items, org=org))


def _shown(line: timeline.Line, names: Mapping[UUID, str | None]) -> TimelineEntry:
    # Days are all that this list knows.
    exact = {"key": line.key_id, "precision": Precision.DAY}
    if line.stream_kind is None:
        whose = {"case_no": case_no_of(line.child_id), "child_name": names.get(line.child_id)}
        return TimelineEntry.of(line, **exact, **whose)
    stream = {
        "child_id": None,
        "child_name": None,
        "case_no": None,
        "stream_kind": line.stream_kind,
        "stream_id": line.child_id,
    }
    return TimelineEntry.of(line, **exact, **stream)
