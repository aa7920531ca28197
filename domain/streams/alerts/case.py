"""The alert case: one thing that lasts of one child, from the first ring to the fact that ends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from domain.alert_kind import UNCONTACTED, Ending, words_of_kinds
from domain.days import local_day
from domain.event import Details, Event
from domain.fields import Choice, described
from domain.ids import own_id
from domain.ledger.event_type import EventType
from domain.ledger.fact import Fact
from domain.ledger.facts import BY_VERSION, Facts, evolve, fold, view
from domain.org import Step
from domain.refusal import Reason, Text, conflict, invalid, refuses

NAMESPACE = UUID("3f2a7d0c-9d53-5b1e-8f64-0f7f0f6a4b21")
LONGEST_SNOOZE = timedelta(days=14)

ALERT_CLOSED = Reason(code="alert_closed", zh="该预警已解除", en="The alert has already been resolved.")
SNOOZE_IN_THE_PAST = Reason(
    code="snooze_in_the_past", zh="推迟日期应晚于今天", en="The snooze must end after today."
)
SNOOZE_TOO_LONG = Reason(
    code="snooze_too_long", zh="推迟最长十四天", en="An alert can be snoozed for at most 14 days."
)


# What an alert is about, as a word: the names of the kinds that are declared.
if TYPE_CHECKING:
    AlertKind = Choice
else:
    AlertKind = words_of_kinds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many days without a contact or a sighting, and the entry that they count from."""

    days: int = described("天数", "Days")
    since: date = described("起始", "Since")
    by: UUID = described("依据", "By (event id)")
    type: str = described("类型", "Type", max_length=64)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Details):
    """Something of this kind has lasted since the anchor: of a silence the last contact, or care's beginning.

    `silent_since` and `days_silent` are since when it lasts and for how many days, whatever the kind.
    `silence` and `unseen` are both silences of the child on the day of the ring.
    """

    TYPE: ClassVar[str] = "alert_raised"

    kind: AlertKind = described("类型", "Kind")
    child: UUID = described("儿童", "Child")
    anchor: UUID = described("起因", "What began it (event id)")
    silent_since: date = described("起始", "Since")
    step: Step = described("级别", "Step")
    days_silent: int = described("天数", "Days")
    silence: Counted | None = described("未联系", "Silence", default=None)
    unseen: Counted | None = described("未见面", "Unseen", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEscalated(Details):
    """It lasts, and the next step is reached."""

    TYPE: ClassVar[str] = "alert_escalated"

    silent_since: date = described("起始", "Since")
    step: Step = described("级别", "Step")
    days_silent: int = described("天数", "Days")
    silence: Counted | None = described("未联系", "Silence", default=None)
    unseen: Counted | None = described("未见面", "Unseen", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReopened(Details):
    """What had ended the alert was voided or corrected, or the child is watched again: it goes on."""

    TYPE: ClassVar[str] = "alert_reopened"

    silent_since: date = described("起始", "Since")
    step: Step = described("级别", "Step")
    days_silent: int = described("天数", "Days")
    silence: Counted | None = described("未联系", "Silence", default=None)
    unseen: Counted | None = described("未见面", "Unseen", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCarried(Details):
    """The child has gone to another organisation, and the open alert with it; the envelope says where."""

    TYPE: ClassVar[str] = "alert_carried"

    silent_since: date = described("起始", "Since")
    step: Step = described("级别", "Step")
    days_silent: int = described("天数", "Days")
    silence: Counted | None = described("未联系", "Silence", default=None)
    unseen: Counted | None = described("未见面", "Unseen", default=None)


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
    """No notices go out through the day `until`. The silence goes on counting."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is said of a case elsewhere, where its stream can't be read: whose it is, and that it is open."""

    org: str
    child: UUID
    kind: str = UNCONTACTED


@dataclass(frozen=True, kw_only=True)
class AlertCase(Facts):
    """One case as its stream tells it; of one that can't be read, what is `stated` of it."""

    ORDER = BY_VERSION

    stated: Stated | None = None

    @property
    def alert_id(self) -> UUID:
        """The id of the case, which is that of its stream."""
        return self.stream_id

    @property
    def org(self) -> str:
        """The organisation that the case belongs to: that of what was recorded last."""
        if self.latest is None:
            return self.stated.org if self.stated else ""
        return self.latest.event.org

    @view(AlertRaised)
    def _raised(self) -> Fact | None:
        return self.last(AlertRaised)

    @view(*RINGS)
    def _rang(self) -> Fact | None:
        return self.last(*RINGS)

    @property
    def child(self) -> UUID | None:
        """The child that the case is about."""
        if self._raised is None:
            return self.stated.child if self.stated else None
        child: UUID = self._raised.details.child
        return child

    @property
    def kind(self) -> str:
        """What it is about; of one that can't be read, what is stated."""
        if self._raised is None:
            return self.stated.kind if self.stated else UNCONTACTED
        return str(self._raised.details.kind)

    @property
    def anchor(self) -> UUID | None:
        """The event from which it counts: of a silence the last contact, or the beginning of care."""
        return self._raised.details.anchor if self._raised else None

    @property
    def raised_at(self) -> datetime | None:
        """When it was raised (UTC)."""
        return self._raised.occurred.instant if self._raised else None

    def rang_by(self, moment: datetime) -> Fact | None:
        """Return its last ring that was recorded by a moment (UTC), for want of one the last of all."""
        rings = [f for f in self.of_any(*RINGS) if f.event.recorded_at and f.event.recorded_at <= moment]
        return max(rings, key=BY_VERSION, default=self._rang)

    @property
    def silent_since(self) -> date | None:
        """The day since which it lasts."""
        return self._rang.details.silent_since if self._rang else None

    @property
    def step(self) -> Step | None:
        """How grave it is, by its last ring; None before it was raised."""
        return self._rang.details.step if self._rang else None

    @view(AlertRaised, AlertReopened, AlertResolved)
    def open(self) -> bool:
        """Whether it goes on."""
        last = self.last(AlertRaised, AlertReopened, AlertResolved)
        return self.stated is not None if last is None else not isinstance(last.details, AlertResolved)

    @view(AlertRaised, AlertReopened, AlertResolved)
    def resolved(self) -> Fact | None:
        """What ended it; None where it goes on."""
        last = self.last(AlertRaised, AlertReopened, AlertResolved)
        return last if last and isinstance(last.details, AlertResolved) else None

    @cached_property
    def decided_at(self) -> datetime | None:
        """The latest moment (UTC) at which anything was decided of it: it is judged no earlier."""
        return max((fact.occurred.instant for fact in self.facts), default=None)

    @view(AlertAcknowledged, AlertEscalated, AlertCarried, AlertReopened)
    def acknowledged_by(self) -> str | None:
        """Who has seen its last ring and takes it on."""
        last = self.last(AlertAcknowledged, AlertEscalated, AlertCarried, AlertReopened)
        return last.details.by if last and isinstance(last.details, AlertAcknowledged) else None

    @view(AlertSnoozed)
    def snoozed_until(self) -> date | None:
        """The last day of the snooze, inclusive."""
        last = self.last(AlertSnoozed)
        return last.details.until if last else None

    def stands(self, answer: Details) -> bool:
        """Return whether this is what was answered last: to say it again would change nothing.

        What was answered before the last ring stands no more: it was not about that one.
        """
        kinds = (AlertSnoozed,) if isinstance(answer, AlertSnoozed) else (AlertAcknowledged, *RINGS)
        last = self.last(*kinds)
        return last is not None and last.details == answer

    def muted(self, now: datetime) -> bool:
        """Return whether notices are held back at `now`."""
        return self.snoozed_until is not None and local_day(now) <= self.snoozed_until

    @refuses(ALERT_CLOSED)
    def refuse_closed(self) -> None:
        """Raise `Conflict` where the case is over."""
        if not self.open:
            raise conflict(ALERT_CLOSED)

    @refuses(refuse_closed, SNOOZE_IN_THE_PAST, SNOOZE_TOO_LONG)
    def refuse_snooze(self, until: date, *, today: date) -> None:
        """Raise `Invalid` or `Conflict` where a snooze through `until` is not allowed."""
        self.refuse_closed()
        if until <= today:
            raise invalid(SNOOZE_IN_THE_PAST, "/until")
        if until - today > LONGEST_SNOOZE:
            raise invalid(SNOOZE_TOO_LONG, "/until")


def alert_id(kind: str, *, child: UUID, anchor: UUID) -> UUID:
    """Return the id of the one case that this child and this beginning can have."""
    return own_id(NAMESPACE, f"{kind}:{child}:{anchor}")


def fold_alert(alert_id: UUID, events: Iterable[Event]) -> AlertCase:
    """Fold a case's stream, in order of version."""
    return fold(AlertCase, alert_id, events)


def step_by_step(alert_id: UUID, events: Iterable[Event]) -> list[AlertCase]:
    """Return a case as it was before its first event, and after each of them."""
    return list(accumulate(events, evolve, initial=AlertCase(stream_id=alert_id)))
