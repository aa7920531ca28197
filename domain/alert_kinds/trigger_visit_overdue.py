"""Visit overdue 五必访逾期: something calls for a visit, and nobody has made it in time."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from domain.alert_kind import AlertKind, Ending, Spell
from domain.child import Child
from domain.effects import Effect
from domain.org import Step
from domain.reasons_to_visit import OpenReason
from domain.refusal import Text

DAYS = 7
# What must not wait so long.
SOONER = {"low_mood": 3, "quarrel": 3}


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the reasons that are open, from the last day on which a visit is in time."""
    for reason in child.reasons_to_visit:
        yield Spell(event_id=reason.event_id, since=in_time_until(reason))


def in_time_until(reason: OpenReason) -> date:
    """Return the last day on which a visit is in time."""
    return reason.since + timedelta(days=SOONER.get(reason.kind, DAYS))


def _ended(kind: AlertKind, child: Child, anchor: UUID) -> tuple[Ending, UUID | None]:
    settled = [f for f in child.having(Effect.SETTLES_VISIT) if f.details.trigger == anchor]
    seen = child.fact(anchor)
    if not settled and seen is not None:
        settled = [f for f in child.having(Effect.SETTLES_VISIT) if f.day >= seen.day]
    return (kind.ended_as, settled[-1].event_id) if settled else (Ending.NEVER_WAS, None)


KIND = AlertKind(
    name="trigger_visit_overdue",
    label=Text(zh="必访逾期", en="visit overdue"),
    notice=Text(
        zh="有一名儿童出现必访情形，应在期限内家访，现已逾期 {days} 天。",
        en="Something called for a visit to a child, and the visit is {days} days overdue.",
    ),
    steps=((Step.WARNING, 1), (Step.HIGH, 7), (Step.CRITICAL, 14)),
    spells=_spells,
    single=False,
    ended=_ended,
    order=90,
)
