"""The streams of every kind that is served: opened, recorded on, read and listed by one set of operations.

All of it follows from the declaration of the kind in `domain/streams/`: paths, schemas, answers, examples.
"""

from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec

from api import formats, query
from api.answer import Answer, Clocks, Org, Page, Version, personal, shown
from api.error_catalogue import codes_of_kind
from api.evidence import declare_evidence
from api.histories import HISTORY_PARAMS, Entry, HistoryPage, answer_history
from api.operation import CARE, CHANNEL, CLOCKS, IF_MATCH, IF_NEW, IF_STILL, ORG, PAGE
from api.reading import read_stream
from api.recording import Quarantined, StreamId, StreamKindName, StreamRecorded, stream_named, submit_one
from api.resource import Answered, Call, Resource
from api.stream_files import declare_files
from api.submissions import opening, opening_schema, stream_event, stream_event_name
from application.access import Action
from application.intake.submission import Submissions
from domain.catalogue import served_kinds
from domain.ledger.facts import views_of
from domain.ledger.kind import StreamKind

_READING = ("unknown_stream",)
_WRITING = (*_READING, CARE, "already_open", "bad_org_path", "opening_stands", "not_voidable", "when")


class StreamLine(Answer):
    """A stream in a list."""

    stream_kind: StreamKindName
    stream_id: StreamId
    org: Org
    version: Version
    opened_on: Annotated[date, shown("开始日", "Opened on")]


class StreamList(Page[StreamLine]):
    """A page of streams of one kind, by id."""


class Stream(Answer):
    """The state of a stream under two clocks."""

    stream_kind: StreamKindName
    stream_id: StreamId
    version: Version
    org: Annotated[Org | None, shown("机构", "Organisation")]
    state: Annotated[dict[str, Any], personal("状态", "State", "The views of its kind, by name.")]
    clocks: Annotated[Clocks, shown("时点", "Clocks", "What the answer goes by.")]


class StreamHistory(HistoryPage, kw_only=True):
    """A page of the history of a stream, in order of time."""

    ORDER = (
        "stream_kind",
        "stream_id",
    )

    stream_kind: StreamKindName
    stream_id: StreamId


def _declared(kind: StreamKind[Any]) -> Resource:
    """Declare the operations of a kind; its name is part of theirs."""
    resource = Resource(tag=kind.plural, zh=kind.label.zh, en=f"{kind.label.en}.")
    parts = (_declare_list, _declare_state, _declare_history, _declare_opening, _declare_recording)
    for declare in (*parts, declare_files, declare_evidence):
        declare(resource, kind)
    return resource


def _declare_list(resource: Resource, kind: StreamKind[Any]) -> None:
    @resource.operation(
        "GET",
        f"/v1/{kind.plural}",
        name=f"list_{kind.plural}",
        zh=f"列出{kind.label.zh}",
        en=f"List by organisation: {kind.label.en}",
        answers={200: StreamList},
        params=(ORG, *PAGE),
    )
    def list_streams(call: Call) -> StreamList:
        """List those of an organisation and all below it, by id.

        按编号列出机构及其下级的。
        """
        org = call.org(Action(kind.reads))
        page = call.page(
            lambda after, limit: call.system.recordings[kind.name].listed(
                actor=call.actor, org=org, after=after, limit=limit
            ),
            place=query.id_of,
            after=lambda each: (str(each.stream_id),),
        )
        items = [StreamLine.of(each, **stream_named(each.stream_id, kind.name)) for each in page.items]
        return StreamList(items=items, next=page.next)


def _declare_state(resource: Resource, kind: StreamKind[Any]) -> None:
    @resource.operation(
        "GET",
        f"/v1/{kind.plural}/{{stream_id:uuid}}",
        name=f"get_{kind.name}",
        zh=f"读取{kind.label.zh}",
        en=f"Read: {kind.label.en}",
        answers={200: Stream},
        params=CLOCKS,
        codes=_READING,
        tells_version=True,
    )
    def get_stream(call: Call, stream_id: UUID) -> Answered:
        """Show what is true of a day as known at a moment. The ETag is the present version.

        按某日的事实、某一时刻所知读取。ETag 即当前版本。
        """
        read = read_stream(call.req, call.system, call.system.recordings[kind.name], stream_id)
        latest = read.state.latest
        views = views_of(type(read.state))
        body = Stream(
            **stream_named(stream_id, kind.name),
            version=read.state.version,
            org=latest.event.org if latest else None,
            state={name: msgspec.to_builtins(getattr(read.state, name)) for name in views},
            clocks=Clocks.of(read.clocks),
        )
        return Answered(body=body, version=read.state.version if read.current else None)


def _declare_history(resource: Resource, kind: StreamKind[Any]) -> None:
    @resource.operation(
        "GET",
        f"/v1/{kind.plural}/{{stream_id:uuid}}/history",
        name=f"list_{kind.name}_history",
        zh=f"读取历史：{kind.label.zh}",
        en=f"Read the history: {kind.label.en}",
        answers={200: StreamHistory},
        also={formats.NDJSON: Entry, formats.CSV: None},
        params=HISTORY_PARAMS,
        codes=_READING,
    )
    def list_history(call: Call, stream_id: UUID) -> StreamHistory | None:
        """Show a page of the history, in order of time; as NDJSON or CSV the whole of it.

        分页读取历史，按时间排列；以 NDJSON 或 CSV 一次取全。
        """
        recording, name = call.system.recordings[kind.name], stream_named(stream_id, kind.name)
        return answer_history(call, recording, stream_id, page=StreamHistory, name=name)


def _declare_opening(resource: Resource, kind: StreamKind[Any]) -> None:
    @resource.operation(
        "PUT",
        f"/v1/{kind.plural}/{{stream_id:uuid}}",
        name=f"open_{kind.name}",
        zh=f"登记{kind.label.zh}",
        en=f"Open: {kind.label.en}",
        by_type=True,
        request=opening_schema(kind),
        answers={201: StreamRecorded, 200: StreamRecorded, 202: Quarantined},
        params=(IF_STILL, IF_NEW, CHANNEL),
        action=Action(kind.writes),
        uses=(Submissions.submit,),
        codes=(*_WRITING, *codes_of_kind(kind)),
        tells_version=True,
    )
    def open_stream(call: Call, stream_id: UUID) -> Answered:
        """Open the stream under an id that the client has chosen; twice is once.

        以客户端选定的编号登记，重复提交只登记一次。
        """
        submission = opening(
            kind,
            call.context.body(call.req),
            stream_id=stream_id,
            event_id=uuid5(stream_id, kind.opens[0].TYPE),
            based_on=call.version,
        )
        return submit_one(call, submission)


def _declare_recording(resource: Resource, kind: StreamKind[Any]) -> None:
    @resource.operation(
        "PUT",
        f"/v1/{kind.plural}/{{stream_id:uuid}}/events/{{event_id:uuid}}",
        name=f"record_{kind.name}_event",
        zh=f"登记条目：{kind.label.zh}",
        en=f"Record an entry: {kind.label.en}",
        by_type=True,
        request=stream_event_name(kind),
        answers={201: StreamRecorded, 200: StreamRecorded, 202: Quarantined},
        params=(IF_MATCH, CHANNEL),
        action=Action(kind.writes),
        uses=(Submissions.submit,),
        codes=(*_WRITING, *codes_of_kind(kind)),
        tells_version=True,
    )
    def record_stream_event(call: Call, stream_id: UUID, event_id: UUID) -> Answered:
        """Record what happened; twice is once. Decisions need If-Match.

        登记所发生的事，重复提交只登记一次。决定类条目必须带 If-Match。
        """
        words = call.context.body(call.req)
        submission = stream_event(kind, words, stream_id=stream_id, event_id=event_id, based_on=call.version)
        return submit_one(call, submission)


RESOURCES = tuple(_declared(kind) for kind in served_kinds().values())
