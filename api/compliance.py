"""Verdicts: of one child, and of all children of an organisation."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import falcon

from api import query
from api.context import Context
from api.exchange import actor_of, answer
from api.operation import CLOCKS, ORG, Param, operation, words_of
from api.scope import noted, org_asked
from application.access import Action
from application.reports.lines import Standing
from application.reports.notes import NO_RULE_BOUND, NOT_JUDGED_YET, NOTHING_KNOWN, of_day, why_nobody
from domain.days import local_day
from domain.reasons import MISSING
from domain.refusal import Fault, Invalid, Reason, invalid
from domain.rules.calendar import default_calendar
from domain.rules.periods import Period, parse_any_period
from domain.rules.verdict import Rejection, Verdict
from domain.watched import POPULATION
from projections import compliance
from projections.runner import lag_of

CLOCKS_NEED_A_RULE = Reason(
    code="clocks_need_a_rule",
    zh="总览只答当前已知的现状；查询过去请指定 rule",
    en="The overview tells the present as it is known now: name a rule to ask about another time.",
)
RULE = words_of("rule", "The id of a rule, such as C39.", longest=40)
PERIOD = words_of(
    "period",
    "2026-W10, 2026-03, 2026-H1, 2026-spring, 2026-spring-start …; the present one unless given.",
    longest=40,
)

_CODES = ("unknown_rule", "bad_period", "not_of_this_rule")


class ChildComplianceResource:
    """Whether the duties towards one child were met."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Read the verdicts of a child 达标",
        answers={200: "ChildCompliance"},
        params=(*CLOCKS, RULE, PERIOD),
        problems=(403, 404, 422),
        codes=_CODES,
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response, child_id: UUID) -> None:
        """Judge one rule, or every rule that is bound, with the evidence."""
        self._context.system.record.stream(child_id, actor=actor_of(req))
        asked = query.clocks_asked(req)
        clocks = asked.resolved(self._context.system.log, now=self._context.system.now())
        verdicts = self._context.reports.child_compliance(
            child_id,
            rule_id=query.text_asked(req, "rule", longest=40),
            period=query.text_asked(req, "period", longest=40),
            as_of=asked.as_of,
            as_known_at=None if asked.as_known_at is None else clocks.as_known_at,
        )
        answer(
            resp,
            {
                "child_id": child_id,
                "population": POPULATION,
                "items": [
                    {"bound": one.bound, "watched": one.watched, **_shown(one.verdict)}
                    for one in verdicts.items
                ],
                "clocks": query.clocks_shown(clocks),
                **noted(req, [*verdicts.notes, *of_day(clocks.as_of, now=self._context.system.now())]),
            },
        )


class ComplianceResource:
    """How an organisation stands under a rule."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Read the compliance of an organisation 达标统计",
        answers={200: "ComplianceOrOverview"},
        params=(
            Param[Any](name=ORG.name, schema=ORG.schema, text=ORG.text, required=True),
            Param[Any](
                name=RULE.name,
                schema=RULE.schema,
                text=f"{RULE.text} Without it the answer is the overview of all rules, which has no clocks.",
            ),
            PERIOD,
            *CLOCKS,
        ),
        problems=(403, 404, 422),
        codes=(*_CODES, "missing", "unknown_org", "clocks_need_a_rule"),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Sum up the verdicts of all children under a rule, and list who fell short; or sum up every rule.

        Both count the children for whom the rule was bound on the first day of the period. `unbound` tells
        how the others would stand under the rule that was named. An overview without a period is of the
        present day: each item bears the period that holds it.
        """
        if not query.text_asked(req, "org"):
            raise invalid(MISSING, "/org")
        org = org_asked(req, self._context.system, action=Action.REPORT)
        if req.get_param("rule") is None:
            answer(resp, self._overview(req, org))
            return
        asked = query.clocks_asked(req)
        found = self._context.reports.org_compliance(
            org=org,
            rule_id=_given(req, "rule"),
            period=query.text_asked(req, "period", longest=40),
            as_of=asked.as_of,
            as_known_at=asked.as_known_at,
        )
        answer(
            resp,
            {
                "org": org,
                "population": found.population,
                "rule_id": found.rule_id,
                "rule_version": found.rule_version,
                "rule_versions": found.rule_versions,
                "period": _period(found.period),
                "bound": found.bound,
                **_figures(found),
                "clocks": query.clocks_shown(found.clocks),
                **({"unbound": _unbound(found.unbound)} if found.unbound.children else {}),
                **noted(req, [*found.notes, *of_day(found.clocks.as_of, now=self._context.system.now())]),
            },
        )

    def _overview(self, req: falcon.Request, org: str) -> dict[str, Any]:
        clocks = [name for name in ("as_of", "as_known_at") if req.get_param(name) is not None]
        if clocks:
            raise Invalid(*(Fault(reason=CLOCKS_NEED_A_RULE, pointer=f"/{name}") for name in clocks))
        system, asked = self._context.system, query.text_asked(req, "period", longest=40)
        period = parse_any_period(asked, calendar=default_calendar()) if asked else None
        # In the order in which an event travels, so that what has moved on meanwhile is counted, not missed.
        lag = lag_of(system.database, system.log, compliance.FOLLOWER)
        waiting = compliance.waiting(system.database, org=org)
        name = period.name if period else None
        lines = compliance.overview(system.database, org=org, period=name, now=system.now())
        today = local_day(system.now())
        return {
            "org": org,
            "population": POPULATION,
            "period": _period(period) if period else {"name": f"{today}", "first": today, "last": today},
            "items": [_line(line) for line in lines],
            "pending_recomputes": waiting,
            "lag": lag,
            **noted(req, self._missing(org, items=lines, behind=bool(waiting or lag))),
        }

    def _missing(self, org: str, *, items: Sequence[object], behind: bool) -> Iterator[Reason]:
        """Say what the figures of an overview leave out, and why there are none."""
        if behind:
            yield NOT_JUDGED_YET
        elif not items:
            why = why_nobody(self._context.system.database, org=org)
            yield NO_RULE_BOUND if why is NOTHING_KNOWN else why


def _figures(standing: Standing) -> dict[str, Any]:
    return {
        "due": standing.due,
        "met": standing.met,
        "short": [
            {
                "child_id": child.child_id,
                "student_no": child.student_no,
                "counted": child.counted,
                "required": child.required,
                "rejected": _rejected(child.rejected),
            }
            for child in standing.short
        ],
        "pending": standing.pending,
        "not_applicable": standing.not_applicable,
        "unspecified": standing.unspecified,
    }


def _unbound(standing: Standing) -> dict[str, Any]:
    return {"children": standing.children, **_figures(standing)}


def _given(req: falcon.Request, name: str) -> str:
    text = query.text_asked(req, name)
    if not text:
        raise invalid(MISSING, f"/{name}")
    return text


def _shown(verdict: Verdict) -> dict[str, Any]:
    return {
        "rule_id": verdict.rule_id,
        "rule_version": verdict.version,
        "period": _period(verdict.period),
        "status": verdict.status,
        "required": verdict.required,
        "achieved": verdict.achieved,
        "counted": verdict.counted,
        "rejected": _rejected(verdict.rejected),
        "late": verdict.late,
    }


def _rejected(rejected: Sequence[Rejection]) -> list[dict[str, Any]]:
    return [{"event_id": r.event_id, "reason": r.reason} for r in rejected]


def _line(line: compliance.RuleStanding) -> dict[str, Any]:
    return {
        "rule_id": line.rule_id,
        "rule_version": line.rule_version,
        "period": {"name": line.period, "first": line.first_day, "last": line.last_day},
        "due": line.due,
        "met": line.met,
        "short": line.short,
        "pending": line.pending,
        "not_applicable": line.not_applicable,
        "unspecified": line.unspecified,
    }


def _period(period: Period) -> dict[str, Any]:
    return {"name": period.name, "first": period.first, "last": period.last}
