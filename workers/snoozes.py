"""When a snooze ends, and what goes out then."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.days import local_day, start_of_day
from domain.event import Event
from domain.ladder import EscalationPolicy, graver
from domain.streams.alerts.case import (
    RINGS,
    AlertCase,
    AlertEscalated,
    AlertSnoozed,
    fold_alert,
    step_by_step,
)
from workers.routing import Escalation


def snooze_ends(case: AlertCase, *, hour: int) -> datetime:
    """Return the UTC moment at which notices of a snoozed case go out again."""
    assert case.snoozed_until is not None
    return start_of_day(case.snoozed_until + timedelta(days=1), hour=hour)


def escalation_after_snooze(
    stream: Sequence[Event], *, now: datetime, policy: EscalationPolicy
) -> Escalation | None:
    """Return what goes out at the end of a snooze; None where nothing does, or it went out since."""
    snoozed = next((e for e in reversed(stream) if isinstance(e.details, AlertSnoozed)), None)
    case = fold_alert(stream[0].originator_id, stream) if stream else None
    if snoozed is None or case is None or not case.open or case.muted(now):
        return None
    assert case.snoozed_until is not None
    assert case.silent_since is not None
    assert case.step is not None
    before = step_by_step(case.alert_id, stream)
    if any(_rang_after(event, case, before=was) for event, was in zip(stream, before, strict=False)):
        return None
    ends = snooze_ends(case, hour=policy.hour)
    return Escalation(
        case=case,
        step=case.step,
        days_silent=(policy.last_ring_day(ends) - case.silent_since).days,
        cause=snoozed.event_id,
        author="",
        at=ends,
    )


def _rang_after(event: Event, case: AlertCase, *, before: AlertCase) -> bool:
    """Return whether an event came after the snooze of its case and went out; a step down does not."""
    assert case.snoozed_until is not None
    if (
        not isinstance(event.details, RINGS)
        or event.recorded_at is None
        or local_day(event.recorded_at) <= case.snoozed_until
    ):
        return False
    return not isinstance(event.details, AlertEscalated) or graver(event.details.step, before.step)
