"""The state of a child as it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import falcon

from api.asking import AskedClocks, clocks_asked, clocks_shown
from api.exchange import actor_of
from application.reports.notes import NOTHING_KNOWN
from application.system import System
from domain.carer import Called, name_at
from domain.child import Child, fold
from domain.contradictions import contradictions
from domain.days import end_of_day
from domain.event import Event
from domain.left_behind import DEFINITION, is_left_behind, parents_away, whereabouts_unknown
from domain.org import Extension
from domain.refusal import Fault, Unknown
from domain.rules.clocks import Clocks
from domain.watched import POPULATION, ground_on
from domain.wire import to_wire


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRead:
    """A child under two clocks, and whether that is its present state."""

    child: Child
    clocks: Clocks
    current: bool


def read_child(req: falcon.Request, system: System, child_id: UUID) -> ChildRead:
    """Read a child as the request asks.

    Raises `Unknown` where there is none that the actor may know of, and where nothing was known of it then.
    Who may see it is decided by where the child is now, whatever moment is asked about.
    """
    asked = clocks_asked(req)
    # What is settled is asked before the stream is read: afterwards more might be settled than was read.
    clocks = asked.resolved(system.log, now=system.now())
    events = system.record.child(child_id, actor=actor_of(req))
    return child_known(events, clocks, asked=asked)


def child_known(events: Sequence[Event], clocks: Clocks, *, asked: AskedClocks) -> ChildRead:
    """Fold a stream under the clocks that were asked for. Raises `Unknown` where nothing was known then."""
    if asked.as_known_at is None:
        # The database's clock dates events and may run ahead of the host's.
        latest = max([clocks.as_known_at, *(e.recorded_at for e in events[-1:] if e.recorded_at)])
        clocks = replace(clocks, as_known_at=latest)
    known = [e for e in events if e.recorded_at is None or e.recorded_at <= clocks.as_known_at]
    if not known:
        raise Unknown(Fault(reason=NOTHING_KNOWN, pointer="/as_known_at"))
    as_of = None if asked.current else clocks.as_of
    child = fold(known[0].originator_id, known, as_of=as_of)
    return ChildRead(child=child, clocks=clocks, current=asked.current)


def shown(
    read: ChildRead, *, called: Mapping[UUID, Called], extensions: Sequence[Extension]
) -> dict[str, Any]:
    """Write the state; what is not known is null. `called` are the names of its carers by id."""
    child, day = read.child, read.clocks.as_of
    moment = min(end_of_day(day), read.clocks.as_known_at)
    contact = child.last_contact
    watching = ground_on(child, day, extensions=extensions, known_at=read.clocks.as_known_at)
    ground = watching if child.in_care(day) else None
    return {
        "child_id": child.child_id,
        "version": child.version,
        "org": child.org or None,
        "profile": to_wire(child.profile) if child.profile else None,
        "in_care": child.in_care(day),
        "spans": [{"start": s.start, "last": s.last, "event_id": s.event_id} for s in child.spans],
        "pairings": [
            {
                "event_id": p.event_id,
                "carer": p.carer,
                "carer_name": _carer_name(called.get(p.carer, ()), None if read.current else moment),
                "kind": p.kind,
                "start": p.start,
                "end": p.end,
                "active": p.holds(day),
            }
            for p in child.pairings
        ],
        "guardian": to_wire(child.guardian) if child.guardian else None,
        "parents": [to_wire(parent) for parent in child.parents.values()],
        "last_contact": contact
        and {"event_id": contact.event_id, "type": contact.type, "occurred_on": contact.day},
        "days_silent": child.days_silent(day),
        "contradictions": [asdict(each) for each in contradictions(child)],
        "left_behind": {
            "definition": DEFINITION,
            "left_behind": is_left_behind(child, day),
            "parents_away": parents_away(child, day),
            "whereabouts_unknown": whereabouts_unknown(child, day),
        },
        "watched": {"population": POPULATION, "watched": ground is not None, "ground": ground},
        "clocks": clocks_shown(read.clocks),
    }


def _carer_name(called: Called, moment: datetime | None) -> str | None:
    """Give the name of a carer at a moment; the newest where the present is asked about."""
    if moment is None:
        return called[-1][1] if called else None
    return name_at(called, moment)
