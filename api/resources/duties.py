"""What is owed to children and still to be done."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from api.answer import Answer, CaseNo, ChildId, ChildName, Org, Page, shown
from api.compliance_answers import Counted
from api.operation import ORG, PAGE, an_id, day
from api.query import text_of
from api.resource import Call, Resource
from application.access import Action
from application.reports.duties import Owed, owed_in
from domain.case_no import case_no_of
from domain.rules.clocks import clocks

RESOURCE = Resource(
    guide="concepts-verdicts", tag="duties", zh="待办", en="What is owed to whom, before it is missed."
)
CARER = an_id("carer_id", "Only what is to be done by this carer.")
UNTIL = day("until", "Only what runs out on this day or earlier.")


class Duty(Answer):
    """Something that is owed to a child: so many entries that are `missing`, until the end of a day."""

    child_id: ChildId
    case_no: CaseNo
    child_name: ChildName
    org: Org
    what: Annotated[
        Mapping[str, str], shown("应做事项", "What is owed", "The title of the rule, or why to visit.")
    ]
    rule_id: Annotated[str | None, shown("规则代码", "Id of the rule", "Null where no rule asks for it.")]
    called_by: Annotated[UUID | None, shown("起因", "Called for by", "The entry that calls for a visit.")]
    since: Annotated[date, shown("起始日期", "Since")]
    until: Annotated[date, shown("截止日期", "Until", "The last day on which it is in time.")]
    days_left: Annotated[int, shown("剩余天数", "Days left", "After today; below zero where it is overdue.")]
    missing: Annotated[int, shown("尚缺次数", "Still missing")]
    counted: Counted
    carer_ids: Annotated[list[UUID], shown("由谁来做", "To be done by", "Ids of carers; empty: nobody is.")]


class DutyList(Page[Duty]):
    """A page of what is due: what runs out first stands first."""


@RESOURCE.operation(
    "GET",
    "/v1/duties",
    zh="列出待办",
    en="List what is due",
    answers={200: DutyList},
    params=(ORG, CARER, UNTIL, *PAGE),
    leads_to=("get_child",),
)
def list_duties(call: Call) -> DutyList:
    """List what is owed to the children in care of an organisation today, and by when it has to be done.

    What the rules ask for that are bound for a child, in each stretch that has begun and is not over, and
    visits that an entry calls for. A visit that is overdue stays; what a period asked for that is over is
    missed, and stands under compliance.

    列出今天还欠本机构在册儿童的事项及截止日期：已绑定规则在当前周期内尚缺的，以及必访情形引起的家访。逾期的必访一直列出；
    周期结束后仍缺的属于未达标，见达标查询。
    """
    org, at = call.org(Action.READ), clocks(now=call.system.now())
    carer = call.asked(CARER)
    owed = [
        each
        for each in owed_in(call.context.reports, org=org, at=at, until=call.asked(UNTIL) or date.max)
        if carer is None or carer in each.carers
    ]
    page = call.page(
        lambda after, limit: [each for each in owed if after is None or each.order > after][:limit],
        place=text_of,
        after=lambda each: (each.order,),
    )
    names = call.names_of([each.child.child_id for each in page.items])
    items = [_shown(each, names.get(each.child.child_id)) for each in page.items]
    return DutyList(items=items, next=page.next, notes=call.notes_if_empty(items, org=org))


def _shown(owed: Owed, name: str | None) -> Duty:
    child, duty = owed.child, owed.duty
    return Duty.of(
        duty,
        child_id=child.child_id,
        case_no=case_no_of(child.child_id),
        child_name=name,
        org=child.org,
        what={"zh": duty.title.zh, "en": duty.title.en},
        counted=list(duty.counted),
        days_left=owed.days_left,
        carer_ids=list(owed.carers),
    )
