"""Carers: registering them, finding them by name within a school, loading their slots."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.access import Action, Actor, require
from application.basis import UNBOUND, Basis
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.eventstore.recorder import Row
from application.lookups import CARER, Lookups
from application.readable import Unreadable, readable
from application.reasons import BUSY, TWO_ALIKE
from application.streams import Busy, Decided, Kept, Streams
from domain.event import Details, Event
from domain.ids import is_own, own_id
from domain.normal import normal_number, undotted
from domain.org import checked_path, county_of, school_of
from domain.reasons import RESERVED_ID
from domain.refusal import Fault, conflict, invalid, refuses
from domain.streams.carers.carer import Called, Carer, CarerRegistered, fold_carer, names_of
from domain.streams.carers.kind import KIND
from domain.subtree import WITHIN, below

NAMESPACE = UUID("0d9a7a55-9b50-5e0b-9f11-7f3a3d6f6a10")
# Ids alone; beyond it they are asked for again.
MOST_REMEMBERED = 10_000
# The lock under which names are looked up and registered, and how long it is waited for.
NAMES, _WAIT_SECONDS = "carer names", 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerKnown:
    """A carer after registration; `first` is True where it was not known before."""

    carer_id: UUID
    version: int
    first: bool


class Carers:
    """The carers of all schools."""

    def __init__(
        self, *, log: EventLog, database: Database, lookups: Lookups, now: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._database = database
        self._lookups = lookups
        self._streams = Streams(log=log, now=now)
        self._kept = Kept(kind=KIND, fold=fold_carer, rows=self._rows, event_id=_event_id)
        # Nobody is ever unregistered, so who was seen once need not be asked for again in this life.
        self._remembered: dict[UUID, str] = {}
        self._life = database.generation

    @refuses(RESERVED_ID, TWO_ALIKE, Basis.refuse_other, Streams.decide)
    def register(
        self,
        *,
        actor: Actor,
        carer_id: UUID,
        org: str,
        details: CarerRegistered,
        basis: Basis = UNBOUND,
    ) -> CarerKnown:
        """Register a carer, or replace what is known of it; the same again is nothing new.

        Raises `Stale` or `VersionRequired` where that is based on another version than it must be, `Conflict`
        where another carer of the school has this name and the two can't be told apart.
        """
        org = checked_path(org)
        decision = self._registering(details, carer_id=carer_id, org=org, actor=actor, basis=basis)
        with self._alone():
            done = self._streams.decide(self._kept, carer_id, decision, actor=actor, org=lambda _carer: org)
        return self._registered(carer_id, done)

    @refuses(register)
    def register_each(
        self, carers: Mapping[UUID, CarerRegistered], *, actor: Actor, org: str
    ) -> dict[UUID, CarerKnown]:
        """Register carers of whom no two are called alike, in one save: all or none of them."""
        org = checked_path(org)
        decisions = {
            carer_id: self._registering(details, carer_id=carer_id, org=org, actor=actor, basis=UNBOUND)
            for carer_id, details in carers.items()
        }
        with self._alone():
            done = self._streams.decide_each(self._kept, decisions, actor=actor, org=lambda _carer: org)
        return {carer_id: self._registered(carer_id, each) for carer_id, each in done.items()}

    def _registering(
        self, details: CarerRegistered, *, carer_id: UUID, org: str, actor: Actor, basis: Basis
    ) -> Callable[[Carer], CarerRegistered | None]:
        """Return what is to be decided of a carer. Raises `Forbidden` or `Invalid`."""
        require(actor, Action.SUBMIT, org=org)
        if is_own(carer_id):
            raise invalid(RESERVED_ID)

        def decision(carer: Carer) -> CarerRegistered | None:
            if carer.version:
                require(actor, Action.SUBMIT, org=carer.org)
            if carer.registered == details and carer.org == org:
                return None
            basis.refuse_other(carer.version)
            self._refuse_two_alike(carer_id, org=org, details=details)
            return details

        return decision

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from registering: of two alike, each would find the name free. Raises `Busy`."""
        with self._database.advisory(NAMES, wait_seconds=_WAIT_SECONDS) as mine:
            if not mine:
                raise Busy(Fault(reason=BUSY))
            yield

    def _registered(self, carer_id: UUID, done: Decided[Carer]) -> CarerKnown:
        if done.events:
            self._remembered.pop(carer_id, None)
        version = done.state.version
        return CarerKnown(carer_id=carer_id, version=version, first=version == len(done.events))

    def load(self, carer_id: UUID) -> Carer:
        """Load a carer with its slots; one that is not known has version 0."""
        return self._streams.load(self._kept, carer_id)

    def ids(self, *, actor: Actor, org: str, after: UUID | None = None, limit: int = 100) -> list[UUID]:
        """Return the ids of `limit` carers of `org` and all below it, in order, those after `after`."""
        require(actor, Action.READ, org=org)
        rows = self._database.tuples(
            f"SELECT carer_id FROM carer_status WHERE {WITHIN} AND carer_id > :after"  # noqa: S608  a constant
            " ORDER BY carer_id LIMIT :limit",
            **below(org),
            after=after or UUID(int=0),
            limit=limit,
        )
        return [carer_id for (carer_id,) in rows]

    def load_many(self, carer_ids: Sequence[UUID], *, unreadable: Unreadable | None = None) -> list[Carer]:
        """Load carers; `unreadable` is told of those that can't be read, without it that is raised."""
        read = readable(self._log, carer_ids, unreadable=unreadable)
        return [fold_carer(carer_id, events) for carer_id, events in read]

    def known(self, carer_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return which of these carers are registered."""
        return frozenset(self.orgs(carer_ids))

    def orgs(self, carer_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """Return the organisation of each of these carers that is registered."""
        if self._life != self._database.generation or len(self._remembered) > MOST_REMEMBERED:
            self._remembered, self._life = {}, self._database.generation
        there = self._remembered
        if unsure := [carer_id for carer_id in carer_ids if carer_id not in there]:
            rows = self._database.tuples(
                "SELECT carer_id, org FROM carer_status WHERE carer_id IN :ids", ids=tuple(unsure)
            )
            there |= dict(rows)
        return {carer_id: there[carer_id] for carer_id in carer_ids if carer_id in there}

    def names(self, carer_ids: Sequence[UUID], *, counties: Collection[str]) -> dict[UUID, str]:
        """Return the names by which carers of some counties go now; of elsewhere nobody is named."""
        return {
            c.carer_id: c.registered.name
            for c in self._loaded(carer_ids)
            if c.registered and county_of(c.org) in counties
        }

    def called(self, carer_ids: Sequence[UUID], *, counties: Collection[str]) -> dict[UUID, Called]:
        """Return the names that carers of some counties have gone by, and since when each was known."""
        streams = self._log.streams(list(dict.fromkeys(carer_ids)))
        return {
            carer_id: names_of(events)
            for carer_id, events in streams.items()
            if events and county_of(events[-1].org) in counties
        }

    def named(self, *, org: str, name: str) -> tuple[UUID, ...]:
        """Find the carers of this name in the school that `org` lies in."""
        return self._lookups.carers((name,), school=school_of(org))[name]

    def called_alike(self, *, org: str, names: Collection[str]) -> dict[str, list[UUID]]:
        """Find the carers of a school who go by each of some names now."""
        found = self._lookups.carers(names, school=school_of(org))
        ids = list(dict.fromkeys(carer_id for some in found.values() for carer_id in some))
        now = self.names(ids, counties=(county_of(org),))
        return {
            name: [i for i in some if i in now and undotted(now[i]) == undotted(name)]
            for name, some in found.items()
        }

    def _refuse_two_alike(self, carer_id: UUID, *, org: str, details: CarerRegistered) -> None:
        others = [c for c in self.named(org=org, name=details.name) if c != carer_id]
        registered = [other.registered for other in self._loaded(others)]
        alike = [r for r in registered if r and undotted(r.name) == undotted(details.name)]
        numbers = {_number(r) for r in alike}
        if alike and (None in numbers or _number(details) in {None, *numbers}):
            raise conflict(TWO_ALIKE, "/name")

    def _loaded(self, carer_ids: Sequence[UUID]) -> list[Carer]:
        return list(self._streams.load_many(self._kept, carer_ids))

    def _rows(self, carer: Carer, _event: Event) -> list[Row]:
        assert carer.registered is not None
        word, school = carer.registered.name, school_of(carer.org)
        return [
            Row(table="carer_status", key={"carer_id": carer.carer_id}, values={"org": carer.org}),
            *self._lookups.words(kind=CARER, word=word, stream=carer.carer_id, school=school),
        ]


def _event_id(carer_id: UUID, version: int, _details: Details) -> UUID:
    return own_id(NAMESPACE, f"{carer_id}:{version}")


def _number(details: CarerRegistered) -> str | None:
    """Return the normal form of a carer's staff number; None where it has none."""
    return normal_number(details.staff_no or "") or None
