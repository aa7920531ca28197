"""When a snooze ends, and what is said then."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.days import local_day, start_of_day
from domain.event import Event
from domain.streams.alerts.case import (
    RINGS,
    AlertCase,
    AlertEscalated,
    AlertSnoozed,
    Ladder,
    fold_alert,
    told_step_by_step,
)
from workers.routing import Ring, louder


def snooze_ends(case: AlertCase, *, hour: int) -> datetime:
    """Give the UTC moment at which notices of a snoozed case go out again."""
    assert case.snoozed_until is not None
    return start_of_day(case.snoozed_until + timedelta(days=1), hour=hour)


def ring_after_snooze(stream: Sequence[Event], *, now: datetime, ladder: Ladder) -> Ring | None:
    """Give what is told at the end of a snooze; None where there is nothing to tell, or it was told since."""
    snoozed = next((e for e in reversed(stream) if isinstance(e.details, AlertSnoozed)), None)
    case = fold_alert(stream[0].originator_id, stream) if stream else None
    if snoozed is None or case is None or not case.open or case.muted(now):
        return None
    assert case.snoozed_until is not None
    assert case.silent_since is not None
    assert case.step is not None
    before = told_step_by_step(case.alert_id, stream)
    if any(_rang_after(event, case, before=was) for event, was in zip(stream, before, strict=False)):
        return None
    ends = snooze_ends(case, hour=ladder.hour)
    return Ring(
        case=case,
        step=case.step,
        days_silent=(ladder.rung_day(ends) - case.silent_since).days,
        cause=snoozed.event_id,
        author="",
        at=ends,
    )


def _rang_after(event: Event, case: AlertCase, *, before: AlertCase) -> bool:
    """Tell whether an event came after the snooze of its case and was told of; a step down is not."""
    assert case.snoozed_until is not None
    if (
        not isinstance(event.details, RINGS)
        or event.recorded_at is None
        or local_day(event.recorded_at) <= case.snoozed_until
    ):
        return False
    return not isinstance(event.details, AlertEscalated) or louder(event.details.step, before.step)
