"""Allowed: answers that 0.1 gave out of nothing, and what reports say of themselves since."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from domain.days import SHANGHAI
from tests.upgrade.allowed_people import claimed
from tests.upgrade.differences import ADDED, CHANGED, REMOVED, Allowed

NOTES = "What an answer can't be about is said in its `notes`"
COUNTS = "A report of one rule counts the children for whom the rule was bound, as the overview does"
NO_ORG = "An organisation that is not there is 404 `unknown_org` for every list and report that takes `org`"
NOT_THEN = "A child of whom nothing was known at the moment asked about is 404 `nothing_known`"
CSV_TIMES = "The table of a history (`text/csv`) has its times in one zone, Shanghai"
SHAPES = "The `--json` of every report has a `head`, and its `notes`"
EXITS = "A question that had no meaning ends with an exit code of its own"
PROBLEM = ("type", "title", "status", "detail", "instance", "code", "errors")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)")


def _in_shanghai(was: Any, now: Any) -> bool:
    """Return whether a line of a table is what it was but for how its times are written."""

    def written(found: re.Match[str]) -> str:
        return f"{datetime.fromisoformat(found[0]).astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"

    return bool(_MOMENT.sub(written, was) == now)


def _noted(questions: str, code: str) -> Allowed:
    return Allowed(
        changelog=NOTES,
        questions=questions,
        at="/notes",
        how=ADDED,
        fits=lambda _, now: [note["code"] for note in now] == [code],
    )


def _counted(questions: str, *fields: str, code: str) -> Iterator[Allowed]:
    """Allow that children for whom the rule was not bound are no longer counted, but told apart."""
    yield _noted(questions, code)
    yield Allowed(changelog=COUNTS, questions=questions, at="/unbound", how=ADDED)
    for name in fields:
        how = REMOVED if name.startswith("short/") else CHANGED
        yield Allowed(changelog=COUNTS, questions=questions, at=f"/{name}", how=how)


def _no_org(questions: str, *fields: str) -> Iterator[Allowed]:
    """Allow that a question about an organisation that is not there is refused."""
    is_404 = {"fits": lambda was, now: (was[0], now[0]) == (200, 404)}
    yield Allowed(changelog=NO_ORG, questions=questions, at="#status", how=CHANGED, **is_404)
    for name in fields:
        yield Allowed(changelog=NO_ORG, questions=questions, at=f"/{name}", how=REMOVED)
    for name in PROBLEM:
        yield Allowed(changelog=NO_ORG, questions=questions, at=f"/{name}", how=ADDED)


def _not_then(questions: str) -> Iterator[Allowed]:
    said = ("code", "detail", "type", "errors/0/code", "errors/0/detail", "errors/0/pointer")
    for name in said:
        yield Allowed(changelog=NOT_THEN, questions=questions, at=f"/{name}", how=CHANGED)


def _ended(questions: str, code: int) -> Allowed:
    return Allowed(
        changelog=EXITS,
        questions=questions,
        at="#status",
        how=CHANGED,
        fits=lambda was, now: (was[0], now[0]) == (0, code),
    )


_FIGURES = ("bound", "due", "met", "short", "pending", "not_applicable", "unspecified")
_A_SHORT = "short/b4341558-5fd7-45e7-a745-182420bdc1cd"
_ON_C = "compliance --org 石桥县/上街镇/上街小学 *"
OF_KNOWN = (
    _noted("compliance c_away middle", "no_rule_bound"),
    *_not_then("history num_plain early"),
    *_not_then("history al_info early"),
    Allowed(
        changelog=CSV_TIMES,
        questions="history full as text/csv",
        at="#line/*",
        how=CHANGED,
        # Two columns follow that are empty here (see `allowed_order`), and two of `allowed_shape`. Approvers:
        # see `allowed_people`.
        fits=lambda was, now: _in_shanghai(claimed(was), re.sub(",,,(?:日|时刻),$", "", now)),
    ),
    *_counted("report 溪口县/东岭镇 C39 2026-05 *", "not_applicable", code="partly_bound"),
    *_counted("report 南坪县/河湾镇/河湾小学 C39 2026-05 *", "not_applicable", code="rule_not_bound"),
    *_counted(
        "report 石桥县/上街镇/上街小学 C18 2026-05 *",
        *("due", "not_applicable", _A_SHORT),
        code="rule_not_bound",
    ),
    _noted("report 溪口县/西河镇/空村小学 C18 2026-05 *", "nobody_there"),
    _noted("report before anybody was enrolled", "nothing_known"),
    *_no_org(
        "report of no organisation",
        *("org", "rule_id", "rule_version", "rule_versions", "period", *_FIGURES, "clocks"),
    ),
)
OF_NOW = (
    _noted("overview 溪口县/西河镇/空村小学 2026-05", "nobody_there"),
    _noted("overview 石桥县/上街镇/上街小学 2026-05", "no_rule_bound"),
    *_no_org("alerts of 溪口县/没有此镇", "items", "next"),
    *_no_org("timeline of 溪口县/没有此镇", "items", "next", "lag"),
    *_no_org("transfers of 溪口县/没有此镇", "items", "next"),
    *_no_org("activities of 溪口县/没有此镇", "items", "next"),
    *(
        _noted(f"{what} of 溪口县/西河镇/空村小学", "nobody_there")
        for what in ("alerts", "timeline", "transfers", "activities")
    ),
)
OF_TERMINAL = (
    Allowed(changelog=SHAPES, questions="history * --json", at="/notes", how=ADDED),
    Allowed(changelog=SHAPES, questions="compliance *", at="/notes", how=ADDED),
    Allowed(changelog=SHAPES, questions="compliance *", at="/rule_id", how=ADDED),
    Allowed(changelog=SHAPES, questions="compliance *", at="/period", how=ADDED),
    *(Allowed(changelog=COUNTS, questions=_ON_C, at=f"/{n}", how=CHANGED) for n in ("due", "not_applicable")),
    Allowed(changelog=COUNTS, questions=_ON_C, at="/short/S20260026", how=REMOVED),
    Allowed(changelog=COUNTS, questions=_ON_C, at="/unbound", how=ADDED),
    _ended(_ON_C, 7),
    _ended("compliance --org 溪口县/西河镇/空村小学 *", 5),
    _ended("compliance * --as-known-at 2026-02-21 --json", 6),
)
