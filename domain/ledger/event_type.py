"""What it takes to be a type of event on any stream: its details, its label, and what may become of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.refusal import Fault, Reason, Text, refuses

E = TypeVar("E")
# In the class below `type` is the name of a type of event.
EffectKind: TypeAlias = type[E]


@refuses()
def _no_checks(_new_event: NewEvent, _known: Any) -> Iterator[Fault]:
    return iter(())


def _no_carers(_details: Any) -> tuple[UUID, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """A word that one stream has to itself: in a series, in its school or unit or everywhere.

    It is refused to others for `reason`.
    """

    series: str
    word: str
    reason: Reason
    within_org: bool = True


def _nothing_alone(_details: Any) -> Mapping[str, Alone]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """A type of event.

    `decision` types name the version they were based on. `on_own_route` types are not submitted through
    the events route; `derived` ones by nobody: the ledger records them itself. `record` names the field
    that holds what was said and seen, `files` the field with the event id of an entry whose record this one
    supplies. `corrects` gives the entry that one of this type corrects, with the fields that change (see
    `domain.ledger.corrections`), and `voids` the entry that it voids; None is the one that opened the stream.
    `settles` names the topic on which the fields of an entry hold until a later entry says otherwise.
    `carers` gives the carers that an entry speaks of. `effects` declare what an entry changes beyond itself.
    `approved` names the field that says who approved of it: never its recorder. `check` finds faults of a
    new event against what is known of its stream. `alone` gives what no other stream may say as well, by JSON
    pointers; such an entry can't be corrected.
    """

    details: type[Details]
    label: Text
    decision: bool = False
    on_own_route: bool = False
    derived: bool = False
    correctable: bool = True
    voidable: bool = True
    record: str | None = None
    files: str | None = None
    corrects: Callable[[Any], tuple[UUID | None, Mapping[str, Any]]] | None = None
    voids: Callable[[Any], UUID | None] | None = None
    settles: Callable[[Any], str] | None = None
    carers: Callable[[Any], tuple[UUID, ...]] = _no_carers
    effects: tuple[Hashable, ...] = ()
    approved: str | None = None
    check: Callable[[NewEvent, Any], Iterator[Fault]] = _no_checks
    alone: Callable[[Any], Mapping[str, Alone]] = _nothing_alone

    def __post_init__(self) -> None:
        """Make the declaration known to `declared`."""
        DECLARED.setdefault(self.details, self)

    @property
    def type(self) -> str:
        """The one name of this type."""
        return self.details.TYPE

    @property
    def changes_others(self) -> bool:
        """Whether such an entry changes how another one stands: it corrects or voids it."""
        return self.corrects is not None or self.voids is not None

    @property
    def has_to_itself(self) -> bool:
        """Whether such an entry may say what no other stream may say as well."""
        return self.alone is not _nothing_alone

    @property
    def names_carers(self) -> bool:
        """Whether such an entry says who carried it out."""
        return self.carers is not _no_carers

    def is_contact(self, _details: Any, *, has_record: bool) -> bool:  # what a subclass goes by
        """Return whether such an entry reaches the subject of its stream."""
        return False

    def is_sighting(self, _details: Any, *, has_record: bool) -> bool:  # what a subclass goes by
        """Return whether the subject of its stream was met by it, face to face."""
        return False

    def effect(self, kind: EffectKind[E]) -> E | None:
        """Return the declared effect of a kind, or None."""
        return next((effect for effect in self.effects if isinstance(effect, kind)), None)

    def has(self, effect: object) -> bool:
        """Return whether an effect is declared: one of this kind, where a class is asked for."""
        if isinstance(effect, type):
            return self.effect(effect) is not None
        return effect in self.effects


# By the class of its details; see `declared`.
DECLARED: dict[type[Details], EventType] = {}


def declared(details: type[Details]) -> EventType:
    """Return the declaration of a details class, which stands in the module of that class."""
    return DECLARED[details]


def has_effect(details: Details, effect: object) -> bool:
    """Return whether the type of some details declares an effect; see `EventType.has`."""
    return DECLARES[type(details), effect]


class _Declares(dict[tuple[type[Details], object], bool]):
    def __missing__(self, pair: tuple[type[Details], object]) -> bool:
        details, effect = pair
        found = self[pair] = declared(details).has(effect)
        return found


# Whether a details class declares an effect, by both; each pair is worked out once.
DECLARES = _Declares()
