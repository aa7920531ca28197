"""The assessment: of a carer, a pairing or an organisation, by items with weights."""

from collections.abc import Iterator
from typing import Any

from domain.event import NewEvent
from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Fault, Reason, Text, conflict
from domain.streams.assessments.assessment import Assessment
from domain.streams.assessments.opened import AssessmentOpened

ASSESSMENT_IS_CLOSED = Reason(
    code="assessment_is_closed", zh="该考核已有结果", en="The assessment is closed."
)
ADVICE = Advice(
    reason=ASSESSMENT_IS_CLOSED,
    zh="结果有误的，作废结果后重新评分；下一期考核另行登记。",
    en="Void the result if it was wrong and score again. The next one is another assessment.",
    refusals=(Conflict,),
)
SCORED_BY_THESE = Reason(
    code="scored_by_these_items",
    zh="已按现有项目评分，不能更改项目和分值",
    en="Scores were given by these items, so they can't be changed.",
)
ADVICE_ON_SCORED_BY_THESE = Advice(
    reason=SCORED_BY_THESE,
    zh="先作废评分，再更正项目。",
    en="Void the scores first, then correct the items.",
    refusals=(Conflict,),
)


def _restated(others: Any, result: NewEvent) -> Iterator[Fault]:
    """Refuse other items than those by which scores were given."""
    said = result.details
    assert isinstance(said, AssessmentOpened)
    items = len(said.items)
    weights = {number: 10 * each.weight for number, each in enumerate(said.items, start=1)}
    scored = [s for s in (others.self_scores, others.group_scores) if s]
    fits = all(
        len(scores) == items and all(each.tenths <= weights.get(each.item, -1) for each in scores)
        for scores in scored
    )
    if not fits:
        raise conflict(SCORED_BY_THESE, "/details/items")
    return iter(())


KIND = StreamKind(
    name="assessment",
    plural="assessments",
    label=Text(zh="考核", en="Assessment"),
    types=types_beside(__name__),
    opens=(AssessmentOpened,),
    view=Assessment,
    checks=Checks(
        admits=open_until(lambda assessment: assessment.closed is not None, ASSESSMENT_IS_CLOSED),
        restated=_restated,
    ),
    served=True,
)
