"""Transfers: those that wait for the receiving side, and what became of the others."""

from datetime import date
from typing import Annotated
from uuid import UUID

from api import query
from api.answer import Answer, CaseNo, ChildId, Org, Page, StudentNo, Version, personal, shown
from api.operation import FROM, ORG, PAGE, word
from api.query import moment_and_id
from api.resource import Answered, Call, Resource
from application.access import Action
from application.children.transfers import DECIDED, OPEN, TELLING, OpenTransfer, Transfers
from domain.days import local_day, start_of_day
from projections import timeline

RESOURCE = Resource(tag="transfers", zh="转接", en="Transfers to another class or school.")
STATE = word(
    "state",
    [OPEN, "decided", *DECIDED],
    "Only transfers in this state; `decided` is any but `open`.",
    default=OPEN,
)


class Transfer(Answer):
    """A transfer. Of one that is open `version` is what an answer names in If-Match.

    Of one that was decided, whoever can't see the child now is told no more than that, and when.
    """

    transfer_id: Annotated[UUID, shown("转接编号", "Id of the transfer", "The id of its proposal.")]
    child_id: ChildId
    version: Version
    case_no: CaseNo
    student_no: StudentNo
    name: Annotated[str | None, personal("姓名", "Name")]
    org: Org
    to: Annotated[str, shown("接收机构", "To", "The path of the organisation that is to accept.")]
    proposed_on: Annotated[date, shown("提出日期", "Proposed on")]
    state: Annotated[str, shown("状态", "State", "open, accepted, declined, withdrawn or lapsed.")]
    decided_on: Annotated[date | None, shown("办结日期", "Decided on", "Null where it is open.")]
    days_open: Annotated[int, shown("待办天数", "Days open", "Until today, or until it was decided.")]
    overdue: Annotated[bool, shown("已逾期", "Overdue", "Open for more days than the policy allows.")]
    proposed_by: Annotated[str | None, personal("提出人", "Proposed by")]
    duties: Annotated[list[str], shown("移交事项", "Duties", "What goes on at the receiving side.")]
    reason: Annotated[str | None, personal("原因", "Reason")]
    open_alerts: Annotated[list[UUID], shown("未解除的预警", "Open alerts")]
    pairings: Annotated[list[UUID], shown("结对", "Pairings", "Those that hold today.")]


class TransferList(Page[Transfer]):
    """A page of transfers: the longest open first, or the last proposed first."""


@RESOURCE.operation(
    "GET",
    "/v1/transfers",
    zh="列出转接",
    en="List transfers",
    answers={200: TransferList},
    params=(ORG, STATE, FROM, *PAGE),
    leads_to=("get_transfer", "get_child"),
)
def list_transfers(call: Call) -> TransferList:
    """List transfers out of an organisation and into it that were proposed from a day on.

    Those that are open come the longest open first; one is `overdue` when it has been open for more days than
    the policy allows. Decided ones come as they were recorded last; a page may have few of them and yet a
    `next`. Among these are all that went out of the organisation, and those that it accepted.

    列出机构转出和转入的、自某日起提出的转接。待办的按待办天数排列，最久的在前，超过规定天数的为 overdue；
    已办结的按登记先后，最近的在前，一页可能不满而仍有 next。
    """
    state, org = call.asked(STATE) or OPEN, call.org(Action.READ)
    if state != OPEN:
        return _decided(call, state=state, org=org)
    page = call.page(
        lambda after, limit: call.system.transfers.undecided(
            actor=call.actor,
            org=org,
            since=call.asked(FROM),
            after=after and (local_day(after[0]), after[1]),
            limit=limit,
        ),
        place=moment_and_id,
        after=lambda transfer: (start_of_day(transfer.proposed_on), transfer.child_id),
    )
    items = [Transfer.of(transfer) for transfer in page.items]
    return TransferList(items=items, next=page.next, notes=call.notes_if_empty(items, org=org))


@RESOURCE.operation(
    "GET",
    "/v1/transfers/{transfer_id:uuid}",
    zh="读取转接",
    en="Read a transfer",
    answers={200: Transfer},
    uses=(Transfers.read,),
    tells_version=True,
    leads_to=("get_child",),
)
def get_transfer(call: Call, transfer_id: UUID) -> Answered:
    """Show one transfer, whatever became of it. The ETag is what an answer to it names in If-Match.

    读取一项转接，不论结果如何。ETag 用于答复时的 If-Match。
    """
    found = call.system.transfers.read(transfer_id, actor=call.actor)
    return Answered(body=Transfer.of(found), version=found.version)


def _decided(call: Call, *, state: str, org: str) -> TransferList:
    page = call.page(
        lambda before, limit: timeline.newest(
            call.system.database,
            org=org,
            before=before,
            entry_types=TELLING,
            limit=limit,
        ),
        place=query.position,
        after=lambda line: (line.position,),
    )
    lines = {(line.child_id, line.event_id): line.position for line in page.items}
    found = call.system.transfers.of_entries(lines, actor=call.actor, org=org)
    since = call.asked(FROM)
    items = [Transfer.of(each) for each in found.values() if _wanted(each, state=state, since=since)]
    return TransferList(items=items, next=page.next, notes=call.notes_if_empty(items, org=org))


def _wanted(found: OpenTransfer, *, state: str, since: date | None) -> bool:
    decided = found.state in DECIDED if state == "decided" else found.state == state
    return decided and (since is None or found.proposed_on >= since)
