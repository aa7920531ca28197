"""What follows from streams of the served kinds in the files of children: listed, tried again, dismissed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from application.access import Action, Actor
from application.basis import UNBOUND, Basis
from application.recording.filing import Filed, Filing
from application.recording.recording import Recording
from application.recording.waiting import RECORDED, VOIDED
from domain.ledger.facts import Facts
from domain.ledger.kind import Addressee, StreamKind
from domain.refusal import refuses


class StreamFiles:
    """How far the files of children are that streams of kinds with `fans_out` write into."""

    def __init__(self, *, recordings: Mapping[str, Recording[Any]], filing: Filing) -> None:
        self._recordings = recordings
        self._filing = filing

    def listed(
        self, kind: StreamKind[Any], stream_id: UUID, *, actor: Actor, after: int = -1, limit: int = 100
    ) -> list[tuple[Addressee, Filed, UUID | None]]:
        """Return the children behind a number, how far each is, and the id of the entry once it is written.

        Raises `Unknown` where there is no stream that the actor may know of.
        """
        state = self._state(kind, stream_id, actor=actor, action=Action(kind.reads))
        named = _addressees(kind, state)
        filed = self._filing.behind(stream_id, after=after, limit=limit)
        return [
            (named[each.number], each, _entry(kind, state, named[each.number], each))
            for each in filed
            if each.number < len(named)
        ]

    @refuses(Basis.refuse_other)
    def retry(self, kind: StreamKind[Any], stream_id: UUID, *, actor: Actor, basis: Basis = UNBOUND) -> int:
        """Let what was put aside be tried again at once; return the version. Raises `Unknown`."""
        state = self._state(kind, stream_id, actor=actor, action=Action(kind.writes))
        basis.refuse_other(state.version)
        self._filing.retry(stream_id)
        return state.version

    @refuses(Filing.dismiss)
    def dismiss(
        self,
        kind: StreamKind[Any],
        stream_id: UUID,
        number: int,
        *,
        reason: str,
        actor: Actor,
        basis: Basis = UNBOUND,
    ) -> int:
        """Say that a quarantined entry is not to be recorded, and why; return the version. Twice is once.

        Raises `Unknown`, and `Conflict` where it is not quarantined, or was dismissed for another reason.
        """
        state = self._state(kind, stream_id, actor=actor, action=Action(kind.writes))
        self._filing.dismiss(
            stream_id,
            number,
            of=len(_addressees(kind, state)),
            version=state.version,
            reason=reason,
            by=actor.name,
            basis=basis,
        )
        return state.version

    def counts(self, stream_id: UUID) -> Mapping[str, int]:
        """Count the entries by their state."""
        return self._filing.counts([stream_id])[stream_id]

    def _state(self, kind: StreamKind[Any], stream_id: UUID, *, actor: Actor, action: Action) -> Facts:
        recording = self._recordings[kind.name]
        state: Facts = recording.read(stream_id, actor=actor, action=action, void_too=True)[1]
        return state


def _addressees(kind: StreamKind[Any], state: Facts) -> list[Addressee]:
    assert kind.fans_out is not None
    return list(kind.fans_out.addressees(state))


def _entry(kind: StreamKind[Any], state: Facts, addressee: Addressee, filed: Filed) -> UUID | None:
    if kind.fans_out is None or addressee.child_id is None or filed.state not in (RECORDED, VOIDED):
        return None
    return kind.fans_out.new_events(state, addressee, addressee.child_id)[0].event_id
