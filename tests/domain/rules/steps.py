"""The words of stories about verdicts: what is asked of a child's events, and what must come out."""

from typing import Any

from domain.event import Event
from domain.rules.verdict import Verdict
from tests.domain.rules.asking import judge
from tests.support.given import Check, Step

Events = tuple[Event, ...]


def judged(rule: str, period: str, **clocks: str) -> Step[Events]:
    """Ask how a period came out under a preset rule, in hindsight or under two clocks."""
    return lambda events: judge(*events, rule=rule, period=period, **clocks)


def verdict(status: str, *counted: Event, rejected: dict[str, str] | None = None) -> Check[Events]:
    """The verdict rests on these events; `rejected` says of others, by their days, why they don't count."""

    def check(events: Events, found: Verdict) -> None:
        assert found.status == status
        assert found.counted == tuple(event.event_id for event in counted)
        days: dict[Any, str] = {event.event_id: event.occurred.day.isoformat() for event in events}
        assert {days[r.event_id]: r.reason for r in found.rejected} == (rejected or {})

    return check
