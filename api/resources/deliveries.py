"""Notices of alerts, and what became of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from api.answer import Answer, ChildId, EventId, Org, Page, shown
from api.operation import ORG, PAGE, an_id, word
from api.query import moment_and_id
from api.resource import Call, Resource
from application.access import Action, require
from application.reasons import NOT_FOUND
from domain.org import Step
from domain.refusal import Fault, Unknown
from projections.outbox import deliveries
from projections.outbox.deliveries import DeliveryListed

RESOURCE = Resource(tag="deliveries", zh="通知", en="What became of each notice.")
STATES = ("pending", "sending", "accepted", "failed", "unknown")
RECIPIENT = an_id("recipient_id", "Only notices to this recipient.")
ALERT = an_id("alert_id", "Only notices of this alert.")
STATE = word("state", STATES, "Only notices in this state.")


class Delivery(Answer):
    """A notice of one step of an alert for one recipient over one channel."""

    delivery_id: Annotated[UUID, shown("通知编号", "Id of the delivery", "That of a webhook as well.")]
    alert_id: Annotated[UUID, shown("预警编号", "Id of the alert")]
    child_id: ChildId
    org: Org
    step: Annotated[Step, shown("级别", "Step")]
    days_silent: Annotated[int, shown("失联天数", "Days silent", "When it was planned.")]
    cause: Annotated[EventId, shown("起因", "Cause", "The event of the alert that it tells of.")]
    recipient_id: Annotated[UUID, shown("接收人编号", "Id of the recipient")]
    channel: Annotated[str, shown("渠道", "Channel")]
    state: Annotated[str, shown("状态", "State", "`accepted` says that the channel took it, no more.")]
    attempts: Annotated[int, shown("尝试次数", "Attempts")]
    last_reason: Annotated[str | None, shown("最近原因", "Last reason", "Why it was not taken.")]
    created_at: Annotated[datetime, shown("产生时间", "Created at")]
    updated_at: Annotated[datetime, shown("更新时间", "Updated at")]
    not_before: Annotated[datetime, shown("最早发送时间", "Not before", "When it is tried next.")]
    delivered_at: Annotated[datetime | None, shown("送达时间", "Delivered at", "As a receipt says.")]
    read_at: Annotated[datetime | None, shown("阅读时间", "Read at", "As a receipt says.")]


class DeliveryList(Page[Delivery]):
    """A page of notices, by the time at which they were planned."""


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
    """List notices of alerts by the time at which they were planned."""
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
    return DeliveryList(
        items=[_shown(each) for each in page.items],
        next=page.next,
        notes=call.notes_if_empty(page.items, org=org),
    )


@RESOURCE.operation(
    "GET",
    "/v1/deliveries/{delivery_id:uuid}",
    zh="读取通知",
    en="Read a notice",
    answers={200: Delivery},
    leads_to=("put_deliveries_one_receipt",),
)
def get_delivery(call: Call, delivery_id: UUID) -> Delivery:
    """Show one notice and what became of it."""
    found = deliveries.one(call.system.database, delivery_id)
    if found is None:
        raise Unknown(Fault(reason=NOT_FOUND))
    require(call.actor, Action.WATCH, org=found.org)
    return _shown(found)


def _shown(found: DeliveryListed) -> Delivery:
    return Delivery.of(found, step=Step(found.step))
