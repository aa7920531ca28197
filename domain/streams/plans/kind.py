"""The plan: of a year, of three, or for an emergency; with milestones and drills."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.plans.adopted import PlanAdopted
from domain.streams.plans.plan import Plan

PLAN_IS_CLOSED = Reason(code="plan_is_closed", zh="该计划已结束", en="The plan is closed.")
ADVICE = Advice(
    reason=PLAN_IS_CLOSED,
    zh="结束有误的，作废结束记录；新的计划另行登记。",
    en="Void the closing if it was wrong, or adopt another plan.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="plan",
    plural="plans",
    label=Text(zh="计划", en="Plan"),
    types=types_beside(__name__),
    opens=(PlanAdopted,),
    view=Plan,
    checks=Checks(admits=open_until(lambda plan: plan.closed is not None, PLAN_IS_CLOSED)),
    served=True,
)
