"""What was recorded since, for systems downstream: CloudEvents in the order of the log, with a long wait."""

import base64
import binascii
import hashlib
import time
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import falcon
import orjson
from msgspec import UNSET, UnsetType

from api import formats, query
from api.answer import Answer, Exactness, Moment, Org, Version, encoded, personal, shown
from api.details_schemas import cloud_event_type, schema_version
from api.operation import LIMIT, whole, words_of
from api.resource import Call, Resource
from application.access import Actor, Role
from application.reports.change import Change
from application.reports.changes import BEGINNING, Changes, Cursor
from domain.catalogue import details_by_type
from domain.refusal import invalid

RESOURCE = Resource(
    guide="api#following-changes",
    tag="changes",
    zh="变更订阅",
    en="What was recorded since, for systems downstream.",
)
SOURCE = "/careledger"
CLOUDEVENTS = "application/cloudevents-batch+json"
LONGEST_WAIT = 30
PAUSE_SECONDS = 0.5
SINCE = words_of(
    "since", "Where the answer before ended: its `next`. Without it, from the beginning.", longest=200
)
WAIT = whole(
    "wait",
    "For how many seconds to wait where there is nothing new. At busy times the answer comes at once.",
    most=LONGEST_WAIT,
)


class ChangeData(Answer):
    """What an event says, as the key may see it."""

    stream_id: Annotated[UUID, shown("档案编号", "Id of the stream", "Of a child its id.")]
    version: Version
    position: Annotated[int, shown("序位", "Position", "In the log.")]
    occurred_on: Annotated[date, shown("日期", "Day", "A Shanghai day.")]
    occurred_at: Annotated[Moment | None, shown("时间", "Moment", "Null where only the day is known.")]
    precision: Exactness
    written_on: Annotated[date | None, shown("书面登记日期", "Written on")]
    recorded_by: Annotated[str | None, personal("登记人", "Recorded by")]
    late_reason: Annotated[str | None, personal("迟登原因", "Why late")]
    actor: Annotated[str, personal("登记密钥", "Actor", "The name of the key.")]
    principal: Annotated[UUID | None, shown("主体编号", "Principal")]
    key: Annotated[str | None, shown("密钥编号", "Key")]
    channel: Annotated[str, shown("渠道", "Channel")]
    org: Org
    details: Annotated[dict[str, Any], personal("内容字段", "Details", "By the type; see /v1/event-types.")]
    erased: Annotated[bool, shown("已删除", "Erased")]
    # What is withheld of an event as a whole is said under a name of its own.
    withheld: Annotated[bool, shown("未提供", "Withheld", "The details are not told to this key.")]
    noted_at: Annotated[Moment | None, shown("记下时间", "Noted at")]
    unreadable: Annotated[str | None, shown("无法读取", "Unreadable", "Why it can't be read, as a code.")]


class CloudEvent(Answer, kw_only=True):
    """An event as CloudEvents 1.0 has it."""

    specversion: Annotated[str, shown("规范版本", "Spec version", "1.0.")]
    id: Annotated[UUID, shown("事件编号", "Id", "Of the event.")]
    source: Annotated[str, shown("来源", "Source", "/careledger.")]
    type: Annotated[str, shown("类型", "Type", "Such as careledger.home_visit_made.v1.")]
    subject: Annotated[UUID, shown("主体", "Subject", "The child, or another stream.")]
    time: Annotated[Moment | None, shown("入库时间", "Time", "When it was recorded.")]
    datacontenttype: Annotated[str, shown("数据格式", "Data content type", "application/json.")]
    dataschema: Annotated[str, shown("数据结构", "Data schema")]
    data: Annotated[ChangeData, shown("数据", "Data")]
    streamkind: Annotated[str | UnsetType, shown("档案类型", "Kind of stream", "Missing of a child.")] = UNSET


class CloudEventPage(Answer):
    """Events after a cursor, oldest first."""

    items: Annotated[list[CloudEvent], shown("条目", "Items")]
    next: Annotated[str, shown("下一次", "Next", "The `since` of the next request.")]


@RESOURCE.operation(
    "GET",
    "/v1/changes",
    zh="订阅变更",
    en="Follow what is recorded",
    answers={200: CloudEventPage},
    also={CLOUDEVENTS: list[CloudEvent], formats.NDJSON: CloudEvent},
    params=(SINCE, WAIT, LIMIT),
    uses=(Changes.after,),
    codes=(query.BAD_CURSOR.code,),
    tells_next=True,
)
def list_changes(call: Call) -> None:
    """Answer with events after a cursor, oldest first, by the organisation of the child at that time.

    410 `log_replaced` where the log is not the one any more in which the cursor was given.

    An answer may be empty and its `next` go on all the same. It lies beside the `items`, and in the Link
    header as `rel="next"`, where formats without a frame have it alone.

    返回游标之后的事件，最早的在前，按儿童当时所属机构筛选。
    游标所属的日志已被替换时返回 410 log_replaced。结果可能为空而 next 仍然前移；
    next 在 items 旁列出，也在 Link 响应头中（rel="next"）；没有外框的格式只在响应头中。
    """
    req, resp, actor = call.req, call.resp, call.actor
    media = formats.chosen(req, formats.JSON, CLOUDEVENTS, formats.NDJSON)
    limit, wait = call.asked(LIMIT), call.asked(WAIT) or 0
    found, reached = _awaited(call, _asked(req, actor), limit=limit or query.DEFAULT_PAGE, wait=wait)
    following = _cursor(reached, actor)
    events = [cloud_event(change) for change in found]
    resp.append_header("Link", f'<{req.path}?since={following}>; rel="next"')
    if media == formats.NDJSON:
        call.lines(events)
        return
    resp.content_type = media
    resp.append_header("Vary", "Accept")
    body: object = CloudEventPage(items=events, next=following) if media == formats.JSON else events
    resp.data = encoded(body, principal=actor)


def _awaited(call: Call, cursor: Cursor, *, limit: int, wait: int) -> tuple[Sequence[Change], Cursor]:
    changes, until = call.system.changes, time.monotonic() + wait
    found, cursor = changes.after(cursor, actor=call.actor, limit=limit)
    if found or not wait:
        return found, cursor
    with call.context.waiters.taken() as free:
        while free and not found and (left := until - time.monotonic()) > 0:
            time.sleep(min(PAUSE_SECONDS, left))
            found, cursor = changes.after(cursor, actor=call.actor, limit=limit)
    return found, cursor


def cloud_event(change: Change) -> CloudEvent:
    """Write an event as CloudEvents 1.0 has it."""
    details = details_by_type().get(change.type)
    return CloudEvent(
        specversion="1.0",
        id=change.event_id,
        source=SOURCE,
        type=cloud_event_type(change.type, details),
        subject=change.child_id,
        time=change.recorded_at,
        datacontenttype="application/json",
        dataschema=f"urn:careledger:event:{change.type}:{schema_version(details)}",
        data=ChangeData.of(change),
        streamkind=change.stream_kind or UNSET,
    )


def _cursor(cursor: Cursor, actor: Actor) -> str:
    known = [cursor.incarnation and cursor.incarnation.hex, cursor.passed and cursor.passed.hex()]
    parts = orjson.dumps([_reach(actor), cursor.position, *known])
    return base64.urlsafe_b64encode(parts).decode("ascii").rstrip("=")


def _asked(req: falcon.Request, actor: Actor) -> Cursor:
    text = req.get_param("since")
    if text is None:
        return BEGINNING
    try:
        reach, position, *known = orjson.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
        incarnation, passed = known or (None, None)
        cursor = Cursor(
            position=position,
            incarnation=UUID(incarnation) if incarnation else None,
            passed=bytes.fromhex(passed) if passed else None,
        )
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise invalid(query.BAD_CURSOR, "/since") from None
    reaches = {_reach(actor)} if known else _reaches_before(actor)
    if reach not in reaches or type(position) is not int or not 0 <= position < 2**63:
        raise invalid(query.BAD_CURSOR, "/since")
    return cursor


def _reach(actor: Actor) -> str:
    """Tell reaches apart: what another may not see was passed over on the way to its cursor."""
    return _short(actor.org)


def _reaches_before(actor: Actor) -> set[str]:
    """What version 0.1 wrote in its place, by role: a role decides what is shown, not what is passed over."""
    return {_short(repr((actor.org, role.value))) for role in Role}


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
