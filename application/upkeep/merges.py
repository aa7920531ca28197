"""Merges of which one side is missing: each is told by two files, which one transaction wrote."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from application.eventstore.log import EventLog
from domain.child import Child, fold

_AT_ONCE = 200
# The file says that it was merged and the other doesn't; or the other way round.
NOT_TAKEN_OVER, NOT_CLOSED = "not taken over", "not closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfMerge:
    """A merge that one file alone tells of: `child_id` is the one that was to be closed."""

    child_id: UUID
    detail: str


def half_merges(log: EventLog, children: Sequence[UUID], *, but: Collection[UUID]) -> Iterator[HalfMerge]:
    """Compare both sides of the merges that some files tell of, `but` those in which a file has a part."""
    closed, taken = set[tuple[UUID, UUID]](), set[tuple[UUID, UUID]]()
    asked = [child_id for child_id in children if child_id not in but]
    for child_id, events in log.each_stream(asked, at_once=_AT_ONCE):
        child = fold(child_id, events)
        if child.merged is not None:
            closed.add((child_id, child.merged.details.into))
        taken |= {(merged, child_id) for merged in _taken_over(child)}
    for pairs, detail in ((closed - taken, NOT_TAKEN_OVER), (taken - closed, NOT_CLOSED)):
        for merged, kept in sorted(pairs):
            if not {merged, kept} & {*but}:
                yield HalfMerge(child_id=merged, detail=detail)


def _taken_over(child: Child) -> Iterator[UUID]:
    """Go through those that were merged into this very file: what came with another one is that one's."""
    return (fact.details.child for fact in child.taken_over if fact.event.source_event_id is None)
