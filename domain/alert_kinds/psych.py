"""Counselling stands still 心理辅导中断: a case is open, and there was no session for too long."""

from collections.abc import Iterator
from uuid import UUID

from domain.alert_kind import AlertKind, Ending, Spell
from domain.child import Child
from domain.org import Step
from domain.refusal import Text


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the open cases, each from its last session or its opening."""
    closed = {said.case for _, said in child.of("counselling_closed")}
    for opened, _ in child.of("counselling_opened"):
        if opened.event_id not in closed:
            held = [fact for fact, said in child.of("counselling_session") if said.case == opened.event_id]
            last = held[-1] if held else opened
            yield Spell(event_id=last.event_id, since=last.day)


def _ended(kind: AlertKind, child: Child, anchor: UUID) -> tuple[Ending, UUID | None]:
    fact = child.fact(anchor)
    case = getattr(fact.details, "case", anchor) if fact else anchor
    later = [f for f, said in child.of("counselling_session") if said.case == case and f.event_id != anchor]
    later += [f for f, said in child.of("counselling_closed") if said.case == case]
    return (kind.ended_as, later[-1].event_id) if later else (Ending.NEVER_WAS, None)


KIND = AlertKind(
    name="psych",
    label=Text(zh="心理辅导中断", en="counselling stands still"),
    notice=Text(
        zh="有一名儿童的心理辅导个案未结，已 {days} 天没有辅导记录。",
        en="Counselling of a child is open and there has been no session for {days} days.",
    ),
    steps=((Step.WARNING, 14), (Step.HIGH, 30)),
    spells=_spells,
    single=False,
    ended=_ended,
    order=110,
)
