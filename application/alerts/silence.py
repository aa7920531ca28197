"""Which case a silence is of, and what that case still has to say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.care_views import Anchor
from domain.child import Child
from domain.event import Details
from domain.streams.alerts.case import (
    AlertCarried,
    AlertCase,
    AlertEscalated,
    AlertRaised,
    AlertReopened,
    alert_id,
)


def moment_judged(child: Child, cases: Sequence[AlertCase], *, now: datetime) -> datetime:
    """Return the moment at which the silence of a child is judged: now, and no earlier than its case was.

    A clock that was set back must not end what has rung, only to ring it again.
    """
    moments = [c.decided_at for c in cases if c.decided_at and child.anchor and is_of(c, child.anchor)]
    return max([now, *moments])


def is_of(case: AlertCase, anchor: Anchor) -> bool:
    """Return whether a case is of the silence since `anchor`: it began with that or on its day (ADR 29)."""
    return case.anchor == anchor.event_id or case.silent_since == anchor.day


def case_of(wanted: AlertRaised, cases: Sequence[AlertCase]) -> AlertCase | None:
    """Return the case of a silence: of several the one that is open, then the one with its very beginning."""
    anchor = Anchor(day=wanted.silent_since, event_id=wanted.anchor, is_contact=False, type="")
    there = [case for case in cases if case.version and is_of(case, anchor)]
    return max(there, key=lambda c: (c.open, c.anchor == wanted.anchor, c.decided_at), default=None)


def case_id(wanted: AlertRaised) -> UUID:
    return alert_id(wanted.kind, child=wanted.child, anchor=wanted.anchor)


def next_of(case: AlertCase, wanted: AlertRaised, *, org: str) -> Details | None:
    """Return what a case still has to say, or None where it says so already."""
    if not case.version:
        return wanted
    if not case.open:
        return AlertReopened(**_as_it_is(wanted))
    if case.step is not wanted.step:
        return AlertEscalated(**_as_it_is(wanted))
    if case.org != org:
        return AlertCarried(**_as_it_is(wanted))
    return None


def _as_it_is(wanted: AlertRaised) -> dict[str, Any]:
    return {
        "step": wanted.step,
        "silent_since": wanted.silent_since,
        "days_silent": wanted.days_silent,
    }
