"""What was put aside: listing it, trying it again, dismissing it with a reason."""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from api.answer import Answer, EventId, Moment, Org, Page, personal, shown
from api.error_catalogue import codes_of_kind
from api.operation import CARE, IF_DECIDED, IF_STILL, PAGE, an_id, word, words_of
from api.query import moment_and_id
from api.recording import RecordedOnAny, standing
from api.request_bodies import DismissIn
from api.resource import Answered, Call, Resource
from application.intake.quarantine import ACCEPTED, DISMISSED, WAITING, Quarantine, version_of
from domain.catalogue import served_kinds

RESOURCE = Resource(
    guide="concepts-events-and-facts",
    tag="quarantine",
    zh="待核实",
    en="What was at odds with what is known, and waits.",
)
STATE = word("state", [WAITING, ACCEPTED, DISMISSED], "Only items in this state.", default=WAITING)
CODE = words_of("code", "Only items that were put aside for this code.", longest=64)
EVENT = an_id("event_id", "Only items of this event.")
ItemId = Annotated[UUID, shown("待核实编号", "Id of the item")]
# What stands in the way of an entry of another stream than a child's.
_OF_STREAMS = tuple(
    code for kind in served_kinds().values() for code in ("unknown_stream", *codes_of_kind(kind))
)


class QuarantineItem(Answer):
    """A submission that waits, or that was settled, and why it was put aside; never what it says."""

    item_id: ItemId
    org: Org
    received_at: Annotated[Moment, shown("收到时间", "Received at")]
    actor: Annotated[str, personal("提交密钥", "Actor", "The name of the key.")]
    event_id: EventId
    code: Annotated[str, shown("原因代码", "Code")]
    pointer: Annotated[str, shown("位置", "Pointer", "Where in the submission, as a JSON pointer.")]
    state: Annotated[str, shown("状态", "State", "waiting, accepted or dismissed.")]
    settled_at: Annotated[Moment | None, shown("处理时间", "Settled at")]
    settled_by: Annotated[str | None, personal("处理人", "Settled by")]
    settled_reason: Annotated[str | None, personal("处理原因", "Reason")]


class QuarantineDetail(QuarantineItem):
    """An item with what it says, as it was sent; whoever may submit there may read it."""

    submission: Annotated[
        dict[str, Any],
        personal("原内容", "Submission", "As an item of a batch, to be mended."),
    ]


class QuarantineList(Page[QuarantineItem]):
    """A page of items, in the order in which they came in."""


class Dismissed(Answer):
    """An item that is not to be recorded."""

    item_id: ItemId
    state: Annotated[str, shown("状态", "State", "dismissed.")]


@RESOURCE.operation(
    "GET",
    "/v1/quarantine",
    zh="列出待核实项",
    en="List what was put aside",
    answers={200: QuarantineList},
    params=(STATE, CODE, EVENT, *PAGE),
    leads_to=("get_quarantine_item", "retry_quarantine_item"),
)
def list_quarantine(call: Call) -> QuarantineList:
    """List items in the order in which they came in.

    按收到的先后列出待核实项。
    """
    page = call.page(
        lambda after, limit: call.system.quarantine.list(
            actor=call.actor,
            state=call.asked(STATE) or WAITING,
            code=call.asked(CODE),
            event_id=call.asked(EVENT),
            after=after,
            limit=limit,
        ),
        place=moment_and_id,
        after=lambda item: (item.received_at, item.item_id),
    )
    return QuarantineList(items=[QuarantineItem.of(item) for item in page.items], next=page.next)


@RESOURCE.operation(
    "GET",
    "/v1/quarantine/{item_id:uuid}",
    zh="读取待核实项",
    en="Read an item with what it says",
    answers={200: QuarantineDetail},
    tells_version=True,
    leads_to=("retry_quarantine_item", "dismiss_quarantine_item"),
)
def get_quarantine_item(call: Call, item_id: UUID) -> Answered:
    """Show why an item was put aside, and what it says.

    读取一个待核实项的原因和原内容。
    """
    item, said = call.system.quarantine.read(item_id, actor=call.actor)
    words = {name: value for name, value in msgspec.structs.asdict(said).items() if value not in (None, ())}
    return Answered(body=QuarantineDetail.of(item, submission=words), version=item.version)


@RESOURCE.operation(
    "POST",
    "/v1/quarantine/{item_id:uuid}/retry",
    zh="重试待核实项",
    en="Try an item again",
    answers={201: RecordedOnAny, 200: RecordedOnAny},
    params=(IF_STILL,),
    uses=(Quarantine.retry,),
    codes=(CARE, *_OF_STREAMS),
    tells_version=True,
    leads_to=("list_child_history",),
)
def retry_quarantine_item(call: Call, item_id: UUID) -> Answered:
    """Record the item as if it came in now. What still stands in its way is the problem.

    `version` is that of the file, and the ETag that of the item.

    按现在收到重新登记；仍有障碍的，返回原因。version 是档案的版本，ETag 是待核实项的版本。
    """
    recorded = call.system.quarantine.retry(item_id, actor=call.actor, basis=call.basis)
    status = 201 if recorded.new else 200
    return Answered(body=standing(recorded), status=status, version=version_of(ACCEPTED))


@RESOURCE.operation(
    "POST",
    "/v1/quarantine/{item_id:uuid}/dismiss",
    zh="不予登记",
    en="Dismiss an item",
    request=DismissIn,
    answers={200: Dismissed},
    params=(IF_DECIDED,),
    uses=(Quarantine.dismiss,),
    tells_version=True,
)
def dismiss_quarantine_item(call: Call, item_id: UUID) -> Answered:
    """Say that an item is not to be recorded, and why. For the same reason again changes nothing.

    说明某项不予登记及其原因。
    """
    reason = call.body()["reason"]
    item = call.system.quarantine.dismiss(item_id, reason=reason, actor=call.actor, basis=call.basis)
    return Answered(body=Dismissed(item_id=item_id, state=item.state), version=item.version)
