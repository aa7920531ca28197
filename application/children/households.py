"""The household that a child lives in: the one that lists it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.readable import readable
from domain.card import Card
from domain.ledger.facts import fold
from domain.org import county_of
from domain.streams.households.household import Household
from domain.streams.households.kind import KIND

_LISTING = (
    "SELECT c.child_id, c.stream_id, s.org FROM stream_child AS c"
    " JOIN stream AS s ON s.stream_id = c.stream_id"
    " WHERE c.kind = :kind AND c.child_id IN :ids"
)


class Households:
    """Finds the households of children."""

    def __init__(self, *, log: EventLog, database: Database) -> None:
        self._log = log
        self._database = database

    def of(
        self, children: Mapping[UUID, Card], *, as_of: date | None = None, known_at: datetime | None = None
    ) -> Mapping[UUID, UUID]:
        """Return the household that lists each child under two clocks; of several the one opened last.

        Only those of a county that the child belonged to: others have no say about it.
        """
        rows = self._database.tuples(_LISTING, kind=KIND.name, ids=tuple(children)) if children else []
        listing = [(i, s) for i, s, org in rows if county_of(org) in children[i].counties]
        if not listing:
            return {}
        found = dict(self._standing({stream for _, stream in listing}, as_of=as_of, known_at=known_at))
        order = sorted(listing, key=lambda each: found[each[1]][0] if each[1] in found else 0)
        return {
            child: stream for child, stream in order if stream in found and child in found[stream][1].children
        }

    def _standing(
        self, ids: set[UUID], *, as_of: date | None, known_at: datetime | None
    ) -> Iterator[tuple[UUID, tuple[int, Household]]]:
        """Fold those that can be read and stand, each with the position of its opening."""
        read = readable(self._log, sorted(ids), known_at=known_at, unreadable=lambda _id, _fault: None)
        for stream_id, events in read:
            household = fold(Household, stream_id, events, as_of=as_of)
            if household.registered is not None and not household.dissolved:
                yield stream_id, (events[0].position or 0, household)
