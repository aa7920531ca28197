"""Carers of another county, whom only 0.1 named, and what its keys bound to types did."""

from typing import Any

from tests.upgrade.differences import CHANGED, Allowed

NAMED = (
    "A carer is named by who belongs to its school, its subtree or what lies below it, and of children of its"
    " county; any other is answered as unknown (`unknown_carer`). A history names carers of the child's"
    " counties."
)
BOUND = (
    "A key that is bound to types submits those and reads what became of its own batches; everything else is"
    " 403."
)
_NAME, _ID = "何老师", "83a59275-97a2-4208-8cc1-d762c6ab92c6"


def _by_id(was: Any, now: Any) -> bool:
    return bool(was.replace(_NAME, _ID) == now)


IN_HISTORIES = tuple(
    Allowed(changelog=NAMED, questions=questions, at="/items/*/text/*", how=CHANGED, fits=_by_id)
    for questions in ("history foreign *", "history num_blank_county late")
)
OF_CHILDREN = (
    Allowed(
        changelog=NAMED,
        questions="child foreign *",
        at="/pairings/204f27bd-88fe-44e4-9af7-387d945e2d6d/carer_name",
        how=CHANGED,
        fits=lambda was, now: (was, now) == (_NAME, None),
    ),
)
BY_TYPE = (
    Allowed(
        changelog=BOUND,
        questions="a_talks /v1/carers/6d4c1451-4125-4971-a83c-6d58ddbce12c",
        at="/0",
        how=CHANGED,
        fits=lambda was, now: (was, now) == (200, 403),
    ),
)
