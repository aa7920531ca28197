"""Recording new events on streams of one kind: load, decide, save. Each is one read and one write."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain, islice
from typing import Any, Generic, TypeVar
from uuid import UUID

from application.access import Action, Actor, may_see, require
from application.carers.registry import Carers
from application.eventstore.database import Database, DatabaseUnavailable
from application.eventstore.keyring import KeyDestroyed, KeysMissing
from application.eventstore.log import EventLog, Keys
from application.eventstore.recorder import EventIdTaken, Row, RowTaken
from application.eventstore.row_order import in_order
from application.lookups import Lookups
from application.organisations.registry import Organisations
from application.readable import readable
from application.reasons import BUSY, ERASED, ID_IN_USE, ID_REUSED, UNKNOWN_CARER
from application.recording import alone
from application.recording.chunks import ByStream, chunks, halves
from application.recording.outcome import (
    NOWHERE,
    Outcome,
    Provenance,
    all_refused,
    at_positions,
)
from application.recording.session import Opened, Scope, Session
from application.recording.waiting import waiting_rows
from application.streams import Busy, until_settled
from domain.event import Event, NewEvent
from domain.ledger.decide import decide
from domain.ledger.facts import Facts, fold
from domain.ledger.kind import StreamKind
from domain.refusal import Fault, Refused, Unknown, refuses
from domain.status import stream_children_of, stream_status_of
from domain.subtree import WITHIN, below

F = TypeVar("F", bound=Facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamListed:
    """A stream as its current row shows it. `opened_on` is a Shanghai day."""

    stream_id: UUID
    org: str
    version: int
    opened_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Collaborators:
    """What every recording works with. `refuse_types` raises for types that may not be written yet."""

    log: EventLog
    database: Database
    lookups: Lookups
    carers: Carers
    organisations: Organisations
    now: Callable[[], datetime]
    refuse_types: Callable[[Collection[str]], None]


class Recording(Generic[F]):
    """Records new events on the streams of one kind. A kind overrides the methods for what only it has."""

    def __init__(self, kind: StreamKind[F], collaborators: Collaborators) -> None:
        self.kind = kind
        self._log = collaborators.log
        self._database = collaborators.database
        self._lookups = collaborators.lookups
        self._carers = collaborators.carers
        self._organisations = collaborators.organisations
        self._refuse_types = collaborators.refuse_types
        self._now = collaborators.now

    def stream(
        self,
        stream_id: UUID,
        *,
        actor: Actor,
        action: Action = Action.READ,
        void_too: bool = False,
    ) -> tuple[Event, ...]:
        """Read a stream. Raises `Unknown` where there is none of this kind that the actor may know of."""
        return self.read(stream_id, actor=actor, action=action, void_too=void_too)[0]

    def read(
        self,
        stream_id: UUID,
        *,
        actor: Actor,
        action: Action = Action.READ,
        void_too: bool = False,
    ) -> tuple[tuple[Event, ...], F]:
        """Read a stream, and give beside it how it stands. Raises as `stream` does.

        One whose opening is void is there only with `void_too`, for who asks what was known before.
        """
        events = self._log.stream(stream_id)
        state = fold(self.kind.view, stream_id, events)
        if not state.of_any(*self.kind.opens):
            opened = void_too and any(isinstance(fact.details, self.kind.opens) for fact in state.void)
            if not opened:
                raise Unknown(Fault(reason=self.kind.unknown))
        try:
            require(actor, action, org=self.org_of(state, events, actor=actor))
        except Unknown:
            if self.kind.access is None:
                raise
            raise Unknown(Fault(reason=self.kind.unknown)) from None
        if not may_see(self.kind, state, actor):
            raise Unknown(Fault(reason=self.kind.unknown))
        return events, state

    @refuses(decide, ID_REUSED, UNKNOWN_CARER, ID_IN_USE, ERASED, BUSY)
    def record_many(
        self,
        *,
        actor: Actor,
        stream_id: UUID,
        new_events: Sequence[NewEvent],
        provenance: Provenance = NOWHERE,
        unattended: bool = False,
        whole: bool = False,
    ) -> Sequence[Outcome]:
        """Record new events of one stream in one transaction; one that is refused holds up no other.

        `unattended` waives the version that decisions name, for imports that decide on what they have just
        read themselves. With `whole` nothing is written where any of them is refused.
        """
        attempt = partial(
            self._attempt,
            new_events,
            actor=actor,
            stream_id=stream_id,
            provenance=provenance,
            unattended=unattended,
            whole=whole,
            reused=set(),
        )
        return until_settled(attempt)

    def _attempt(
        self,
        new_events: Sequence[NewEvent],
        *,
        actor: Actor,
        stream_id: UUID,
        provenance: Provenance,
        unattended: bool,
        whole: bool,
        reused: set[UUID],
    ) -> Sequence[Outcome]:
        """Load, decide and save once; what is found out for the next attempt is left in `reused`."""
        stream, keys = self._log.load(stream_id)
        (session,) = self._sessions(
            {stream_id: stream},
            actor=actor,
            provenance=provenance,
            reused=reused,
            folded=keys.folded,
            scope=self.scope(),
        ).values()
        outcomes = [session.take(new_event, unattended=unattended) for new_event in new_events]
        if not session.events or (whole and any(isinstance(o, Refused) for o in outcomes)):
            return outcomes
        try:
            placed = self.save([session], keys=keys)
        except EventIdTaken as error:
            reused.update(self._ids_taken(session), {error.event_id})
            raise
        except KeyDestroyed:
            return all_refused(outcomes, Fault(reason=ERASED))
        except RowTaken as error:
            if len(new_events) == 1 or whole:
                fault = alone.taken(session, self._lookups) or self.taken(actor, table=error.table)
                return all_refused(outcomes, fault)
            # One of them wants what is taken: the others are not to fall with it.
            how = {"actor": actor, "stream_id": stream_id, "provenance": provenance}
            return self._by_halves(new_events, unattended=unattended, **how)
        return at_positions(outcomes, placed[stream_id], after=session.loaded.version)

    def _by_halves(self, new_events: Sequence[NewEvent], **how: Any) -> Sequence[Outcome]:
        """Record each half of some new events by itself."""
        middle = len(new_events) // 2
        halves = (new_events[:middle], new_events[middle:])
        return [outcome for half in halves for outcome in self.record_many(new_events=half, **how)]

    def _ids_taken(self, session: Session[F]) -> set[UUID]:
        """Return the ids that are in the log by now: one by one, a long batch would run out of attempts."""
        return {event.event_id for event in session.events if self._log.event(event.event_id)}

    def record_streams(
        self,
        streams: ByStream,
        *,
        actor: Actor,
        provenance: Provenance = NOWHERE,
        unattended: bool = False,
    ) -> dict[UUID, Sequence[Outcome]]:
        """Record new events of many streams as `record_many` does one by one, in their order.

        Chunks of them are decided and saved as one. Where that is refused, whatever the reason, each half
        is tried by itself, down to the single stream. A stream that too many write to gets `Busy`, one
        whose key is missing `KeysMissing`.
        """
        done: dict[UUID, Sequence[Outcome]] = {}
        versions = {} if len(streams) == 1 else self.versions(tuple(streams))  # one goes alone
        for chunk in chunks(streams, versions=versions):
            done |= self._chunk(chunk, actor=actor, provenance=provenance, unattended=unattended)
        return done

    def _chunk(self, streams: ByStream, **how: Any) -> dict[UUID, Sequence[Outcome]]:
        if len(streams) == 1:
            ((stream_id, new_events),) = streams.items()
            try:
                outcomes = self.record_many(stream_id=stream_id, new_events=new_events, **how)
            except (Busy, KeysMissing) as refused:
                outcomes = [refused] * len(new_events)
            return {stream_id: outcomes}
        together = self._together(streams, **how)
        if together is not None:
            return together
        first, second = halves(streams)
        return self._chunk(first, **how) | self._chunk(second, **how)

    def _together(
        self, streams: ByStream, *, actor: Actor, provenance: Provenance, unattended: bool
    ) -> dict[UUID, Sequence[Outcome]] | None:
        """Decide and save new events of some streams as one; None where one of them is in the way of that."""
        try:
            sessions, scope, keys = self.opened(tuple(streams), actor=actor, provenance=provenance)
            scope.foresee([new_event for some in streams.values() for new_event in some])
            outcomes = {
                stream_id: [sessions[stream_id].take(each, unattended=unattended) for each in new_events]
                for stream_id, new_events in streams.items()
            }
        except DatabaseUnavailable:
            raise
        except Exception:  # noqa: BLE001  whatever is wrong with one of them: by itself it says so
            return None
        try:
            placed = self.save(list(sessions.values()), keys=keys)
        except Exception:  # noqa: BLE001  nothing was written; or all of it is found there again
            return None
        return {
            stream_id: at_positions(each, placed[stream_id], after=sessions[stream_id].loaded.version)
            for stream_id, each in outcomes.items()
        }

    def opened(
        self, stream_ids: Sequence[UUID], *, actor: Actor, provenance: Provenance
    ) -> tuple[dict[UUID, Session[F]], Scope, Keys]:
        """Open the sessions of some streams, with what they share and the keys, for one save that follows."""
        loaded, keys = self._log.load_many(stream_ids)
        scope = self.scope()
        return self._sessions(loaded, actor=actor, provenance=provenance, scope=scope), scope, keys

    def state(self, stream_id: UUID) -> F:
        """Return how a stream stands, whoever asks."""
        return fold(self.kind.view, stream_id, self._log.stream(stream_id))

    def files_in(self, stream_id: UUID) -> tuple[UUID, ...]:
        """Return the streams that go on in this one: of most kinds there are none."""
        return ()

    def org_of(self, state: F, events: Sequence[Event], *, actor: Actor) -> str:
        """Return the organisation that a stream belongs to now, as the actor sees it."""
        return events[-1].org

    def scope(self) -> Scope:
        """Return what the sessions of one transaction share."""
        return Scope(carers=self._carers, organisations=self._organisations, refuse_types=self._refuse_types)

    def session(self, opened: Opened) -> Session[F]:
        """Return the session in which new events of a stream are decided."""
        return Session(self.kind, opened)

    def _sessions(
        self,
        loaded: Mapping[UUID, Sequence[Event]],
        *,
        actor: Actor,
        provenance: Provenance,
        reused: AbstractSet[UUID] = frozenset(),
        folded: dict[Any, Any] | None = None,
        scope: Scope,
    ) -> dict[UUID, Session[F]]:
        """Return the sessions of one transaction, by the ids of their streams."""
        return {
            stream_id: self.session(
                Opened(
                    stream_id=stream_id,
                    stream=stream,
                    scope=scope,
                    now=self._now(),
                    actor=actor,
                    provenance=provenance,
                    reused=reused,
                    folded=folded,
                )
            )
            for stream_id, stream in loaded.items()
        }

    def rows(self, session: Session[F]) -> Sequence[Row]:
        """Return the rows that are written with the events of a session."""
        values = asdict(stream_status_of(self.kind, session.state))
        status = Row(table="stream", key={"stream_id": values.pop("stream_id")}, values=values)
        named = [
            Row(
                table="stream_child",
                key={"child_id": each.child_id, "stream_id": each.stream_id},
                values={"kind": each.kind},
            )
            for each in stream_children_of(self.kind, session.state)
        ]
        return [status, *named, *alone.rows(session, self._lookups), *self.waiting_rows(session)]

    def waiting_rows(self, session: Session[F]) -> Sequence[Row]:
        """Return the rows of the children whose files must say something because of a session."""
        if self.kind.fans_out is None:
            return ()
        return waiting_rows(
            self.kind.fans_out, session.state, session.events, database=self._database, now=self._now()
        )

    def taken(self, actor: Actor, *, table: str) -> Fault:
        """Return why new events are refused of which a row of a table is there for another stream."""
        return Fault(reason=ID_IN_USE)

    def listed(
        self, *, actor: Actor, org: str = "", after: UUID | None = None, limit: int = 100
    ) -> list[StreamListed]:
        """Return the streams of this kind in `org` and all below it by id, those after `after`."""
        org = org or actor.org
        require(actor, Action(self.kind.reads), org=org)
        found: list[StreamListed] = []
        while True:
            rows = self._rows_listed(org, after=after, limit=limit)
            there = self._there([each.stream_id for each in rows], actor)
            found += [each for each in rows if each.stream_id in there]
            if len(rows) < limit or len(found) >= limit:
                return found[:limit]
            after = rows[-1].stream_id

    def _there(self, ids: Sequence[UUID], actor: Actor) -> Collection[UUID]:
        """Return those of some streams that are there for an actor; one that can't be read is not."""
        if self.kind.access is None:
            return ids
        read = readable(self._log, ids, unreadable=lambda _id, _fault: None)
        return {i for i, events in read if may_see(self.kind, fold(self.kind.view, i, events), actor)}

    def _rows_listed(self, org: str, *, after: UUID | None, limit: int) -> list[StreamListed]:
        rows = self._database.all(
            "SELECT stream_id, org, version, opened_on FROM stream"  # noqa: S608  a constant
            f" WHERE kind = :kind AND {WITHIN} AND opened_on IS NOT NULL"
            f"{'' if after is None else ' AND stream_id > :after'} ORDER BY stream_id LIMIT :limit",
            **below(org),
            **({} if after is None else {"after": after}),
            kind=self.kind.name,
            limit=limit,
        )
        return [StreamListed(**row) for row in rows]

    def versions(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """Return how long streams are."""
        rows = self._database.tuples(
            "SELECT stream_id, version FROM stream WHERE stream_id IN :ids", ids=tuple(stream_ids)
        )
        return dict(rows)

    def save(self, sessions: Sequence[Session[F]], *, keys: Keys) -> dict[UUID, Sequence[int]]:
        """Save what some sessions have decided, all or nothing; return the positions of the new events of
        each stream.

        Streams, and rows that need no order of their own, go in one order everywhere: two writers of the same
        would otherwise wait for each other.
        """
        changed = [(session, new) for session in sessions if (new := session.events)]
        following = [event for session in sessions for event in session.following]
        placed: dict[UUID, Sequence[int]] = {session.state.stream_id: () for session in sessions}
        if not changed and not following:
            return placed
        # As they were decided: a number may be given up by one child and taken by the next.
        rows = [row for session, _ in changed for row in self.rows(session)]
        if len(changed) > 1:
            changed.sort(key=lambda each: each[0].state.stream_id)
        following.sort(key=lambda e: (e.originator_id, e.originator_version))
        events = [*chain.from_iterable(new for _, new in changed), *following]
        positions = iter(self._log.append(events, rows=in_order(rows), keys=keys))
        for session, new in changed:
            placed[session.state.stream_id] = tuple(islice(positions, len(new)))
        return placed
