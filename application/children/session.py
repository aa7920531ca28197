"""What the new events of a child have beyond those of any stream: numbers, pairings, transfers."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import Any, cast
from uuid import UUID

from msgspec.structs import replace as restated

from application.access import Actor, Forbidden
from application.carers.registry import Carers
from application.children.claims import FailedClaims
from application.lookups import NUMBERS
from application.organisations.registry import Organisations
from application.reasons import ERASED, NOT_ALLOWED, UNKNOWN_ORG
from application.recording.outcome import Outcome, recorded
from application.recording.session import Opened, Scope, Session
from domain.care_views import Pairing, places_of
from domain.child import Child, fold
from domain.effects import Effect
from domain.event import Details, Event, Metadata, NewEvent
from domain.fields import faults_of
from domain.ids import own_id
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_type import declared, has_effect
from domain.ledger.facts import evolve
from domain.org import school_of, within
from domain.policy import Policy
from domain.reasons import MERGED_INTO
from domain.refusal import AtOdds, Conflict, Fault, Invalid, Reason, Refused, invalid
from domain.streams.carers.carer import Carer, PairingSlotChanged
from domain.streams.carers.kind import KIND as CARER
from domain.streams.children.kind import KIND as CHILDREN

_HANDOVER = {Effect.STARTS_PAIRING, Effect.ENDS_PAIRING}
NAMESPACE = UUID("5f0a9f0c-6d0e-5a36-b8e0-4b7ddc1c9a33")
BY_TRANSFER = Reason(
    code="by_transfer",
    zh="改变所属机构须办理转接，由接收方确认",
    en="A child changes organisation by a transfer, which the receiving side must accept.",
)
NOT_OF_TRANSFER = Reason(
    code="not_of_transfer",
    zh="安置机构须在转入机构之内",
    en="The child must be placed within the organisation that the transfer names.",
)


class ChildScope(Scope):
    """What the sessions of children share in one transaction: also the carers as decided so far."""

    def __init__(
        self,
        *,
        carers: Carers,
        organisations: Organisations,
        claims: FailedClaims,
        refuse_types: Callable[[Collection[str]], None],
        event: Callable[[UUID], Event | None],
    ) -> None:
        super().__init__(carers=carers, organisations=organisations, refuse_types=refuse_types)
        self._claims = claims
        self.event = event
        self.carers: dict[UUID, Carer] = {}

    @cached_property
    def may_claim(self) -> Callable[[Actor], None]:
        """Raise where an actor may ask for no number now."""
        return cache(self._claims.refuse)

    def carer(self, carer_id: UUID) -> Carer:
        """Return a carer as the sessions before have left it."""
        if carer_id not in self.carers:
            self.carers[carer_id] = self._known.load(carer_id)
        return self.carers[carer_id]

    def foresee(self, new_events: Sequence[NewEvent]) -> None:
        """Look up at once what will be asked for; carers who are paired with their slots."""
        paired, others = list[UUID](), list[NewEvent]()
        for each in new_events:
            if has_effect(each.details, Effect.STARTS_PAIRING):
                paired += declared(type(each.details)).carers(each.details)
            else:
                others.append(each)
        super().foresee(others)
        if unsure := [carer_id for carer_id in dict.fromkeys(paired) if carer_id not in self.carers]:
            self.carers |= {carer.carer_id: carer for carer in self._known.load_many(unsure)}

    def assume_carer(self, carer: Carer) -> None:
        """Take a carer for registered."""
        self.carers[carer.carer_id] = carer
        self._orgs[carer.carer_id] = carer.org

    def loaded_orgs(self, carer_ids: Iterable[UUID]) -> Mapping[UUID, str | None]:
        """Return the organisations of carers as `carer_orgs` does, from their streams."""
        found = {carer_id: self.carer(carer_id) for carer_id in carer_ids}
        return {carer_id: carer.org if carer.registered else None for carer_id, carer in found.items()}


class ChildSession(Session[Child]):
    """The new events of one child: with its numbers, its place in the tree, and the slots of its carers."""

    def __init__(self, opened: Opened, *, policy: Policy) -> None:
        super().__init__(CHILDREN, opened)
        assert isinstance(opened.scope, ChildScope)
        self._shared = opened.scope
        self._policy = policy

    def take(self, new_event: NewEvent, *, unattended: bool) -> Outcome:
        """Decide a new event; one that stands in a file that was merged into this one is there already.

        Of a child that was erased nobody is told in which file it goes on.
        """
        outcome = super().take(new_event, unattended=unattended)
        told = isinstance(outcome, AtOdds) and outcome.reason.code == MERGED_INTO.code
        if told and any(event.erased for event in self._stream):
            return Conflict(Fault(reason=ERASED))
        if isinstance(outcome, Refused) and self.state.taken_over:
            known = self._shared.event(new_event.event_id)
            files = {fact.details.child for fact in self.state.taken_over}
            if known is not None and known.originator_id in files and known.same_content(new_event):
                return recorded(known, new=False)
        return outcome

    def put(
        self,
        new_events: Sequence[tuple[NewEvent, str]],
        *,
        cause: UUID,
        then: Callable[[Child], Sequence[tuple[NewEvent, str]]] = lambda _child: (),
    ) -> None:
        """Put on the stream what follows from a merge or its undoing, which is not decided as it stands.

        Each comes with the organisation that it is of. However many they are, the stream is folded once; and
        once more for what `then` says in addition of the child as it is by then, until that is nothing.
        """
        before = self.state
        while new_events:
            self._lay(new_events, cause=cause)
            new_events = then(self.state)
        if self.state is not before:
            self.following += self.follow(before=before, after=self.state, cause=self._stream[-1])

    def _lay(self, new_events: Iterable[tuple[NewEvent, str]], *, cause: UUID) -> None:
        events = list[Event]()
        for version, (new_event, org) in enumerate(new_events, start=self.state.version + 1):
            if faults := list(faults_of(new_event.details, at="")):
                raise Invalid(*faults)
            self._scope.refuse_type(new_event.details.TYPE)
            event = self._event(new_event, org=org)
            metadata = restated(event.metadata, causation_id=cause)
            events.append(restated(event, originator_version=version, metadata=metadata))
        self._stream += events
        self._by_id |= {event.event_id.int: event for event in events}
        self.state = fold(self.state.child_id, self._stream)

    def prepared(self, new_event: NewEvent) -> NewEvent:
        """Return a handover with its pairing: where none is named, that of the former carer.

        The last that began by then: also once it was handed over, so that the same is found again.
        """
        said: Any = new_event.details
        if not _HANDOVER.issubset(declared(type(said)).effects) or said.pairing is not None:
            return new_event
        theirs = (p for p in self.state.pairings if p.carer == said.former and p.kind is said.kind)
        begun = [p.event_id for p in theirs if p.start <= new_event.occurred.day]
        details = replace(said, pairing=begun[-1]) if begun else said
        return restated(new_event, details=details)

    def org(self) -> str:
        """Return the organisation that the child belongs to; of the two, that which the actor may know of."""
        seen = (org for org in places_of(self.state.placed) if within(org, self._actor.org))
        return next(seen, self.state.org)

    def places(self, details: Details) -> bool:
        """Return whether this says where the child belongs."""
        return has_effect(details, Effect.PLACES)

    def receiver(self, details: Details) -> str | None:
        """Return the organisation that the child would go to, where the answer of that side is spoken of."""
        if not has_effect(details, Effect.ANSWERED_BY_RECEIVER):
            return None
        transfer = self.state.transfer(cast("Any", details).transfer)
        return transfer.to if transfer else None

    def require(self, details: Details, *, receiver: str | None, org: str) -> None:
        """Refuse who may not say this. The receiving side answers a transfer, and nobody else."""
        if receiver is not None and within(org, self._actor.org) and not within(receiver, self._actor.org):
            raise Forbidden(Fault(reason=NOT_ALLOWED, pointer="/type"))
        super().require(details, receiver=receiver, org=org)

    def refuse_early(self, details: Details) -> None:
        """Refuse further claims of numbers to a key that claimed too many which are taken."""
        if _claims(details):
            self._shared.may_claim(self._actor)

    def refuse_late(self, details: Details, *, receiver: str | None, org: str) -> None:
        """Refuse a move without a transfer, to where there is nothing, or beside what was proposed."""
        effects = declared(type(details)).effects
        places, answers = Effect.PLACES in effects, Effect.ANSWERS_TRANSFER in effects
        if (
            places
            and not answers
            and Effect.IDENTIFIES not in effects
            and org not in self._here()
            and not (Effect.PROMOTES in effects and school_of(org) == school_of(self.state.org))
        ):
            raise Conflict(Fault(reason=BY_TRANSFER, pointer="/org"))
        if Effect.PLACES_ON_LINE in effects and not self._shared.known_org(cast("Any", details).org):
            raise invalid(UNKNOWN_ORG, "/details/org")
        if Effect.PROPOSES_TRANSFER in effects and not self._shared.known_org(cast("Any", details).to):
            raise invalid(UNKNOWN_ORG, "/details/to")
        if places and answers and not within(org, receiver or ""):
            raise invalid(NOT_OF_TRANSFER, "/org")

    def _here(self) -> Collection[str]:
        """Return where the child belongs now."""
        return (self.state.org, *places_of(self.state.placed))

    def counties(self, org: str) -> Collection[str]:
        """Return every county that the child ever belonged to."""
        return self.state.counties

    def known_carers(self, details: Details, carer_ids: Collection[UUID]) -> Mapping[UUID, str | None]:
        """Return the organisations of carers; of one who is paired as its own stream tells it.

        That is loaded anyhow, and a row beside it may be older.
        """
        if has_effect(details, Effect.STARTS_PAIRING):
            return self._shared.loaded_orgs(carer_ids)
        return super().known_carers(details, carer_ids)

    def follow(self, *, before: Child, after: Child, cause: Event) -> Sequence[Event]:
        """Return what the child's pairings now ask of the carers. Raises `Conflict` over capacity."""
        return tuple(self._changed_slots(before=before, after=after, cause=cause))

    def _changed_slots(self, *, before: Child, after: Child, cause: Event) -> Iterator[Event]:
        if after.pairings is before.pairings:
            return
        old = {p.event_id: p for p in before.pairings}
        new = {p.event_id: p for p in after.pairings}
        carers: dict[UUID, Carer] = {}
        for pairing, released in _differing(old, new):
            slot = _slot(pairing, child=after.child_id, released=released)
            carer = carers.get(pairing.carer) or self._shared.carer(pairing.carer)
            carer.refuse_overload(slot, capacity=self._policy.capacity)
            event = self._slot_event(carer, slot, cause=cause)
            carers[pairing.carer] = evolve(carer, event)
            yield event
        self._shared.carers.update(carers)

    def _slot_event(self, carer: Carer, slot: PairingSlotChanged, *, cause: Event) -> Event:
        return Event(
            originator_id=carer.carer_id,
            originator_version=carer.version + 1,
            event_id=own_id(NAMESPACE, f"{cause.event_id}:{carer.carer_id}:{slot.pairing}"),
            occurred=cause.occurred,
            details=slot,
            recorded_by=cause.recorded_by,
            org=carer.org,
            metadata=Metadata(
                actor=cause.metadata.actor,
                role=cause.metadata.role,
                channel=cause.metadata.channel,
                causation_id=cause.event_id,
                principal=cause.metadata.principal,
                key=cause.metadata.key,
                kind=CARER.name,
            ),
        )


def _claims(details: Details) -> bool:
    """Return whether a number may become the child's by this."""
    if isinstance(details, EventCorrected):
        return any(name in NUMBERS for name in details.fields.get("details") or ())
    if has_effect(details, Effect.CHANGES_PROFILE):
        return any(getattr(details, name, None) is not None for name in NUMBERS)
    return has_effect(details, Effect.IDENTIFIES)


def _differing(old: Mapping[UUID, Pairing], new: Mapping[UUID, Pairing]) -> Iterator[tuple[Pairing, bool]]:
    """Return the pairings that a carer loses (as they were, and True), and those new or changed."""
    for key, pairing in old.items():
        if key not in new or new[key].carer != pairing.carer:
            yield pairing, True
    for key, pairing in new.items():
        if old.get(key) != pairing:
            yield pairing, False


def _slot(pairing: Pairing, *, child: UUID, released: bool) -> PairingSlotChanged:
    return PairingSlotChanged(
        pairing=pairing.event_id,
        child=child,
        kind=pairing.kind,
        start=pairing.start,
        end=pairing.end,
        released=released,
    )
