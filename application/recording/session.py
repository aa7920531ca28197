"""The new events of one stream on their way into a transaction, each decided upon those before it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache, cached_property, reduce
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from application.access import Action, Actor, Forbidden, may_name, may_see, require
from application.carers.registry import Carers
from application.organisations.registry import Organisations
from application.reasons import ID_IN_USE, ID_REUSED, NOT_ALONE, UNKNOWN_CARER
from application.recording.daily_limit import DailyLimit
from application.recording.outcome import Outcome, Provenance, Recorded, recorded
from domain.catalogue import kind_of
from domain.days import local_day
from domain.decisions import carers_of
from domain.event import Details, Event, Metadata, NewEvent
from domain.ledger.decide import CORRECTED, as_corrected, decide, refuse_stale, refuse_unnamed
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_type import declared
from domain.ledger.event_voided import EventVoided
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts, evolve, fold
from domain.ledger.kind import StreamKind
from domain.org import county_of, within
from domain.refusal import AtOdds, Conflict, Fault, Reason, Refused, Unknown
from domain.repeats import repeats_of

F = TypeVar("F", bound=Facts)
_ACTIONS = {action.value: action for action in Action}

OF_ANOTHER_COUNTY = Reason(
    code="entry_of_another_county",
    zh="该记录由另一县登记，须由同时管辖两县的一方更正或作废",
    en="Another county recorded this entry. Only a key above both counties may correct or void it.",
)


class Scope:
    """What the sessions of one transaction share: which organisations and carers are known."""

    def __init__(
        self,
        *,
        carers: Carers,
        organisations: Organisations,
        refuse_types: Callable[[Collection[str]], None],
    ) -> None:
        self._known = carers
        self._organisations = organisations
        self._refuse_types = refuse_types
        self._may_be_written: set[str] = set()
        self._assumed: set[str] = set()
        self._orgs: dict[UUID, str | None] = {}

    @cached_property
    def known_org(self) -> Callable[[str], bool]:
        """Return whether there is an organisation."""
        return cache(lambda path: path in self._assumed or self._organisations.known(path))

    def assume_org(self, path: str) -> None:
        """Take an organisation for known of which nobody has asked yet."""
        self._assumed.add(path)

    @cached_property
    def known_as(self) -> Callable[[str], str]:
        """Return the path of an organisation as it is spelled where it is known."""
        return cache(self._organisations.known_as)

    def refuse_type(self, name: str) -> None:
        """Raise for a type that may not be written yet; what may be once may be till the end."""
        if name not in self._may_be_written:
            self._refuse_types({name})
            self._may_be_written.add(name)

    def foresee(self, new_events: Sequence[NewEvent]) -> None:
        """Look up at once what will be asked for when these are decided."""
        self.carer_orgs({carer for each in new_events for carer in _named_by(each.details)})

    def carer_orgs(self, carer_ids: Collection[UUID]) -> Mapping[UUID, str | None]:
        """Return the organisations of carers, these among them; None for one that is not registered."""
        if unsure := [carer_id for carer_id in carer_ids if carer_id not in self._orgs]:
            self._orgs |= dict.fromkeys(unsure) | dict(self._known.orgs(unsure))
        return self._orgs


class Opened(Struct, frozen=True, kw_only=True, gc=False):
    """A stream as it was loaded for new events of an actor. `reused` are ids that other events have.

    `folded` is what it came to when it was read before, by the view, and is left there for the next time.
    """

    stream_id: UUID
    stream: Sequence[Event]
    scope: Scope
    now: datetime
    actor: Actor
    provenance: Provenance
    reused: AbstractSet[UUID]
    folded: dict[Any, Any] | None = None


class Session(Generic[F]):
    """The new events of one stream on their way into a transaction, which it may share with other sessions.

    What only one kind of stream has is said by the public methods from `prepared` on, which that kind
    overrides. `LIMITED` kinds take so many entries of a stream a day.
    """

    LIMITED: ClassVar[bool] = True

    def __init__(self, kind: StreamKind[F], opened: Opened) -> None:
        self.kind = kind
        self._stream = list(opened.stream)
        self._loaded_version = len(self._stream)
        self._by_id = {event.event_id.int: event for event in self._stream}
        self._limit = DailyLimit(opened.stream, subject=kind.label, actor=opened.actor, now=opened.now)
        self._scope = opened.scope
        self._now = opened.now
        self._today = local_day(opened.now)
        self._actor = opened.actor
        self._writes = _ACTIONS[kind.writes]
        self._reused = opened.reused
        self._by = opened.provenance.sender or opened.actor
        self._metadata = Metadata(
            actor=self._by.name,
            role=self._by.role.value,
            channel=self._by.channel,
            correlation_id=opened.provenance.correlation_id,
            import_id=opened.provenance.import_id,
            file_sha256=opened.provenance.file_sha256,
            principal=self._by.principal,
            key=self._by.key,
            kind=kind.in_metadata,
        )
        # The events of other streams that follow from those of this one.
        self.following: list[Event] = []
        self.loaded = self.state = _folded(kind.view, opened)

    @property
    def stream(self) -> Sequence[Event]:
        """Every event of the stream, old and new."""
        return self._stream

    @property
    def events(self) -> list[Event]:
        """Every new event of the stream itself."""
        return self._stream[self._loaded_version :]

    def take(self, new_event: NewEvent, *, unattended: bool) -> Outcome:
        """Decide one new event and, where it stands, put it on the stream."""
        try:
            return self._decided(new_event, unattended=unattended)
        except Refused as refused:
            return refused

    def _decided(self, new_event: NewEvent, *, unattended: bool) -> Recorded:
        new_event = self.prepared(new_event)
        details = new_event.details
        opening = isinstance(details, self.kind.opens)
        self._refuse_other_kind(opening=opening)
        placed = self._scope.known_as(new_event.org) if new_event.org else None
        placing, receiver = self.places(details), self.receiver(details)
        here = self.org()
        org = (placed or receiver or here) if placing else here
        known = self._by_id.get(new_event.event_id.int)
        elsewhere = known is not None and placing and not known.erased and placed not in (None, known.org)
        again = known is not None and not elsewhere and self.says_the_same(known, new_event)
        decision = declared(type(details)).decision and not unattended
        if known is None and decision:
            # Before anything is known of the stream: of one out of sight the answer is the same.
            refuse_unnamed(new_event.based_on)
        if known is not None and again and self._was_said_from_here(known):
            return recorded(known, new=False, fact=Fact.as_recorded(known))
        if self._stream or opening:
            self._refuse_unseen()
            self.require(details, receiver=receiver, org=here or org)
        if known is not None:
            return self._met(known, new_event, again=again)
        if self._reused and new_event.event_id in self._reused:
            raise Conflict(Fault(reason=ID_REUSED, pointer="/event_id"))
        if new_event.only_with is not None and self.state.fact(new_event.only_with) is None:
            raise Conflict(Fault(reason=NOT_ALONE))
        if self.LIMITED:
            self._limit.refuse(details.TYPE)
        self._scope.refuse_type(details.TYPE)
        if not unattended and (self._stream or opening):
            refuse_stale(self.state.version, based_on=new_event.based_on, required=decision)
        self.refuse_early(details)
        self._refuse_anothers_past(details)
        by = self._by.name if self._by.principal else None
        decide(self.kind, self.state, new_event, today=self._today, by=by)
        self.refuse_late(details, receiver=receiver, org=org)
        self.refuse_unknown_carers(new_event, org=org)
        return self._appended(self._event(new_event, org=org))

    def _refuse_unseen(self) -> None:
        """Answer as if nothing were there to whom a stream that is not for everybody is out of sight."""
        if self.kind.access is None or not self._stream:
            return
        here = within(self._stream[-1].org, self._actor.org)
        if not here or not may_see(self.kind, self.state, self._actor):
            raise Unknown(Fault(reason=self.kind.unknown))

    def _met(self, known: Event, new_event: NewEvent, *, again: bool) -> Recorded:
        """Answer with what is there under the id of a new event; raise where that says something else."""
        if not again:
            if new_event.based_on is not None and new_event.based_on <= 0:
                # It was to be written only where nothing is there.
                refuse_stale(self.state.version, based_on=new_event.based_on, required=False)
            raise Conflict(Fault(reason=ID_REUSED, pointer="/event_id"))
        stands = self.state.fact(known.event_id)
        repeats = () if stands is None else repeats_of(self.state, stands)
        return recorded(known, new=False, fact=stands, repeats=repeats)

    def _appended(self, event: Event) -> Recorded:
        state = evolve(self.state, event)
        following = self.follow(before=self.state, after=state, cause=event)
        self._limit.count(event.details.TYPE)
        self._stream.append(event)
        self._by_id[event.event_id.int] = event
        self.following.extend(following)
        self.state = state
        fact = Fact.as_recorded(event)
        return recorded(event, new=True, fact=fact, repeats=repeats_of(state, fact))

    def prepared(self, new_event: NewEvent) -> NewEvent:
        """Return a new event as it is decided: as it came, where a kind does not say more."""
        return new_event

    def says_the_same(self, known: Event, new_event: NewEvent) -> bool:
        """Return whether an event says what a new event under its id says."""
        return known.same_content(new_event)

    def org(self) -> str:
        """Return the organisation that the stream belongs to now; "" before it is opened."""
        return self._stream[-1].org if self._stream else ""

    def places(self, details: Details) -> bool:
        """Return whether this says where the subject of the stream belongs."""
        return isinstance(details, self.kind.opens)

    def receiver(self, details: Details) -> str | None:
        """Return the organisation that the subject would go to, where that side answers."""
        return None

    def require(self, details: Details, *, receiver: str | None, org: str) -> None:
        """Raise `Forbidden` or `Unknown` where the actor may not say this."""
        require(self._actor, self._writes, org=receiver or org, event_type=details.TYPE)

    def refuse_early(self, details: Details) -> None:
        """Refuse what needs no look at the state."""

    def refuse_late(self, details: Details, *, receiver: str | None, org: str) -> None:
        """Refuse what would stand on this stream, because of what is known of others."""

    def counties(self, org: str) -> Collection[str]:
        """Return the counties whose carers this stream may name."""
        return (county_of(org),)

    def known_carers(self, details: Details, carer_ids: Collection[UUID]) -> Mapping[UUID, str | None]:
        """Return the organisations of carers, these among them; None for one that is not registered."""
        return self._scope.carer_orgs(carer_ids)

    def refuse_unknown_carers(self, new_event: NewEvent, *, org: str) -> None:
        """Refuse carers whom nobody knows, or of whom the actor or the stream's county may know nothing."""
        stated, at, there = new_event, "", frozenset[UUID]()
        if isinstance(new_event.details, EventCorrected):
            stated, at = as_corrected(self.kind, self.state, new_event.details), CORRECTED
            fact = self.state.fact(new_event.details.target)
            there = frozenset(fact.event_type.carers(fact.details)) if fact else there
        carers = declared(type(stated.details)).carers(stated.details)
        named = [carer for carer in carers if carer not in there]
        if not named:
            return
        orgs, counties = self.known_carers(stated.details, named), self.counties(org)
        missing = {c for c in named if not in_reach(orgs[c], actor=self._actor, counties=counties)}
        if missing:
            pointers = {carer: f"{at}{pointer}" for carer, pointer in carers_of(stated) if carer in missing}
            raise AtOdds(*(Fault(reason=UNKNOWN_CARER, pointer=pointer) for pointer in pointers.values()))

    def follow(self, *, before: F, after: F, cause: Event) -> Sequence[Event]:
        """Return the events of other streams that follow from one of this."""
        return ()

    def _refuse_other_kind(self, *, opening: bool) -> None:
        if opening and self._stream and kind_of(self._stream[0]) is not self.kind:
            # Nobody learns that an id belongs to something of another organisation.
            require(self._actor, self._writes, org=self._stream[-1].org)
            raise Conflict(Fault(reason=ID_IN_USE))

    def _was_said_from_here(self, known: Event) -> bool:
        """Return whether this was recorded while the subject belonged to the actor, who may not see it now.

        Then what it sends again is there, and it is told nothing beyond that. Raises `Forbidden`.
        """
        if within(self.org(), self._actor.org) or not within(known.org, self._actor.org):
            return False
        require(self._actor, self._writes, org=known.org, event_type=known.type)
        return True

    def _refuse_anothers_past(self, details: Details) -> None:
        """Refuse to change what another county recorded: to have the file is no right over its past."""
        if (target := _changed_by(details)) is None:
            return
        fact = self.state.fact(target)
        if fact is None or county_of(fact.event.org) == county_of(self.org()):
            return
        if not within(fact.event.org, self._actor.org):
            raise Forbidden(Fault(reason=OF_ANOTHER_COUNTY, pointer="/details/target"))

    def _event(self, new_event: NewEvent, *, org: str) -> Event:
        metadata, line = self._metadata, new_event.line
        # The store dates nothing earlier than what it has: what is decided here must stand in the same order.
        latest = self._stream[-1].recorded_at if self._stream else None
        now = self._now if latest is None or latest < self._now else latest
        return Event(
            originator_id=self.state.stream_id,
            originator_version=self.state.version + 1,
            event_id=new_event.event_id,
            occurred=new_event.occurred,
            details=new_event.details,
            recorded_by=new_event.recorded_by,
            late_reason=new_event.late_reason,
            org=org,
            metadata=metadata if line is None else replace(metadata, line=line),
            written_on=new_event.written_on,
            evidence=new_event.evidence,
            source_event_id=new_event.source_event_id,
            # What was noted later than now says no more than its recording does.
            noted_at=new_event.noted_at if new_event.noted_at and new_event.noted_at < now else None,
            recorded_at=now,
        )


def _folded(view: type[F], opened: Opened) -> F:
    """Fold a stream; what came since it was folded last is put to what it came to then."""
    if opened.folded is None:
        return fold(view, opened.stream_id, opened.stream)
    known: F | None = opened.folded.get(view)
    if known is None or known.version > len(opened.stream):
        state = fold(view, opened.stream_id, opened.stream)
    else:
        state = reduce(evolve, opened.stream[known.version :], known)
    opened.folded[view] = state
    return state


def _named_by(details: Details) -> Collection[UUID]:
    """Return the carers whom details name."""
    return declared(type(details)).carers(details)


def in_reach(org: str | None, *, actor: Actor, counties: Collection[str]) -> bool:
    """Return whether a carer of `org` may be named by an actor, on a stream of some counties.

    None is nobody's organisation.
    """
    return org is not None and county_of(org) in counties and may_name(actor, org)


def _changed_by(details: Details) -> UUID | None:
    """Return the entry that this changes: the right to it goes by the county that recorded the entry."""
    if isinstance(details, EventCorrected | EventVoided):
        return details.target
    files = declared(type(details)).files
    return None if files is None else getattr(details, files)
