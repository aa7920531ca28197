"""What the order within a day changes in answers of 0.1 (ADR 29)."""

from typing import Any

import orjson

from tests.upgrade.allowed_people import NOT_KNOWN, claimed
from tests.upgrade.allowed_shape import exactness
from tests.upgrade.differences import ADDED, CHANGED, MOVED, Allowed

NOTED = "`noted_at`, an optional field of every care action: the moment at which a client wrote it down."
MARKED = "Two entries of one day that say different things of the same are both shown and marked"
SUBJECT = "An alert says what it is about as `subject {kind, id}`"
NAMED = "`child_name` in alerts, notices and the timeline, for keys that may read the child."
DECIDED = "`GET /v1/transfers` lists undecided ones, and by `state` the others."
ORDERED = "Entries of one day or one moment stand in the order in which they became known"
# Children of whom two entries of one day say different things, and what of them is told.
_TOLD_OTHERWISE = {
    "day_profile": ("/profile/name", "/profile/address", "/profile/boarding"),
    "day_guardian": ("/guardian/name", "/guardian/relation", "/guardian/phone"),
    "day_parent_leaves": ("/parents/father/away", "/left_behind/left_behind", "/left_behind/parents_away"),
    "day_parent_returns": ("/parents/father/away", "/left_behind/left_behind", "/left_behind/parents_away"),
    **dict.fromkeys(
        ("one_away", "paper_HY02", "day_contacts_falling", "day_home_contacts"), ("/last_contact/event_id",)
    ),
    **dict.fromkeys(("day_late_smaller", "day_moments"), ("/last_contact/event_id", "/last_contact/type")),
}
_CONTRADICTED = [slug for slug in _TOLD_OTHERWISE if slug.startswith(("day_p", "day_g"))]


def _nothing(_was: Any, now: Any) -> bool:
    return now in (None, [])


def _a_child(_was: Any, now: Any) -> bool:
    return sorted(now) == ["id", "kind"] and now["kind"] == "child"


def _same_in_another_order(was: Any, now: Any) -> bool:
    return sorted(was) == sorted(now)


def _two_columns_more(was: str, now: str) -> bool:
    # And two of `allowed_shape`.
    return bool(now == f"{was},记下时间,同日不一致,时间精度,约数")


def _two_fields_more(was: str, now: str) -> bool:
    # And two each of `allowed_people` and of `allowed_shape`, and one of `allowed_since`.
    new = {"noted_at": None, "contradicts": [], "merged_from": None, **NOT_KNOWN}
    before = orjson.loads(claimed(was))
    return orjson.loads(now) == before | new | exactness(before["occurred_at"])


def _of_children(moment: str) -> tuple[Allowed, ...]:
    """Allow what is told of children `now`, or `late` as known at a moment of the past."""
    told = [
        Allowed(changelog=ORDERED, questions=f"child {slug} {moment}", at=at, how=CHANGED)
        for slug, pointers in _TOLD_OTHERWISE.items()
        for at in pointers
    ]
    marked = [
        Allowed(changelog=MARKED, questions=f"child {slug} {moment}", at="/contradictions", how=ADDED)
        for slug in _CONTRADICTED
    ]
    new = Allowed(
        changelog=MARKED, questions=f"child * {moment}", at="/contradictions", how=ADDED, fits=_nothing
    )
    moved = Allowed(
        changelog=ORDERED,
        questions=f"child * {moment}",
        at="/parents",
        how=MOVED,
        fits=_same_in_another_order,
    )
    return (*told, *marked, new, moved)


_IN_HISTORIES = (
    Allowed(changelog=NOTED, questions="history *", at="/items/*/noted_at", how=ADDED, fits=_nothing),
    Allowed(changelog=MARKED, questions="history *", at="/items/*/contradicts", how=ADDED, fits=_nothing),
    Allowed(changelog=ORDERED, questions="history *", at="/items", how=MOVED, fits=_same_in_another_order),
)
KNOWN_ORDER = (
    *_of_children("late"),
    *_IN_HISTORIES,
    *(
        Allowed(changelog=MARKED, questions=f"history {slug} *", at="/items/*/contradicts", how=ADDED)
        for slug in _CONTRADICTED
    ),
    *(
        Allowed(
            changelog=ORDERED,
            questions=f"compliance {slug} middle",
            at="/items/*/rejected",
            how=MOVED,
            fits=_same_in_another_order,
        )
        for slug in ("day_contacts_falling", "day_moments", "day_home_contacts")
    ),
    Allowed(
        changelog=NOTED,
        questions="history full as text/csv",
        at="#line/1",
        how=CHANGED,
        fits=_two_columns_more,
    ),
    Allowed(
        changelog=NOTED,
        questions="history full as application/x-ndjson",
        at="#line/*",
        how=CHANGED,
        fits=_two_fields_more,
    ),
    # Guardian, parent and profile of one day have changed places.
    *(
        Allowed(changelog=ORDERED, questions=f"history full as {media}", at=f"#line/{line}", how=CHANGED)
        for media, first in (("text/csv", 3), ("application/x-ndjson", 2))
        for line in range(first, first + 3)
    ),
)
NOW_ORDER = (
    *_of_children("now"),
    *_IN_HISTORIES,
    *(
        Allowed(changelog=SUBJECT, questions=questions, at="/items/*/subject", how=ADDED, fits=_a_child)
        for questions in ("alerts *", "alerts, * page")
    ),
    *(
        Allowed(changelog=NAMED, questions=questions, at="/items/*/child_name", how=ADDED)
        for questions in ("alerts *", "alerts, * page", "timeline *")
    ),
    *(
        Allowed(changelog=DECIDED, questions="transfers *", at=f"/items/*/{field}", how=ADDED)
        for field in ("state", "decided_on")
    ),
)
TERMINAL_ORDER = (
    *_IN_HISTORIES,
    # Father and mother, recorded one after the other, have changed places.
    *(
        Allowed(
            changelog=ORDERED,
            questions="history S20260001 --as-of 2026-05-23 *",
            at=f"#line/{line}",
            how=CHANGED,
        )
        for line in (5, 6)
    ),
    Allowed(
        changelog=ORDERED,
        questions="children --org 溪口县/东岭镇/中心小学 *",
        at="/S20260042/name",
        how=CHANGED,
        fits=lambda was, now: (was, now) == ("孔小明", "孔小铭"),
    ),
)
FEEDS_ORDER = (Allowed(changelog=NOTED, questions="*", at="/data/noted_at", how=ADDED, fits=_nothing),)
