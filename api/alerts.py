"""Alerts: listing them, taking them on, holding them back. Only a fact ends one."""

from datetime import date
from typing import Any
from uuid import UUID

import falcon

from api import query
from api.context import Context
from api.exchange import actor_of, answer
from api.operation import CURSOR, LIMIT, ORG, choice, flag, operation
from api.request_bodies import AcknowledgeIn, SnoozeIn
from api.schemas import loaded, typed
from api.scope import noted_if_empty, org_asked
from application.access import Action, require
from application.alerts.cases import AlertListed
from domain.days import local_day
from domain.normal import shown
from domain.org import Step
from domain.streams.alerts.case import AlertCase

OPEN = flag("open", "Only alerts that go on, or only those that are over.")
STEP = choice("step", Step, "Only this step.")


class AlertsResource:
    """The alerts of all children that the key may see."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "List alerts 预警",
        answers={200: "Alerts"},
        params=(OPEN, ORG, STEP, CURSOR, LIMIT),
        problems=(403, 404, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List alerts by the time at which they were raised."""
        after, limit = query.after_asked(req), query.limit_asked(req)
        org = org_asked(req, self._system, action=Action.READ)
        step = query.word_asked(req, "step", [s.value for s in Step])
        found = self._system.alerts.listed(
            actor=actor_of(req),
            org=org,
            is_open=query.flag_asked(req, "open"),
            step=step,
            after=query.moment_and_id(after),
            limit=limit + 1,
        )
        page, more = found[:limit], len(found) > limit
        today = local_day(self._system.now())
        answer(
            resp,
            {
                "items": [_listed(alert, today=today) for alert in page],
                "next": query.cursor_after(req, page[-1].raised_at, page[-1].alert_id) if more else None,
                **noted_if_empty(req, self._system, org=org, items=page),
            },
        )


class AcknowledgeResource:
    """Taking an alert on."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Acknowledge an alert 确认预警",
        request=AcknowledgeIn,
        answers={200: "AlertState"},
        problems=(400, 403, 404, 409, 413, 415, 422),
        codes=("alert_closed", "busy"),
    )
    def on_post(self, req: falcon.Request, resp: falcon.Response, alert_id: UUID) -> None:
        """Say that somebody takes the alert on. The silence goes on counting."""
        actor = actor_of(req)
        require(actor, Action.WATCH, org=actor.org)
        words = loaded(AcknowledgeIn, self._context.body(req))
        by = shown(words.get("by")) or actor.name
        case = self._context.system.alerts.acknowledge(
            alert_id, by=by, note=words.get("note") or None, actor=actor
        )
        answer(resp, _state(case))


class SnoozeResource:
    """Holding the notices of an alert back."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Snooze an alert 推迟预警",
        request=SnoozeIn,
        answers={200: "AlertState"},
        problems=(400, 403, 404, 409, 413, 415, 422),
        codes=("alert_closed", "snooze_in_the_past", "snooze_too_long", "same_approver", "busy"),
    )
    def on_post(self, req: falcon.Request, resp: falcon.Response, alert_id: UUID) -> None:
        """Hold notices back through a day, for 14 days at most."""
        actor = actor_of(req)
        require(actor, Action.WATCH, org=actor.org)
        words = loaded(SnoozeIn, self._context.body(req))
        case = self._context.system.alerts.snooze(
            alert_id,
            until=typed(date, words["until"]),
            reason=words["reason"],
            approved_by=words["approved_by"],
            actor=actor,
        )
        answer(resp, _state(case))


def _listed(alert: AlertListed, *, today: date) -> dict[str, Any]:
    return {
        "alert_id": alert.alert_id,
        "child_id": alert.child_id,
        "org": alert.org,
        "step": alert.step,
        "open": alert.open,
        "silent_since": alert.silent_since,
        "days_silent": (today - alert.silent_since).days if alert.open else None,
        "raised_at": alert.raised_at,
        "acknowledged": alert.acknowledged,
        "snoozed_until": alert.snoozed_until,
    }


def _state(case: AlertCase) -> dict[str, Any]:
    return {
        "alert_id": case.alert_id,
        "child_id": case.child,
        "org": case.org,
        "step": case.step,
        "open": case.open,
        "silent_since": case.silent_since,
        "raised_at": case.raised_at,
        "acknowledged": case.acknowledged_by is not None,
        "snoozed_until": case.snoozed_until,
    }
