"""The regulation: the text of a rule of the house, its versions, and who has signed for them."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.regulations.issued import RegulationIssued
from domain.streams.regulations.regulation import Regulation

REGULATION_IS_REPEALED = Reason(
    code="regulation_is_repealed", zh="该制度已废止", en="The regulation is repealed."
)
ADVICE = Advice(
    reason=REGULATION_IS_REPEALED,
    zh="废止有误的，作废废止记录；新的制度另行登记。",
    en="Void the repeal if it was wrong, or issue another regulation.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="regulation",
    plural="regulations",
    label=Text(zh="制度", en="Regulation"),
    types=types_beside(__name__),
    opens=(RegulationIssued,),
    view=Regulation,
    checks=Checks(
        admits=open_until(lambda regulation: regulation.repealed_on is not None, REGULATION_IS_REPEALED)
    ),
    served=True,
)
