"""The units of the organisation tree: their paths, their streams, and what is decided of one of them."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from application.access import Action, Actor, require
from application.eventstore.database import Database, DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from application.eventstore.log import UNREADABLE, EventLog
from application.eventstore.recorder import Row, RowTaken
from application.reasons import UNKNOWN_ORG
from application.streams import Kept, Streams
from domain.event import Details, Event
from domain.normal import normal_path
from domain.org import ROOT, ancestors, checked_path, org_id, within
from domain.refusal import Fault, Unknown, refuses
from domain.streams.organisations.kind import KIND
from domain.streams.organisations.unit import OrgUnit, OrgUnitCreated, PupilsCounted, fold_org

# Is told of a unit that can't be read, by its path, and of the kind of its fault.
Unread = Callable[[str, str], None]
log = logging.getLogger(__name__)


class Units:
    """The tree of organisations: its paths as they are spelled here, its units as their streams tell them."""

    def __init__(self, *, log: EventLog, database: Database, now: Callable[[], datetime]) -> None:
        self._log = log
        self._database = database
        self._now = now
        self._decisions = Streams(log=log, now=now)

    @refuses(checked_path)
    def spelled(self, path: str, *, pointer: str = "/org") -> str:
        """Return a path as it is known here. Raises `Invalid` for what can be no path."""
        return self.known_as(checked_path(path, pointer=pointer))

    def known_as(self, path: str) -> str:
        """Return the path of the unit that has its normal form, as far as there is one."""
        wanted = tuple(ancestors(path))
        normal = {normal_path(part): part for part in wanted}
        # The unit itself first: from before paths had a normal form there may be two of one.
        known = {
            part: part
            for (part,) in self._database.tuples(
                "SELECT path FROM org_unit WHERE path IN :wanted", wanted=wanted
            )
        }
        if path in known:
            return path
        rows = self._database.tuples(
            "SELECT normal, path FROM org_spelling WHERE normal IN :wanted", wanted=tuple(normal)
        )
        known = {normal[form]: there for form, there in rows} | known
        nearest = next((part for part in wanted if part in known), "")
        return known[nearest] + path[len(nearest) :] if nearest else path

    @refuses(spelled, Streams.decide)
    def ensure(self, path: str, *, actor: Actor) -> str:
        """Create the unit at `path` and those above it, where they are not known yet; give its path."""
        path = self.spelled(path)
        require(actor, Action.SUBMIT, org=path)
        wanted = tuple(ancestors(path))
        rows = self._database.all("SELECT path FROM org_unit WHERE path IN :wanted", wanted=wanted)
        known = {row["path"] for row in rows}
        for part in reversed(wanted):
            if part not in known:
                # Or created meanwhile under another spelling.
                with suppress(RowTaken):
                    self._decide(part, actor=actor, decision=_created)
        return path

    def paths(self, *, below: str = "") -> list[str]:
        """Return the paths of all units at or below a path, in order."""
        rows = self._database.all("SELECT path FROM org_unit ORDER BY path")
        return [row["path"] for row in rows if within(row["path"], below)]

    def known(self, path: str) -> bool:
        """Return whether there is a unit at `path`."""
        return self._database.one("SELECT path FROM org_unit WHERE path = :path", path=path) is not None

    def missing(self, paths: Iterable[str]) -> list[str]:
        """Return those of some paths at which there is no unit, each once, in order."""
        wanted = set(paths)
        if not wanted:
            return []
        rows = self._database.tuples("SELECT path FROM org_unit WHERE path IN :wanted", wanted=tuple(wanted))
        return sorted(wanted - {path for (path,) in rows})

    @refuses(spelled, UNKNOWN_ORG)
    def existing(self, path: str) -> str:
        """Return a path as it is spelled here, of a unit that there is, readable or not. Raises `Unknown`."""
        path = self.spelled(path)
        if not self.known(path):
            raise Unknown(Fault(reason=UNKNOWN_ORG, pointer="/org"))
        return path

    def units(self, *, below: str = "", unread: Unread | None = None) -> list[OrgUnit]:
        """Load all units at or below a path, in order of their paths; `unread` as for `governing`."""
        return list(self.open(self.paths(below=below), unread=unread).values())

    @refuses(UNKNOWN_ORG)
    def unit(self, path: str) -> OrgUnit:
        """Load one unit. Raises `Unknown`."""
        unit = self.load([path])[path]
        if not unit.version:
            raise Unknown(Fault(reason=UNKNOWN_ORG, pointer="/org"))
        return unit

    def keyless(self, paths: Iterable[str]) -> frozenset[UUID]:
        """Return the streams of those units at some paths that have lost their keys."""
        return self._log.keyless([org_id(path) for path in paths])

    @refuses(spelled, unit, Streams.decide)
    def manage(self, path: str, *, actor: Actor, decision: Callable[[OrgUnit], Details | None]) -> OrgUnit:
        """Record what `decision` makes of a unit as it is now, and return it; None is nothing new."""
        path = self.spelled(path) if path else ROOT
        require(actor, Action.MANAGE, org=path)
        if path:
            self.unit(path)
        return self._decide(path, actor=actor, decision=decision)

    @refuses(manage)
    def count_pupils(self, path: str, *, pupils: int, approximate: bool = False, actor: Actor) -> None:
        """Record how many pupils a school has, or has at least; the same again is nothing new."""

        def decision(unit: OrgUnit) -> Details | None:
            if (unit.pupils, unit.pupils_approximate) == (pupils, approximate):
                return None
            return PupilsCounted(pupils=pupils, approximate=approximate or None)

        self.manage(path, actor=actor, decision=decision)

    def _decide(self, path: str, *, actor: Actor, decision: Callable[[OrgUnit], Details | None]) -> OrgUnit:
        return self._decisions.decide(
            _kept(path), org_id(path), decision, actor=actor, org=lambda unit: unit.path
        ).state

    def open(self, paths: Sequence[str], *, unread: Unread | None) -> Mapping[str, OrgUnit]:
        """Load units, all of them where `unread` is not there to be told of those that can't be read."""
        if unread is None:
            return self.load(paths)
        try:
            return self.load(paths)
        except UNREADABLE as error:
            # Without one named all keys are gone: then nothing here can be told from nothing.
            if isinstance(error, KeysMissing) and not error.streams:
                raise
            if len(paths) > 1:
                half = len(paths) // 2
                parts = (self.open(part, unread=unread) for part in (paths[:half], paths[half:]))
                return {path: unit for part in parts for path, unit in part.items()}
            (path,) = paths
            unread(path, type(error).__name__)
            lost = isinstance(error, KeysMissing)
            events = self._log.outlines([org_id(path)])[org_id(path)] if lost else ()
            return {path: fold_org(path, events)}

    def readable(
        self, paths: Sequence[str], *, known_at: datetime | None = None, unread: Unread | None = None
    ) -> Mapping[str, OrgUnit]:
        """Load units; one whose stream can't be read keeps nobody else from being told."""
        try:
            return self.load(paths, known_at=known_at)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  whatever is wrong with it
            if len(paths) == 1:
                # Its id: the path names a school.
                unit, fault = org_id(paths[0]), type(error).__name__
                log.error("organisation %s: %s, its recipients are not known", unit, fault)  # noqa: TRY400
                if unread is not None:
                    unread(paths[0], fault)
                return {}
        return {
            path: unit
            for each in paths
            for path, unit in self.readable([each], known_at=known_at, unread=unread).items()
        }

    def load(self, paths: Sequence[str], *, known_at: datetime | None = None) -> dict[str, OrgUnit]:
        """Fold units from their streams, as known at a moment; of an unknown path it is an empty one."""
        streams = self._log.streams([org_id(path) for path in paths], known_at=known_at)
        return {path: fold_org(path, streams[org_id(path)]) for path in paths}


def _kept(path: str) -> Kept[OrgUnit]:
    return Kept(kind=KIND, fold=lambda _id, events: fold_org(path, events), rows=_rows)


def _rows(unit: OrgUnit, _event: Event) -> list[Row]:
    path = unit.path
    if path == ROOT:
        return []
    rows = [Row(table="org_unit", key={"path": path}, values={"stream_id": org_id(path)})]
    if unit.version == 1:
        form = normal_path(path)
        rows.append(Row(table="org_spelling", key={"normal": form}, values={"path": path}, unique=True))
    return rows


def _created(unit: OrgUnit) -> Details | None:
    return None if unit.version else OrgUnitCreated()
