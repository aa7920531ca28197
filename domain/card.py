"""The card of a child: what lists show of its file, in one value that can be kept beside the log.

A card says nothing that depends on the day on which it is read. Silence, care, pairings and the watch of a
day are worked out from it by the same functions as from the child itself.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from domain.care_views import (
    Anchor,
    CareSpan,
    Contact,
    Homecoming,
    HukouSaid,
    Move,
    Pairing,
    ParentTold,
    StateTold,
    TagsSaid,
    belongs_to,
    held_on,
    org_then,
    silent_on,
)
from domain.catalogue import care_actions_by_type
from domain.child import Child
from domain.event import Event
from domain.family import CarerAtHome, care_at_home
from domain.ledger.contradictions import Contradiction, contradictions
from domain.ledger.fact import Fact
from domain.org import county_of
from domain.reasons_to_visit import OpenReason
from domain.wire import to_wire

# Counts changes of what a card says of the same events; a change of its fields, or of types, is seen without.
EDITION = 2


class Card(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A child as its whole file tells it, up to the event of `version`.

    `last_day` is the latest day of any entry, None where there is none. `shown` is what types show of
    themselves, in words, by the names under which they do. An `erased` one has lost its personal fields.
    """

    child_id: UUID
    version: int
    recorded_at: datetime
    last_day: date | None
    erased: bool
    name: str | None
    student_no: str | None
    transfer_to: str | None
    anchor: Anchor | None
    unseen_anchor: Anchor | None
    last_contact: Contact | None
    last_sighting: Contact | None
    spans: tuple[CareSpan, ...]
    placed: tuple[Move, ...]
    moves: tuple[Move, ...]
    pairings: tuple[Pairing, ...]
    parents_told: tuple[ParentTold, ...]
    states_told: tuple[StateTold, ...]
    homecomings: tuple[Homecoming, ...]
    hukou_said: tuple[HukouSaid, ...]
    born: date | None
    address: str | None
    tags_said: tuple[TagsSaid, ...]
    reasons_to_visit: tuple[OpenReason, ...]
    care_at_home: tuple[CarerAtHome, ...] | None
    contradictions: tuple[Contradiction, ...]
    profile: dict[str, Any] | None
    shown: dict[str, list[dict[str, Any]]]
    merged_into: UUID | None

    @property
    def org(self) -> str:
        """The path of the organisation that the child belongs to."""
        return self.moves[-1].org if self.moves else ""

    @property
    def orgs(self) -> tuple[str, ...]:
        """Every organisation that the child ever belonged to."""
        return tuple(dict.fromkeys([move.org for move in self.moves]))

    @property
    def counties(self) -> frozenset[str]:
        """Every county that the child ever belonged to."""
        return frozenset(map(county_of, self.orgs))

    def belongs_to(self, scope: str) -> bool:
        """Return whether the child belongs to a subtree now, by one of its lines."""
        return belongs_to(self.placed, scope)

    def in_care(self, day: date) -> bool:
        """Return whether the child is in care on `day`."""
        return held_on(self.spans, day)

    def org_on(self, day: date) -> str:
        """Return the organisation that the child belonged to on `day`; before its first the first."""
        return org_then(self.moves, day)

    def days_silent(self, day: date) -> int | None:
        """Return whole days from the anchor to the end of `day`; None when not in care then."""
        return silent_on(self.anchor, self.spans, day)

    def days_child_unseen(self, day: date) -> int | None:
        """Return whole days since somebody saw the child to the end of `day`; None when not in care then."""
        return silent_on(self.unseen_anchor, self.spans, day)


encoded = msgspec.msgpack.Encoder().encode
decoded = msgspec.msgpack.Decoder(Card).decode


def card_of(child: Child, *, last: Event) -> Card:
    """Write the card of a child as it was folded of its file up to the `last` event of it."""
    assert last.recorded_at is not None, "what was read has been recorded"
    contact, sighting, profile = child.last_contact, child.last_sighting, child.profile
    return Card(
        child_id=child.child_id,
        version=child.version,
        recorded_at=last.recorded_at,
        last_day=max((entry.day for entry in child.entries), default=None),
        erased=last.erased,
        name=profile.name if profile else None,
        student_no=profile.student_no if profile else None,
        transfer_to=next((each.to for each in child.transfers if each.open), None),
        anchor=child.anchor,
        unseen_anchor=child.unseen_anchor,
        last_contact=_contact(contact) if contact else None,
        last_sighting=_contact(sighting) if sighting else None,
        spans=child.spans,
        placed=child.placed,
        moves=child.moves,
        pairings=child.pairings,
        parents_told=child.parents_told,
        states_told=child.states_told,
        homecomings=child.homecomings,
        hukou_said=child.hukou_said,
        born=child.born,
        address=child.address,
        tags_said=child.tags_said,
        reasons_to_visit=child.reasons_to_visit,
        care_at_home=care_at_home(child),
        contradictions=contradictions(child),
        profile=to_wire(profile) if profile else None,
        shown=_shown(child),
        merged_into=child.merged_into,
    )


@cache
def edition() -> str:
    """Return what tells cards apart that this program would write otherwise, or could not read."""
    shape = msgspec.json.encode(msgspec.json.schema(Card), order="sorted")
    types = "\n".join(
        f"{name} {sorted(map(str, action.effects))} {action.shows and action.shows.name}"
        for name, action in sorted(care_actions_by_type().items())
    )
    return sha256(b"%d\n%b\n%b" % (EDITION, shape, types.encode())).hexdigest()[:16]


def _contact(fact: Fact) -> Contact:
    return Contact(event_id=fact.event_id, type=fact.type, day=fact.day, precision=fact.occurred.precision)


def _shown(child: Child) -> dict[str, list[dict[str, Any]]]:
    """Write what types show of themselves."""
    shows = (action.shows for action in care_actions_by_type().values())
    return {each.name: [to_wire(held) for held in each.holding(child)] for each in shows if each is not None}


def held(card: Card) -> Mapping[str, list[dict[str, Any]]]:
    """Return what types show of themselves in a card, each as it is answered."""
    return {
        action.shows.name: [
            {**action.shows.first(msgspec.convert(words, type=action.details), card.shown), **words}
            for words in card.shown[action.shows.name]
        ]
        for action in care_actions_by_type().values()
        if action.shows is not None
    }
