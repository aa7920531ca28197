"""Promoting all classes of a school on one day, and taking that back."""

from datetime import date
from typing import Annotated
from uuid import UUID

from api import fields as f
from api.answer import Answer, ChildId, Org, shown
from api.exchange import exchange_of
from api.language import in_language
from api.resource import Call, Resource
from api.schemas import Strict, typed
from application.access import Action
from application.children.promoting import Promotion, Promotions
from application.intake.submission import LONGEST_NAME

RESOURCE = Resource(
    guide="api",
    tag="promotions",
    zh="整校升级",
    en="Promoting the classes of a school.",
)
MOST_CLASSES = 500


class WayIn(Strict):
    """Where the children of a class go."""

    before = f.Path(required=True, zh="原班级", en="Class before")
    to = f.Path(required=True, zh="去向", en="To")


class PromotionIn(Strict):
    """Which school is promoted on which day; what is not said of a class follows from its grade."""

    promotion_id = f.Identifier(required=True, zh="升级批次", en="Promotion")
    org = f.Path(required=True, zh="学校", en="School")
    occurred_on = f.Day(required=True, zh="日期", en="Day")
    classes = f.Many(f.Part(WayIn), most=MOST_CLASSES, zh="指定班级", en="Classes that go elsewhere")
    leaving = f.Many(f.Part(WayIn), most=MOST_CLASSES, zh="毕业班级", en="Classes that leave")
    only_say = f.Flag(zh="只预览", en="Only say what it would do")


class UndoPromotionIn(Strict):
    """Why a promotion is taken back, and who approved."""

    org = f.Path(required=True, zh="学校", en="School")
    reason = f.Text(longest=1000, blank=False, required=True, zh="原因", en="Reason")
    approved_by = f.Text(longest=LONGEST_NAME, blank=False, required=True, zh="审批人", en="Approved by")


class PromotedClass(Answer):
    """What became of the children of a class."""

    before: Annotated[str, shown("原班级", "Class before")]
    to: Annotated[str, shown("去向", "To")]
    leaving: Annotated[bool, shown("毕业", "Leaving", "They are offered to another school, which accepts.")]
    children: Annotated[int, shown("儿童数", "Children", "Who were still to go.")]
    done: Annotated[int, shown("本次办理", "Done")]
    already: Annotated[int, shown("已办理", "Already", "Somebody else did so at the same time.")]


class NotPromoted(Answer):
    """A child who stays, and why."""

    child_id: ChildId
    org: Org
    code: Annotated[str, shown("代码", "Code")]
    detail: Annotated[str, shown("说明", "Detail")]


class Promoted(Answer):
    """What a promotion did, or would do."""

    promotion_id: Annotated[UUID, shown("升级批次", "Promotion")]
    org: Org
    occurred_on: Annotated[date, shown("日期", "Day")]
    classes: Annotated[list[PromotedClass], shown("班级", "Classes")]
    refused: Annotated[list[NotPromoted], shown("未办理", "Refused")]


@RESOURCE.operation(
    "POST",
    "/v1/promotions",
    zh="整校升级",
    en="Promote all classes of a school",
    request=PromotionIn,
    answers={200: Promoted},
    action=Action.MANAGE,
    uses=(Promotions.promote,),
    leads_to=("undo_promotion",),
)
def promote_classes(call: Call) -> Promoted:
    """Move every child of a school into its next class on one day, each once.

    The next class follows from the grade, unless `classes` says otherwise. Children of the classes in
    `leaving` are offered to the school named there: `GET /v1/transfers` lists those that it has not accepted.
    What was cut goes on where the same is sent again.

    按年级把全校儿童升入下一班级，每人一次；classes 另行指定，leaving 中的班级向所写学校提出转接，
    未接收的见 GET /v1/transfers。中断后重发即可继续。
    """
    words = call.body()
    done = call.system.promotions.promote(
        UUID(words["promotion_id"]),
        org=words["org"],
        day=typed(date, words["occurred_on"]),
        classes=_ways(words.get("classes")),
        leaving=_ways(words.get("leaving")),
        only_say=words.get("only_say") or False,
        actor=call.actor,
    )
    return _shown(call, done)


@RESOURCE.operation(
    "POST",
    "/v1/promotions/{promotion_id:uuid}/undo",
    zh="撤回整校升级",
    en="Take a promotion back",
    request=UndoPromotionIn,
    answers={200: Promoted},
    action=Action.MANAGE,
    uses=(Promotions.undo,),
    leads_to=("promote_classes",),
)
def undo_promotion(call: Call, promotion_id: UUID) -> Promoted:
    """Void what a promotion recorded, child by child; twice is once. Who was accepted elsewhere stays there.

    逐人作废该批次的升级记录，重复请求不再变动。已被外校接收的不变。
    """
    return _shown(call, call.system.promotions.undo(promotion_id, **call.body(), actor=call.actor))


def _ways(said: list[dict[str, str]] | None) -> dict[str, str]:
    return {each["before"]: each["to"] for each in said or ()}


def _shown(call: Call, done: Promotion) -> Promoted:
    return Promoted(
        promotion_id=done.promotion_id,
        org=done.org,
        occurred_on=done.day,
        classes=[PromotedClass.of(each) for each in done.classes],
        refused=[
            NotPromoted.of(
                each, code=each.reason.code, detail=in_language(each.reason, exchange_of(call.req).language)
            )
            for each in done.refused
        ],
    )
