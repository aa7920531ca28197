"""What is answered otherwise since 0.2, whichever version made the store."""

import re

import orjson

from tests.upgrade.differences import ADDED, CHANGED, REMOVED, Allowed

AT_WORK = "`careledger import list` says whether an import is at work, complete or broken off"
ERASED = "After an erasure no search by name or number finds the child or carer any more"
NAMED = "The verdicts of an organisation name the children who fell short"
FURTHER = "Fifty more types of care actions"
DEFINED = "**Who counts as left behind is data**"
REASONS = "**A reason to visit is open once**"
CARERS = "**Carer files and programmes**"
SPEAKERS = "An activity names the office of its speaker"
INCIDENTS = "**Mandatory reports**"
SEEN = "**A contact is not somebody having seen the child**"
ROWS = "**Rules for all rows**"
MERGED = "**Two files of one child become one**"


def _nothing(_was: object, now: object) -> bool:
    return now in (None, [])


def _one_field_more(was: str, now: str) -> bool:
    return bool(orjson.loads(now) == orjson.loads(was) | {"merged_from": None})


def _cells_more(was: str | None, now: str | None) -> bool:
    """Hold a line of a table against the same with further columns."""
    if was is None or now is None:
        return False
    had, has = (iter(re.split("[│┃]", line)[1:-1]) for line in (was, now))
    cells = [cell.strip() for cell in has]
    return not set(now) - set("┏━┳┓┡╇┩└─┴┘") or all(cell.strip() in cells for cell in had)


_SILENT = (
    *(
        Allowed(changelog=SEEN, questions=f"{report} *--json", at=f"/*/{name}", how=ADDED)
        for report, name in (
            ("alerts", "days_child_unseen"),
            ("children", "days_child_unseen"),
            ("children", "last_seen_on"),
        )
    ),
    Allowed(changelog=SEEN, questions="alerts *", at="#line/*", how=CHANGED, fits=_cells_more),
)
KINDS = "**Kinds of alerts**"
RINGS = "**A child whom nobody sees rings**"
_ALERTS = (
    *(
        Allowed(changelog=KINDS, questions="alerts*", at=f"/items/*/{name}", how=ADDED)
        for name in ("kind", "anchor", "days", "silence_rests_on", "days_child_unseen", "unseen_rests_on")
    ),
    Allowed(changelog=KINDS, questions="inbox *", at="/items/*/kind", how=ADDED),
)
_HISTORIES = (
    Allowed(changelog=MERGED, questions="history *", at="/items/*/merged_from", how=ADDED, fits=_nothing),
)
_CHILDREN = (
    Allowed(changelog=INCIDENTS, questions="child *", at="/incidents", how=ADDED, fits=_nothing),
    Allowed(changelog=REASONS, questions="child *", at="/reasons_to_visit", how=ADDED, fits=_nothing),
    Allowed(changelog=DEFINED, questions="child *", at="/left_behind/definitions", how=ADDED),
    Allowed(
        changelog=DEFINED, questions="child *", at="/left_behind/home_on_visit", how=ADDED, fits=_nothing
    ),
    *(
        Allowed(changelog=SEEN, questions="child *", at=f"/{name}", how=ADDED)
        for name in ("days_child_unseen", "last_sighting", "silence_rests_on", "unseen_rests_on")
    ),
    Allowed(changelog=MERGED, questions="child *", at="/merged_into", how=ADDED, fits=_nothing),
    *(
        Allowed(changelog=FURTHER, questions="child *", at=f"/{name}", how=ADDED, fits=_nothing)
        for name in ("entrustment", "parent_states", "risk", "school_status")
    ),
)
_CARERS = tuple(
    Allowed(changelog=CARERS, questions="carer *", at=f"/{name}", how=ADDED, fits=_nothing)
    for name in ("fewest", "home_place")
)
_ACTIVITIES = (
    Allowed(changelog=SPEAKERS, questions="activity *", at="/speaker_office", how=ADDED, fits=_nothing),
)
TERMINAL_SINCE = (
    Allowed(changelog=ROWS, questions="rules list *", at="/*", how=ADDED),
    *_SILENT,
    *(
        Allowed(changelog=AT_WORK, questions="import list *", at=f"/*/{name}", how=ADDED)
        for name in ("state", "lines", "counts")
    ),
    *_HISTORIES,
)
NOW_SINCE = (
    *_ALERTS,
    *_HISTORIES,
    *_CHILDREN,
    *_CARERS,
    *_ACTIVITIES,
    Allowed(changelog=ERASED, questions="search name '殷小删' by office", at="/items/*", how=REMOVED),
)
KNOWN_SINCE = (
    Allowed(changelog=NAMED, questions="report *", at="/short/*/child_name", how=ADDED),
    *_HISTORIES,
    *_CHILDREN,
)
# What 0.1 did not say.
UNBOUND_SINCE = (Allowed(changelog=NAMED, questions="report *", at="/unbound/short/*/child_name", how=ADDED),)
LINES_SINCE = (
    Allowed(
        changelog=MERGED,
        questions="history full as application/x-ndjson",
        at="#line/*",
        how=CHANGED,
        fits=_one_field_more,
    ),
)
# Whom somebody telephoned with, or nobody said whom a visit met, and whom nobody saw for thirty days.
UNSEEN_SINCE = {
    (slug, "alert_raised"): RINGS
    for slug in ("day_moments", "day_late_smaller", "day_late_greater", "erased", "paper_HY04")
}
