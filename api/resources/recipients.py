"""Who is told of alerts, and what became of what they were told."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.answer import Answer, CaseNoIfAny, ChildIdIfAny, Moment, Noted, Org, Page, personal, shown
from api.operation import IF_NEW, IF_STILL, ORG, PAGE
from api.query import moment_and_id
from api.resource import Answered, Call, Resource
from api.schemas import body_of_org
from application.access import Action, Actor, require
from application.organisations.reaching import refuse_unreachable
from application.organisations.recipients import Recipients
from application.organisations.units import Units
from application.reasons import UNKNOWN_RECIPIENT
from application.reports.notes import ORGANISATION_UNREAD
from application.system import System
from domain.case_no import case_no_of
from domain.org import Step, within
from domain.refusal import Fault, Reason, Unknown, conflict
from domain.streams.organisations.unit import RecipientRegistered
from domain.wire import from_wire
from projections.outbox.inbox import inbox_of

RESOURCE = Resource(guide="concepts-the-watch", tag="recipients", zh="接收人", en="Who is told of alerts.")
ONE = "/v1/recipients/{recipient_id:uuid}"
RecipientId = Annotated[UUID, shown("接收人编号", "Id of the recipient")]
DeliveryId = Annotated[UUID, shown("通知编号", "Id of the delivery")]
ReadAt = Annotated[Moment | None, shown("阅读时间", "Read at")]
ELSEWHERE = Reason(
    code="recipient_elsewhere",
    zh="该接收人已登记在另一机构；请先移除",
    en="The recipient is registered at another organisation. Remove it there first.",
)


class RecipientWarning(Answer):
    """What may be wrong with a recipient all the same."""

    code: Annotated[str, shown("代码", "Code")]
    zh: Annotated[str, shown("中文说明", "In Chinese")]
    en: Annotated[str, shown("英文说明", "In English")]


class Recipient(Answer):
    """Who is told of alerts, from which step on and how. Secrets are never shown."""

    recipient_id: RecipientId
    org: Org
    name: Annotated[str, personal("名称", "Name")]
    channel: Annotated[str, shown("渠道", "Channel")]
    address: Annotated[str | None, personal("地址", "Address", "Of the channel: a URL, a mail address.")]
    has_secret: Annotated[bool, shown("已设密钥", "Has a secret", "What signs its notices.")]
    from_step: Annotated[Step, shown("起始级别", "From step")]
    catch_all: Annotated[bool, shown("兜底", "Catch-all", "Told where nobody else could be.")]
    has_previous_secret: Annotated[bool, shown("保留旧密钥", "Has a previous secret")]
    quiet_from: Annotated[int | None, shown("免打扰开始", "Quiet from", "An hour in Shanghai, 0 to 23.")]
    quiet_until: Annotated[int | None, shown("免打扰结束", "Quiet until", "An hour in Shanghai, 0 to 23.")]
    most_per_hour: Annotated[int | None, shown("每小时上限", "Most per hour", "Null is no limit.")]
    warnings: Annotated[list[RecipientWarning] | UnsetType, shown("提示", "Warnings")] = UNSET


class RecipientList(Noted, kw_only=True):
    """The recipients of an organisation and of those below it."""

    items: Annotated[list[Recipient], shown("条目", "Items")]


class InboxNotice(Answer):
    """A notice in an inbox."""

    delivery_id: DeliveryId
    recipient_id: RecipientId
    alert_id: Annotated[UUID, shown("预警编号", "Id of the alert")]
    child_id: ChildIdIfAny
    case_no: CaseNoIfAny
    step: Annotated[Step, shown("级别", "Step")]
    kind: Annotated[str, shown("类别", "Kind", "What the alert is about.")]
    days_silent: Annotated[int, shown("天数", "Days", "How long that had lasted.")]
    created_at: Annotated[Moment, shown("通知时间", "Created at")]
    read_at: ReadAt


class Inbox(Page[InboxNotice]):
    """A page of an inbox, the newest first."""


@RESOURCE.operation(
    "GET",
    "/v1/recipients",
    zh="列出接收人",
    en="List recipients",
    answers={200: RecipientList},
    params=(ORG,),
)
def list_recipients(call: Call) -> RecipientList:
    """List who is told of alerts of an organisation and of those below it. Secrets are never shown.

    列出机构及其下级的预警接收人，不含密钥。
    """
    org = call.org(Action.MANAGE)
    lost: dict[str, str] = {}
    found = call.system.organisations.recipients.listed(within_org=org, unread=lost.__setitem__)
    notes = call.notes([ORGANISATION_UNREAD] if lost else [])
    return RecipientList(items=[_shown(path, details) for path, details in found], notes=notes)


@RESOURCE.operation(
    "PUT",
    ONE,
    zh="登记接收人",
    en="Register a recipient",
    request=body_of_org(RecipientRegistered, without=frozenset({"recipient"})),
    answers={201: Recipient, 200: Recipient},
    params=(IF_STILL, IF_NEW),
    tells_version=True,
    action=Action.MANAGE,
    uses=(Recipients.register, refuse_unreachable, Units.spelled),
    codes=(ELSEWHERE.code,),
    leads_to=("list_inbox", "remove_recipient"),
)
def register_recipient(call: Call, recipient_id: UUID) -> Answered:
    """Register who is told, from which step on and how, or replace what is known.

    What its channel could never reach is refused. `warnings` says where the channel itself is none of those
    that come with CareLedger.

    登记谁收到预警、从哪一级起、用什么方式，或更新已有信息。所选方式永远无法送达的不予登记；
    方式不是系统自带的，在 warnings 中提示。
    """
    words, organisations = call.body(), call.system.organisations
    org = organisations.spelled(words.pop("org"))
    details = from_wire(RecipientRegistered, {**words, "recipient": str(recipient_id)}, at="")
    there = organisations.recipients.find(recipient_id)
    if there is not None and there[0] != org:
        require(call.actor, Action.MANAGE, org=there[0])
        raise conflict(ELSEWHERE, "/org")
    allow_private = call.system.settings.webhook_allow_private
    warnings = refuse_unreachable(details, allow_private=allow_private)
    version = organisations.recipients.register(org, details=details, actor=call.actor, basis=call.basis)
    status = 201 if there is None else 200
    return Answered(body=_shown(org, details, warnings), status=status, version=version)


@RESOURCE.operation(
    "GET", ONE, zh="读取接收人", en="Read a recipient", answers={200: Recipient}, tells_version=True
)
def get_recipient(call: Call, recipient_id: UUID) -> Answered:
    """Show one recipient, without its secrets.

    读取一名接收人，不含密钥。
    """
    org, details = found_recipient(call.system, recipient_id, actor=call.actor, action=Action.MANAGE)
    version = call.system.organisations.recipients.version(org, recipient_id)
    return Answered(body=_shown(org, details), version=version)


@RESOURCE.operation(
    "DELETE",
    ONE,
    zh="移除接收人",
    en="Remove a recipient",
    answers={204: None},
    params=(IF_STILL,),
    action=Action.MANAGE,
    uses=(Recipients.remove,),
)
def remove_recipient(call: Call, recipient_id: UUID) -> Answered:
    """Remove a recipient; one that was removed already stays so. The last catch-all stays.

    移除一名接收人。最后一名兜底接收人不能移除。
    """
    recipients = call.system.organisations.recipients
    there = recipients.find(recipient_id)
    org = recipients.removed_at(recipient_id) if there is None else there[0]
    if org is None or not within(org, call.actor.org):
        raise Unknown(Fault(reason=UNKNOWN_RECIPIENT))
    recipients.remove(org, recipient=recipient_id, actor=call.actor, basis=call.basis)
    return Answered(status=204)


@RESOURCE.operation(
    "GET",
    ONE + "/inbox",
    zh="读取收件箱",
    en="Read an inbox",
    answers={200: Inbox},
    params=PAGE,
    leads_to=("give_receipt", "get_delivery"),
)
def list_inbox(call: Call, recipient_id: UUID) -> Inbox:
    """List the notices of a recipient, the newest first, with when each was read.

    列出一名接收人的通知，最新的在前，并注明何时阅读。
    """
    found_recipient(call.system, recipient_id, actor=call.actor, action=Action.WATCH)
    page = call.page(
        lambda before, limit: inbox_of(
            call.system.database, recipient_id=recipient_id, before=before, limit=limit
        ),
        place=moment_and_id,
        after=lambda notice: (notice.created_at, notice.delivery_id),
    )
    items = [InboxNotice.of(each, case_no=case_no_of(each.child_id)) for each in page.items]
    return Inbox(items=items, next=page.next)


def found_recipient(
    system: System, recipient_id: UUID, *, actor: Actor, action: Action
) -> tuple[str, RecipientRegistered]:
    """Return a recipient that the key may see, behind its organisation. Raises `Forbidden` and `Unknown`."""
    require(actor, action, org=actor.org)
    there = system.organisations.recipients.find(recipient_id)
    if there is None or not within(there[0], actor.org):
        raise Unknown(Fault(reason=UNKNOWN_RECIPIENT))
    return there


def _shown(org: str, details: RecipientRegistered, warnings: list[Reason] | None = None) -> Recipient:
    return Recipient.of(
        details,
        recipient_id=details.recipient,
        org=org,
        has_secret=details.secret is not None,
        has_previous_secret=details.previous_secret is not None,
        warnings=[RecipientWarning.of(reason) for reason in warnings or ()] or UNSET,
    )
