"""Carers with their children, and children without a carer, as several reports name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.card import Card
from domain.choices import Tag
from domain.org import county_of
from domain.streams.carers.carer import Carer
from projections import pairings
from projections.pairings import Load
from reports.people import children_of
from reports.report import ALL, Asked

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A carer with its load; without what the reader may not know of it."""

    load: Load
    carer: Carer | None

    @property
    def name(self) -> str:
        """What the carer is called."""
        said = self.carer.registered if self.carer else None
        return said.name if said else ""

    @property
    def most(self) -> int | None:
        """The most children that it was registered for."""
        said = self.carer.registered if self.carer else None
        return said.capacity if said else None

    @property
    def fewest(self) -> int | None:
        """The fewest children that it was registered for."""
        said = self.carer.registered if self.carer else None
        return said.fewest if said else None

    @property
    def under(self) -> bool:
        """Whether it has fewer children than that."""
        return self.fewest is not None and self.load.children < self.fewest


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaired:
    """A child without a pairing; `key_target` where it is one of those who must have one."""

    card: Card
    key_target: bool

    @property
    def child_id(self) -> UUID:
        """The id of the child."""
        return self.card.child_id


def carers_known(asked: Asked, ids: Sequence[UUID]) -> Mapping[UUID, Carer]:
    """Return carers by id, those of the county of whoever asks alone: of elsewhere nobody is named."""
    found: dict[UUID, Carer] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = asked.system.carers.load_many(
            ids[start : start + _AT_ONCE], unreadable=asked.reports.unreadable
        )
        found |= {carer.carer_id: carer for carer in some}
    county = county_of(asked.actor.org)
    return {i: carer for i, carer in found.items() if county in ("", county_of(carer.org))}


def carers_of(asked: Asked, org: str) -> Mapping[UUID, Carer]:
    """Return the carers of an organisation and all below it by id, as `carers_known` does."""
    return carers_known(asked, asked.system.carers.ids(actor=asked.actor, org=org, limit=ALL))


def without_carer(asked: Asked, day: date) -> list[Unpaired]:
    """Return the children in care without a pairing on a day, those who must have one first."""
    ids = pairings.unpaired(asked.system.database, org=asked.org, day=day)
    cards = children_of(asked, ids)
    rows = [Unpaired(card=cards[i], key_target=_is_key(cards[i], day)) for i in ids if i in cards]
    return sorted(rows, key=lambda x: not x.key_target)


def _is_key(card: Card, day: date) -> bool:
    said = [each.tags or () for each in card.tags_said if each.day <= day]
    return bool(said) and Tag.KEY_TARGET in said[-1]
