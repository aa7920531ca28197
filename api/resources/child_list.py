"""The children of an organisation, each as it stands today."""

from datetime import date
from typing import Annotated
from uuid import UUID

from api.answer import Answer, CaseNo, ChildId, Moment, Org, Page, StudentNo, Version, personal, shown
from api.left_behind import CLASS, DEFINITION_ASKED, LEFT_BEHIND
from api.operation import ORG, PAGE, flag, moment
from api.query import cursor_after, text_and_id
from api.resource import Call
from api.resources.children import RESOURCE
from api.silence import DaysUnseen, SilenceRestsOn, UnseenRestsOn, rests_on
from application.access import Action
from application.children.listing import ChildFilter, ChildListed
from domain.choices import CarerKind
from domain.left_behind import DEFINITION, LeftBehindClass
from domain.watched import Ground

IN_CARE = flag("in_care", "Only children who are in care today, or only those who are not.")
PAIRED = flag("paired", "Only children who have a carer today, or only those who have none.")
UPDATED_SINCE = moment("updated_since", "Only children of whom something was recorded since.")


class ListedCarer(Answer):
    """A carer who is paired with the child today."""

    carer_id: Annotated[UUID, shown("帮扶人编号", "Id of the carer")]
    name: Annotated[str | None, personal("姓名", "Name", "Null for a carer of another county.")]
    kind: Annotated[CarerKind, shown("类别", "Kind")]


class ListedChild(Answer):
    """A child of a list, as it stands today."""

    child_id: ChildId
    version: Version
    case_no: CaseNo
    student_no: StudentNo
    name: Annotated[str | None, personal("姓名", "Name", "Null where it was erased.")]
    org: Org
    in_care: Annotated[bool, shown("在册", "In care")]
    enrolled_on: Annotated[date, shown("建档日期", "Enrolled on", "When its care began first.")]
    care_ends_on: Annotated[date | None, shown("关爱截止", "Care ends on", "The last day, as things stand.")]
    carers: Annotated[list[ListedCarer], shown("帮扶人", "Carers")]
    last_contact_on: Annotated[date | None, shown("最近联系", "Last contact on")]
    last_seen_on: Annotated[date | None, shown("最近见面", "Last seen on")]
    days_silent: Annotated[int | None, shown("失联天数", "Days silent", "Null where it is not in care.")]
    silence_rests_on: SilenceRestsOn
    days_child_unseen: DaysUnseen
    unseen_rests_on: UnseenRestsOn
    watched_as: Annotated[Ground | None, shown("关注依据", "Watched as", "Null where it is not watched.")]
    left_behind: Annotated[LeftBehindClass, CLASS]
    transfer_to: Annotated[str | None, shown("拟转入机构", "Transfer to", "Where a transfer is proposed.")]
    erased: Annotated[bool, shown("已删除个人信息", "Erased")]
    updated_at: Annotated[Moment, shown("更新时间", "Updated at", "When its last event was recorded.")]


class UnreadableFile(Answer):
    """A file that can't be read: the child belongs to this page, and nothing else is known of it."""

    child_id: ChildId
    fault: Annotated[str, shown("原因", "Fault", "`KeysMissing` where its key is; tell the operator.")]


class ChildList(Page[ListedChild]):
    """A page of children, by organisation and id. It may have few and yet a next."""

    unreadable: Annotated[list[UnreadableFile], shown("无法读取的档案", "Unreadable files")]


@RESOURCE.operation(
    "GET",
    "/v1/children",
    zh="列出儿童",
    en="List children",
    answers={200: ChildList},
    params=(ORG, IN_CARE, PAIRED, LEFT_BEHIND, DEFINITION_ASKED, UPDATED_SINCE, *PAGE),
    leads_to=("get_child", "list_child_history"),
)
def list_children(call: Call) -> ChildList:
    """List the children of an organisation and all below it, a school or a class, as they stand today.

    They come by organisation and id. To keep a copy up to date follow `/v1/changes`.

    列出机构（学校或班级）及其下级的儿童，按今日状况，按机构和编号排列。需持续同步的，
    请订阅 /v1/changes。
    """
    org = call.org(Action.READ)
    wanted = ChildFilter(
        in_care=call.asked(IN_CARE),
        paired=call.asked(PAIRED),
        left_behind=call.asked(LEFT_BEHIND),
        definition=call.asked(DEFINITION_ASKED) or DEFINITION,
        updated_since=call.asked(UPDATED_SINCE),
    )
    page = call.system.children.page(
        wanted, actor=call.actor, org=org, after=call.after(text_and_id), limit=call.limit()
    )
    return ChildList(
        items=[_listed(child) for child in page.items],
        next=None if page.next is None else cursor_after(call.req, *page.next),
        unreadable=[UnreadableFile(child_id=i, fault=fault) for i, fault in page.unreadable.items()],
        notes=call.notes_if_empty(page.items or page.next, org=org),
    )


def _listed(child: ChildListed) -> ListedChild:
    carers = [ListedCarer.of(carer) for carer in child.carers]
    return ListedChild.of(
        child,
        carers=carers,
        watched_as=child.ground,
        silence_rests_on=rests_on(child.silence_rests_on),
        unseen_rests_on=rests_on(child.unseen_rests_on),
    )
