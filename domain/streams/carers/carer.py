"""The carer: who looks after children, and how many at once.

Its stream holds a slot for every pairing, so that two pairings racing for the last place are decided
by this one stream.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from domain.choices import CarerKind
from domain.event import Details, Event
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.ledger.facts import BY_VERSION, Facts, fold, view
from domain.normal import normal_number, undotted
from domain.phone import normal_phone
from domain.refusal import Reason, Text, conflict

CAPACITY_EXCEEDED = Reason(
    code="capacity_exceeded",
    zh="该帮扶人同时结对的儿童已达上限",
    en="The carer already looks after as many children as allowed at that time.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerRegistered(Details):
    """Who the carer is. A later registration replaces what the earlier one said."""

    TYPE: ClassVar[str] = "carer_registered"

    name: str = described("姓名", "Name", personal=True, max_length=50, normal=undotted)
    staff_no: str | None = described(
        "工号", "Staff number", personal=True, max_length=32, default=None, normal=normal_number
    )
    phone: str | None = described(
        "电话", "Telephone", personal=True, max_length=32, default=None, normal=normal_phone
    )
    capacity: int | None = described(
        "最多结对人数", "Most children at once", minimum=1, maximum=1000, default=None
    )
    fewest: int | None = described(
        "最少结对人数", "Fewest children at once", minimum=1, maximum=1000, default=None
    )
    home_place: str | None = described("居住地", "Lives in", personal=True, max_length=100, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingSlotChanged(Details):
    """The interval [start, end) of one pairing as it now stands; `released` where it never was."""

    TYPE: ClassVar[str] = "pairing_slot_changed"

    pairing: UUID = described("结对记录", "Pairing (event id of its start)")
    child: UUID = described("儿童", "Child")
    kind: CarerKind = described("结对类型", "Kind of carer")
    start: date = described("开始", "Start")
    end: date | None = described("结束", "End", default=None)
    released: bool = described("已释放", "Released", default=False)


EVENT_TYPES: tuple[EventType, ...] = (
    EventType(details=CarerRegistered, label=Text(zh="登记帮扶人", en="Carer registered")),
    EventType(
        details=PairingSlotChanged,
        label=Text(zh="结对名额变动", en="Pairing slot changed"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
)

# The names of a carer, each with the UTC moment from which it was known, in the order of their recording.
Called = tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, kw_only=True)
class Carer(Facts):
    """One carer as its stream tells it."""

    ORDER = BY_VERSION

    @property
    def carer_id(self) -> UUID:
        """The id of the carer, which is that of its stream."""
        return self.stream_id

    @property
    def org(self) -> str:
        """The organisation that the carer belongs to: that of what was recorded last."""
        return self.latest.event.org if self.latest else ""

    @view(CarerRegistered)
    def registered(self) -> CarerRegistered | None:
        """Who the carer is, as was registered last."""
        fact = self.last(CarerRegistered)
        return fact.details if fact else None

    @view(PairingSlotChanged)
    def slots(self) -> Mapping[UUID, PairingSlotChanged]:
        """The pairings that stand, by event id of their start."""
        changed = {slot.pairing: slot for _, slot in self.of(PairingSlotChanged)}
        return {pairing: slot for pairing, slot in changed.items() if not slot.released}

    def load(self, day: date, *, kind: CarerKind) -> int:
        """Count the children that the carer looks after on `day` in this kind of pairing."""
        return sum(s.kind is kind and _holds(s, day) for s in self.slots.values())

    def refuse_overload(self, slot: PairingSlotChanged, *, capacity: Mapping[CarerKind, int]) -> None:
        """Refuse a slot that would exceed the carer's own capacity, or that of its kind, on any day.

        Raises `Conflict`. The load only rises where a slot starts, or goes on where it ended before, so
        only those days are looked at. What the slot held already is never refused: a carer whose
        capacity was lowered may give children up.
        """
        own = self.registered.capacity if self.registered else None
        limit = own if own is not None else capacity.get(slot.kind)
        if limit is None or slot.released:
            return
        others = [s for s in self.slots.values() if s.kind is slot.kind and s.pairing != slot.pairing]
        held = self.slots.get(slot.pairing)
        if held is not None and held.kind is not slot.kind:
            held = None
        days = {slot.start, *(s.start for s in others), *((held.end,) if held and held.end else ())}
        rising = [d for d in days if _holds(slot, d) and not (held and _holds(held, d))]
        if any(sum(_holds(s, day) for s in others) >= limit for day in rising):
            raise conflict(_over(limit, kind=None if own is not None else slot.kind), "/details/carer")


def _over(limit: int, *, kind: CarerKind | None) -> Reason:
    """Return how many are allowed, and by what: the carer's own registration, or the policy for the kind."""
    if kind is None:
        zh, en = f"登记的最多结对人数为 {limit}", f"registered for {limit} at most"
    else:
        rule = f"policy.toml [capacity] {kind.value} = {limit}"
        zh, en = f"{kind.zh}每人最多 {limit} 名，{rule}", f"a {kind.en} has {limit} at most, {rule}"
    return Reason(
        code=CAPACITY_EXCEEDED.code,
        zh=f"{CAPACITY_EXCEEDED.zh}（{zh}）",
        en=f"{CAPACITY_EXCEEDED.en.rstrip('.')} ({en}).",
    )


def _holds(slot: PairingSlotChanged, day: date) -> bool:
    return slot.start <= day and (slot.end is None or day < slot.end)


def fold_carer(carer_id: UUID, events: Iterable[Event]) -> Carer:
    """Fold a carer's stream, in order of version."""
    return fold(Carer, carer_id, events)


def names_of(events: Iterable[Event]) -> Called:
    """Return the names that a carer's stream tells, in order of version."""
    return tuple(
        (event.recorded_at, event.details.name)
        for event in events
        if isinstance(event.details, CarerRegistered) and event.recorded_at is not None
    )


def name_at(called: Called, moment: datetime) -> str | None:
    """Return the name that was known at a moment; before the first one, the first. None without any."""
    known = [name for since, name in called if since <= moment]
    return known[-1] if known else next((name for _, name in called), None)
