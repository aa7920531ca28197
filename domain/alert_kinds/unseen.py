"""Unseen 未见面: people telephone, and nobody of the carers' side has seen the child itself."""

from collections.abc import Iterable

from domain.alert_kind import UNCONTACTED, AlertKind, Ending, Spell
from domain.alert_kinds.uncontacted import ended_by_what_began_next
from domain.child import Child
from domain.org import Step
from domain.refusal import Text


def _spells(child: Child) -> Iterable[Spell]:
    """Return since when nobody has seen the child: from the last sighting, or the beginning of care."""
    anchor = child.unseen_anchor
    if anchor is None:
        return ()
    by = anchor.event_id if anchor.is_contact else None
    return (Spell(event_id=anchor.event_id, since=anchor.day, by=by),)


KIND = AlertKind(
    name="unseen",
    label=Text(zh="未见面", en="unseen"),
    notice=Text(
        zh="有一名儿童已连续 {days} 天没有帮扶人员见到本人（电话不算见面）。",
        en="Nobody of the carers has seen a child for {days} days; a call is not seeing it.",
    ),
    steps=((Step.WARNING, 30), (Step.HIGH, 60), (Step.CRITICAL, 90)),
    spells=_spells,
    on=True,
    required=True,
    covered_by=UNCONTACTED,
    ended_as=Ending.SEEN,
    ended=ended_by_what_began_next,
    order=10,
)
