"""Uncontacted 失联: nobody has reached the child or those around it."""

from collections.abc import Iterable
from uuid import UUID

from domain.alert_kind import UNCONTACTED, AlertKind, Ending, Spell
from domain.child import Child
from domain.org import Step
from domain.refusal import Text


def _spells(child: Child) -> Iterable[Spell]:
    """Return the present silence: from the last contact, or the beginning of care.

    The entry that it counts from is the one that ended the silence before, where it was a contact.
    """
    anchor = child.anchor
    if anchor is None:
        return ()
    by = anchor.event_id if anchor.is_contact else None
    return (Spell(event_id=anchor.event_id, since=anchor.day, by=by),)


def ended_by_what_began_next(kind: AlertKind, child: Child, _anchor: UUID) -> tuple[Ending, UUID | None]:
    """Return the ending of a silence: by the entry from which the present one counts."""
    for spell in kind.spells(child):
        return (kind.ended_as if spell.by else Ending.NEVER_WAS), spell.event_id
    return Ending.NEVER_WAS, None


KIND = AlertKind(
    name=UNCONTACTED,
    label=Text(zh="失联", en="uncontacted"),
    notice=Text(
        zh="有一名儿童已连续 {days} 天没有联系记录。",
        en="A child has had no recorded contact for {days} days.",
    ),
    steps=((Step.INFO, 14), (Step.WARNING, 30), (Step.HIGH, 45), (Step.CRITICAL, 60)),
    spells=_spells,
    on=True,
    required=True,
    ended_as=Ending.CONTACT,
    ended=ended_by_what_began_next,
    order=0,
)
