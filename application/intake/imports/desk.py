"""Where the lines of a paper go: into the log, or in a dry run into memory alone, decided just the same."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import UUID, uuid5

from application.access import Actor
from application.children.care_record import Held
from application.children.session import ChildScope
from application.intake.batch_lines import BatchLine
from application.intake.imports.registers import Registers
from application.intake.imports.roster_form import RosterForm
from application.intake.work import at_work
from application.recording.chunks import halves
from application.recording.deriving import Deriving
from application.recording.outcome import Decided, Deriver, Provenance
from application.recording.session import Opened, Session
from domain.child import Child
from domain.event import Event, Metadata, NewEvent, Occurred
from domain.refusal import Refused
from domain.streams.carers.carer import CarerRegistered, fold_carer
from domain.streams.carers.kind import KIND as CARERS


class Keep(Protocol):
    """Keeps what became of some lines, `lines` of the file so far."""

    def __call__(self, results: Sequence[BatchLine], /, *, lines: int) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file while it is taken in; without an import where nothing is written."""

    provenance: Provenance
    keep: Keep

    @property
    def import_id(self) -> UUID | None:
        """The import that its lines are of."""
        return self.provenance.import_id


class Desk(Protocol):
    """Takes what an import makes of a paper."""

    def paper(
        self, *, source: str, org: str, file_sha256: str, actor: Actor
    ) -> AbstractContextManager[Paper]:
        """Begin with a file, which ends with the block."""

    def ensure(self, path: str, *, actor: Actor) -> str:
        """Make a unit known, and return its path as it is spelled."""

    def keep_ours(self, form: RosterForm, *, org: str, actor: Actor) -> None:
        """Remember of what a settled list says otherwise that the ledger is to keep its own."""

    def register(self, carers: Mapping[UUID, CarerRegistered], *, org: str, actor: Actor) -> None:
        """Register carers, all or none of them."""

    def record(
        self,
        derivers: Mapping[UUID, Deriver[Child]],
        *,
        actor: Actor,
        provenance: Provenance,
        settle: Callable[[], object],
    ) -> Mapping[UUID, Decided[Child] | Refused]:
        """Record what is derived for some children; see `Deriving.record`."""


class Recorder:
    """Writes, under the id of an import that was begun where one is given."""

    def __init__(self, registers: Registers, *, import_id: UUID | None = None) -> None:
        self._registers = registers
        self._import_id = import_id

    @contextmanager
    def paper(self, *, source: str, org: str, file_sha256: str, actor: Actor) -> Iterator[Paper]:
        """Begin the import of a file, or go on with the one that was interrupted."""
        batches = self._registers.batches
        upload = batches.begin_paper(
            source=source, org=org, file_sha256=file_sha256, actor=actor, import_id=self._import_id
        )
        with at_work(batches, upload):
            yield Paper(
                provenance=Provenance(import_id=upload.batch_id, file_sha256=file_sha256),
                keep=partial(batches.store, upload),
            )

    def ensure(self, path: str, *, actor: Actor) -> str:
        """Make a unit known, and return its path as it is spelled."""
        return self._registers.organisations.ensure(path, actor=actor)

    def keep_ours(self, form: RosterForm, *, org: str, actor: Actor) -> None:
        """Remember of what a settled list says otherwise that the ledger is to keep its own."""
        self._registers.kept_differences.keep(org, form, said_by=actor.name)

    def register(self, carers: Mapping[UUID, CarerRegistered], *, org: str, actor: Actor) -> None:
        """Register carers, all or none of them."""
        self._registers.carers.register_each(carers, org=org, actor=actor)

    def record(
        self,
        derivers: Mapping[UUID, Deriver[Child]],
        *,
        actor: Actor,
        provenance: Provenance,
        settle: Callable[[], object],
    ) -> Mapping[UUID, Decided[Child] | Refused]:
        """Record what is derived for some children; see `Deriving.record`."""
        record = self._registers.record
        return Deriving(recording=record, actor=actor, provenance=provenance, settle=settle).record(derivers)


class DryRun:
    """Writes nothing, and decides upon what it would have written.

    Also numbers that the database keeps for other children are looked up; whoever claims too many of them is
    told no more. With `keep`, what would become of lines is kept.
    """

    def __init__(self, registers: Registers, *, keep: Keep | None = None) -> None:
        self._registers = registers
        self._scope: ChildScope = registers.record.scope()
        self._new: dict[UUID, list[Event]] = {}
        self._held: dict[Held, UUID] = {}
        self._keep = keep or _forget

    @contextmanager
    def paper(self, *, source: str, org: str, file_sha256: str, actor: Actor) -> Iterator[Paper]:
        """Begin with a file of which nothing is kept."""
        del source, org, actor
        yield Paper(provenance=Provenance(file_sha256=file_sha256), keep=self._keep)

    def ensure(self, path: str, *, actor: Actor) -> str:
        """Take a unit for known, and return its path as it is spelled."""
        spelled = self._registers.organisations.spelled(path)
        self._scope.assume_org(spelled)
        return spelled

    def keep_ours(self, form: RosterForm, *, org: str, actor: Actor) -> None:
        """Remember nothing."""

    def register(self, carers: Mapping[UUID, CarerRegistered], *, org: str, actor: Actor) -> None:
        """Take carers for registered."""
        said = Metadata(actor=actor.name, role=actor.role.value, channel=actor.channel, kind=CARERS.name)
        for carer_id, details in carers.items():
            event = Event(
                originator_id=carer_id,
                originator_version=1,
                event_id=uuid5(carer_id, "dry run"),
                occurred=Occurred.on(self._registers.now().date()),
                details=details,
                recorded_by=actor.name,
                org=org,
                metadata=said,
            )
            self._scope.assume_carer(fold_carer(carer_id, [event]))

    def record(
        self,
        derivers: Mapping[UUID, Deriver[Child]],
        *,
        actor: Actor,
        provenance: Provenance,
        settle: Callable[[], object],
    ) -> Mapping[UUID, Decided[Child] | Refused]:
        """Decide what is derived for some children, in halves where a file can't be read."""
        try:
            streams = self._registers.log.streams(tuple(derivers))
        except Refused as refused:
            if len(derivers) == 1:
                return dict.fromkeys(derivers, refused)
            return {
                child_id: decided
                for half in halves(derivers)
                for child_id, decided in self.record(
                    half, actor=actor, provenance=provenance, settle=settle
                ).items()
            }
        sessions = {
            child_id: self._session(child_id, streams[child_id], actor=actor, provenance=provenance)
            for child_id in derivers
        }
        derived = {i: deriver.derive(sessions[i].state) for i, deriver in derivers.items()}
        settle()
        self._scope.foresee([new_event for some in derived.values() for new_event in some])
        return {i: self._decided(sessions[i], new_events, actor=actor) for i, new_events in derived.items()}

    def _session(
        self, child_id: UUID, stream: Sequence[Event], *, actor: Actor, provenance: Provenance
    ) -> Session[Child]:
        """Open a stream as it is known, with what was decided of it before."""
        opened = Opened(
            stream_id=child_id,
            stream=[*stream, *self._new.get(child_id, ())],
            scope=self._scope,
            now=self._registers.now(),
            actor=actor,
            provenance=provenance,
            reused=frozenset(),
        )
        return self._registers.record.session(opened)

    def _decided(
        self, session: Session[Child], new_events: Sequence[NewEvent], *, actor: Actor
    ) -> Decided[Child]:
        outcomes = [session.take(new_event, unattended=True) for new_event in new_events]
        try:
            self._registers.record.refuse_held(session, actor=actor, held=self._held)
        except Refused as refused:
            return Decided(outcomes=[refused] * len(outcomes), state=session.loaded)
        self._new.setdefault(session.state.stream_id, []).extend(session.events)
        return Decided(outcomes=outcomes, state=session.state)


def _forget(_results: Sequence[BatchLine], /, *, lines: int) -> None:
    del lines
