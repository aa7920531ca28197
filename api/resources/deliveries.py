"""Notices of alerts, and what became of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from api import fields as f
from api.answer import Answer, CaseNoIfAny, ChildIdIfAny, ChildName, EventId, Moment, Org, Page, shown
from api.operation import ORG, PAGE, an_id, word
from api.query import moment_and_id
from api.resource import Call, Resource
from api.resources.recipients import DeliveryId, ReadAt, RecipientId, found_recipient
from api.schemas import Strict, typed
from application.access import Action, require
from application.reasons import NOT_FOUND
from domain.case_no import case_no_of
from domain.org import Step
from domain.refusal import Fault, Reason, Unknown, invalid
from projections.outbox import deliveries, receipts
from projections.outbox.deliveries import DeliveryListed

RESOURCE = Resource(guide="concepts-the-watch", tag="deliveries", zh="通知", en="What became of each notice.")
STATES = ("pending", "sending", "accepted", "failed", "unknown")
RECIPIENT = an_id("recipient_id", "Only notices to this recipient.")
ALERT = an_id("alert_id", "Only notices of this alert.")
STATE = word("state", STATES, "Only notices in this state.")


# So far the clock of the other side may be ahead of ours.
AHEAD = timedelta(minutes=1)
IN_THE_FUTURE = Reason(
    code="receipt_in_the_future", zh="回执时间晚于当前时间", en="The time of the receipt is in the future."
)


class ReceiptIn(Strict):
    """What has become of a notice on the other side, and since when; now unless said otherwise."""

    state = f.Word(choice=receipts.Receipt, required=True, zh="状态", en="State")
    at = f.Moment(zh="时间", en="At")


class Delivery(Answer):
    """A notice of one step of an alert for one recipient over one channel."""

    delivery_id: DeliveryId
    alert_id: Annotated[UUID, shown("预警编号", "Id of the alert")]
    child_id: ChildIdIfAny
    case_no: CaseNoIfAny
    child_name: ChildName
    org: Org
    step: Annotated[Step, shown("级别", "Step")]
    kind: Annotated[str, shown("类别", "Kind", "What the alert is about.")]
    days_silent: Annotated[int, shown("天数", "Days", "How long that had lasted when it was planned.")]
    cause: Annotated[EventId, shown("起因", "Cause", "The event of the alert that it tells of.")]
    recipient_id: RecipientId
    channel: Annotated[str, shown("渠道", "Channel")]
    state: Annotated[str, shown("状态", "State", "`accepted` says that the channel took it, no more.")]
    attempts: Annotated[int, shown("尝试次数", "Attempts")]
    last_reason: Annotated[str | None, shown("最近原因", "Last reason", "Why it was not taken.")]
    created_at: Annotated[Moment, shown("产生时间", "Created at")]
    updated_at: Annotated[Moment, shown("更新时间", "Updated at")]
    not_before: Annotated[Moment, shown("最早发送时间", "Not before", "When it is tried next.")]
    delivered_at: Annotated[Moment | None, shown("送达时间", "Delivered at", "As a receipt says.")]
    read_at: ReadAt


class DeliveryList(Page[Delivery]):
    """A page of notices, by the time at which they were planned."""


class DeliveryReceipt(Answer):
    """What is known of a notice on the other side."""

    delivery_id: DeliveryId
    delivered_at: Annotated[Moment | None, shown("送达时间", "Delivered at")]
    read_at: ReadAt


@RESOURCE.operation(
    "GET",
    "/v1/deliveries",
    zh="列出通知",
    en="List notices",
    answers={200: DeliveryList},
    params=(ORG, RECIPIENT, ALERT, STATE, *PAGE),
    leads_to=("get_delivery",),
)
def list_deliveries(call: Call) -> DeliveryList:
    """List notices of alerts by the time at which they were planned.

    按产生时间列出预警通知。
    """
    org = call.org(Action.WATCH)
    page = call.page(
        lambda after, limit: deliveries.listed(
            call.system.database,
            org=org,
            recipient_id=call.asked(RECIPIENT),
            alert_id=call.asked(ALERT),
            state=call.asked(STATE),
            after=after,
            limit=limit,
        ),
        place=moment_and_id,
        after=lambda each: (each.created_at, each.delivery_id),
    )
    names = call.names_of([each.child_id for each in page.items])
    return DeliveryList(
        items=[_shown(each, names) for each in page.items],
        next=page.next,
        notes=call.notes_if_empty(page.items, org=org),
    )


@RESOURCE.operation(
    "GET",
    "/v1/deliveries/{delivery_id:uuid}",
    zh="读取通知",
    en="Read a notice",
    answers={200: Delivery},
    action=Action.WATCH,
    leads_to=("give_receipt",),
)
def get_delivery(call: Call, delivery_id: UUID) -> Delivery:
    """Show one notice and what became of it.

    读取一条通知及其结果。
    """
    found = deliveries.one(call.system.database, delivery_id)
    if found is None:
        raise Unknown(Fault(reason=NOT_FOUND))
    require(call.actor, Action.WATCH, org=found.org)
    return _shown(found, call.names_of([found.child_id]))


@RESOURCE.operation(
    "PUT",
    "/v1/deliveries/{delivery_id:uuid}/receipt",
    zh="登记回执",
    en="Give a receipt",
    request=ReceiptIn,
    answers={200: DeliveryReceipt},
    action=Action.WATCH,
    codes=(IN_THE_FUTURE.code,),
)
def give_receipt(call: Call, delivery_id: UUID) -> DeliveryReceipt:
    """Say that a notice has arrived or was read; of a digest its `webhook-id` names all of it.

    The first moment stays. Reading is no answer: the alert goes on until somebody acknowledges it, and a
    fact ends it.

    登记通知已送达或已阅读；汇总通知用其 webhook-id 一次登记全部。以最早的时间为准。阅读不等于处理：
    预警持续到有人确认，并由事实解除。
    """
    words, now, database = call.body(), call.system.now(), call.system.database
    at = typed(datetime, words["at"], at="/at") if words.get("at") else now
    if at > now + AHEAD:
        raise invalid(IN_THE_FUTURE, "/at")
    recipient = receipts.recipient_of(database, delivery_id)
    if recipient is None:
        raise Unknown(Fault(reason=NOT_FOUND))
    found_recipient(call.system, recipient, actor=call.actor, action=Action.WATCH)
    with database.transaction() as tx:
        receipt = receipts.Receipt.from_word(words["state"])
        receipts.write(tx, delivery_id, receipt=receipt, at=min(at, now))
    delivered_at, read_at = receipts.moments_of(database, delivery_id)
    return DeliveryReceipt(delivery_id=delivery_id, delivered_at=delivered_at, read_at=read_at)


def _shown(found: DeliveryListed, names: Mapping[UUID, str | None]) -> Delivery:
    return Delivery.of(
        found,
        step=Step.from_word(found.step),
        case_no=case_no_of(found.child_id),
        child_name=names.get(found.child_id),
    )
