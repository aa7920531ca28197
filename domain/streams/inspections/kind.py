"""The inspection: people from outside look, children are drawn at random, findings are put right."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.inspections.inspection import Inspection
from domain.streams.inspections.opened import InspectionOpened

INSPECTION_IS_CLOSED = Reason(
    code="inspection_is_closed", zh="该督导检查已结束", en="The inspection is closed."
)
ADVICE = Advice(
    reason=INSPECTION_IS_CLOSED,
    zh="结束有误的，作废结束记录；再次检查的，另行登记。",
    en="Void the closing if it was wrong, or open another inspection.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="inspection",
    plural="inspections",
    label=Text(zh="督导检查", en="Inspection"),
    types=types_beside(__name__),
    opens=(InspectionOpened,),
    view=Inspection,
    checks=Checks(admits=open_until(lambda inspection: inspection.closed, INSPECTION_IS_CLOSED)),
    served=True,
)
