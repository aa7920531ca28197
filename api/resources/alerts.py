"""Alerts: listing them, taking them on, holding them back. Only a fact ends one."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec

from api import fields as f
from api.answer import Answer, CaseNoIfAny, ChildIdIfAny, ChildName, Moment, Org, Page, personal, shown
from api.operation import IDEMPOTENCY_KEY, IF_STILL, ORG, PAGE, an_id, choice, flag, moment
from api.query import moment_and_id
from api.resource import Answered, Call, Resource
from api.schemas import Strict, typed
from api.silence import DaysUnseen, SilenceRestsOn, UnseenRestsOn, silences
from application.access import Action
from application.alerts.cases import Alerts
from application.alerts.listing import AlertListed
from application.intake.submission import LONGEST_NAME
from domain.alert_kind import UNCONTACTED, Ending
from domain.card import Card
from domain.case_no import case_no_of
from domain.days import local_day
from domain.normal import shown as tidied
from domain.org import Step
from domain.streams.alerts.case import AlertCase, AlertKind

RESOURCE = Resource(
    guide="concepts-the-watch",
    tag="alerts",
    zh="预警",
    en="What must be looked into: children whom nobody reaches or sees, and more.",
)
OPEN = flag("open", "Only alerts that go on, or only those that are over.")
CHILD = an_id("child_id", "Only alerts about this child.")
ACKNOWLEDGED = flag("acknowledged", "Only alerts that somebody has taken on, or only those that nobody has.")
RAISED_SINCE = moment("raised_since", "Only alerts that were raised at this moment or later.")
STEP = choice("step", Step, "Only this step.")
KIND = choice("kind", AlertKind, "Only alerts of this kind.")


class AcknowledgeIn(Strict):
    """Who takes an alert on; by default the holder of the key."""

    by = f.Text(longest=LONGEST_NAME, zh="确认人", en="By")
    note = f.Text(longest=1000, zh="备注", en="Note")


class SnoozeIn(Strict):
    """Until when notices are held back, and who allowed it."""

    until = f.Day(required=True, zh="推迟至", en="Until")
    reason = f.Text(longest=1000, blank=False, required=True, zh="原因", en="Reason")
    approved_by = f.Text(longest=LONGEST_NAME, blank=False, required=True, zh="批准人", en="Approved by")


class AlertSubject(Answer):
    """What an alert is about."""

    kind: Annotated[str, shown("对象类别", "Kind", "`child`; others may follow.")]
    id: Annotated[UUID, shown("对象编号", "Id of the subject")]


class AlertState(Answer):
    """Where an alert stands."""

    subject: Annotated[AlertSubject, shown("对象", "Subject")]
    alert_id: Annotated[UUID, shown("预警编号", "Id of the alert")]
    kind: Annotated[str, shown("类别", "Kind", "What it is about; other kinds may follow.")]
    child_id: ChildIdIfAny
    case_no: CaseNoIfAny
    org: Org
    step: Annotated[Step, shown("级别", "Step", "How grave it is by now.")]
    open: Annotated[bool, shown("未解除", "Open", "Whether it goes on.")]
    silent_since: Annotated[
        date,
        shown("起始日", "Since", "The day since which it lasts: of a silence that of the last contact."),
    ]
    anchor: Annotated[UUID | None, shown("起因", "Anchor", "The entry that began it.")]
    raised_at: Annotated[Moment, shown("发出时间", "Raised at")]
    acknowledged: Annotated[bool, shown("已确认", "Acknowledged", "Whether somebody has taken it on.")]
    snoozed_until: Annotated[date | None, shown("推迟至", "Snoozed until", "The last day, inclusive.")]


class Alert(AlertState):
    """An alert in a list."""

    ORDER = (
        "alert_id",
        "child_id",
        "case_no",
        "child_name",
        "org",
        "step",
        "open",
        "silent_since",
        "days_silent",
    )

    child_name: ChildName
    days_silent: Annotated[
        int | None,
        shown("失联天数", "Days silent", "Of the child. Null where the alert is over, or nobody can tell."),
    ]
    days: Annotated[int | None, shown("天数", "Days", "How long it has lasted. Null where it is over.")]
    silence_rests_on: SilenceRestsOn
    days_child_unseen: DaysUnseen
    unseen_rests_on: UnseenRestsOn


class AlertDetail(AlertState):
    """An alert with who answered it and how it ended."""

    child_name: ChildName
    acknowledged_by: Annotated[str | None, personal("确认人", "Acknowledged by")]
    ended_as: Annotated[Ending | None, shown("解除方式", "Ended as", "Null where it goes on.")]
    ended_at: Annotated[Moment | None, shown("解除时间", "Ended at")]


class AlertList(Page[Alert]):
    """A page of alerts, by the time at which they were raised."""


@RESOURCE.operation(
    "GET",
    "/v1/alerts",
    zh="列出预警",
    en="List alerts",
    answers={200: AlertList},
    params=(OPEN, ORG, STEP, KIND, CHILD, ACKNOWLEDGED, RAISED_SINCE, *PAGE),
    leads_to=("get_alert", "acknowledge_alert", "snooze_alert", "get_child"),
)
def list_alerts(call: Call) -> AlertList:
    """List alerts by the time at which they were raised.

    按发出时间列出预警。
    """
    org = call.org(Action.READ)
    page = call.page(
        lambda after, limit: call.system.alerts.listed(
            actor=call.actor,
            org=org,
            is_open=call.asked(OPEN),
            step=call.asked(STEP),
            kind=call.asked(KIND),
            child_id=call.asked(CHILD),
            acknowledged=call.asked(ACKNOWLEDGED),
            raised_since=call.asked(RAISED_SINCE),
            after=after,
            limit=limit,
        ),
        place=moment_and_id,
        after=lambda alert: (alert.raised_at, alert.alert_id),
    )
    today, names = local_day(call.system.now()), call.names_of([alert.child_id for alert in page.items])
    going_on = [alert.child_id for alert in page.items if alert.open]
    cards = dict(call.system.cards.of(going_on, unreadable=lambda _child, _fault: None))
    items = [
        _listed(alert, cards.get(alert.child_id), today, name=names.get(alert.child_id))
        for alert in page.items
    ]
    return AlertList(items=items, next=page.next, notes=call.notes_if_empty(items, org=org))


@RESOURCE.operation(
    "GET",
    "/v1/alerts/{alert_id:uuid}",
    zh="读取预警",
    en="Read an alert",
    answers={200: AlertDetail},
    uses=(Alerts.read,),
    tells_version=True,
    leads_to=("get_child", "acknowledge_alert"),
)
def get_alert(call: Call, alert_id: UUID) -> Answered:
    """Show one alert, with who took it on and how it ended.

    读取一项预警，包括由谁确认、如何解除。
    """
    case = call.system.alerts.read(alert_id, actor=call.actor)
    ended = case.resolved
    body = AlertDetail(
        **msgspec.structs.asdict(_state(case)),
        child_name=None if case.child is None else call.names_of([case.child]).get(case.child),
        acknowledged_by=case.acknowledged_by,
        ended_as=ended.details.ending if ended else None,
        ended_at=ended.occurred.instant if ended else None,
    )
    return Answered(body=body, version=case.version)


@RESOURCE.operation(
    "POST",
    "/v1/alerts/{alert_id:uuid}/acknowledge",
    zh="确认预警",
    en="Acknowledge an alert",
    request=AcknowledgeIn,
    answers={200: AlertState},
    params=(IF_STILL, IDEMPOTENCY_KEY),
    action=Action.WATCH,
    uses=(Alerts.acknowledge,),
    tells_version=True,
    leads_to=("get_child",),
)
def acknowledge_alert(call: Call, alert_id: UUID) -> Answered:
    """Say that somebody takes the alert on. The silence goes on counting.

    An empty object says that the holder of the key does. The same again changes nothing, unless the alert has
    rung since: with `Idempotency-Key` not even then.

    说明由谁跟进这一预警。失联天数继续计算。
    """
    words = call.body()
    by = tidied(words.get("by")) or call.actor.name
    case = call.system.alerts.acknowledge(
        alert_id, by=by, note=words.get("note") or None, actor=call.actor, basis=call.basis, key=call.key
    )
    return Answered(body=_state(case), version=case.version)


@RESOURCE.operation(
    "POST",
    "/v1/alerts/{alert_id:uuid}/snooze",
    zh="推迟预警",
    en="Snooze an alert",
    request=SnoozeIn,
    answers={200: AlertState},
    params=(IF_STILL, IDEMPOTENCY_KEY),
    action=Action.WATCH,
    uses=(Alerts.snooze,),
    tells_version=True,
    leads_to=("get_child",),
)
def snooze_alert(call: Call, alert_id: UUID) -> Answered:
    """Hold notices back through a day, for 14 days at most. The same again changes nothing.

    With `Idempotency-Key` a repeat changes nothing either where somebody chose another day meanwhile.

    在某日之前（含当日）暂不发送通知，最长 14 天。
    """
    words = call.body()
    words["until"] = typed(date, words["until"])
    case = call.system.alerts.snooze(alert_id, **words, actor=call.actor, basis=call.basis, key=call.key)
    return Answered(body=_state(case), version=case.version)


def _listed(alert: AlertListed, card: Card | None, today: date, *, name: str | None) -> Alert:
    """Write an alert with both silences of its child, as far as its file can be read."""
    both: dict[str, Any] = dict.fromkeys(
        ("days_silent", "silence_rests_on", "days_child_unseen", "unseen_rests_on")
    )
    days = (today - alert.silent_since).days if alert.open else None
    if alert.open and card is not None:
        both = silences(card, today)
    if alert.kind == UNCONTACTED:
        both["days_silent"] = days
    return Alert.of(
        alert,
        child_name=name,
        subject=AlertSubject(kind="child", id=alert.child_id),
        case_no=case_no_of(alert.child_id),
        days=days,
        **both,
    )


def _state(case: AlertCase) -> AlertState:
    assert case.child is not None, "an alert that is known of is about a child"
    subject = AlertSubject(kind="child", id=case.child)
    acknowledged = case.acknowledged_by is not None
    return AlertState.of(
        case,
        subject=subject,
        child_id=case.child,
        case_no=case_no_of(case.child),
        acknowledged=acknowledged,
    )
