"""Finding children by what must never stand in an address."""

from typing import Annotated

from msgspec import UNSET, UnsetType

from api import fields as f
from api.answer import Answer, CaseNo, ChildId, Noted, Org, StudentNo, Version, personal, shown
from api.operation import ORG, PAGE
from api.query import cursor_after, id_of, name_place
from api.resource import Call
from api.resources.children import RESOURCE
from api.schemas import Strict, exactly_one
from application.access import Action
from application.children.finding import LONGEST
from domain.case_no import case_no_of
from domain.child import fold
from domain.name_parts import Match
from domain.refusal import Reason, invalid

NAME_PART = "name_part"
ONE_WORD = Reason(
    code="one_word",
    zh="case_no、student_no、id_number、name、name_part 须恰好填写其一",
    en="Give exactly one of case_no, student_no, id_number, name and name_part.",
)


class SearchIn(Strict):
    """Exactly one of these; a name is the whole name."""

    CONDITIONS = (exactly_one("case_no", "student_no", "id_number", "name", NAME_PART),)

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
    name_part = f.Text(
        longest=LONGEST,
        blank=False,
        text="Two characters or more, or its sound as letters, with blanks or without: `zhang san`, "
        "`xiaohe`; or the initials of the whole name: `zs`. Former names are found too.",
        zh="姓名的一部分、拼音或拼音首字母",
        en="Part of a name, or its pinyin",
    )


class FoundChild(Answer):
    """A child that was found."""

    child_id: ChildId
    case_no: CaseNo
    student_no: StudentNo
    name: Annotated[str, personal("姓名", "Name")]
    org: Org
    version: Version
    match: Annotated[
        Match | UnsetType,
        shown(
            "匹配方式", "Match", "How its name answers to `name_part`; missing where that was not asked for."
        ),
    ] = UNSET
    former_name: Annotated[
        str | UnsetType,
        personal(
            "曾用名",
            "Former name",
            "The one that answers to `name_part`; missing where the present one does.",
        ),
    ] = UNSET


class FoundChildren(Noted, kw_only=True):
    """The children of a number or a name."""

    items: Annotated[list[FoundChild], shown("条目", "Items")]
    more: Annotated[bool, shown("还有更多", "More", "Whether there are more than are shown.")]
    next: Annotated[
        str | UnsetType, shown("下一页", "Next page", "The `cursor` of the next page; missing on the last.")
    ] = UNSET


@RESOURCE.operation(
    "POST",
    "/v1/children/search",
    zh="查找儿童",
    en="Find children",
    request=SearchIn,
    answers={200: FoundChildren},
    params=(ORG, *PAGE),
    action=Action.READ,
    codes=(ONE_WORD.code,),
    leads_to=("get_child",),
)
def find_children(call: Call) -> FoundChildren:
    """Find the children of this number, name or part of a name that the key may see, page by page.

    By part of a name the best answers come first: whole names, beginnings, parts, sounds, initials; former
    names last. `notes` says where somebody may be missing.

    按号码、完整姓名或姓名的一部分（含拼音）查找此密钥可见的儿童，分页给出。按部分姓名查找时，
    依次为全名、开头、部分、读音、首字母，曾用名在后；可能有遗漏时在 notes 中说明。
    """
    asked, org = call.body(), call.org(Action.READ)
    if len(asked) != 1:
        raise invalid(ONE_WORD)
    ((kind, word),) = asked.items()
    return _by_part(call, word, org=org) if kind == NAME_PART else _by_word(call, kind, word, org=org)


def _by_word(call: Call, kind: str, word: str, *, org: str) -> FoundChildren:
    system, after = call.system, call.after(id_of)
    ids = system.record.find(kind=kind, word=word, scope=org)
    streams = system.log.streams([child_id for child_id in ids if after is None or child_id > after])
    children = [fold(child_id, events) for child_id, events in streams.items()]
    found = [
        FoundChild.of(
            child,
            case_no=case_no_of(child.child_id),
            student_no=child.profile.student_no,
            name=child.profile.name,
        )
        for child in children
        if child.profile is not None and child.belongs_to(org)
    ]
    page = found[: call.limit()]
    if len(found) == len(page):
        return FoundChildren(items=page, more=False)
    return FoundChildren(items=page, more=True, next=cursor_after(call.req, page[-1].child_id))


def _by_part(call: Call, text: str, *, org: str) -> FoundChildren:
    page = call.system.name_search.page(
        text, actor=call.actor, org=org, after=call.after(name_place), limit=call.limit()
    )
    items = [
        FoundChild.of(each, match=each.match, former_name=each.former_name or UNSET) for each in page.items
    ]
    more = page.next is not None
    return FoundChildren(
        items=items,
        more=more,
        next=cursor_after(call.req, *page.next) if page.next else UNSET,
        notes=call.notes(page.notes),
    )
