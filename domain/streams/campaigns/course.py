"""The course of a campaign: which steps are done, what was spent, what was told to the public."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, AtOdds, Conflict, Fault, Invalid, Reason, Text

NO_SUCH_STEP = Reason(code="no_such_step", zh="没有这一步骤", en="There is no such step.")
ADVICE_ON_NO_SUCH_STEP = Advice(
    reason=NO_SUCH_STEP,
    zh="核对步骤名称；计划有误的，更正计划。",
    en="Check the name of the step, or correct the plan.",
    refusals=(AtOdds,),
)
STEP_DONE_ALREADY = Reason(code="step_done_already", zh="该步骤已完成", en="The step is done already.")
ADVICE_ON_STEP_DONE_ALREADY = Advice(
    reason=STEP_DONE_ALREADY,
    zh="登记有误的，先作废。",
    en="Void the first entry if it was wrong.",
    refusals=(Conflict,),
)
NOTHING_TOLD = Reason(
    code="nothing_told", zh="未写明宣传的内容或数量", en="Neither what was told nor how much is given."
)
ADVICE_ON_NOTHING_TOLD = Advice(
    reason=NOTHING_TOLD,
    zh="写明标题、份数、条数、场次或覆盖人数中的至少一项。",
    en="Give a title, or a number: leaflets, banners, boards, broadcasts, people reached.",
    refusals=(Invalid,),
)


class PublicityChannel(Choice):
    """By which way the public is told."""

    LEAFLETS = "leaflets", "发放资料", "leaflets"
    BANNERS = "banners", "横幅标语", "banners"
    BLACKBOARD = "blackboard", "黑板报、橱窗", "blackboard or showcase"
    BROADCAST = "broadcast", "校园广播", "broadcast of the school"
    TELEVISION = "television", "电视台", "television"
    PRESS = "press", "报刊", "press"
    ONLINE = "online", "网络", "online"
    EVENT = "event", "现场活动", "on the spot"
    SIGNATURES = "signatures", "签名活动", "signatures"


class CampaignPayer(Choice):
    """Who paid."""

    SCHOOL = "school", "学校", "school"
    GOVERNMENT = "government", "政府", "government"
    DONORS = "donors", "捐赠", "donors"
    VOLUNTEERS = "volunteers", "志愿者", "volunteers"
    CARER = "carer", "教师垫付", "a carer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStepDone(Details):
    """The day of the entry is that on which the step was done."""

    TYPE: ClassVar[str] = "campaign_step_done"

    step: str = described("步骤", "Step", max_length=100)
    result: str | None = described("结果", "Result", max_length=1000, default=None)
    heads: int | None = described("人数", "Heads", minimum=0, maximum=10_000_000, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSpent(Details):
    """What was paid for what, in fen (CNY 0.01). More than the budget is kept, and marked."""

    TYPE: ClassVar[str] = "campaign_spent"

    amount_fen: int = described("金额(分)", "Amount (fen)", minimum=1, maximum=100_000_000_000)
    purpose: str = described("用途", "For what", max_length=200)
    paid_by: CampaignPayer = described("支付方", "Paid by")
    receipt: str | None = described("票据号", "Receipt", max_length=64, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicityGiven(Details):
    """What was told to whom, and how much of it. With `approximate` the numbers are what there was at least.

    `children` are those who can be recognised in it: their consent to publicity is looked for.
    """

    TYPE: ClassVar[str] = "publicity_given"

    channel: PublicityChannel = described("渠道", "Channel")
    title: str | None = described("标题", "Title", max_length=200, default=None)
    outlet: str | None = described("媒体或地点", "Outlet or place", max_length=100, default=None)
    leaflets: int | None = described("资料(份)", "Leaflets", minimum=0, maximum=100_000_000, default=None)
    banners: int | None = described("横幅(条)", "Banners", minimum=0, maximum=1_000_000, default=None)
    times: int | None = described("期数或场次", "Issues or times", minimum=0, maximum=1_000_000, default=None)
    reach: int | None = described(
        "覆盖人数", "People reached", minimum=0, maximum=1_000_000_000, default=None
    )
    approximate: bool = described("约数", "At least so much", default=False)
    children: tuple[UUID, ...] = described("可辨认的儿童", "Children shown", max_length=500, default=())


def _done(new_event: NewEvent, campaign: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CampaignStepDone)
    step = next((each for each in campaign.steps if each.name == said.step), None)
    if step is None:
        raise AtOdds(Fault(reason=NO_SUCH_STEP, pointer="/details/step"))
    if step.done_on is not None:
        raise Conflict(Fault(reason=STEP_DONE_ALREADY, pointer="/details/step"))
    return iter(())


def _told(new_event: NewEvent, _campaign: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, PublicityGiven)
    if not any((said.title, said.leaflets, said.banners, said.times, said.reach)):
        yield Fault(reason=NOTHING_TOLD, pointer="/details")


EVENT_TYPES = (
    EventType(
        details=CampaignStepDone,
        label=Text(zh="步骤完成", en="Step done"),
        correctable=False,
        check=_done,
    ),
    EventType(details=CampaignSpent, label=Text(zh="活动支出", en="Spent")),
    EventType(details=PublicityGiven, label=Text(zh="宣传", en="Publicity"), check=_told),
)
