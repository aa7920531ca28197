"""The state of a child as it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

import falcon

from api.query import clocks_shown
from api.reading import StreamRead, read_stream
from application.system import System
from domain.care_action import Shown
from domain.care_views import Pairing
from domain.catalogue import shown_of_a_child
from domain.child import Child
from domain.days import end_of_day
from domain.ledger.contradictions import contradictions
from domain.left_behind import DEFINITION, is_left_behind, parents_away, whereabouts_unknown
from domain.streams.carers.carer import Called, name_at
from domain.streams.organisations.unit import Extension
from domain.watched import POPULATION, ground_on
from domain.wire import to_wire


def read_child(req: falcon.Request, system: System, child_id: UUID) -> StreamRead[Child]:
    """Read a child as the request asks; see `read_stream`."""
    return read_stream(req, system, system.record, child_id)


def shown(
    read: StreamRead[Child], *, called: Mapping[UUID, Called], extensions: Sequence[Extension]
) -> dict[str, Any]:
    """Write the state; what is not known is null. `called` are the names of its carers by id."""
    child, day = read.state, read.clocks.as_of
    moment = None if read.current else min(end_of_day(day), read.clocks.as_known_at)
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
            _pairing(p, day, name=_carer_name(called.get(p.carer, ()), moment)) for p in child.pairings
        ],
        **{each.name: _of_type(each, child) for each in shown_of_a_child()},
        "last_contact": contact
        and {"event_id": contact.event_id, "type": contact.type, "occurred_on": contact.day},
        "days_silent": child.days_silent(day),
        "contradictions": [asdict(each) for each in contradictions(child)],
        "left_behind": _left_behind(child, day),
        "watched": {"population": POPULATION, "watched": ground is not None, "ground": ground},
        "clocks": clocks_shown(read.clocks),
    }


def _pairing(pairing: Pairing, day: date, *, name: str | None) -> dict[str, Any]:
    return {
        "event_id": pairing.event_id,
        "carer": pairing.carer,
        "carer_name": name,
        "kind": pairing.kind,
        "start": pairing.start,
        "end": pairing.end,
        "active": pairing.holds(day),
    }


def _left_behind(child: Child, day: date) -> dict[str, Any]:
    return {
        "definition": DEFINITION,
        "left_behind": is_left_behind(child, day),
        "parents_away": parents_away(child, day),
        "whereabouts_unknown": whereabouts_unknown(child, day),
    }


def _of_type(shown: Shown, child: Child) -> object:
    held = [to_wire(details) for details in shown.holding(child)]
    return held if shown.many else next(iter(held), None)


def _carer_name(called: Called, moment: datetime | None) -> str | None:
    """Return the name of a carer at a moment; the newest where the present is asked about."""
    if moment is None:
        return called[-1][1] if called else None
    return name_at(called, moment)
