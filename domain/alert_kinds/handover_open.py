"""Handover open 转接未办结: a transfer was proposed, and the receiving side has not answered."""

from collections.abc import Iterator
from uuid import UUID

from domain.alert_kind import AlertKind, Ending, Spell
from domain.child import Child
from domain.effects import Effect
from domain.org import Step
from domain.refusal import Text


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the transfers that nobody has answered."""
    return (Spell(event_id=each.event_id, since=each.proposed_on) for each in child.transfers if each.open)


def _ended(kind: AlertKind, child: Child, anchor: UUID) -> tuple[Ending, UUID | None]:
    answers = (f for f in child.having(Effect.ANSWERS_TRANSFER) if f.details.transfer == anchor)
    answer = next(answers, None)
    return (kind.ended_as, answer.event_id) if answer else (Ending.NEVER_WAS, None)


KIND = AlertKind(
    name="handover_open",
    label=Text(zh="转接未办结", en="handover open"),
    notice=Text(
        zh="有一名儿童的转接已提出 {days} 天，接收方尚未答复。",
        en="The transfer of a child was proposed {days} days ago and nobody has answered it.",
    ),
    steps=((Step.WARNING, 7), (Step.HIGH, 14), (Step.CRITICAL, 30)),
    spells=_spells,
    single=False,
    ended=_ended,
    order=100,
)
