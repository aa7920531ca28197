"""Organisations: the tree, its pupils, the rules bound to it, and who is told of its alerts."""

from collections.abc import Callable, Sequence
from datetime import datetime

from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.organisations.governance import Governance
from application.organisations.recipients import Recipients
from application.organisations.units import Units
from domain.event import Event
from domain.org import (
    OrgUnit,
    fold_org,
    org_id,
)


class Organisations(Units):
    """The organisation tree, with what governs its children and who is told of them."""

    def __init__(self, *, log: EventLog, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(log=log, database=database, now=now)
        self.governance = Governance(units=self, log=log, database=database, now=now)
        self.recipients = Recipients(units=self)

    def read_once(self) -> "Organisations":
        """Give the same for one piece of work: each unit is read once, however often it is asked for."""
        return _ReadOnce(log=self._log, database=self._database, now=self._now)


class _ReadOnce(Organisations):
    """Keeps what it has read; for the one piece of work that it is made for."""

    def __init__(self, *, log: EventLog, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(log=log, database=database, now=now)
        self._streams: dict[str, tuple[Event, ...]] = {}
        self._folded: dict[tuple[str, int], OrgUnit] = {}

    def load(self, paths: Sequence[str], *, known_at: datetime | None = None) -> dict[str, OrgUnit]:
        missing = [path for path in paths if path not in self._streams]
        streams = self._log.streams([org_id(path) for path in missing])
        self._streams |= {path: streams[org_id(path)] for path in missing}
        return {path: self._unit(path, known_at=known_at) for path in paths}

    def _unit(self, path: str, *, known_at: datetime | None) -> OrgUnit:
        events = self._streams[path]
        if known_at is not None:
            events = tuple([e for e in events if e.recorded_at is None or e.recorded_at <= known_at])
        key = path, len(events)
        if key not in self._folded:
            self._folded[key] = fold_org(path, events)
        return self._folded[key]
