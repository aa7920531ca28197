"""The operations on the files that entries of a stream name as their evidence, of each kind."""

from typing import Annotated, Any
from uuid import UUID

from api.answer import Answer, EventId, Page, personal, shown
from api.files import BYTES, file_of
from api.operation import IF_STILL, PAGE, choice
from api.query import position
from api.reasons import WRONG_MEDIA_TYPE
from api.resource import Answered, Call, Resource
from application.access import Action
from application.evidence.files import EvidenceFiles
from application.evidence.formats import MEDIA
from domain.fields import Choice
from domain.ledger.kind import StreamKind
from domain.refusal import Reason

Sha256 = Annotated[str, shown("摘要", "SHA-256", "Of the original, in hexadecimal figures.")]
NOT_SENT_AS_EVIDENCE = Reason(
    code=WRONG_MEDIA_TYPE.code,
    zh="请求内容须为文件本身：application/octet-stream、image/jpeg、image/png、image/webp 或 application/pdf",
    en="The body must be the file itself: application/octet-stream, a JPEG, PNG or WebP picture, or a PDF.",
)


class EvidenceCopy(Choice):
    """Which form of a file."""

    SHOWN = "shown", "展示副本", "copy without metadata"
    ORIGINAL = "original", "原件", "original"


COPY = choice("copy", EvidenceCopy, "Without metadata, or the original.", default=EvidenceCopy.SHOWN)


class EvidenceKept(Answer):
    """A file that is kept."""

    sha256: Sha256
    size_bytes: Annotated[int, shown("大小（字节）", "Size in bytes")]


class EvidenceNamed(Answer):
    """A file that an entry names, and whether it is here."""

    event_id: EventId
    sha256: Sha256
    kind: Annotated[str, personal("类型", "Kind", "What the entry calls it.")]
    size_bytes: Annotated[int, shown("大小（字节）", "Size in bytes", "As the entry says.")]
    stored: Annotated[bool, shown("已上传", "Stored", "False where the file was never sent.")]


class EvidenceList(Page[EvidenceNamed]):
    """A page of the evidence of a stream, in the order of recording."""


def declare_evidence(resource: Resource, kind: StreamKind[Any], *, segment: str = "stream_id") -> None:
    """Declare the operations of a kind; `segment` is the name of the id in its paths."""
    place = f"/v1/{kind.plural}/{{{segment}:uuid}}/evidence"
    for declare in (_declare_list, _declare_sending, _declare_reading):
        declare(resource, kind, place)


def _declare_list(resource: Resource, kind: StreamKind[Any], place: str) -> None:
    @resource.operation(
        "GET",
        place,
        name=f"list_{kind.name}_evidence",
        zh=f"列出佐证：{kind.label.zh}",
        en=f"List the evidence: {kind.label.en}",
        answers={200: EvidenceList},
        params=PAGE,
        action=Action(kind.reads),
        leads_to=(f"get_{kind.name}_evidence",),
    )
    def list_evidence(call: Call, **stream: UUID) -> EvidenceList:
        """List what the standing entries name as evidence, and say of each file whether it was sent.

        列出各有效条目所附的佐证，并说明文件是否已上传。
        """
        (stream_id,) = stream.values()
        named = call.system.evidence.named(kind, stream_id, actor=call.actor)
        page = call.page(
            lambda after, limit: list(enumerate(named, start=1))[after or 0 :][:limit],
            place=position,
            after=lambda each: (each[0],),
        )
        items = [
            EvidenceNamed.of(each.evidence, event_id=each.event.event_id, stored=each.stored)
            for _, each in page.items
        ]
        return EvidenceList(items=items, next=page.next)


def _declare_sending(resource: Resource, kind: StreamKind[Any], place: str) -> None:
    @resource.operation(
        "PUT",
        f"{place}/{{sha256}}",
        name=f"send_{kind.name}_evidence",
        zh=f"上传佐证：{kind.label.zh}",
        en=f"Send evidence: {kind.label.en}",
        takes_file=True,
        answers={201: EvidenceKept, 200: EvidenceKept},
        params=(IF_STILL,),
        tells_version=True,
        action=Action(kind.writes),
        uses=(EvidenceFiles.keep, file_of),
        leads_to=(f"get_{kind.name}_evidence",),
    )
    def send_evidence(call: Call, sha256: str, **stream: UUID) -> Answered:
        """Keep the file with this SHA-256, sealed; twice is once. It may come before the entry that names it.

        A picture (JPEG, PNG, WebP) or a PDF of 16 MiB at most. The original is kept as it is.

        保存该 SHA-256 摘要的文件（加密），重复上传只存一次；可先于引用它的条目上传。JPEG、PNG、WebP 图片或
        PDF，最大 16 MiB，原件原样保存。
        """
        (stream_id,) = stream.values()
        media = MEDIA | {BYTES}
        data = file_of(call.context, call.req, media=media, otherwise=NOT_SENT_AS_EVIDENCE)
        new, version = call.system.evidence.keep(
            kind, stream_id, sha256, data, actor=call.actor, basis=call.basis
        )
        body = EvidenceKept(sha256=sha256, size_bytes=len(data))
        return Answered(body=body, status=201 if new else 200, version=version)


def _declare_reading(resource: Resource, kind: StreamKind[Any], place: str) -> None:
    @resource.operation(
        "GET",
        f"{place}/{{sha256}}",
        name=f"get_{kind.name}_evidence",
        zh=f"读取佐证：{kind.label.zh}",
        en=f"Read evidence: {kind.label.en}",
        answers={200: None},
        media="image/*, application/pdf",
        params=(COPY,),
        action=Action(kind.reads),
        uses=(EvidenceFiles.read,),
    )
    def get_evidence(call: Call, sha256: str, **stream: UUID) -> None:
        """Give a copy without metadata: no place, device or author. Who may manage the stream may ask for
        the original.

        返回去除元数据的副本（无拍摄地点、设备、作者）；有管理权限者可要求原件。
        """
        (stream_id,) = stream.values()
        original = call.asked(COPY) is EvidenceCopy.ORIGINAL
        found, data = call.system.evidence.read(kind, stream_id, sha256, actor=call.actor, original=original)
        call.resp.data, call.resp.content_type = data, found.media
        name = f'inline; filename="{sha256[:16]}.{found.ending}"'
        call.resp.set_header("Content-Disposition", name)
        call.resp.set_header("Cache-Control", "no-store")
