"""Merging a file into another of the same child, and undoing that: both files in one transaction (ADR 57)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from application.access import Action, Actor, Forbidden, require
from application.basis import UNBOUND, Basis
from application.children.care_record import CareRecord
from application.children.session import ChildSession
from application.eventstore.keyring import KeyDestroyed
from application.eventstore.recorder import RowTaken
from application.reasons import BUSY, ERASED, NOT_ALLOWED, NUMBER_TAKEN
from application.recording.outcome import NOWHERE
from application.streams import until_settled
from domain.catalogue import details_by_effects
from domain.child import Child, fold
from domain.days import local_day
from domain.effects import Effect
from domain.event import Details, NewEvent, Occurred
from domain.ids import own_id
from domain.ledger.decide import refuse_same_approver
from domain.ledger.event_voided import EventVoided
from domain.ledger.fact import Fact
from domain.ledger.facts import BY_VERSION
from domain.merged_pairings import pairings_due
from domain.merging import came_by, coming_over, first_day, refuse_merge, taken_over
from domain.org import within
from domain.reasons import MERGED_INTO, UNKNOWN_CHILD
from domain.refusal import Conflict, Fault, Reason, Unknown, conflict, refuses

NOT_MERGED = Reason(
    code="not_merged", zh="这份档案没有并入其他档案", en="This file was not merged into another one."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """That a file was merged: into which, by which event, when (UTC) and by whom; whether that is undone.

    `entries` counts those of the kept file that came with it and stand; `version` is that of the closed file.
    Once it is undone, `decided_since` are the entries of the file whose copies were corrected or voided
    while it was merged: these decisions went with the copies.
    """

    child_id: UUID
    into: UUID
    event_id: UUID
    merged_at: datetime | None
    merged_by: str
    undone: bool
    entries: int
    version: int
    decided_since: tuple[UUID, ...] = ()


class Merges:
    """Makes one file of two."""

    def __init__(self, record: CareRecord, *, now: Callable[[], datetime]) -> None:
        self._record = record
        self._now = now

    @refuses(refuse_merge, refuse_same_approver, Basis.refuse_other, UNKNOWN_CHILD, ERASED, BUSY)
    def merge(
        self,
        child_id: UUID,
        *,
        into: UUID,
        reason: str,
        approved_by: str,
        actor: Actor,
        basis: Basis = UNBOUND,
    ) -> Merge:
        """Merge the file of a child into another one, which is kept; the same again is nothing new.

        Raises `Unknown`, `Forbidden`, `Invalid` and `Conflict`; then nothing was written.
        """
        refuse_same_approver((actor.name,), approved_by, "/approved_by")
        said = details_by_effects(Effect.MERGES)(into=into, reason=reason, approved_by=approved_by)

        def put(files: Mapping[UUID, ChildSession]) -> Merge:
            other, kept = files[child_id], files[into]
            _require(other, actor=actor)
            try:
                _require(kept, actor=actor)
            except Unknown:
                # Whether there is none or it lies out of sight: the answers don't differ.
                raise conflict(UNKNOWN_CHILD, "/into") from None
            if other.state.merged_into == into:
                return _merge(other.state, kept.state)
            basis.refuse_other(other.state.version)
            if other.state.merged:
                raise Conflict(Fault(reason=MERGED_INTO))
            refuse_merge(kept.state, other.state)
            if any(event.erased for file in (other, kept) for event in file.stream):
                raise Conflict(Fault(reason=ERASED))
            _put(other, kept, said, by=actor.name)
            return _merge(other.state, kept.state)

        result = self._together((child_id, into), put, actor=actor)
        # The store says when that was, which is no earlier than what it had by then.
        stored = _last_merge(self._record.state(child_id))
        return result if stored is None else replace(result, merged_at=stored.event.recorded_at)

    @refuses(
        refuse_same_approver,
        Basis.refuse_other,
        UNKNOWN_CHILD,
        ERASED,
        NUMBER_TAKEN,
        NOT_MERGED,
        MERGED_INTO,
        BUSY,
    )
    def undo(
        self, child_id: UUID, *, reason: str, approved_by: str, actor: Actor, basis: Basis = UNBOUND
    ) -> Merge:
        """Void the merge of a file and all that came with it; twice is once. Raises as `merge` does."""
        refuse_same_approver((actor.name,), approved_by, "/approved_by")
        merged = _last_merge(fold(child_id, self._record.stream(child_id, actor=actor, action=Action.MANAGE)))
        if merged is None:
            raise Conflict(Fault(reason=NOT_MERGED))
        into, today = merged.details.into, Occurred.on(local_day(self._now()))

        def put(files: Mapping[UUID, ChildSession]) -> Merge:
            kept, other = files[into], files[child_id]
            _require(other, actor=actor)
            if not within(kept.state.last_org, actor.org):
                # The child has moved on since: whoever manages both may undo it.
                raise Forbidden(Fault(reason=NOT_ALLOWED))
            if other.state.merged is not None and other.state.merged.event_id == merged.event_id:
                basis.refuse_other(other.state.version)
                if kept.state.merged:
                    raise Conflict(Fault(reason=MERGED_INTO))
                _undo(kept, other, merged, day=today, said=(reason, approved_by), by=actor.name)
            return _merge(other.state, kept.state)

        return self._together((into, child_id), put, actor=actor)

    def _together(
        self, child_ids: Sequence[UUID], put: Callable[[Mapping[UUID, ChildSession]], Merge], *, actor: Actor
    ) -> Merge:
        """Let `put` change both files and save that as one; what one gives up the next in order may take."""

        def attempt() -> Merge:
            opened, _scope, keys = self._record.opened(child_ids, actor=actor, provenance=NOWHERE)
            sessions = cast("Mapping[UUID, ChildSession]", opened)
            result = put(sessions)
            try:
                self._record.save(list(sessions.values()), keys=keys)
            except KeyDestroyed:
                raise Conflict(Fault(reason=ERASED)) from None
            except RowTaken as error:
                fault = self._record.taken(actor, table=error.table)
                raise Conflict(Fault(reason=fault.reason)) from None
            return result

        return until_settled(attempt)


def _require(file: ChildSession, *, actor: Actor) -> None:
    """Raise `Unknown` or `Forbidden` where the actor does not manage a file, or there is none."""
    if not file.state.of_any(*file.kind.opens):
        raise Unknown(Fault(reason=UNKNOWN_CHILD))
    require(actor, Action.MANAGE, org=file.state.org)


def _put(other: ChildSession, kept: ChildSession, said: Details, *, by: str) -> None:
    """Close one file and put into the other what that must say from now on."""
    file, child = other.state, kept.state
    merge_id = own_id(file.child_id, f"merged:{file.version + 1}")
    occurred = Occurred.on(first_day(file))
    taking = NewEvent(
        event_id=own_id(merge_id, "taken over"), occurred=occurred, details=taken_over(file), recorded_by=by
    )
    coming = [(each.new_event(merge_id), each.org) for each in coming_over(child, file, merge_id=merge_id)]
    closing = NewEvent(event_id=merge_id, occurred=occurred, details=said, recorded_by=by)
    other.put([(closing, file.org)], cause=merge_id)

    def pairings(child: Child) -> list[tuple[NewEvent, str]]:
        return [(each.new_event(merge_id), each.org) for each in pairings_due(child, file, merge_id=merge_id)]

    kept.put([(taking, child.org), *coming], cause=merge_id, then=pairings)


def _undo(
    kept: ChildSession, other: ChildSession, merged: Fact, *, day: Occurred, said: tuple[str, str], by: str
) -> None:
    """Void what came by a merge, and the merge."""
    reason, approved_by = said
    undoing = _undoing(merged)
    came = reversed(came_by(kept.state, merged.event_id))
    for file, facts in ((kept, [*came]), (other, [merged])):
        voidings = [
            NewEvent(
                event_id=_undone_by(merged, fact),
                occurred=day,
                details=EventVoided(target=fact.event_id, reason=reason, approved_by=approved_by),
                recorded_by=by,
            )
            for fact in facts
        ]
        file.put([(voiding, file.org()) for voiding in voidings], cause=undoing)


def _undoing(merged: Fact) -> UUID:
    return own_id(merged.event_id, "undone")


def _undone_by(merged: Fact, came: Fact) -> UUID:
    """Return the id of the voiding of an entry that came by a merge, where that is undone."""
    return own_id(_undoing(merged), str(came.event_id))


def _decided_since(kept: Child, merged: Fact) -> Iterator[UUID]:
    """Go through the entries of a reopened file whose copies somebody corrected or voided meanwhile."""
    for fact in sorted(kept.entries, key=BY_VERSION):
        if fact.event.metadata.causation_id != merged.event_id or fact.event.source_event_id is None:
            continue
        if fact.corrected_by or fact.voided_by not in {None, _undone_by(merged, fact)}:
            yield fact.event.source_event_id


def _last_merge(child: Child) -> Fact | None:
    """Return the latest merge of a file, also one that is undone."""
    merges = [fact for fact in child.entries if fact.event_type.has(Effect.MERGES)]
    return max(merges, key=lambda fact: fact.event.originator_version, default=None)


def _merge(other: Child, kept: Child) -> Merge:
    merged = _last_merge(other)
    assert merged is not None
    return Merge(
        child_id=other.child_id,
        into=kept.child_id,
        event_id=merged.event_id,
        merged_at=merged.event.recorded_at,
        merged_by=merged.event.recorded_by,
        undone=merged.voided_by is not None,
        entries=len(came_by(kept, merged.event_id)),
        version=other.version,
        decided_since=tuple(_decided_since(kept, merged)) if merged.voided_by is not None else (),
    )
