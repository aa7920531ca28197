"""One group action as its stream tells it, and what each of its sheets says in the files of children."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.event import Details, Event
from domain.ledger.facts import Facts, view
from domain.ledger.fanning import into_files
from domain.ledger.kind import FanOut
from domain.streams.group_actions.opened import GroupActionOpened
from domain.streams.group_actions.sheets import SHEETS, entry_of


def _named(said: Any) -> list[UUID]:
    return [row.child for row in said.children or ()]


@dataclass(frozen=True, kw_only=True)
class GroupAction(Facts):
    """What was done, and for how many."""

    @view(GroupActionOpened)
    def opened(self) -> GroupActionOpened | None:
        """What it is called."""
        return next((said for _, said in self.of(GroupActionOpened)), None)

    @view(*SHEETS)
    def children(self) -> tuple[UUID, ...]:
        """The children on its sheets, each once."""
        return tuple(dict.fromkeys(c for fact in self.of_any(*SHEETS) for c in _named(fact.details)))

    @view(*SHEETS)
    def rows(self) -> Mapping[str, int]:
        """How many children stand on the sheets of each type."""
        return {d.TYPE: sum(len(_named(said)) for _, said in self.of(d)) for d in SHEETS if any(self.of(d))}


def _entry(_action: GroupAction, cause: Event, child: UUID) -> Details:
    return entry_of(cause.details, child)


FAN_OUT: FanOut[GroupAction] = into_files(tuple(SHEETS), children=_named, entry=_entry)
