"""The operations on what follows from a stream in the files of children, of each kind that fans out."""

from typing import Annotated, Any
from uuid import UUID

from api.answer import Answer, EventId, Moment, Page, personal, shown
from api.operation import IF_DECIDED, IF_STILL, PAGE
from api.query import position
from api.recording import StreamId, StreamKindName, stream_named
from api.request_bodies import DismissIn
from api.resource import Answered, Call, Resource
from application.access import Action
from application.recording.stream_files import StreamFiles
from application.recording.waiting import DISMISSED
from domain.ledger.kind import StreamKind

_READING = ("unknown_stream",)


class StreamFile(Answer):
    """A child whom a stream concerns, and how far the entry in its file is."""

    number: Annotated[int, shown("序号", "Number", "From 0, in the order in which they were named.")]
    child_id: Annotated[UUID | None, shown("儿童编号", "Id of the child", "Null where the number is named.")]
    cause: Annotated[EventId, shown("来源条目", "Cause", "The entry of the stream that names the child.")]
    state: Annotated[str, shown("状态", "State", "waiting, recorded, quarantined, voided or dismissed.")]
    code: Annotated[str | None, shown("原因代码", "Code", "Why it is quarantined.")]
    event_id: Annotated[UUID | None, shown("事件编号", "Event", "The entry in the file of the child.")]
    settled_at: Annotated[Moment | None, shown("处理时间", "Settled at")]
    settled_by: Annotated[str | None, personal("处理人", "Settled by")]
    settled_reason: Annotated[str | None, personal("处理原因", "Reason", "Why it is not recorded.")]


class StreamFileList(Page[StreamFile], kw_only=True):
    """A page of the children whom a stream concerns, in the order in which they were named."""

    ORDER = ("stream_kind", "stream_id")

    stream_kind: StreamKindName
    stream_id: StreamId


class StreamFileCounts(Answer):
    """How many entries in files of children are in which state."""

    waiting: Annotated[int, shown("待写入", "Waiting", "Still to be written into the files.")]
    recorded: Annotated[int, shown("已写入", "Recorded")]
    quarantined: Annotated[int, shown("待核实", "Quarantined")]
    voided: Annotated[int, shown("已作废", "Voided")]
    dismissed: Annotated[int, shown("不予登记", "Dismissed")]


class StreamFileDismissed(Answer):
    """An entry that is not to be recorded in the file of a child."""

    stream_kind: StreamKindName
    stream_id: StreamId
    number: Annotated[int, shown("序号", "Number")]
    state: Annotated[str, shown("状态", "State", "dismissed.")]


def counted(call: Call, stream_id: UUID) -> StreamFileCounts:
    """Count the entries that follow from a stream."""
    return StreamFileCounts(**call.system.stream_files.counts(stream_id))


def declare_files(resource: Resource, kind: StreamKind[Any]) -> None:
    """Declare the operations of a kind; where nothing follows from it in files of children, none."""
    if kind.fans_out is not None:
        for declare in (_declare_list, _declare_retry, _declare_dismissal):
            declare(resource, kind)


def _declare_list(resource: Resource, kind: StreamKind[Any]) -> None:
    @resource.operation(
        "GET",
        f"/v1/{kind.plural}/{{stream_id:uuid}}/files",
        name=f"list_{kind.name}_files",
        zh=f"列出所涉儿童档案：{kind.label.zh}",
        en=f"List the files of children it is written into: {kind.label.en}",
        answers={200: StreamFileList},
        params=PAGE,
        codes=_READING,
        action=Action(kind.reads),
        leads_to=(f"retry_{kind.name}_files",),
    )
    def list_files(call: Call, stream_id: UUID) -> StreamFileList:
        """List the children whom it concerns, and how far the file of each of them is.

        列出所涉及的儿童，并说明各人档案登记到哪一步。
        """
        files = call.system.stream_files
        page = call.page(
            # Numbers begin at 0, and a position in a cursor at 1.
            lambda after, limit: files.listed(
                kind, stream_id, actor=call.actor, after=(after or 0) - 1, limit=limit
            ),
            place=position,
            after=lambda each: (each[1].number + 1,),
        )
        items = [
            StreamFile.of(filed, child_id=to.child_id, cause=to.cause.event_id, event_id=event_id)
            for to, filed, event_id in page.items
        ]
        return StreamFileList(items=items, next=page.next, **stream_named(stream_id, kind.name))


def _declare_retry(resource: Resource, kind: StreamKind[Any]) -> None:
    @resource.operation(
        "POST",
        f"/v1/{kind.plural}/{{stream_id:uuid}}/files/retry",
        name=f"retry_{kind.name}_files",
        zh=f"重试待核实的儿童档案：{kind.label.zh}",
        en=f"Try quarantined files again: {kind.label.en}",
        answers={200: StreamFileCounts},
        params=(IF_STILL,),
        action=Action(kind.writes),
        codes=_READING,
        uses=(StreamFiles.retry,),
        tells_version=True,
    )
    def retry_files(call: Call, stream_id: UUID) -> Answered:
        """Try those again whose file could not be written. They are tried daily anyhow.

        重试当时不能写入的儿童档案。系统每天也会自动重试。
        """
        version = call.system.stream_files.retry(kind, stream_id, actor=call.actor, basis=call.basis)
        call.system.fan_outs.of_stream(stream_id)
        return Answered(body=counted(call, stream_id), version=version)


def _declare_dismissal(resource: Resource, kind: StreamKind[Any]) -> None:
    @resource.operation(
        "POST",
        f"/v1/{kind.plural}/{{stream_id:uuid}}/files/{{number:int}}/dismiss",
        name=f"dismiss_{kind.name}_file",
        zh=f"不予写入儿童档案：{kind.label.zh}",
        en=f"Dismiss a quarantined entry: {kind.label.en}",
        request=DismissIn,
        answers={200: StreamFileDismissed},
        params=(IF_DECIDED,),
        action=Action(kind.writes),
        codes=_READING,
        uses=(StreamFiles.dismiss,),
        tells_version=True,
    )
    def dismiss_file(call: Call, stream_id: UUID, number: int) -> Answered:
        """Say that an entry put aside is not to be recorded, and why: nobody tries it again.

        说明某一待核实的条目不予写入及原因，此后不再重试。
        """
        version = call.system.stream_files.dismiss(
            kind, stream_id, number, reason=call.body()["reason"], actor=call.actor, basis=call.basis
        )
        body = StreamFileDismissed(**stream_named(stream_id, kind.name), number=number, state=DISMISSED)
        return Answered(body=body, version=version)
