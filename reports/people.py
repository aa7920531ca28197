"""The children whom the rows of a report are about, as far as the reader may know them by now."""

from collections.abc import Collection, Mapping
from uuid import UUID

from domain.card import Card
from domain.org import within
from reports.report import Asked

AT_ONCE = 500


def children_of(asked: Asked, ids: Collection[UUID]) -> Mapping[UUID, Card]:
    """Return those of some children that the reader may see, by id; who can't be read is left out."""
    wanted = list(dict.fromkeys(ids))
    found = (
        card
        for start in range(0, len(wanted), AT_ONCE)
        for _, card in asked.system.cards.of(
            wanted[start : start + AT_ONCE], unreadable=asked.reports.unreadable
        )
    )
    return {child.child_id: child for child in found if within(child.org, asked.actor.org)}


def name_in(children: Mapping[UUID, Card], child_id: UUID | None) -> str:
    """Return the name of a child; empty where it is not to be known."""
    child = children.get(child_id) if child_id is not None else None
    return (child.name or "") if child is not None else ""
