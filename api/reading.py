"""Reading one stream as a request asks: under two clocks, where the actor may see it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from uuid import UUID

import falcon

from api.exchange import actor_of
from api.query import AskedClocks, clocks_asked
from application.recording.recording import Recording
from application.reports.notes import nothing_known
from application.system import System
from domain.event import Event
from domain.ledger.facts import Facts, fold
from domain.ledger.kind import StreamKind
from domain.refusal import Fault, Unknown
from domain.rules.clocks import Clocks

F = TypeVar("F", bound=Facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRead(Generic[F]):
    """The state of a stream under two clocks, and whether that is its present state.

    `last` is the last event that was known then.
    """

    state: F
    last: Event
    clocks: Clocks
    current: bool


def read_stream(
    req: falcon.Request, system: System, recording: Recording[F], stream_id: UUID
) -> StreamRead[F]:
    """Read a stream as the request asks.

    Raises `Unknown` where there is none that the actor may know of, and where nothing was known of it then.
    Who may see it is decided by where it belongs now, whatever moment is asked about.
    """
    asked = clocks_asked(req)
    # What is settled is asked before the stream is read: afterwards more might be settled than was read.
    clocks = asked.resolved(system.log, now=system.now())
    events, state = recording.read(stream_id, actor=actor_of(req), void_too=True)
    return known_then(recording.kind, events, clocks, asked=asked, present=state)


def known_then(
    kind: StreamKind[F],
    events: Sequence[Event],
    clocks: Clocks,
    *,
    asked: AskedClocks,
    present: F,
) -> StreamRead[F]:
    """Fold a stream under the clocks that were asked for; `present` is how it stands with all these events.

    Raises `Unknown` where nothing was known then, and where the opening is void and was so then already.
    """
    if asked.as_known_at is None:
        # The database's clock dates events and may run ahead of the host's.
        latest = max([clocks.as_known_at, *(e.recorded_at for e in events[-1:] if e.recorded_at)])
        clocks = replace(clocks, as_known_at=latest)
    known = [e for e in events if e.recorded_at is None or e.recorded_at <= clocks.as_known_at]
    if not known:
        raise Unknown(Fault(reason=nothing_known(kind), pointer="/as_known_at"))
    if not present.of_any(*kind.opens) and not fold(kind.view, present.stream_id, known).of_any(*kind.opens):
        raise Unknown(Fault(reason=kind.unknown))
    if asked.current and len(known) == len(events):
        return StreamRead(state=present, last=known[-1], clocks=clocks, current=True)
    as_of = None if asked.current else clocks.as_of
    state = fold(kind.view, present.stream_id, known, as_of=as_of)
    return StreamRead(state=state, last=known[-1], clocks=clocks, current=asked.current)
