"""What streams of other kinds say of a child: the household that lists it, the incidents that name it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from application.access import Actor, may_see
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.readable import readable
from domain.card import Card
from domain.event import Event
from domain.ledger.facts import fold
from domain.org import county_of, within
from domain.streams.households.household import Household
from domain.streams.households.kind import KIND as HOUSEHOLD
from domain.streams.incidents.incident import Incident
from domain.streams.incidents.kind import KIND as INCIDENT

_NAMING = (
    "SELECT c.child_id, c.stream_id, s.org FROM stream_child AS c"
    " JOIN stream AS s ON s.stream_id = c.stream_id"
    " WHERE c.kind = :kind AND c.child_id IN :ids ORDER BY c.child_id, c.stream_id"
)


class OfOthers:
    """Finds the streams that name children."""

    def __init__(self, *, log: EventLog, database: Database) -> None:
        self._log = log
        self._database = database

    def incidents(self, children: Collection[UUID], *, actor: Actor) -> Mapping[UUID, tuple[UUID, ...]]:
        """Return the incidents that name each child now, open and closed: those that an actor may read."""
        rows = self._naming(INCIDENT.name, children)
        read = self._read({stream_id for _, stream_id, _ in rows}, known_at=None)
        folded = {stream_id: fold(Incident, stream_id, events) for stream_id, events in read if events}
        found: dict[UUID, tuple[UUID, ...]] = {}
        for child_id, stream_id, org in rows:
            incident = folded.get(stream_id)
            if incident is None or child_id not in incident.children or not within(org, actor.org):
                continue
            if may_see(INCIDENT, incident, actor):
                found[child_id] = (*found.get(child_id, ()), stream_id)
        return found

    def households(
        self, children: Mapping[UUID, Card], *, as_of: date | None = None, known_at: datetime | None = None
    ) -> Mapping[UUID, UUID]:
        """Return the household that lists each child under two clocks; of several the one opened last.

        Only those of a county that the child belonged to: others have no say about it.
        """
        rows = self._naming(HOUSEHOLD.name, children)
        listing = [(i, s) for i, s, org in rows if county_of(org) in children[i].counties]
        if not listing:
            return {}
        found = dict(self._standing({stream for _, stream in listing}, as_of=as_of, known_at=known_at))
        order = sorted(listing, key=lambda each: found[each[1]][0] if each[1] in found else 0)
        return {
            child: stream for child, stream in order if stream in found and child in found[stream][1].children
        }

    def _naming(self, kind: str, children: Collection[UUID]) -> list[tuple[UUID, UUID, str]]:
        rows = self._database.tuples(_NAMING, kind=kind, ids=tuple(children)) if children else []
        return [(child_id, stream_id, org) for child_id, stream_id, org in rows]

    def _read(
        self, ids: Collection[UUID], *, known_at: datetime | None
    ) -> Iterator[tuple[UUID, tuple[Event, ...]]]:
        """Read those of some streams that can be read."""
        return readable(self._log, sorted(ids), known_at=known_at, unreadable=lambda _id, _fault: None)

    def _standing(
        self, ids: Collection[UUID], *, as_of: date | None, known_at: datetime | None
    ) -> Iterator[tuple[UUID, tuple[int, Household]]]:
        """Fold those that stand, each with the position of its opening."""
        for stream_id, events in self._read(ids, known_at=known_at):
            household = fold(Household, stream_id, events, as_of=as_of)
            if household.registered is not None and not household.dissolved:
                yield stream_id, (events[0].position or 0, household)
