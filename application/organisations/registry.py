"""Organisations: the tree, its pupils, the rules bound to it, and who is told of its alerts."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from application.access import Action, Actor, require
from application.busy import ATTEMPTS, Busy
from application.envelope import event_by
from application.eventstore.database import Database, DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from application.eventstore.log import UNREADABLE, EventLog
from application.eventstore.recorder import EventIdTaken, Row, RowTaken, VersionConflict
from application.reasons import BUSY, UNKNOWN_ORG, UNKNOWN_RECIPIENT
from domain.days import local_day
from domain.event import Details, Event, Occurred
from domain.fields import faults_of
from domain.ids import own_id
from domain.normal import normal_path
from domain.org import (
    ROOT,
    Extension,
    OrgUnit,
    OrgUnitCreated,
    PupilsCounted,
    RecipientRegistered,
    RecipientRemoved,
    RuleBound,
    WatchExtended,
    WatchRestored,
    ancestors,
    checked_path,
    county_of,
    fold_org,
    org_id,
    within,
)
from domain.refusal import Fault, Invalid, Reason, Unknown, conflict
from domain.rules.binding import RuleBinding, refuse_overlap
from domain.rules.rule import Rule, rule_to_data
from domain.rules.rule_check import rule_from_data

LAST_CATCH_ALL = Reason(
    code="last_catch_all",
    zh="至少要保留一名兜底接收人，请先登记另一名",
    en="One catch-all recipient must remain: register another first.",
)


class Governing(NamedTuple):
    """What holds for the children of a unit up to a version of its stream: its rules, and whom it watches."""

    version: int
    bindings: tuple[RuleBinding, ...]
    extensions: tuple[Extension, ...]


_NOTHING = Governing(0, (), ())

# Is told of a unit that can't be read, by its path, and of the kind of its fault.
Unread = Callable[[str, str], None]

log = logging.getLogger(__name__)


class Organisations:
    """The organisation tree and what hangs on it."""

    def __init__(self, *, log: EventLog, database: Database, now: Callable[[], datetime]) -> None:
        self._log = log
        self._database = database
        self._now = now
        # By path, up to which version of its stream.
        self._bound: dict[str, Governing] = {}
        self._generation = database.generation

    def spelled(self, path: str, *, pointer: str = "/org") -> str:
        """Give a path as it is known here. Raises `Invalid` for what can be no path."""
        return self.known_as(checked_path(path, pointer=pointer))

    def known_as(self, path: str) -> str:
        """Give the path of the unit that has its normal form, as far as there is one."""
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

    def ensure(self, path: str, *, actor: Actor) -> str:
        """Create the unit at `path` and those above it, where they are not known yet; give its path."""
        path = self.spelled(path)
        require(actor, Action.SUBMIT, org=path)
        wanted = tuple(ancestors(path))
        rows = self._database.all("SELECT path FROM org_unit WHERE path IN :wanted", wanted=wanted)
        known = {row["path"] for row in rows}
        for part in reversed(wanted):
            if part not in known:
                self._decide(part, actor=actor, decision=_created)
        return path

    def paths(self, *, below: str = "") -> list[str]:
        """Give the paths of all units at or below a path, in order."""
        rows = self._database.all("SELECT path FROM org_unit ORDER BY path")
        return [row["path"] for row in rows if within(row["path"], below)]

    def known(self, path: str) -> bool:
        """Tell whether there is a unit at `path`."""
        return self._database.one("SELECT path FROM org_unit WHERE path = :path", path=path) is not None

    def missing(self, paths: Iterable[str]) -> list[str]:
        """Give those of some paths at which there is no unit, each once, in order."""
        wanted = set(paths)
        if not wanted:
            return []
        rows = self._database.tuples("SELECT path FROM org_unit WHERE path IN :wanted", wanted=tuple(wanted))
        return sorted(wanted - {path for (path,) in rows})

    def existing(self, path: str) -> str:
        """Give a path as it is spelled here, of a unit that there is, readable or not. Raises `Unknown`."""
        path = self.spelled(path)
        if not self.known(path):
            raise Unknown(Fault(reason=UNKNOWN_ORG, pointer="/org"))
        return path

    def units(self, *, below: str = "", unread: Unread | None = None) -> list[OrgUnit]:
        """Load all units at or below a path, in order of their paths; `unread` as for `governing`."""
        return list(self._open(self.paths(below=below), unread=unread).values())

    def unit(self, path: str) -> OrgUnit:
        """Load one unit. Raises `Unknown`."""
        unit = self._load([path])[path]
        if not unit.version:
            raise Unknown(Fault(reason=UNKNOWN_ORG, pointer="/org"))
        return unit

    def count_pupils(self, path: str, *, pupils: int, actor: Actor) -> None:
        """Record how many pupils a school has; the same number again is nothing new."""

        def decision(unit: OrgUnit) -> Details | None:
            return None if unit.pupils == pupils else PupilsCounted(pupils=pupils)

        self._manage(path, actor=actor, decision=decision)

    def bind_rule(
        self, path: str, *, rule: Rule, effective_from: date, actor: Actor, effective_to: date | None = None
    ) -> RuleBinding:
        """Bind a rule to a unit and all below it from a day on; the same again is nothing new.

        Raises `Conflict` where it would change a verdict of a period that a version was in force for.
        """
        bound = RuleBound(rule=rule_to_data(rule), effective_from=effective_from, effective_to=effective_to)
        today = local_day(self._now())

        def decision(unit: OrgUnit) -> Details | None:
            if any(said == bound for _, said in unit.bindings):
                return None
            new = RuleBinding(
                rule=rule,
                org=path,
                effective_from=effective_from,
                effective_to=effective_to,
                binding_event_id=uuid4(),
            )
            # Its own as they were just loaded: that stream's version decides of two at once.
            above = [b for b in self.bindings([path]) if b.org != path]
            refuse_overlap([*above, *_bindings_of(unit)], new, today=today)
            return bound

        self._manage(path, actor=actor, decision=decision)
        return next(
            b
            for b in reversed(_bindings_of(self.unit(path)))
            if b.rule == rule and b.effective_from == effective_from
        )

    def bindings(self, orgs: Iterable[str]) -> tuple[RuleBinding, ...]:
        """Give every binding of these units and of all units above them."""
        return self.governing(orgs).bindings

    def extensions(self, orgs: Iterable[str]) -> tuple[Extension, ...]:
        """Give what these units and all units above them said of whom they watch.

        That is not sealed: of a unit that has lost its key it is told all the same, so that its children are
        watched on.
        """
        paths = sorted({a for org in orgs for a in ancestors(org)})
        try:
            return self.governing(paths).extensions
        except KeysMissing:
            streams = self._log.outlines([org_id(path) for path in paths])
            return tuple(e for path in paths for e in fold_org(path, streams[org_id(path)]).extensions)

    def governing(self, orgs: Iterable[str], *, unread: Unread | None = None) -> Governing:
        """Give both at once.

        Those of a stream that has not grown since are remembered: what is in it stays as it is for ever.
        A unit that can't be read fails this, unless `unread` is there to be told of it: then of one that has
        lost its key counts what is not sealed, for which nothing vouches, and of any other nothing.
        """
        paths = sorted({a for org in orgs for a in ancestors(org)})
        if (generation := self._database.generation) != self._generation:
            # A server that lost the last of a stream may hold another event of that version by now.
            self._bound, self._generation = {}, generation
        versions = self._log.versions([org_id(path) for path in paths])
        known = {path: self._bound.get(path, _NOTHING) for path in paths}
        grown = [path for path in paths if known[path].version != versions.get(org_id(path), 0)]
        lost: dict[str, str] = {}
        for path, unit in self._open(grown, unread=None if unread is None else lost.__setitem__).items():
            known[path] = Governing(unit.version, _bindings_of(unit), unit.extensions)
            if path not in lost and generation == self._database.generation:
                self._bound[path] = known[path]
        if unread is not None:
            for path, fault in lost.items():
                unread(path, fault)
        return Governing(
            0,
            tuple(b for each in known.values() for b in each.bindings),
            tuple(e for each in known.values() for e in each.extensions),
        )

    def bindings_below(self, org: str, *, unread: Unread | None = None) -> tuple[RuleBinding, ...]:
        """Give every binding that may concern a child at or below `org`; `unread` as for `governing`."""
        return self.governing_below(org, unread=unread).bindings

    def governing_below(self, org: str, *, unread: Unread | None = None) -> Governing:
        """Give all that may govern a child at or below `org`; `unread` as for `governing`."""
        return self.governing([org, *self.paths(below=org)] if org else self.paths(), unread=unread)

    def watch_everybody(self, path: str, *, everybody: bool, reason: str | None, actor: Actor) -> bool:
        """Have all children at and below a unit watched from today on, or not; give whether that is new."""
        changed = False

        def decision(unit: OrgUnit) -> Details | None:
            nonlocal changed
            changed = unit.watches_all is not everybody
            if not changed:
                return None
            return WatchExtended(reason=reason) if everybody else WatchRestored(reason=reason)

        # The root of all is no unit: what it said would hold for everybody's counties.
        self._manage(self.spelled(path), actor=actor, decision=decision)
        return changed

    def register_recipient(self, path: str, *, details: RecipientRegistered, actor: Actor) -> None:
        """Register who is told of alerts of a unit, or replace what is known; the same is nothing new."""

        def decision(unit: OrgUnit) -> Details | None:
            known = unit.recipients.get(details.recipient)
            if known is not None and known.catch_all and not details.catch_all:
                self._refuse_last_catch_all(path)
            return None if known == details else details

        self._manage(path, actor=actor, decision=decision)

    def remove_recipient(self, path: str, *, recipient: UUID, actor: Actor) -> None:
        """Remove a recipient. Raises `Unknown`; raises `Conflict` for the last catch-all there is."""

        def decision(unit: OrgUnit) -> Details | None:
            found = unit.recipients.get(recipient)
            if found is None:
                raise Unknown(Fault(reason=UNKNOWN_RECIPIENT))
            if found.catch_all:
                self._refuse_last_catch_all(path)
            return RecipientRemoved(recipient=recipient)

        self._manage(path, actor=actor, decision=decision)

    def recipients(
        self, *, within_org: str = "", unread: Unread | None = None
    ) -> list[tuple[str, RecipientRegistered]]:
        """Give every recipient with the unit that it is registered at, of every unit that can be read.

        `unread` is told of the others.
        """
        units = self._readable(
            [*([] if within_org else [ROOT]), *self.paths(below=within_org)], unread=unread
        )
        return [(path, r) for path, unit in units.items() for r in unit.recipients.values()]

    def find_recipient(self, recipient: UUID) -> tuple[str, RecipientRegistered] | None:
        """Find a recipient, with the unit that it is registered at, by its id alone."""
        return next(
            ((path, known) for path, known in self.recipients() if known.recipient == recipient), None
        )

    def recipients_above(
        self, org: str, *, known_at: datetime | None = None, readable: bool = False
    ) -> list[tuple[str, RecipientRegistered]]:
        """Give the recipients of a unit and of those above it, nearest first, as known at a moment.

        With `readable` those of units that can't be read are left out.
        """
        load = self._readable if readable else self._load
        units = load(list(ancestors(org)), known_at=known_at)
        return [(path, r) for path, unit in units.items() for r in unit.recipients.values()]

    def read_once(self) -> "Organisations":
        """Give the same for one piece of work: each unit is read once, however often it is asked for."""
        return _ReadOnce(log=self._log, database=self._database, now=self._now)

    def keyless(self, paths: Iterable[str]) -> frozenset[UUID]:
        """Give the streams of those units at some paths that have lost their keys."""
        return self._log.keyless([org_id(path) for path in paths])

    def at_root(self, *, known_at: datetime | None = None) -> list[RecipientRegistered]:
        """Give the operator's own recipients, who are told what nobody of a tree could be told."""
        units = self._readable([ROOT], known_at=known_at)
        return [r for unit in units.values() for r in unit.recipients.values()]

    def _refuse_last_catch_all(self, path: str) -> None:
        """Refuse to lose the last catch-all of a county's tree, of which the operator's is one."""
        known = self.at_root()
        if path != ROOT:
            known += [r for _, r in self.recipients(within_org=county_of(path))]
        if sum(r.catch_all for r in known) <= 1:
            raise conflict(LAST_CATCH_ALL)

    def _manage(self, path: str, *, actor: Actor, decision: Callable[[OrgUnit], Details | None]) -> None:
        path = self.spelled(path) if path else ROOT
        require(actor, Action.MANAGE, org=path)
        if path:
            self.unit(path)
        self._decide(path, actor=actor, decision=decision)

    def _decide(self, path: str, *, actor: Actor, decision: Callable[[OrgUnit], Details | None]) -> None:
        for _ in range(ATTEMPTS):
            unit = self._load([path])[path]
            details = decision(unit)
            if details is None:
                return
            faults = tuple(faults_of(details, at=""))
            if faults:
                raise Invalid(*faults)
            stream, version = org_id(path), unit.version + 1
            event = event_by(
                actor,
                stream_id=stream,
                version=version,
                event_id=own_id(stream, str(version)),
                occurred=Occurred.on(local_day(self._now())),
                details=details,
                org=path,
            )
            try:
                self._log.append([event], rows=_rows(path, version=version))
            except RowTaken:
                # Created meanwhile under another spelling.
                return
            except (VersionConflict, EventIdTaken):
                # The id of the event follows from its version, so either says that somebody was quicker.
                continue
            return
        raise Busy(Fault(reason=BUSY))

    def _open(self, paths: Sequence[str], *, unread: Unread | None) -> Mapping[str, OrgUnit]:
        """Load units, all of them where `unread` is not there to be told of those that can't be read."""
        if unread is None:
            return self._load(paths)
        try:
            return self._load(paths)
        except UNREADABLE as error:
            # Without one named all keys are gone: then nothing here can be told from nothing.
            if isinstance(error, KeysMissing) and not error.streams:
                raise
            if len(paths) > 1:
                half = len(paths) // 2
                parts = (self._open(part, unread=unread) for part in (paths[:half], paths[half:]))
                return {path: unit for part in parts for path, unit in part.items()}
            (path,) = paths
            unread(path, type(error).__name__)
            lost = isinstance(error, KeysMissing)
            events = self._log.outlines([org_id(path)])[org_id(path)] if lost else ()
            return {path: fold_org(path, events)}

    def _readable(
        self, paths: Sequence[str], *, known_at: datetime | None = None, unread: Unread | None = None
    ) -> Mapping[str, OrgUnit]:
        """Load units; one whose stream can't be read keeps nobody else from being told."""
        try:
            return self._load(paths, known_at=known_at)
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
            for path, unit in self._readable([each], known_at=known_at, unread=unread).items()
        }

    def _load(self, paths: Sequence[str], *, known_at: datetime | None = None) -> dict[str, OrgUnit]:
        streams = self._log.streams([org_id(path) for path in paths], known_at=known_at)
        return {path: fold_org(path, streams[org_id(path)]) for path in paths}


class _ReadOnce(Organisations):
    """Keeps what it has read; for the one piece of work that it is made for."""

    def __init__(self, *, log: EventLog, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(log=log, database=database, now=now)
        self._streams: dict[str, tuple[Event, ...]] = {}
        self._folded: dict[tuple[str, int], OrgUnit] = {}

    def _load(self, paths: Sequence[str], *, known_at: datetime | None = None) -> dict[str, OrgUnit]:
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


def _rows(path: str, *, version: int) -> list[Row]:
    if path == ROOT:
        return []
    rows = [Row(table="org_unit", key={"path": path}, values={"stream_id": org_id(path)})]
    if version == 1:
        form = normal_path(path)
        rows.append(Row(table="org_spelling", key={"normal": form}, values={"path": path}, unique=True))
    return rows


def _created(unit: OrgUnit) -> Details | None:
    return None if unit.version else OrgUnitCreated()


def _bindings_of(unit: OrgUnit) -> tuple[RuleBinding, ...]:
    return tuple(
        RuleBinding(
            rule=rule_from_data(said.rule),
            org=unit.path,
            effective_from=said.effective_from,
            effective_to=said.effective_to,
            binding_event_id=event_id,
        )
        for event_id, said in unit.bindings
    )
