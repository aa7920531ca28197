"""Transfers that wait for the receiving side."""

from datetime import date
from typing import Annotated
from uuid import UUID

from api.answer import Answer, CaseNo, ChildId, Org, Page, StudentNo, Version, personal, shown
from api.operation import ORG, PAGE, word
from api.query import moment_and_id
from api.resource import Call, Resource
from application.access import Action
from domain.days import local_day, start_of_day

RESOURCE = Resource(tag="transfers", zh="转接", en="Transfers that wait for the receiving side.")
STATE = word("state", ["open"], "Transfers that are decided are in the history of the child.", default="open")


class Transfer(Answer):
    """A transfer that nobody has decided yet. Its `version` is what an answer names in If-Match."""

    transfer_id: Annotated[UUID, shown("转接编号", "Id of the transfer", "The id of its proposal.")]
    child_id: ChildId
    version: Version
    case_no: CaseNo
    student_no: StudentNo
    name: Annotated[str, personal("姓名", "Name")]
    org: Org
    to: Annotated[str, shown("接收机构", "To", "The path of the organisation that is to accept.")]
    proposed_on: Annotated[date, shown("提出日期", "Proposed on")]
    days_open: Annotated[int, shown("待办天数", "Days open")]
    overdue: Annotated[bool, shown("已逾期", "Overdue", "Open for more days than the policy allows.")]
    proposed_by: Annotated[str, personal("提出人", "Proposed by")]
    duties: Annotated[list[str], shown("移交事项", "Duties", "What goes on at the receiving side.")]
    reason: Annotated[str | None, personal("原因", "Reason")]
    open_alerts: Annotated[list[UUID], shown("未解除的预警", "Open alerts")]
    pairings: Annotated[list[UUID], shown("结对", "Pairings", "Those that hold today.")]


class TransferList(Page[Transfer]):
    """A page of transfers, the longest open first."""


@RESOURCE.operation(
    "GET",
    "/v1/transfers",
    zh="列出待办转接",
    en="List undecided transfers",
    answers={200: TransferList},
    params=(ORG, STATE, *PAGE),
    leads_to=("get_child",),
)
def list_transfers(call: Call) -> TransferList:
    """List transfers out of an organisation and into it, the longest open first.

    `version` is what an answer names in If-Match. A transfer is `overdue` when it has been open for more
    days than the policy allows.

    列出机构转出和转入的转接，待办最久的在前。version 用于答复时的 If-Match。
    待办天数超过规定的为 overdue。
    """
    call.asked(STATE)
    org = call.org(Action.READ)
    page = call.page(
        lambda after, limit: call.system.transfers.undecided(
            actor=call.actor, org=org, after=after and (local_day(after[0]), after[1]), limit=limit
        ),
        place=moment_and_id,
        after=lambda transfer: (start_of_day(transfer.proposed_on), transfer.child_id),
    )
    items = [Transfer.of(transfer) for transfer in page.items]
    return TransferList(items=items, next=page.next, notes=call.notes_if_empty(items, org=org))
