"""What answers say in their final shape: case numbers, placements, precision, and what is unknown."""

from domain.case_no import is_case_no
from domain.choices import Precision
from tests.upgrade.differences import ADDED, CHANGED, Allowed

SHAPE = "The state of a child has its final shape: `placements` by line"
UNKNOWN = "It is null, no longer false, for a child of whose parents nobody said enough"
CASE_NO = "Every child has a case number, `case_no`"
BOUND = "Of each child that fell short `bound` says whether the rule held for it."
PRECISION = "`precision` says how exactly it is known when something happened"


def exactness(at: str | None) -> dict[str, object]:
    """Return what an entry of a history says of how exact it is, where 0.1 knew a moment or none."""
    return {"precision": Precision.DAY if at is None else Precision.MOMENT, "approximate": []}


def _precision(questions: str, at: str) -> Allowed:
    return Allowed(
        changelog=PRECISION,
        questions=questions,
        at=at,
        how=ADDED,
        fits=lambda _was, now: now in set(Precision),
    )


def _case_no(questions: str, at: str) -> Allowed:
    return Allowed(
        changelog=CASE_NO, questions=questions, at=at, how=ADDED, fits=lambda _was, now: is_case_no(now)
    )


_HISTORIES = (
    _precision("history *", "/items/*/precision"),
    Allowed(
        changelog=PRECISION,
        questions="history *",
        at="/items/*/approximate",
        how=ADDED,
        fits=lambda _was, now: now == [],
    ),
)
_CHILDREN = (
    _case_no("child *", "/case_no"),
    _precision("child *", "/last_contact/precision"),
    *(
        Allowed(changelog=SHAPE, questions="child *", at=at, how=ADDED)
        for at in ("/placements", "/care_at_home", "/parents/*/who", "/parents/*/since")
    ),
    # Nobody can say these yet.
    *(
        Allowed(changelog=SHAPE, questions="child *", at=at, how=ADDED, fits=lambda _was, now: now is None)
        for at in ("/household", "/parents/*/state")
    ),
    Allowed(
        changelog=UNKNOWN,
        questions="child *",
        at="/left_behind/left_behind",
        how=CHANGED,
        fits=lambda was, now: (was, now) == (False, None),
    ),
)
_SHORT = (
    _case_no("report *", "/short/*/case_no"),
    Allowed(
        changelog=BOUND,
        questions="report *",
        at="/short/*/bound",
        how=ADDED,
        fits=lambda _was, now: now is True,
    ),
)
KNOWN_SHAPE = (*_HISTORIES, *_CHILDREN, *_SHORT)
NOW_SHAPE = (
    *_HISTORIES,
    *_CHILDREN,
    *(
        _case_no(f"{of} *", "/items/*/case_no")
        for of in ("alerts", "alerts,", "inbox", "timeline", "transfers", "search")
    ),
    _precision("timeline *", "/items/*/precision"),
    _precision("activity *", "/precision"),
)
TERMINAL_SHAPE = (
    *_HISTORIES,
    *(_case_no(f"{of} *", "*/case_no") for of in ("children", "alerts", "compliance")),
)
IN_FEEDS = (_precision("*", "/data/precision"),)
