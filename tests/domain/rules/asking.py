"""Asking for a verdict as the stories in this folder do: of a preset, in hindsight unless said otherwise."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from domain.days import end_of_day
from domain.event import Event
from domain.rules.calendar import default_calendar
from domain.rules.periods import parse_period
from domain.rules.rule import Rule
from domain.rules.rule_files import presets
from domain.rules.verdict import Verdict, verdict
from tests.support.builders import CHILD, stream

HINDSIGHT = "2026-11-21"


def preset(rule_id: str) -> Rule:
    """The first version of a rule that ships with CareLedger."""
    return presets()[rule_id, 1]


def judge(
    *events: Event,
    rule: str | Rule = "C39",
    period: str = "2026-03",
    as_of: str = HINDSIGHT,
    known: str | datetime = HINDSIGHT,
    child: UUID = CHILD,
) -> Verdict:
    """Judge a story; `known` as a day means its end."""
    rule = rule if isinstance(rule, Rule) else preset(rule)
    return verdict(
        stream(*events),
        subject=child,
        rule=rule,
        period=parse_period(period, kind=rule.period, calendar=default_calendar()),
        calendar=default_calendar(),
        as_of=date.fromisoformat(as_of),
        as_known_at=known if isinstance(known, datetime) else end_of_day(date.fromisoformat(known)),
    )


def ids(events: Iterable[Event]) -> tuple[UUID, ...]:
    """The ids of events."""
    return tuple(event.event_id for event in events)
