"""What a later version finds by a number or a name that 0.1 did not."""

from domain.normal import normal_name, normal_number
from tests.upgrade.differences import ADDED, REMOVED, Allowed

SPELLINGS = (
    "Numbers, names and paths of organisations are compared and found whatever their spelling (full width,"
    " case, blanks, format characters, middle dots); `careledger migrate` makes them findable so. What is"
    " stored is as it was written."
)
_NAMES = frozenset({"张三", "anna", "艾力·买买提"})
_NUMBERS = frozenset({"XK0001", "XK0002", "XK0004", "XK0006"})

FOUND = (
    Allowed(
        changelog=SPELLINGS,
        questions="search name *",
        at="/items/*",
        how=ADDED,
        fits=lambda _was, now: isinstance(now, dict) and normal_name(now["name"]) in _NAMES,
    ),
    Allowed(
        changelog=SPELLINGS,
        questions="search student_no *",
        at="/items/*",
        how=ADDED,
        fits=lambda _was, now: isinstance(now, dict) and normal_number(now["student_no"]) in _NUMBERS,
    ),
    # Who bore it once, before another spelling of it was found to be the same.
    Allowed(
        changelog=SPELLINGS,
        questions="search student_no 'ＸＫ０００６' by *",
        at="/items/*",
        how=REMOVED,
        fits=lambda was, _now: was["student_no"] == "XK0007",
    ),
)
