"""Deciding on a stream: load it, fold it, decide, append; and once more where another writer was quicker.

This is the one place that does so. A use case says what it makes of the state, not how that is kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any, Generic, TypeVar
from uuid import UUID

from application.access import Action, Actor, require
from application.envelope import event_by
from application.eventstore.log import EventLog, Keys
from application.eventstore.recorder import EventIdTaken, Row, VersionConflict
from application.eventstore.row_order import in_order
from application.reasons import BUSY, ERASED, ID_IN_USE
from domain.catalogue import kind_of
from domain.days import local_day
from domain.event import Details, Event, Occurred
from domain.fields import faults_of
from domain.ids import own_id
from domain.ledger.facts import Facts, evolve
from domain.ledger.kind import StreamKind
from domain.refusal import Fault, Invalid, Refused, conflict, refuses

# Each conflict means that another writer got through, so a crowd of this size at one stream all get through.
ATTEMPTS = 64


class Busy(Refused):
    """Too many writers at once: the same request may be sent again unchanged."""


S = TypeVar("S", bound=Facts)
T = TypeVar("T")
Decision = Callable[[S], Details | Sequence[Details] | None]


def _no_rows(_state: object, _event: Event) -> Sequence[Row]:
    return ()


def _by_version(stream_id: UUID, version: int, _details: Details) -> UUID:
    return own_id(stream_id, str(version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Generic[S]):
    """How a kind of stream is kept.

    `kind` is its declaration; `fold` makes its state of the events. `rows` follow from the state after an
    event and are written in its transaction. `event_id` derives the id of an event from its version, so that
    a conflict of ids means the same as one of versions. `of_another_kind` refuses an id that belongs to a
    stream of another kind.
    """

    kind: StreamKind[Any]
    fold: Callable[[UUID, Iterable[Event]], S]
    rows: Callable[[S, Event], Sequence[Row]] = _no_rows
    event_id: Callable[[UUID, int, Details], UUID] = _by_version
    of_another_kind: Refused = field(default_factory=lambda: conflict(ID_IN_USE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Generic[S]):
    """The state after a decision, and the events that came of it; none where nothing was new."""

    state: S
    events: tuple[Event, ...]


def until_settled(attempt: Callable[[], T]) -> T:
    """Return what `attempt` returns, which loads, decides and appends; it is made again after a conflict.

    Raises `Busy` where others were quicker every time.
    """
    for _ in range(ATTEMPTS):
        try:
            return attempt()
        except (VersionConflict, EventIdTaken):
            continue
    raise Busy(Fault(reason=BUSY))


class Streams:
    """Loads streams of any kind, and decides on them."""

    def __init__(self, *, log: EventLog, now: Callable[[], datetime]) -> None:
        self._log = log
        self._now = now

    def load(self, kept: Kept[S], stream_id: UUID) -> S:
        """Load the state of a stream; where there is none, its version is 0."""
        return kept.fold(stream_id, self._log.stream(stream_id))

    def load_many(self, kept: Kept[S], stream_ids: Iterable[UUID]) -> Iterator[S]:
        """Load the states of many streams at once, each once, in the order in which they are first named."""
        for stream_id, events in self._log.streams(list(dict.fromkeys(stream_ids))).items():
            yield kept.fold(stream_id, events)

    @refuses(ID_IN_USE, BUSY, ERASED)
    def decide(
        self,
        kept: Kept[S],
        stream_id: UUID,
        decision: Decision[S],
        *,
        actor: Actor,
        org: Callable[[S], str],
        occurred: Occurred | None = None,
    ) -> Decided[S]:
        """Append what `decision` makes of a stream; None is nothing new.

        It may refuse, and is asked again where another writer was quicker. `org` tells the organisation that
        the events belong to; they happen today unless `occurred` is given. Raises `Invalid` for details out
        of bounds, `Kept.of_another_kind`, and `Busy`.
        """
        return until_settled(
            lambda: self._once(kept, stream_id, decision, actor=actor, org=org, occurred=occurred)
        )

    def _once(
        self,
        kept: Kept[S],
        stream_id: UUID,
        decision: Decision[S],
        *,
        actor: Actor,
        org: Callable[[S], str],
        occurred: Occurred | None,
    ) -> Decided[S]:
        stream, keys = self._log.load(stream_id)
        before = _before(kept, stream_id, stream, actor=actor)
        details = _made(decision(before))
        return self.append(kept, before, details, keys=keys, actor=actor, org=org(before), occurred=occurred)

    @refuses(decide)
    def decide_each(
        self, kept: Kept[S], decisions: Mapping[UUID, Decision[S]], *, actor: Actor, org: Callable[[S], str]
    ) -> dict[UUID, Decided[S]]:
        """Do the same with many streams, each by its own decision, in one save: all or nothing."""
        return until_settled(lambda: self._each_once(kept, decisions, actor=actor, org=org))

    def _each_once(
        self, kept: Kept[S], decisions: Mapping[UUID, Decision[S]], *, actor: Actor, org: Callable[[S], str]
    ) -> dict[UUID, Decided[S]]:
        streams, keys = self._log.load_many(tuple(decisions))
        done: dict[UUID, Decided[S]] = {}
        # In one order everywhere: two writers of the same would otherwise wait for each other.
        for stream_id in sorted(decisions):
            before = _before(kept, stream_id, streams[stream_id], actor=actor)
            details = _made(decisions[stream_id](before))
            done[stream_id] = self._decided(kept, before, details, actor=actor, org=org(before))
        if events := [event for each in done.values() for event in each.events]:
            rows = [row for each in done.values() for row in _rows(kept, each)]
            self._log.append(events, rows=in_order(rows), keys=keys)
        return done

    def append(
        self,
        kept: Kept[S],
        state: S,
        decided: Sequence[Details],
        *,
        keys: Keys,
        actor: Actor,
        org: str,
        occurred: Occurred | None = None,
    ) -> Decided[S]:
        """Append what was decided of a stream on its `state`; for attempts that decide on more than it.

        `keys` are those of what was read first. Such an attempt is made in `until_settled`. Raises what
        `EventLog.append` does, and `Invalid`.
        """
        done = self._decided(kept, state, decided, actor=actor, org=org, occurred=occurred)
        if done.events:
            self._log.append(done.events, rows=_rows(kept, done), keys=keys)
        return done

    def _decided(
        self,
        kept: Kept[S],
        state: S,
        decided: Sequence[Details],
        *,
        actor: Actor,
        org: str,
        occurred: Occurred | None = None,
    ) -> Decided[S]:
        """Make the events of what was decided. Raises `Invalid`."""
        if faults := [fault for details in decided for fault in faults_of(details, at="")]:
            raise Invalid(*faults)
        when = occurred or Occurred.on(local_day(self._now()))
        events = tuple(
            event_by(
                actor,
                stream_id=state.stream_id,
                version=version,
                event_id=kept.event_id(state.stream_id, version, details),
                occurred=when,
                details=details,
                org=org,
                kind=kept.kind.name,
            )
            for version, details in enumerate(decided, start=state.version + 1)
        )
        return Decided(state=reduce(evolve, events, state), events=events)


def _before(kept: Kept[S], stream_id: UUID, stream: Sequence[Event], *, actor: Actor) -> S:
    """Fold a stream that is to be decided on. Raises `Kept.of_another_kind`."""
    if stream and kind_of(stream[0]) is not kept.kind:
        require(actor, Action.SUBMIT, org=stream[-1].org)
        raise kept.of_another_kind
    return kept.fold(stream_id, stream)


def _made(decided: Details | Sequence[Details] | None) -> tuple[Details, ...]:
    return (decided,) if isinstance(decided, Details) else tuple(decided or ())


def _rows(kept: Kept[S], done: Decided[S]) -> list[Row]:
    return [row for event in done.events for row in kept.rows(done.state, event)]
