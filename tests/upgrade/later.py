"""What the story tells every version after 0.1 otherwise: they refuse what 0.1 took, or answer it otherwise.

Whatever is not in this table is told to all alike.
"""

from collections.abc import Mapping
from typing import Any

FIRST, SECOND = "0.1", "0.2"
LATER: Mapping[str, Any] = {
    # Namesakes of one school that two normal forms of a name or number made two: told apart by a number.
    "carer lu_wide": {"staff_no": "Ｔ-02"},
    "carer lu_blank": {"staff_no": "T-04"},
    "carer k_small": {"staff_no": "k2"},
    "carer aili_dot": {"staff_no": "T-05"},
    "carer aili_bullet": {"staff_no": "T-06"},
    "carer wide_school": {"staff_no": "Q-1"},
    "carer narrow_school": {"staff_no": "Q-2"},
    # Numbers of one county that one normal form makes one: each child has its own, spelled as before.
    "number num_wide": "ＸＫ１００１",
    "number num_small": "xk2001",
    "number num_blank_county": "xk  1001",
    "number num_two": "XK1002",
    "number num_bullet": "XK•1003",
    "number num_six": "XK1006",
    "number num_meets_moved": "s 20261079",
    "number num_after_move": "s20262079",
    "number num_of_erased": "s20261076",
    # Carers of another county are none, and a key that is bound to types registers no carers.
    "status of a foreign carer": 422,
    "who renames a carer": "a_school",
    # The id of a batch belongs to one key.
    "status of a batch of another key": 409,
    # A row beyond the capacity of a counsellor: the child is enrolled all the same.
    "import roster": (4, 0, 3),
}


def told_to(version: str, what: str, at_first: Any) -> Any:
    """Return what a version is told, or answers: `at_first` is what 0.1 was."""
    return at_first if version == FIRST else LATER.get(what, at_first)
