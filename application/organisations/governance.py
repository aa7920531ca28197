"""What governs children: the rules that are bound to a unit and those above it, and whom these watch."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import uuid4

from application.access import Actor
from application.basis import UNBOUND, Basis
from application.eventstore.database import Database
from application.eventstore.keyring import KeysMissing
from application.eventstore.log import EventLog
from application.organisations.units import Units, Unread
from domain.days import local_day
from domain.event import Details
from domain.ladder import LadderSaid
from domain.org import ancestors, org_id
from domain.refusal import refuses
from domain.rules.binding import RuleBinding, refuse_overlap
from domain.rules.rule import Rule, rule_to_data
from domain.rules.rule_check import rule_from_data
from domain.streams.organisations.ladders import AlertLadderSet, refuse_ladder
from domain.streams.organisations.unit import (
    Extension,
    OrgUnit,
    RuleBound,
    WatchExtended,
    WatchRestored,
    fold_org,
)


class Governing(NamedTuple):
    """What holds for the children of a unit up to a version of its stream: its rules, whom it watches, and by
    which ladders."""

    version: int
    bindings: tuple[RuleBinding, ...]
    extensions: tuple[Extension, ...]
    ladders: tuple[LadderSaid, ...]


_NOTHING = Governing(0, (), (), ())


class Governance:
    """What holds for the children of the tree: the rules bound to its units, and whom these have watched."""

    def __init__(
        self, *, units: Units, log: EventLog, database: Database, now: Callable[[], datetime]
    ) -> None:
        self._units = units
        self._log = log
        self._database = database
        self._now = now
        # By path, up to which version of its stream.
        self._bound: dict[str, Governing] = {}
        self._generation = database.generation

    @refuses(Units.manage, refuse_overlap)
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

        self._units.manage(path, actor=actor, decision=decision)
        return next(
            b
            for b in reversed(_bindings_of(self._units.unit(path)))
            if b.rule == rule and b.effective_from == effective_from
        )

    def bindings(self, orgs: Iterable[str]) -> tuple[RuleBinding, ...]:
        """Return every binding of these units and of all units above them."""
        return self.governing(orgs).bindings

    def extensions(self, orgs: Iterable[str]) -> tuple[Extension, ...]:
        """Return what these units and all units above them said of whom they watch."""
        return self.watching(orgs).extensions

    def watching(self, orgs: Iterable[str]) -> Governing:
        """Return what these units and all units above them said of whom they watch, and by which ladders.

        That is not sealed: of a unit that has lost its key it is told all the same, so that its children are
        watched on.
        """
        paths = sorted({a for org in orgs for a in ancestors(org)})
        try:
            return self.governing(paths)
        except KeysMissing:
            streams = self._log.outlines([org_id(path) for path in paths])
            units = [fold_org(path, streams[org_id(path)]) for path in paths]
            extensions = tuple(each for unit in units for each in unit.extensions)
            return Governing(0, (), extensions, tuple(said for unit in units for said in unit.ladders))

    def governing(self, orgs: Iterable[str], *, unread: Unread | None = None) -> Governing:
        """Return both at once.

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
        for path, unit in self._units.open(
            grown, unread=None if unread is None else lost.__setitem__
        ).items():
            known[path] = Governing(unit.version, _bindings_of(unit), unit.extensions, unit.ladders)
            if path not in lost and generation == self._database.generation:
                self._bound[path] = known[path]
        if unread is not None:
            for path, fault in lost.items():
                unread(path, fault)
        return Governing(
            0,
            tuple(b for each in known.values() for b in each.bindings),
            tuple(e for each in known.values() for e in each.extensions),
            tuple(said for each in known.values() for said in each.ladders),
        )

    def bindings_below(self, org: str, *, unread: Unread | None = None) -> tuple[RuleBinding, ...]:
        """Return every binding that may concern a child at or below `org`; `unread` as for `governing`."""
        return self.governing_below(org, unread=unread).bindings

    def governing_below(self, org: str, *, unread: Unread | None = None) -> Governing:
        """Return all that may govern a child at or below `org`; `unread` as for `governing`."""
        return self.governing(
            [org, *self._units.paths(below=org)] if org else self._units.paths(), unread=unread
        )

    def watch_version(self, path: str) -> int | None:
        """Return at which version a unit said last whom it watches: 0 where it never did, None where its
        stream can't be read."""
        found = self._units.open([path], unread=lambda _path, _fault: None).get(path)
        return None if found is None else found.watch_version

    @refuses(Units.manage, Basis.refuse_other)
    def watch_everybody(
        self, path: str, *, everybody: bool, reason: str | None, actor: Actor, basis: Basis = UNBOUND
    ) -> bool:
        """Have all children at and below a unit watched from today on, or not; give whether that is new."""
        changed = False

        def decision(unit: OrgUnit) -> Details | None:
            nonlocal changed
            changed = unit.watches_all is not everybody
            if not changed:
                return None
            basis.refuse_other(unit.watch_version)
            return WatchExtended(reason=reason) if everybody else WatchRestored(reason=reason)

        # The root of all is no unit: what it said would hold for everybody's counties.
        self._units.manage(self._units.spelled(path), actor=actor, decision=decision)
        return changed

    @refuses(Units.manage, Basis.refuse_other, refuse_ladder)
    def set_ladder(self, path: str, *, ladder: AlertLadderSet, actor: Actor, basis: Basis = UNBOUND) -> bool:
        """Have alerts of a kind ring by a ladder from today on, or not at all; give whether that is new.

        What has rung before stays as it was. Raises `Invalid`.
        """
        refuse_ladder(ladder)
        changed = False

        def decision(unit: OrgUnit) -> Details | None:
            nonlocal changed
            said = [each for each in unit.ladders if each.kind == ladder.kind][-1:]
            changed = [(each.on, each.steps) for each in said] != [(ladder.on, ladder.steps or None)]
            if not changed:
                return None
            basis.refuse_other(unit.ladder_version)
            return ladder

        self._units.manage(self._units.spelled(path), actor=actor, decision=decision)
        return changed

    def ladder_version(self, path: str) -> int | None:
        """Return at which version a unit set a ladder last: 0 where it never did, None where its stream can't
        be read."""
        found = self._units.open([path], unread=lambda _path, _fault: None).get(path)
        return None if found is None else found.ladder_version


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
