"""What is true of a child, as values: its days in care, its carers, where it belongs and is to go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain.choices import (
    PEERS,
    CarerKind,
    HowFar,
    HukouType,
    Line,
    Parent,
    ParentStatus,
    Precision,
    Sex,
    Tag,
)
from domain.org import within


class CareSpan(Struct, frozen=True, kw_only=True, gc=False):
    """Days in care, both inclusive; `last` None while it runs."""

    start: date
    last: date | None
    event_id: UUID

    def holds(self, day: date) -> bool:
        """Return whether `day` lies in this span."""
        return self.start <= day and (self.last is None or day <= self.last)


class Pairing(Struct, frozen=True, kw_only=True, gc=False):
    """A carer's interval [start, end) with the child; `event_id` is that of its start."""

    event_id: UUID
    carer: UUID
    kind: CarerKind
    start: date
    end: date | None

    def holds(self, day: date) -> bool:
        """Return whether the pairing is active on `day`."""
        return self.start <= day and (self.end is None or day < self.end)


class Move(Struct, frozen=True, kw_only=True, gc=False):
    """From `day` on the child belongs to `org`; on which line. An empty one is none."""

    day: date
    org: str
    line: Line = Line.SCHOOL


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer as it was proposed, and whether it is still to be decided."""

    event_id: UUID
    to: str
    proposed_on: date
    open: bool
    line: Line = Line.SCHOOL


class ParentTold(Struct, frozen=True, kw_only=True, gc=False):
    """What an entry of a day says of one parent: whether it works away, where, and between which days.

    `away` None says that nobody knows. `left` and `back` are the days that the entry gives, `how_far` and
    `place` what it says of where; None where it doesn't.
    """

    event_id: UUID
    day: date
    parent: Parent
    away: bool | None
    left: date | None = None
    back: date | None = None
    how_far: HowFar | None = None
    place: str | None = None


class StateTold(Struct, frozen=True, kw_only=True, gc=False):
    """How it stands with a parent, by an entry of a day; `status` None where nobody can read it any more."""

    event_id: UUID
    day: date
    parent: Parent
    status: ParentStatus | None
    since: date | None


class Homecoming(Struct, frozen=True, kw_only=True, gc=False):
    """That a parent was or will be at home from a day on; `until` is the last day, None where nobody said."""

    event_id: UUID
    day: date
    parent: Parent
    planned: bool
    until: date | None


class HukouSaid(Struct, frozen=True, kw_only=True, gc=False):
    """The household registration from a day on; None where nobody said, or can read it any more."""

    event_id: UUID
    day: date
    hukou: HukouType | None


class TagsSaid(Struct, frozen=True, kw_only=True, gc=False):
    """The groups of special attention that a child is in from a day on; None where nobody can read them."""

    day: date
    tags: tuple[Tag, ...] | None


class Contact(Struct, frozen=True, kw_only=True, gc=False):
    """A contact as an entry tells of it."""

    event_id: UUID
    type: str
    day: date
    precision: Precision


class Anchor(Struct, frozen=True, kw_only=True, gc=False):
    """From where silence is counted: the last contact or sighting, or the beginning of care.

    `type` is that of the entry; `is_contact` whether it is one, and no beginning of care.
    """

    day: date
    event_id: UUID
    is_contact: bool
    type: str


class Profile(Protocol):
    """Who a child is: what its enrolment said, as changed since."""

    @property
    def birth_date(self) -> date: ...
    @property
    def name(self) -> str: ...
    @property
    def student_no(self) -> str | None: ...
    @property
    def id_number(self) -> str | None: ...
    @property
    def sex(self) -> Sex: ...
    @property
    def hukou_type(self) -> HukouType | None: ...
    @property
    def address(self) -> str | None: ...
    @property
    def tags(self) -> tuple[Tag, ...]: ...


def held_on(spans: Iterable[CareSpan], day: date) -> bool:
    """Return whether a child with these spans is in care on `day`."""
    for span in spans:  # noqa: SIM110  asked of each child of a list, where a generator is three calls more
        if span.holds(day):
            return True
    return False


def org_then(moves: Iterable[Move], day: date) -> str:
    """Return where a child that moved so belonged on `day`; before its first move where that led."""
    first = found = None
    for move in moves:
        first = first or move
        if move.day <= day:
            found = move
    held = found or first
    return held.org if held else ""


def has_carer(pairings: Iterable[Pairing], day: date) -> bool:
    """Return whether somebody looks after a child on a day; another pupil answers for nobody."""
    return any(pairing.holds(day) and pairing.kind not in PEERS for pairing in pairings)


def belongs_to(placed: Iterable[Move], scope: str, day: date | None = None) -> bool:
    """Return whether a child with these places on its lines belongs to `scope` by one of them.

    On `day`, or now. Whoever may read one of its places may read it.
    """
    return any(within(org, scope) for org in places_of(placed, day))


def places_of(placed: Iterable[Move], day: date | None = None) -> tuple[str, ...]:
    """Return where a child belongs on a day, or now, the school first: one place for each line."""
    held: dict[Line, str] = {}
    for move in placed:
        if day is None or move.day <= day:
            held[move.line] = move.org
    return tuple(held[line] for line in Line if held.get(line))


def place_on_line(placed: Iterable[Move], line: Line) -> str:
    """Return where a child belongs on a line, for want of it on the other; empty where that is nowhere."""
    moves = tuple(placed)
    held = {move.line: move.org for move in moves}
    return held.get(line) or next(iter(places_of(moves)), "")


def silent_on(anchor: Anchor | None, spans: Iterable[CareSpan], day: date) -> int | None:
    """Return whole days from the anchor to the end of `day`; None when the child is not in care then."""
    return (day - anchor.day).days if anchor is not None and held_on(spans, day) else None
