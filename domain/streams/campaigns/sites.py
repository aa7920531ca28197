"""Sites of a campaign 活动选点: where volunteers might go, how the places compare, and which was chosen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, AtOdds, Conflict, Fault, Reason, Text

SITE_NAMED_ALREADY = Reason(
    code="site_named_already", zh="该地点已列入", en="This place is among the sites already."
)
ADVICE_ON_SITE_NAMED_ALREADY = Advice(
    reason=SITE_NAMED_ALREADY,
    zh="情况有变的，更正原记录。",
    en="Correct the first entry if it has changed.",
    refusals=(Conflict,),
)
NO_SUCH_SITE = Reason(code="no_such_site", zh="没有这一地点", en="There is no such site.")
ADVICE_ON_NO_SUCH_SITE = Advice(
    reason=NO_SUCH_SITE, zh="先登记该地点。", en="Record the site first.", refusals=(AtOdds,)
)
SITE_CHOSEN_ALREADY = Reason(code="site_chosen_already", zh="该地点已选定", en="This site is chosen already.")
ADVICE_ON_SITE_CHOSEN_ALREADY = Advice(
    reason=SITE_CHOSEN_ALREADY,
    zh="不必再登记；选定有误的，先作废。",
    en="There is nothing more to record; void the choice if it was wrong.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSiteProposed(Details):
    """A place, with what it is compared by: children left behind, poor households, the way there and back."""

    TYPE: ClassVar[str] = "campaign_site_proposed"

    place: str = described("地点", "Place", max_length=100)
    left_behind: int = described("留守儿童(人)", "Children left behind", minimum=0, maximum=1_000_000)
    poor: int | None = described(
        "贫困家庭(户)", "Poor households", minimum=0, maximum=1_000_000, default=None
    )
    minutes_away: int | None = described(
        "单程(分钟)", "Minutes one way", minimum=0, maximum=10_000, default=None
    )
    same_day: bool | None = described("可当日往返", "There and back in a day", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSiteChosen(Details):
    """People chose it, and why; the ranking chooses nothing."""

    TYPE: ClassVar[str] = "campaign_site_chosen"

    site: UUID = described("地点记录", "Site (event id)")
    reason: str | None = described("理由", "Reason", max_length=500, default=None)


def _proposed(new_event: NewEvent, campaign: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CampaignSiteProposed)
    others = {each.place for each in campaign.sites if each.site != new_event.event_id}
    if said.place in others:
        raise Conflict(Fault(reason=SITE_NAMED_ALREADY, pointer="/details/place"))
    return iter(())


def _chosen(new_event: NewEvent, campaign: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CampaignSiteChosen)
    site = next((each for each in campaign.sites if each.site == said.site), None)
    if site is None:
        raise AtOdds(Fault(reason=NO_SUCH_SITE, pointer="/details/site"))
    if site.chosen:
        raise Conflict(Fault(reason=SITE_CHOSEN_ALREADY, pointer="/details/site"))
    return iter(())


EVENT_TYPES = (
    EventType(
        details=CampaignSiteProposed, label=Text(zh="提出活动地点", en="Site proposed"), check=_proposed
    ),
    EventType(
        details=CampaignSiteChosen,
        label=Text(zh="选定活动地点", en="Site chosen"),
        correctable=False,
        check=_chosen,
    ),
)
