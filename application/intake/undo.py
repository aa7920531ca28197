"""Undoing a batch, a paper or one that came over HTTP: all that it recorded is voided, with an approver."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from application.access import Action, Actor, require
from application.intake.batches import RECEIVING, Batch
from application.intake.imports.paper import Progress
from application.intake.imports.registers import Registers
from domain.catalogue import kind_of
from domain.days import local_day
from domain.event import Channel, Event, NewEvent, Occurred
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_voided import EventVoided
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts, fold
from domain.ledger.kind import StreamKind
from domain.refusal import Reason, Refused, conflict, refuses

AT_WORK = Reason(
    code="batch_at_work",
    zh="该导入或批次仍在进行，结束后才能撤销",
    en="The import or batch is still running. It can be undone once it has ended.",
)
RECORDED_BY = "careledger import undo"
REASON = "整批导入已撤销 / the whole import was undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoResult:
    """What became of the events of a batch.

    `already_void` were void before. `kept` are children, or other streams, of which nothing was voided: later
    entries stand on what the batch opened, or the batch voided there what others had recorded. `left` are
    those that were not looked at yet, where it was `enough`.
    """

    import_id: UUID
    voided: int
    already_void: int
    kept: tuple[UUID, ...]
    left: int = 0


@refuses(AT_WORK)
def undo_batch(
    batch_id: UUID,
    *,
    approved_by: str,
    registers: Registers,
    actor: Actor,
    progress: Progress | None = None,
    enough: Callable[[], bool] = lambda: False,
) -> UndoResult:
    """Void every event of a batch; carers and organisations that a paper created stay.

    Twice is once, and an undo that was interrupted is finished by running it again. Raises `Unknown` for a
    batch that is not known: one that came over HTTP is known for thirty days, a paper for ever;
    `Conflict` for one that is still at work.
    """
    batch = registers.batches.find(batch_id)
    require(actor, Action.MANAGE, org=batch.org)
    if batch.state == RECEIVING:
        raise conflict(AT_WORK)
    undo, done = _undo_of(batch, registers=registers, approved_by=approved_by, actor=actor), 0
    streams = registers.batches.streams(batch)
    for done, (stream_id, events) in enumerate(registers.log.each_stream(streams), start=1):
        undo.take(stream_id, events)
        if progress is not None:
            progress(done, len(streams))
        if enough():
            break
    if done == len(streams):
        registers.batches.undone(batch_id)
    return UndoResult(
        import_id=batch_id,
        voided=undo.voided,
        already_void=undo.already_void,
        kept=tuple(undo.kept),
        left=len(streams) - done,
    )


def _undo_of(batch: Batch, *, registers: Registers, approved_by: str, actor: Actor) -> "_Undo":
    return _Undo(
        batch,
        holds=registers.batches.holding(batch),
        approved_by=approved_by,
        registers=registers,
        actor=replace(actor, channel=Channel.SYSTEM),
    )


class _Undo:
    """One undoing of one batch, stream by stream."""

    def __init__(
        self,
        batch: Batch,
        *,
        holds: Callable[[Event], bool],
        approved_by: str,
        registers: Registers,
        actor: Actor,
    ) -> None:
        self._batch = batch
        self._holds = holds
        self._approved_by = approved_by
        self._registers = registers
        self._actor = actor
        self.voided = self.already_void = 0
        self.kept: list[UUID] = []

    def take(self, stream_id: UUID, events: Sequence[Event]) -> None:
        """Void what the batch recorded of a stream; what only follows from that goes with it."""
        kind = kind_of(events[0])
        recording = self._registers.recordings.get(kind.name)
        if recording is None:
            return
        state = fold(kind.view, stream_id, events)
        mine = [fact for fact in state.facts if self._holds(fact.event)]
        void = {fact.event_id for fact in state.void if self._holds(fact.event)}
        self.already_void += len(void)
        if _stands_for_others(kind, state, mine, void=void):
            self.kept.append(stream_id)
        elif new_events := [self._voiding(fact) for fact in _in_order(kind, mine)]:
            outcomes = recording.record_many(
                actor=self._actor, stream_id=stream_id, new_events=new_events, unattended=True, whole=True
            )
            if refused := next((o for o in outcomes if isinstance(o, Refused)), None):
                raise refused
            self.voided += len(new_events)

    def _voiding(self, fact: Fact) -> NewEvent:
        batch_id = self._batch.batch_id
        return NewEvent(
            event_id=uuid5(batch_id, str(fact.event_id)),
            occurred=Occurred.on(local_day(self._registers.now())),
            details=EventVoided(
                target=fact.event_id, reason=REASON, approved_by=self._approved_by, undoes_import=batch_id
            ),
            recorded_by=RECORDED_BY,
        )


def _in_order(kind: StreamKind[Any], mine: Sequence[Fact]) -> list[Fact]:
    """Return what is to be voided: the latest first, and last what opened the stream and bears the rest."""
    voidable = [fact for fact in mine if fact.event_type.voidable]
    return sorted(voidable, key=lambda f: (isinstance(f.details, kind.opens), -f.event.originator_version))


def _stands_for_others(kind: StreamKind[Any], state: Facts, mine: Sequence[Fact], *, void: set[UUID]) -> bool:
    """Return whether what a batch recorded can't be taken back without touching what others said."""
    ours = {fact.event_id for fact in mine}
    others = (fact for fact in state.facts if fact.event_id not in ours)
    if any(isinstance(fact.details, kind.opens) for fact in mine) and any(
        not isinstance(fact.details, EventVoided | EventCorrected) for fact in others
    ):
        return True
    final = (fact.details for fact in mine if not fact.event_type.voidable)
    return any(not (isinstance(said, EventVoided) and said.target in void) for said in final)
