"""The alert case: one silence of one child, from the first ring to the fact that ends it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import accumulate
from typing import ClassVar
from uuid import UUID

from domain.days import local_day, start_of_day
from domain.event import Details, Event
from domain.fields import Choice, described
from domain.ids import own_id
from domain.ledger.event_type import EventType
from domain.org import Step
from domain.refusal import Reason, Text, conflict, invalid

NAMESPACE = UUID("3f2a7d0c-9d53-5b1e-8f64-0f7f0f6a4b21")
LONGEST_SNOOZE = timedelta(days=14)

ALERT_CLOSED = Reason(code="alert_closed", zh="该预警已解除", en="The alert is resolved already.")
SNOOZE_IN_THE_PAST = Reason(
    code="snooze_in_the_past", zh="推迟日期应晚于今天", en="The snooze must end after today."
)
SNOOZE_TOO_LONG = Reason(
    code="snooze_too_long", zh="推迟最长十四天", en="An alert is snoozed for 14 days at most."
)


class AlertKind(Choice):
    """What an alert is about."""

    UNCONTACTED = "uncontacted", "失联", "uncontacted"


class Ending(Choice):
    """What ended an alert."""

    CONTACT = "contact", "已联系", "contact"
    CARE_ENDED = "care_ended", "已退出", "care ended"
    NEVER_WAS = "never_was", "依据已作废或更正", "what began it was voided or corrected"
    NOT_WATCHED = "not_watched", "不再属于关注范围", "the child is no longer watched"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Details):
    """Nobody has reached the child since the anchor: its last contact, or the beginning of care."""

    TYPE: ClassVar[str] = "alert_raised"

    kind: AlertKind = described("类型", "Kind")
    child: UUID = described("儿童", "Child")
    anchor: UUID = described("起因", "What began it (event id)")
    silent_since: date = described("失联起始", "Silent since")
    step: Step = described("级别", "Step")
    days_silent: int = described("失联天数", "Days silent")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEscalated(Details):
    """The silence lasts, and the next step of the ladder is reached."""

    TYPE: ClassVar[str] = "alert_escalated"

    silent_since: date = described("失联起始", "Silent since")
    step: Step = described("级别", "Step")
    days_silent: int = described("失联天数", "Days silent")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReopened(Details):
    """What had ended the alert was voided or corrected, or the child is watched again: silence goes on."""

    TYPE: ClassVar[str] = "alert_reopened"

    silent_since: date = described("失联起始", "Silent since")
    step: Step = described("级别", "Step")
    days_silent: int = described("失联天数", "Days silent")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCarried(Details):
    """The child has gone to another organisation, and the open alert with it; the envelope says where."""

    TYPE: ClassVar[str] = "alert_carried"

    silent_since: date = described("失联起始", "Silent since")
    step: Step = described("级别", "Step")
    days_silent: int = described("失联天数", "Days silent")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNotified(Details):
    """A channel accepted the notice of a step for a recipient. Accepted is not read."""

    TYPE: ClassVar[str] = "alert_notified"

    delivery: UUID = described("投递编号", "Delivery id")
    step: Step = described("级别", "Step")
    channel: str = described("方式", "Channel")
    recipient: UUID = described("接收人", "Recipient")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAcknowledged(Details):
    """Somebody has seen it and takes it on. The silence goes on counting."""

    TYPE: ClassVar[str] = "alert_acknowledged"

    by: str = described("确认人", "By", personal=True, max_length=64)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSnoozed(Details):
    """No notices go out through the day `until`. The ladder goes on counting."""

    TYPE: ClassVar[str] = "alert_snoozed"

    until: date = described("推迟至", "Until (inclusive)")
    reason: str = described("原因", "Reason", personal=True, max_length=1000)
    approved_by: str = described("审批人（自述）", "Approved by (as claimed)", personal=True, max_length=64)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertResolved(Details):
    """The fact that ended it; `by_event` is that fact's event id, where there is one."""

    TYPE: ClassVar[str] = "alert_resolved"

    ending: Ending = described("结果", "Ending")
    by_event: UUID | None = described("依据", "By (event id)", default=None)


EVENT_TYPES: tuple[EventType, ...] = (
    EventType(
        details=AlertRaised,
        label=Text(zh="发出预警", en="Alert raised"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=AlertEscalated,
        label=Text(zh="预警升级", en="Alert escalated"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=AlertReopened,
        label=Text(zh="预警重启", en="Alert reopened"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=AlertCarried,
        label=Text(zh="预警随转", en="Alert carried"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=AlertNotified,
        label=Text(zh="已通知", en="Alert notified"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=AlertAcknowledged,
        label=Text(zh="确认预警", en="Alert acknowledged"),
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=AlertSnoozed, label=Text(zh="推迟预警", en="Alert snoozed"), correctable=False, voidable=False
    ),
    EventType(
        details=AlertResolved,
        label=Text(zh="预警解除", en="Alert resolved"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
)

# Of these people are told.
RINGS = (AlertRaised, AlertEscalated, AlertReopened, AlertCarried)


@dataclass(frozen=True, kw_only=True)
class AlertCase:
    """One case as its stream tells it. `step` None before it was raised.

    `decided_at` (UTC) is the latest moment at which anything was decided of it: it is judged no earlier.
    """

    alert_id: UUID
    version: int = 0
    org: str = ""
    child: UUID | None = None
    anchor: UUID | None = None
    silent_since: date | None = None
    step: Step | None = None
    open: bool = False
    raised_at: datetime | None = None
    decided_at: datetime | None = None
    acknowledged_by: str | None = None
    snoozed_until: date | None = None

    def muted(self, now: datetime) -> bool:
        """Tell whether notices are held back at `now`."""
        return self.snoozed_until is not None and local_day(now) <= self.snoozed_until

    def refuse_closed(self) -> None:
        """Raise `Conflict` where the case is over."""
        if not self.open:
            raise conflict(ALERT_CLOSED)

    def refuse_snooze(self, until: date, *, today: date) -> None:
        """Raise `Invalid` or `Conflict` where a snooze through `until` is not allowed."""
        self.refuse_closed()
        if until <= today:
            raise invalid(SNOOZE_IN_THE_PAST, "/until")
        if until - today > LONGEST_SNOOZE:
            raise invalid(SNOOZE_TOO_LONG, "/until")


def alert_id(kind: AlertKind, *, child: UUID, anchor: UUID) -> UUID:
    """Give the id of the one case that this child and this beginning can have."""
    return own_id(NAMESPACE, f"{kind.value}:{child}:{anchor}")


def fold_alert(alert_id: UUID, events: Iterable[Event]) -> AlertCase:
    """Fold a case's stream, in order of version."""
    return reduce(evolve, events, AlertCase(alert_id=alert_id))


def told_step_by_step(alert_id: UUID, events: Iterable[Event]) -> list[AlertCase]:
    """Give a case as it was before its first event, and after each of them."""
    return list(accumulate(events, evolve, initial=AlertCase(alert_id=alert_id)))


def evolve(case: AlertCase, event: Event) -> AlertCase:
    """Give the case after one more event."""
    decided_at = max(filter(None, (case.decided_at, event.occurred.instant)))
    case = replace(case, version=event.originator_version, org=event.org, decided_at=decided_at)
    said = event.details
    match said:
        case AlertRaised():
            return replace(
                case,
                child=said.child,
                anchor=said.anchor,
                silent_since=said.silent_since,
                step=said.step,
                open=True,
                raised_at=event.occurred.instant,
            )
        case AlertEscalated() | AlertCarried():
            return replace(case, step=said.step, silent_since=said.silent_since, acknowledged_by=None)
        case AlertReopened():
            return replace(
                case, step=said.step, silent_since=said.silent_since, open=True, acknowledged_by=None
            )
        case AlertAcknowledged():
            return replace(case, acknowledged_by=said.by)
        case AlertSnoozed():
            return replace(case, snoozed_until=said.until)
        case AlertResolved():
            return replace(case, open=False)
    return case


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """When a silence rings: at `hour` o'clock in Shanghai on the day that each step's days are reached."""

    steps: tuple[tuple[Step, int], ...]
    hour: int

    def step_at(self, days_silent: int) -> Step | None:
        """Give the highest step that so many days of silence reach."""
        return next((step for step, days in reversed(self.steps) if days_silent >= days), None)

    def rung_day(self, now: datetime) -> date:
        """Give the last day whose hour has struck at `now`."""
        return local_day(now - timedelta(hours=self.hour))

    def next_ring(self, silent_since: date, *, after: Step | None) -> datetime | None:
        """Give the UTC moment at which the step after `after` rings; None after the last."""
        reached = -1 if after is None else [step for step, _ in self.steps].index(after)
        if reached + 1 >= len(self.steps):
            return None
        return start_of_day(silent_since + timedelta(days=self.steps[reached + 1][1]), hour=self.hour)
