"""Alerts: listing them, taking them on, holding them back. Only a fact ends one."""

from datetime import date
from typing import Annotated
from uuid import UUID

from api import fields as f
from api.answer import Answer, ChildId, Moment, Org, Page, shown
from api.operation import ORG, PAGE, choice, flag
from api.query import moment_and_id
from api.resource import Call, Resource
from api.schemas import Strict, typed
from application.access import Action
from application.alerts.cases import Alerts
from application.intake.submission import LONGEST_NAME
from domain.days import local_day
from domain.normal import shown as tidied
from domain.org import Step
from domain.streams.alerts.case import AlertCase

RESOURCE = Resource(tag="alerts", zh="预警", en="Children whom nobody has reached for too long.")
OPEN = flag("open", "Only alerts that go on, or only those that are over.")
STEP = choice("step", Step, "Only this step.")


class AcknowledgeIn(Strict):
    """Who takes an alert on; by default the holder of the key."""

    by = f.Text(longest=LONGEST_NAME, zh="确认人", en="By")
    note = f.Text(longest=1000, zh="备注", en="Note")


class SnoozeIn(Strict):
    """Until when notices are held back, and who allowed it."""

    until = f.Day(required=True, zh="推迟至", en="Until")
    reason = f.Text(longest=1000, blank=False, required=True, zh="原因", en="Reason")
    approved_by = f.Text(longest=LONGEST_NAME, blank=False, required=True, zh="批准人", en="Approved by")


class AlertState(Answer):
    """Where an alert stands."""

    alert_id: Annotated[UUID, shown("预警编号", "Id of the alert")]
    child_id: ChildId
    org: Org
    step: Annotated[Step, shown("级别", "Step", "How grave it is by now.")]
    open: Annotated[bool, shown("未解除", "Open", "Whether the silence goes on.")]
    silent_since: Annotated[date, shown("失联起始日", "Silent since", "The day of the last contact.")]
    raised_at: Annotated[Moment, shown("发出时间", "Raised at")]
    acknowledged: Annotated[bool, shown("已确认", "Acknowledged", "Whether somebody has taken it on.")]
    snoozed_until: Annotated[date | None, shown("推迟至", "Snoozed until", "The last day, inclusive.")]


class Alert(AlertState):
    """An alert in a list."""

    ORDER = (
        "alert_id",
        "child_id",
        "org",
        "step",
        "open",
        "silent_since",
        "days_silent",
    )

    days_silent: Annotated[int | None, shown("失联天数", "Days silent", "Null where it is over.")]


class AlertList(Page[Alert]):
    """A page of alerts, by the time at which they were raised."""


@RESOURCE.operation(
    "GET",
    "/v1/alerts",
    zh="列出预警",
    en="List alerts",
    answers={200: AlertList},
    params=(OPEN, ORG, STEP, *PAGE),
    leads_to=("acknowledge_alert", "snooze_alert", "get_child"),
)
def list_alerts(call: Call) -> AlertList:
    """List alerts by the time at which they were raised."""
    org = call.org(Action.READ)
    page = call.page(
        lambda after, limit: call.system.alerts.listed(
            actor=call.actor,
            org=org,
            is_open=call.asked(OPEN),
            step=call.asked(STEP),
            after=after,
            limit=limit,
        ),
        place=moment_and_id,
        after=lambda alert: (alert.raised_at, alert.alert_id),
    )
    today = local_day(call.system.now())
    items = [
        Alert.of(alert, days_silent=(today - alert.silent_since).days if alert.open else None)
        for alert in page.items
    ]
    return AlertList(items=items, next=page.next, notes=call.notes_if_empty(items, org=org))


@RESOURCE.operation(
    "POST",
    "/v1/alerts/{alert_id:uuid}/acknowledge",
    zh="确认预警",
    en="Acknowledge an alert",
    request=AcknowledgeIn,
    answers={200: AlertState},
    action=Action.WATCH,
    uses=(Alerts.acknowledge,),
    leads_to=("get_child",),
)
def acknowledge_alert(call: Call, alert_id: UUID) -> AlertState:
    """Say that somebody takes the alert on. The silence goes on counting."""
    words = call.body()
    by = tidied(words.get("by")) or call.actor.name
    note = words.get("note") or None
    return _state(call.system.alerts.acknowledge(alert_id, by=by, note=note, actor=call.actor))


@RESOURCE.operation(
    "POST",
    "/v1/alerts/{alert_id:uuid}/snooze",
    zh="推迟预警",
    en="Snooze an alert",
    request=SnoozeIn,
    answers={200: AlertState},
    action=Action.WATCH,
    uses=(Alerts.snooze,),
    leads_to=("get_child",),
)
def snooze_alert(call: Call, alert_id: UUID) -> AlertState:
    """Hold notices back through a day, for 14 days at most."""
    words = call.body()
    words["until"] = typed(date, words["until"])
    return _state(call.system.alerts.snooze(alert_id, **words, actor=call.actor))


def _state(case: AlertCase) -> AlertState:
    return AlertState.of(case, child_id=case.child, acknowledged=case.acknowledged_by is not None)
