"""Who counts as left behind: derived from who is away, under a named definition version."""

from domain.care_actions.parent_work_recorded import Parent
from domain.child import Child
from domain.fields import Choice

DEFINITION = "school_broad@1"


class Away(Choice):
    """How many parents are away for work; what is not known counts as not away."""

    BOTH = "both_parents_away", "纯留守", "both parents away"
    ONE = "single_parent_away", "单留守", "one parent away"
    NONE = "none_away", "父母均在家", "no parent away"


def parents_away(child: Child, /) -> Away:
    """Tell how many parents of the child are away."""
    away = [child.parents[p].away is True for p in Parent if p in child.parents]
    return (Away.NONE, Away.ONE, Away.BOTH)[sum(away)]


def is_left_behind(child: Child, /) -> bool:
    """Tell whether the child is left behind under `DEFINITION`: one parent or both away."""
    return parents_away(child) is not Away.NONE
