"""What children are called, for lists of something else that is about them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from application.access import ALLOWED, Action, Actor
from application.children.cards import Cards


def names_of(cards: Cards, child_ids: Sequence[UUID], *, actor: Actor) -> Mapping[UUID, str]:
    """Return the names of those children whom the actor may read; an erased or unreadable one has none.

    Who may see a child is decided by where it belongs now.
    """
    if Action.READ not in ALLOWED[actor.role]:
        return {}
    found = cards.of(list(dict.fromkeys(child_ids)), unreadable=lambda _child_id, _fault: None)
    return {
        child_id: card.name
        for child_id, card in found
        if card.name is not None and not card.erased and card.belongs_to(actor.org)
    }
