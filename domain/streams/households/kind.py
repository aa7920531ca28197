"""The household: children under one roof, visited at once."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.households.household import FAN_OUT, Household
from domain.streams.households.registered import HouseholdRegistered

HOUSEHOLD_IS_DISSOLVED = Reason(
    code="household_is_dissolved", zh="该家庭已注销", en="The household is dissolved."
)
ADVICE = Advice(
    reason=HOUSEHOLD_IS_DISSOLVED,
    zh="注销有误的，作废注销记录；另成一户的，另行登记。",
    en="Void the dissolving if it was wrong, or register another household.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="household",
    plural="households",
    label=Text(zh="家庭", en="Household"),
    types=types_beside(__name__),
    opens=(HouseholdRegistered,),
    view=Household,
    checks=Checks(admits=open_until(lambda household: household.dissolved, HOUSEHOLD_IS_DISSOLVED)),
    served=True,
    fans_out=FAN_OUT,
    children=lambda household: household.ever,
    counts_for="household",
)
