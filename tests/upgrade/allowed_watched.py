"""What it changes in answers of 0.1 that those of watched@1 are watched, and nobody else (ADR 30)."""

from typing import Any

from tests.upgrade.differences import ADDED, CHANGED, REMOVED, Allowed
from tests.upgrade.kids import number_of

SHOWN = "`watched` says whether a child is watched and on what ground"
NOT_IN_CARE = "Who is not in care on a day is not watched on it"
NAMED = "Reports and verdicts name their `population`"
UNKNOWN = (
    "A child of whom nobody recorded where its parents are is told as `unknown`, no longer as `none_away`"
)
COUNTED = (
    "Silence, pairing, summaries and compliance count the same children: those who are watched (`watched@1`)"
)
ENDED = "Alerts of children who are not watched end as `not_watched`"
# Both parents are known to be at home, and no tag is borne.
AT_HOME = (
    *("home_silent", "home_fresh", "home_info", "home_acknowledged", "home_snoozed", "home_resolved"),
    *("came_back", "b_home_silent", "c_home", "day_parent_returns", "day_home_contacts"),
)
# Who has left care, or come of age.
_LEFT = ("al_exited", "al_of_age")
_NUMBERS = frozenset(map(number_of, AT_HOME))
# Of whom a parent is unknown and none is away.
_UNKNOWN = (
    *("paper_HY04", "unknown_both", "unknown_mother", "unknown_father", "b_unknown", "num_taken_over"),
    *("num_after_move", "num_meets_moved", "num_of_erased", "num_late_wide"),
)
_FIGURES = ("bound", "due", "pending", "short", "not_applicable")


def _watched(_was: Any, now: Any) -> bool:
    return bool(now["population"] == "watched@1" and now["watched"] and now["ground"])


def _at_home(_was: Any, now: Any) -> bool:
    return bool(now == {"population": "watched@1", "watched": False, "ground": None})


def _fewer(was: Any, now: Any) -> bool:
    return bool(now < was)


def _of_one_at_home(was: Any, _now: Any) -> bool:
    return was["student_no"] in _NUMBERS


def _added(changelog: str, questions: str, at: str, **more: Any) -> Allowed:
    return Allowed(changelog=changelog, questions=questions, at=at, how=ADDED, **more)


def _of_children(moment: str) -> tuple[Allowed, ...]:
    return (
        _added(UNKNOWN, f"child * {moment}", "/left_behind/whereabouts_unknown"),
        _added(SHOWN, f"child * {moment}", "/watched", fits=_watched),
        *(_added(SHOWN, f"child {slug} {moment}", "/watched", fits=_at_home) for slug in AT_HOME),
        *(_added(NOT_IN_CARE, f"child {slug} {moment}", "/watched", fits=_at_home) for slug in _LEFT),
        *(
            Allowed(
                changelog=UNKNOWN,
                questions=f"child {slug} {moment}",
                at="/left_behind/parents_away",
                how=CHANGED,
                fits=lambda was, now: (was, now) == ("none_away", "unknown"),
            )
            for slug in _UNKNOWN
        ),
    )


def _of_verdicts(moment: str) -> tuple[Allowed, ...]:
    return (
        _added(NAMED, f"compliance * {moment}", "/population"),
        _added(NAMED, f"compliance * {moment}", "/items/*/watched"),
    )


def _fewer_in(questions: str, *pointers: str) -> tuple[Allowed, ...]:
    return tuple(
        Allowed(changelog=COUNTED, questions=questions, at=at, how=CHANGED, fits=_fewer) for at in pointers
    )


def _gone(questions: str, at: str) -> Allowed:
    return Allowed(changelog=COUNTED, questions=questions, at=at, how=REMOVED, fits=_of_one_at_home)


KNOWN_WATCHED = (
    *_of_children("late"),
    *_of_verdicts("middle"),
    _added(NAMED, "report *", "/population"),
    *_fewer_in("report 溪口县*", "/bound", "/due", "/pending", "/not_applicable"),
    *_fewer_in("report 南坪县*", "/bound", "/not_applicable"),
    _gone("report 溪口县*", "/short/*"),
)
NOW_WATCHED = (
    *_of_children("now"),
    *_of_verdicts("now"),
    _added(NAMED, "overview *", "/population"),
    *_fewer_in("overview 溪口县*", *(f"/items/*/{figure}" for figure in _FIGURES if figure != "bound")),
    *_fewer_in("overview 南坪县*", "/items/*/not_applicable"),
)
TERMINAL_WATCHED = (
    *_fewer_in("compliance --org 溪口县*", "/bound", "/due", "/not_applicable"),
    _gone("compliance *", "/short/*"),
    _added(SHOWN, "children *", "/*/watched"),
    _gone("children --uncontacted-days 30 *", "/*"),
    _gone("alerts --on 2026-06-30 --json", "/*"),
    # The one child of that county whose parents are at home has left the table.
    Allowed(changelog=COUNTED, questions="alerts --on 2026-06-30 --org 南坪县", at="#line/*", how=CHANGED),
)
