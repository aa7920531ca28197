"""The drafts of a child on their way into a transaction, each decided upon those before it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from application.access import Action, Actor, Forbidden, may_name, require
from application.carers.registry import Carers
from application.children.claims import FailedClaims
from application.children.daily_limit import DailyLimit
from application.lookups import NUMBERS
from application.organisations.registry import Organisations
from application.reasons import ID_IN_USE, ID_REUSED, NOT_ALLOWED, UNKNOWN_CARER, UNKNOWN_ORG
from domain.care_actions.care_handed_over import CareHandedOver
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.care_actions.child_readmitted import ChildReadmitted
from domain.care_actions.event_corrected import EventCorrected
from domain.care_actions.event_voided import EventVoided
from domain.care_actions.pairing_started import PairingStarted
from domain.care_actions.record_filed import RecordFiled
from domain.care_actions.transfer_accepted import TransferAccepted
from domain.care_actions.transfer_declined import TransferDeclined
from domain.care_actions.transfer_proposed import TransferProposed
from domain.carer import Carer, PairingSlotChanged
from domain.carer import evolve as evolve_carer
from domain.catalogue import care_actions_by_type
from domain.child import Child, Pairing, evolve, fold
from domain.days import local_day
from domain.decisions import CORRECTED, as_corrected, carers_of, decide, refuse_stale
from domain.event import Details, Draft, Event, Metadata
from domain.fact import Fact
from domain.ids import own_id
from domain.org import county_of, within
from domain.policy import Policy
from domain.refusal import AtOdds, Conflict, Fault, Reason, Refused, invalid

NAMESPACE = UUID("5f0a9f0c-6d0e-5a36-b8e0-4b7ddc1c9a33")
BY_TRANSFER = Reason(
    code="by_transfer",
    zh="改变所属机构须办理转接，由接收方确认",
    en="A child changes its organisation by a transfer, which the receiving side accepts.",
)
NOT_OF_TRANSFER = Reason(
    code="not_of_transfer",
    zh="安置机构须在转入机构之内",
    en="The child is placed within the organisation that the transfer names.",
)
OF_ANOTHER_COUNTY = Reason(
    code="entry_of_another_county",
    zh="该记录由另一县登记，须由同时管辖两县的一方更正或作废",
    en="Another county recorded this entry: whoever stands above both counties corrects or voids it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a draft that stands: new, or there already with the same content.

    `version` and `position` are those of its event; `late_days` is given where it was written late.
    """

    event_id: UUID
    child_id: UUID
    version: int
    position: int
    new: bool
    late_days: int | None = None


Outcome = Recorded | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a batch of drafts comes from, beyond its actor. `lines` are by event id.

    `sender` is who sent it, where somebody else tries it again: the actor's rights, the sender's name.
    """

    correlation_id: UUID | None = None
    import_id: UUID | None = None
    file_sha256: str | None = None
    lines: Mapping[UUID, int] | None = None
    sender: Actor | None = None


NOWHERE = Provenance()
_PAIRING = (PairingStarted, CareHandedOver)
# What changes an entry that is there already: the right to it goes by the county that recorded the entry.
_CHANGING = (EventCorrected, EventVoided, RecordFiled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A draft, the version that it names if it is a decision, and the organisation it places the child in."""

    draft: Draft
    based_on: int | None = None
    org: str | None = None


class BatchScope:
    """What the sessions of one transaction share: who and what is known, and the carers as decided so far."""

    def __init__(
        self,
        *,
        carers: Carers,
        organisations: Organisations,
        claims: FailedClaims,
        refuse_types: Callable[[Collection[str]], None],
    ) -> None:
        self._known = carers
        self.refuse_types = refuse_types
        self._orgs: dict[UUID, str | None] = {}
        self.carers: dict[UUID, Carer] = {}
        self.known_org = cache(organisations.known)
        self.known_as = cache(organisations.known_as)
        self.may_claim = cache(claims.refuse)

    def carer(self, carer_id: UUID) -> Carer:
        """Give a carer as the sessions before have left it."""
        if carer_id not in self.carers:
            self.carers[carer_id] = self._known.load(carer_id)
        return self.carers[carer_id]

    def carer_orgs(self, carer_ids: Iterable[UUID]) -> Mapping[UUID, str | None]:
        """Give the organisation of each of these carers; None of one that is not registered."""
        asked = list(carer_ids)
        if unsure := [carer_id for carer_id in asked if carer_id not in self._orgs]:
            self._orgs |= dict.fromkeys(unsure) | dict(self._known.orgs(unsure))
        return {carer_id: self._orgs[carer_id] for carer_id in asked}

    def loaded_orgs(self, carer_ids: Iterable[UUID]) -> Mapping[UUID, str | None]:
        """Give the same as the streams of these carers tell it."""
        found = {carer_id: self.carer(carer_id) for carer_id in carer_ids}
        return {carer_id: carer.org if carer.registered else None for carer_id, carer in found.items()}


class ChildSession:
    """The drafts of one child on their way into a transaction, which it may share with other sessions."""

    def __init__(
        self,
        *,
        stream: Sequence[Event],
        child_id: UUID,
        batch: BatchScope,
        policy: Policy,
        now: datetime,
        actor: Actor,
        provenance: Provenance,
        reused: AbstractSet[UUID],
    ) -> None:
        self._stream = list(stream)
        self._loaded_version = len(self._stream)
        self._by_id = {event.event_id: event for event in self._stream}
        self._limit = DailyLimit(stream, actor=actor, now=now)
        self._batch = batch
        self._policy = policy
        self._now = now
        self._actor = actor
        self._provenance, self._reused = provenance, reused
        self._by = provenance.sender or actor
        self.slots: list[Event] = []
        self.loaded = self.child = fold(child_id, self._stream)

    @property
    def events(self) -> list[Event]:
        """Every new event of the child; those of its carers are the `slots`."""
        return self._stream[self._loaded_version :]

    def take(self, proposal: Proposal, *, unattended: bool) -> Outcome:
        """Decide one draft and, where it stands, put it on the stream."""
        try:
            return self._decided(proposal, unattended=unattended)
        except Refused as refused:
            return refused

    def _decided(self, proposal: Proposal, *, unattended: bool) -> Recorded:
        draft = proposal.draft
        enrolling = isinstance(draft.details, ChildEnrolled)
        if enrolling and self._stream and self._stream[0].type not in care_actions_by_type():
            raise Conflict(Fault(reason=ID_IN_USE))
        placed = self._batch.known_as(proposal.org) if proposal.org else None
        placing = enrolling or isinstance(draft.details, ChildReadmitted | TransferAccepted)
        receiver = self._receiver(draft.details)
        org = (placed or receiver or self.child.org) if placing else self.child.org
        known = self._by_id.get(draft.event_id)
        elsewhere = known is not None and placing and not known.erased and placed not in (None, known.org)
        again = known is not None and not elsewhere and known.same_content(draft)
        if known is not None and again and self._was_said_from_here(known):
            return _recorded(known, new=False, fact=Fact.as_recorded(known))
        if self._stream or enrolling:
            self._require(draft.details, receiver=receiver, org=self.child.org or org)
        if known is not None:
            if not again:
                raise Conflict(Fault(reason=ID_REUSED, pointer="/event_id"))
            return _recorded(known, new=False, fact=self.child.fact(known.event_id))
        if draft.event_id in self._reused:
            raise Conflict(Fault(reason=ID_REUSED, pointer="/event_id"))
        self._limit.refuse(draft.details.TYPE)
        self._batch.refuse_types({draft.details.TYPE})
        decision = care_actions_by_type()[draft.details.TYPE].decision
        if not unattended and (decision or self._stream or enrolling):
            refuse_stale(self.child.version, based_on=proposal.based_on, required=decision)
        if _claims(draft.details):
            self._batch.may_claim(self._actor)
        self._refuse_anothers_past(draft.details)
        by = self._by.name if self._by.principal else None
        decide(self.child, draft, today=local_day(self._now), by=by)
        self._refuse_wrong_place(draft.details, receiver=receiver, org=org)
        self._refuse_unknown_carers(draft)
        event = self._event(draft, org=org)
        child = evolve(self.child, event)
        slots = list(self._changed_slots(before=self.child, after=child, cause=event))
        self._limit.count(draft.details.TYPE)
        self._stream.append(event)
        self._by_id[event.event_id] = event
        self.slots.extend(slots)
        self.child = child
        return _recorded(event, new=True, fact=child.fact(event.event_id))

    def _receiver(self, said: Details) -> str | None:
        """Give the organisation that the child would go to, where the answer of that side is spoken of."""
        if not isinstance(said, TransferAccepted | TransferDeclined):
            return None
        transfer = self.child.transfer(said.transfer)
        return transfer.to if transfer else None

    def _require(self, said: Details, *, receiver: str | None, org: str) -> None:
        """Refuse who may not say this. The receiving side answers a transfer, and nobody else."""
        if receiver is not None and within(org, self._actor.org) and not within(receiver, self._actor.org):
            raise Forbidden(Fault(reason=NOT_ALLOWED, pointer="/type"))
        require(self._actor, Action.SUBMIT, org=receiver or org, event_type=said.TYPE)

    def _was_said_from_here(self, known: Event) -> bool:
        """Tell whether this was recorded while the child was the actor's, who may not know of it any more.

        Then what it sends again is there, and it is told nothing beyond that. Raises `Forbidden`.
        """
        if within(self.child.org, self._actor.org) or not within(known.org, self._actor.org):
            return False
        require(self._actor, Action.SUBMIT, org=known.org, event_type=known.type)
        return True

    def _refuse_anothers_past(self, said: Details) -> None:
        """Refuse to change what another county recorded: to have the file is no right over its past."""
        fact = self.child.fact(said.target) if isinstance(said, _CHANGING) else None
        if fact is None or county_of(fact.event.org) == county_of(self.child.org):
            return
        if not within(fact.event.org, self._actor.org):
            raise Forbidden(Fault(reason=OF_ANOTHER_COUNTY, pointer="/details/target"))

    def _refuse_wrong_place(self, said: Details, *, receiver: str | None, org: str) -> None:
        """Refuse a move without a transfer, to where there is nothing, or beside what was proposed."""
        if isinstance(said, ChildReadmitted) and org != self.child.org:
            raise Conflict(Fault(reason=BY_TRANSFER, pointer="/org"))
        if isinstance(said, TransferProposed) and not self._batch.known_org(said.to):
            raise invalid(UNKNOWN_ORG, "/details/to")
        if isinstance(said, TransferAccepted) and not within(org, receiver or ""):
            raise invalid(NOT_OF_TRANSFER, "/org")

    def _event(self, draft: Draft, *, org: str) -> Event:
        provenance = self._provenance
        # The store dates nothing earlier than what it has: what is decided here must stand in the same order.
        now = max([self._now, *(e.recorded_at for e in self._stream[-1:] if e.recorded_at)])
        return Event(
            originator_id=self.child.child_id,
            originator_version=self.child.version + 1,
            event_id=draft.event_id,
            occurred=draft.occurred,
            details=draft.details,
            recorded_by=draft.recorded_by,
            late_reason=draft.late_reason,
            org=org,
            metadata=Metadata(
                actor=self._by.name,
                role=self._by.role.value,
                channel=self._by.channel,
                correlation_id=provenance.correlation_id,
                import_id=provenance.import_id,
                file_sha256=provenance.file_sha256,
                line=(provenance.lines or {}).get(draft.event_id),
                principal=self._by.principal,
                key=self._by.key,
            ),
            written_on=draft.written_on,
            evidence=draft.evidence,
            source_event_id=draft.source_event_id,
            # What was noted later than now says no more than its recording does.
            noted_at=draft.noted_at if draft.noted_at and draft.noted_at < now else None,
            recorded_at=now,
        )

    def _refuse_unknown_carers(self, draft: Draft) -> None:
        """Refuse carers whom nobody knows, or of whom the actor or the child's county may know nothing."""
        said, at, there = draft, "", frozenset[UUID]()
        if isinstance(draft.details, EventCorrected):
            said, at = as_corrected(self.child, draft.details), CORRECTED
            fact = self.child.fact(draft.details.target)
            there = frozenset(fact.action.carers(fact.details)) if fact else there
        named = {carer: f"{at}{pointer}" for carer, pointer in carers_of(said) if carer not in there}
        # Whoever is paired is loaded anyhow: so its own stream says where it lies, not a row beside it.
        known = self._batch.loaded_orgs if isinstance(said.details, _PAIRING) else self._batch.carer_orgs
        orgs, counties = known(named), self.child.counties
        missing = [c for c, org in orgs.items() if not in_reach(org, actor=self._actor, counties=counties)]
        if missing:
            raise AtOdds(*(Fault(reason=UNKNOWN_CARER, pointer=named[c]) for c in missing))

    def _changed_slots(self, *, before: Child, after: Child, cause: Event) -> Iterator[Event]:
        """Give what the child's pairings now ask of the carers. Raises `Conflict` over capacity."""
        if after.pairings is before.pairings:
            return
        old = {p.event_id: p for p in before.pairings}
        new = {p.event_id: p for p in after.pairings}
        carers: dict[UUID, Carer] = {}
        for pairing, released in _differing(old, new):
            slot = _slot(pairing, child=after.child_id, released=released)
            carer = carers.get(pairing.carer) or self._batch.carer(pairing.carer)
            carer.refuse_overload(slot, capacity=self._policy.capacity)
            event = self._slot_event(carer, slot, cause=cause)
            carers[pairing.carer] = evolve_carer(carer, event)
            yield event
        self._batch.carers.update(carers)

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
            ),
        )


def in_reach(org: str | None, *, actor: Actor, counties: Collection[str]) -> bool:
    """Tell whether a carer of `org` may be named by an actor, of a child or an activity of some counties.

    None is nobody's organisation.
    """
    return org is not None and county_of(org) in counties and may_name(actor, org)


def _claims(said: Details) -> bool:
    """Tell whether a number may become the child's by this."""
    if isinstance(said, EventCorrected):
        return any(name in NUMBERS for name in said.fields.get("details") or ())
    return isinstance(said, ChildEnrolled)


def _differing(old: Mapping[UUID, Pairing], new: Mapping[UUID, Pairing]) -> Iterator[tuple[Pairing, bool]]:
    """Give the pairings that a carer loses (as they were, and True), and those new or changed."""
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


def _recorded(event: Event, *, new: bool, fact: Fact | None = None) -> Recorded:
    return Recorded(
        event_id=event.event_id,
        child_id=event.originator_id,
        version=event.originator_version,
        position=event.position or 0,
        new=new,
        late_days=fact.late_days if fact is not None else None,
    )
