"""New events on their way to a stream: where they come from, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from application.access import Actor
from domain.event import Event, NewEvent
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts
from domain.refusal import Conflict, Fault, Refused

F = TypeVar("F", bound=Facts)
S_contra = TypeVar("S_contra", bound=Facts, contravariant=True)


class Recorded(Struct, frozen=True, kw_only=True, gc=False):
    """What became of a new event that stands: new, or there already with the same content.

    `version` and `position` are those of its event; `late_days` is given where it was written late; `repeats`
    are other entries that may tell of the same;
    `stream_kind` names the kind of stream, None for a child's.
    """

    event_id: UUID
    stream_id: UUID
    version: int
    position: int
    new: bool
    late_days: int | None = None
    stream_kind: str | None = None
    repeats: tuple[UUID, ...] = ()


Outcome = Recorded | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a batch of new events comes from, beyond its actor.

    `sender` is who sent it, where somebody else tries it again: the actor's rights, the sender's name.
    """

    correlation_id: UUID | None = None
    import_id: UUID | None = None
    file_sha256: str | None = None
    sender: Actor | None = None


NOWHERE = Provenance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Generic[F]):
    """What became of the new events of one stream, and how that stands after them."""

    outcomes: Sequence[Outcome]
    state: F


class Deriver(Protocol[S_contra]):
    """Derives what a stream lacks from how it stands; asked again where that has changed meanwhile."""

    def derive(self, state: S_contra, /) -> Sequence[NewEvent]:
        """Return what the stream lacks; nothing is decided or written by this."""


def recorded(event: Event, *, new: bool, fact: Fact | None = None, repeats: Sequence[Fact] = ()) -> Recorded:
    """Return what became of a new event that stands as `event`; `fact` is how that stands now.

    `repeats` are other entries that may tell of the same.
    """
    return Recorded(
        event_id=event.event_id,
        stream_id=event.originator_id,
        version=event.originator_version,
        position=event.position or 0,
        new=new,
        late_days=fact.late_days if fact is not None else None,
        stream_kind=event.metadata.kind,
        repeats=tuple([each.event.event_id for each in repeats]) if repeats else (),
    )


def all_refused(outcomes: Sequence[Outcome], fault: Fault) -> list[Outcome]:
    """Refuse what would have stood, for a reason that only the store knew."""
    return [o if isinstance(o, Refused) else Conflict(fault) for o in outcomes]


def at_positions(outcomes: Sequence[Outcome], positions: Sequence[int], *, after: int) -> list[Outcome]:
    """Return what became of new events with the positions of those events that were saved.

    `positions` are those of the versions that follow on version `after` of the stream.
    """
    return [
        outcome
        if isinstance(outcome, Refused) or outcome.version <= after
        else replace(outcome, position=positions[outcome.version - after - 1])
        for outcome in outcomes
    ]
