"""Undoing an import: everything that it recorded is voided, by name and with an approver."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from application.access import Action, Actor, require
from application.intake.imports.paper import Progress
from application.intake.imports.registers import Registers
from domain.child import Child, fold
from domain.days import local_day
from domain.effects import Effect
from domain.event import Channel, Draft, Occurred
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_voided import EventVoided
from domain.ledger.fact import Fact
from domain.refusal import Refused

RECORDED_BY = "careledger import undo"
REASON = "整批导入已撤销 / the whole import was undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoResult:
    """What became of the events of an import.

    `already_void` were void before. `kept` are children whose enrolment has later entries standing on
    it: of them nothing was voided.
    """

    import_id: UUID
    voided: int
    already_void: int
    kept: tuple[UUID, ...]


def undo_import(
    import_id: UUID,
    *,
    approved_by: str,
    registers: Registers,
    actor: Actor,
    progress: Progress | None = None,
) -> UndoResult:
    """Void every event of an import; carers and organisations that it created stay.

    Twice is once, and an undo that was interrupted is finished by running it again. Raises `Unknown`
    for an import that is not known.
    """
    run = registers.runs.find(import_id)
    require(actor, Action.MANAGE, org=run.org)
    actor = replace(actor, channel=Channel.SYSTEM)
    children = registers.runs.children(import_id)
    voided, already_void, kept = 0, 0, list[UUID]()
    for done, (child_id, events) in enumerate(registers.log.each_stream(children), start=1):
        child = fold(child_id, events)
        mine = [f for f in child.facts if f.event.metadata.import_id == import_id]
        already_void += sum(f.event.metadata.import_id == import_id for f in child.void)
        if mine and _carries_more(child, mine):
            kept.append(child.child_id)
        elif mine:
            drafts = list(_voidings(mine, import_id, approved_by=approved_by, now=registers.now))
            outcomes = registers.record.record_many(
                actor=actor, stream_id=child.child_id, drafts=drafts, unattended=True, whole=True
            )
            if refused := next((o for o in outcomes if isinstance(o, Refused)), None):
                raise refused
            voided += len(drafts)
        if progress is not None:
            progress(done, len(children))
    registers.runs.undone(import_id)
    return UndoResult(import_id=import_id, voided=voided, already_void=already_void, kept=tuple(kept))


def _carries_more(child: Child, mine: Sequence[Fact]) -> bool:
    """Tell whether entries that are not of this import stand on an enrolment that is."""
    ours = {fact.event_id for fact in mine}
    return any(f.event_type.has(Effect.IDENTIFIES) for f in mine) and any(
        f.event_id not in ours and not isinstance(f.details, EventVoided | EventCorrected)
        for f in child.facts
    )


def _voidings(
    mine: Sequence[Fact], import_id: UUID, *, approved_by: str, now: Callable[[], datetime]
) -> Iterator[Draft]:
    """Void the latest first, and the enrolment, on which the others stand, last."""
    ordered = sorted(mine, key=lambda f: (f.event_type.has(Effect.IDENTIFIES), -f.event.originator_version))
    for fact in ordered:
        yield Draft(
            event_id=uuid5(import_id, str(fact.event_id)),
            occurred=Occurred.on(local_day(now())),
            details=EventVoided(
                target=fact.event_id, reason=REASON, approved_by=approved_by, undoes_import=import_id
            ),
            recorded_by=RECORDED_BY,
        )
