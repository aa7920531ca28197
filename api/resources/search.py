"""Finding children by what must never stand in an address."""

from typing import Annotated

from api import fields as f
from api.answer import Answer, CaseNo, ChildId, Org, StudentNo, Version, personal, shown
from api.resource import Call
from api.resources.children import RESOURCE
from api.schemas import Strict, exactly_one
from application.access import Action
from domain.case_no import case_no_of
from domain.child import fold
from domain.org import within
from domain.refusal import Reason, invalid

MOST_FOUND = 100
ONE_WORD = Reason(
    code="one_word",
    zh="case_no、student_no、id_number、name 须恰好填写其一",
    en="Give exactly one of case_no, student_no, id_number and name.",
)


class SearchIn(Strict):
    """Exactly one of these; a name is the whole name."""

    CONDITIONS = (exactly_one("case_no", "student_no", "id_number", "name"),)

    case_no = f.Text(
        longest=32,
        blank=False,
        text="In capitals or not.",
        zh="个案编号",
        en="Case number",
    )
    student_no = f.Text(longest=32, blank=False, zh="学籍号", en="Student number")
    id_number = f.Text(longest=18, blank=False, zh="身份证号", en="Identity number")
    name = f.Text(longest=50, blank=False, zh="姓名", en="Name")


class FoundChild(Answer):
    """A child that was found."""

    child_id: ChildId
    case_no: CaseNo
    student_no: StudentNo
    name: Annotated[str, personal("姓名", "Name")]
    org: Org
    version: Version


class FoundChildren(Answer):
    """The children of a number or a name."""

    items: Annotated[list[FoundChild], shown("条目", "Items")]
    more: Annotated[bool, shown("还有更多", "More", "Whether there are more than are shown.")]


@RESOURCE.operation(
    "POST",
    "/v1/children/search",
    zh="查找儿童",
    en="Find children",
    request=SearchIn,
    answers={200: FoundChildren},
    action=Action.READ,
    codes=(ONE_WORD.code,),
    leads_to=("get_child",),
)
def find_children(call: Call) -> FoundChildren:
    """Find the children of this number or name that the key may see, a hundred at most.

    按号码或完整姓名查找此密钥可见的儿童，最多一百名。
    """
    asked, org, system = call.body(), call.actor.org, call.system
    if len(asked) != 1:
        raise invalid(ONE_WORD)
    ((kind, word),) = asked.items()
    streams = system.log.streams(system.record.find(kind=kind, word=word, scope=org))
    children = [fold(child_id, events) for child_id, events in streams.items()]
    found = [child for child in children if child.profile is not None and within(child.org, org)]
    items = [
        FoundChild.of(
            child,
            case_no=case_no_of(child.child_id),
            student_no=child.profile.student_no,
            name=child.profile.name,
        )
        for child in found[:MOST_FOUND]
        if child.profile is not None
    ]
    return FoundChildren(items=items, more=len(found) > MOST_FOUND)
