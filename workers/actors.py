"""What the actors do: plain functions of one id, safe to run twice. The truth is in the database."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from application.eventstore.recorder import Row
from application.system import SYSTEM, System
from domain.alert import AlertCase, AlertNotified
from domain.org import Step
from domain.rules.calendar import Calendar
from projections import deliveries
from projections.deliveries import ACCEPTED, FAILED, PENDING, UNKNOWN, Delivery
from projections.rebuild import judge
from workers.channel import Accepted, Means, Notice, Outcome, Permanent, Retryable, channels
from workers.routing import TELL_OTHERS_AT, Ring, next_deliveries, recipient_of

# How long to wait after the first attempt, the second, and so on; after the last nothing is tried any more.
WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
)
MOST_ATTEMPTS = len(WAITS) + 1
JITTER = 0.2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the actors work with. `chance` gives a number from 0 to 1; `at` is told each point between two
    effects, for those who want to crash there."""

    system: System
    means: Means
    calendar: Calendar
    chance: Callable[[], float]
    at: Callable[[str], None]


def recompute(child_id: UUID, *, desk: Desk) -> None:
    """Judge a child's periods anew as far as that is asked for."""
    judge(
        database=desk.system.database,
        log=desk.system.log,
        child_id=child_id,
        bindings=lambda child: desk.system.organisations.bindings(child.orgs),
        calendar=desk.calendar,
        now=desk.system.now(),
        at=desk.at,
    )


def deliver(delivery_id: UUID, *, desk: Desk) -> None:
    """Send one notice that is due, and write down what became of it."""
    now = desk.system.now()
    with desk.system.database.transaction() as tx:
        taken = deliveries.claim(tx, delivery_id, now=now)
    if taken is None:
        return
    desk.at("deliver.claimed")
    case = desk.system.alerts.load(taken.alert_id)
    if (over := _over(case, now=now)) is not None:
        _put_off(desk, taken, state=FAILED, reason=over, not_before=now, others=False)
        return
    if taken.attempts > MOST_ATTEMPTS:
        _put_off(desk, taken, state=FAILED, reason="too_many_attempts", not_before=now, others=True)
        return
    if taken.attempts > TELL_OTHERS_AT:
        # Who sent it before has died each time and could not say that others must be told.
        _tell_others(desk, taken, now=now)
    outcome = _sent(desk, taken)
    desk.at("deliver.sent")
    _write_down(desk, taken, outcome)
    desk.at("deliver.kept")


def _over(case: AlertCase, *, now: datetime) -> str | None:
    """Give why a notice is not worth sending any more; None while it is."""
    if not case.open:
        return "alert_closed"
    if case.muted(now):
        # The end of the snooze brings a notice of its own.
        return "alert_snoozed"
    return None


def _sent(desk: Desk, taken: Delivery) -> Outcome:
    recipient = recipient_of(desk.system.organisations, taken)
    channel = channels().get(taken.channel)
    if recipient is None or channel is None:
        return Permanent(reason="unknown_recipient" if recipient is None else "unknown_channel")
    notice = Notice(
        delivery_id=taken.delivery_id,
        alert_id=taken.alert_id,
        child_id=taken.child_id,
        recipient_id=taken.recipient_id,
        step=taken.step,
        days_silent=taken.days_silent,
        created_at=taken.created_at,
        address=recipient.address,
        secret=recipient.secret,
    )
    return channel.send(notice, desk.means)


def _write_down(desk: Desk, taken: Delivery, outcome: Outcome) -> None:
    now = desk.system.now()
    if isinstance(outcome, Accepted):
        _write_accepted(desk, taken, outcome, now=now)
        return
    if isinstance(outcome, Permanent) or taken.attempts >= MOST_ATTEMPTS:
        _put_off(desk, taken, state=FAILED, reason=outcome.reason, not_before=now, others=True)
        return
    wait = WAITS[taken.attempts - 1] * (1 + JITTER * desk.chance())
    if isinstance(outcome, Retryable) and outcome.retry_after is not None:
        wait = max(wait, outcome.retry_after)
    _put_off(
        desk,
        taken,
        state=PENDING if isinstance(outcome, Retryable) else UNKNOWN,
        reason=outcome.reason,
        not_before=now + wait,
        others=taken.attempts >= TELL_OTHERS_AT,
    )


def _write_accepted(desk: Desk, taken: Delivery, outcome: Accepted, *, now: datetime) -> None:
    accepted = replace(
        taken, state=ACCEPTED, updated_at=now, last_reason=None, provider_id=outcome.provider_id
    )
    values = deliveries.row_of(accepted)
    row = Row(table="delivery", key={"delivery_id": values.pop("delivery_id")}, values=values)
    said = AlertNotified(
        delivery=taken.delivery_id,
        step=Step.from_word(taken.step),
        channel=taken.channel,
        recipient=taken.recipient_id,
    )
    desk.system.alerts.notified(taken.alert_id, said=said, rows=[row], actor=SYSTEM)


def _put_off(
    desk: Desk, taken: Delivery, *, state: str, reason: str, not_before: datetime, others: bool
) -> None:
    """Write down why a notice was not accepted; with `others`, whoever comes next is told as well."""
    now = desk.system.now()
    instead = _instead(desk, taken, now=now) if others else []
    with desk.system.database.transaction() as tx:
        if deliveries.put_off(tx, taken, state=state, reason=reason, not_before=not_before, now=now):
            deliveries.plan(tx, instead)
    if others:
        log.warning("delivery %s: %s, %d others are told", taken.delivery_id, reason, len(instead))


def _tell_others(desk: Desk, taken: Delivery, *, now: datetime) -> None:
    instead = _instead(desk, taken, now=now)
    with desk.system.database.transaction() as tx:
        deliveries.plan(tx, instead)


def _instead(desk: Desk, taken: Delivery, *, now: datetime) -> list[Delivery]:
    ring = Ring(
        case=desk.system.alerts.load(taken.alert_id),
        step=Step.from_word(taken.step),
        days_silent=taken.days_silent,
        cause=taken.cause,
        author="",
        at=now,
    )
    planned = deliveries.of_alert(desk.system.database, taken.alert_id)
    return next_deliveries(desk.system.organisations, ring, failing=taken.delivery_id, planned=planned)
