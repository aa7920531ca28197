"""The census round: classes and villages are asked who is left behind, and their figures are signed."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.census_rounds.census_round import FAN_OUT, CensusRound
from domain.streams.census_rounds.opened import CensusRoundOpened

ROUND_IS_CLOSED = Reason(code="census_round_is_closed", zh="本轮排查已结束", en="The census round is closed.")
ADVICE = Advice(
    reason=ROUND_IS_CLOSED,
    zh="结束有误的，作废结束记录；新的排查另开一轮。",
    en="Void the closing if it was wrong, or open another round.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="census_round",
    plural="census-rounds",
    label=Text(zh="摸底排查", en="Census round"),
    types=types_beside(__name__),
    opens=(CensusRoundOpened,),
    view=CensusRound,
    checks=Checks(admits=open_until(lambda state: state.closed is not None, ROUND_IS_CLOSED)),
    served=True,
    fans_out=FAN_OUT,
)
