"""Numbers that several children bear: what only a key above all of them sees, and settles."""

from typing import Annotated
from uuid import UUID

from api import fields as f
from api.answer import Answer, ChildId, Moment, Org, personal, shown
from api.operation import word
from api.resource import Call, Resource
from api.schemas import Strict
from application.access import Action
from application.children.clashes import MOST_SHOWN, OPEN, SETTLED, Clash, Verdict

RESOURCE = Resource(
    tag="number-clashes", zh="重号", en="Numbers that several children bear, nearly all across counties."
)
STATE = word("state", [OPEN, SETTLED], "Only cases in this state.", default=OPEN)


class SettleIn(Strict):
    """What several files with one number turned out to be."""

    verdict = f.Word(choice=Verdict, required=True, zh="结论", en="Verdict")


class ClashingChild(Answer):
    """A child who bears the number."""

    child_id: ChildId
    org: Org


class NumberClash(Answer):
    """Several children with one number; never the number."""

    clash_id: Annotated[UUID, shown("重号编号", "Id of the case")]
    kind: Annotated[str, shown("号码类型", "Kind", "student_no or id_number.")]
    children: Annotated[list[ClashingChild], shown("儿童", "Children")]
    state: Annotated[str, shown("状态", "State", "open or settled.")]
    verdict: Annotated[Verdict | None, shown("结论", "Verdict")]
    settled_at: Annotated[Moment | None, shown("处理时间", "Settled at")]
    settled_by: Annotated[str | None, personal("处理人", "Settled by")]


class NumberClashList(Answer):
    """The cases that a key sees, in order of id."""

    items: Annotated[list[NumberClash], shown("条目", "Items")]
    more: Annotated[bool, shown("还有更多", "More", "Whether there are more than are shown.")]


@RESOURCE.operation(
    "GET",
    "/v1/number-clashes",
    zh="列出重号",
    en="List numbers that several children bear",
    answers={200: NumberClashList},
    params=(STATE,),
    leads_to=("settle_number_clash",),
)
def list_number_clashes(call: Call) -> NumberClashList:
    """List cases all of whose children the key sees, by ids alone; five hundred at most, as lines all.

    Within a county a number is one child's, so nearly all of these lie across counties.

    列出此密钥能看到全部相关儿童的重号，只给编号，最多五百项，逐行格式不限。县内一个号码只属于一名儿童，
    所以重号几乎都是跨县的。
    """
    found = call.system.clashes.listed(actor=call.actor, state=call.asked(STATE) or OPEN)
    items = [_shown(clash) for clash in (found if call.whole else found[:MOST_SHOWN])]
    return NumberClashList(items=items, more=len(found) > MOST_SHOWN)


@RESOURCE.operation(
    "POST",
    "/v1/number-clashes/{clash_id:uuid}/settle",
    zh="处理重号",
    en="Settle a number that several children bear",
    request=SettleIn,
    answers={200: NumberClash},
    action=Action.MANAGE,
)
def settle_number_clash(call: Call, clash_id: UUID) -> NumberClash:
    """Say what it turned out to be. The files stay as they are: they are mended by their own entries.

    登记重号的核查结论。档案不会因此改变，须各自更正。
    """
    verdict = Verdict.from_word(call.body()["verdict"])
    return _shown(call.system.clashes.settle(clash_id, verdict=verdict, actor=call.actor))


def _shown(clash: Clash) -> NumberClash:
    settled = clash.settled
    return NumberClash.of(
        clash,
        children=[ClashingChild(child_id=child_id, org=org) for child_id, org in clash.children],
        state=SETTLED if settled else OPEN,
        verdict=settled.verdict if settled else None,
        settled_at=settled.at if settled else None,
        settled_by=settled.by if settled else None,
    )
