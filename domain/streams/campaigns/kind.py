"""The campaign: volunteers, publicity, a survey, over some days and with a budget."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.campaigns.campaign import Campaign
from domain.streams.campaigns.planned import CampaignPlanned

CAMPAIGN_IS_CLOSED = Reason(code="campaign_is_closed", zh="该专项活动已结束", en="The campaign is closed.")
ADVICE = Advice(
    reason=CAMPAIGN_IS_CLOSED,
    zh="结束有误的，作废结束记录；新的活动另行登记。",
    en="Void the closing if it was wrong, or plan another campaign.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="campaign",
    plural="campaigns",
    label=Text(zh="专项活动", en="Campaign"),
    types=types_beside(__name__),
    opens=(CampaignPlanned,),
    view=Campaign,
    checks=Checks(admits=open_until(lambda campaign: campaign.closed is not None, CAMPAIGN_IS_CLOSED)),
    served=True,
)
