"""Recording what is derived for streams from how each of them stands, many of them in one save."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from application.access import Actor
from application.eventstore.database import DatabaseUnavailable
from application.recording.chunks import halves
from application.recording.outcome import NOWHERE, Decided, Deriver, Provenance, at_positions
from application.recording.recording import Recording
from domain.ledger.facts import Facts
from domain.refusal import Refused

F = TypeVar("F", bound=Facts)


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deriving(Generic[F]):
    """Records by `recording` what is derived, for an actor.

    `settle` is called between what is derived and what is decided of it, and writes what the one has found
    out that the other rests on.
    """

    recording: Recording[F]
    actor: Actor
    provenance: Provenance = NOWHERE
    settle: Callable[[], object] = _nothing

    def record(self, derivers: Mapping[UUID, Deriver[F]]) -> dict[UUID, Decided[F] | Refused]:
        """Record what is derived for some streams.

        The versions that decisions name are waived: they are made upon what was just read. All are decided
        and saved as one; where that is refused, each half by itself, as by `Recording.record_streams`. A
        stream that can't be read or written now gets the `Refused` that says why.
        """
        together = self._together(derivers)
        if together is not None:
            return dict(together)
        if len(derivers) == 1:
            ((stream_id, deriver),) = derivers.items()
            try:
                return {stream_id: self._alone(stream_id, deriver)}
            except Refused as refused:
                return {stream_id: refused}
        return {
            stream_id: decided
            for half in halves(derivers)
            for stream_id, decided in self.record(half).items()
        }

    def _together(self, derivers: Mapping[UUID, Deriver[F]]) -> Mapping[UUID, Decided[F]] | None:
        """Decide and save what is derived for some streams as one; None where one of them is in the way."""
        try:
            sessions, scope, keys = self.recording.opened(
                tuple(derivers), actor=self.actor, provenance=self.provenance
            )
            derived = {i: deriver.derive(sessions[i].state) for i, deriver in derivers.items()}
            self.settle()
            scope.foresee([new_event for some in derived.values() for new_event in some])
            outcomes = {
                stream_id: [sessions[stream_id].take(new_event, unattended=True) for new_event in new_events]
                for stream_id, new_events in derived.items()
            }
            placed = self.recording.save(list(sessions.values()), keys=keys)
        except DatabaseUnavailable:
            raise
        except Exception:  # noqa: BLE001  nothing was written; whose fault it is says the stream by itself
            return None
        return {
            stream_id: Decided(
                outcomes=at_positions(outcomes[stream_id], placed[stream_id], after=session.loaded.version),
                state=session.state,
            )
            for stream_id, session in sessions.items()
        }

    def _alone(self, stream_id: UUID, deriver: Deriver[F]) -> Decided[F]:
        """Record what is derived for one stream, as `Recording.record_many` does."""
        state = self.recording.state(stream_id)
        new_events = deriver.derive(state)
        self.settle()
        outcomes = self.recording.record_many(
            actor=self.actor,
            stream_id=stream_id,
            new_events=new_events,
            provenance=self.provenance,
            unattended=True,
        )
        if any(not isinstance(outcome, Refused) and outcome.new for outcome in outcomes):
            state = self.recording.state(stream_id)
        return Decided(outcomes=outcomes, state=state)
