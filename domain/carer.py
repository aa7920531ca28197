"""The carer: who looks after children, and how many at once.

Its stream holds a slot for every pairing, so that two pairings racing for the last place are decided
by this one stream.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import reduce
from typing import ClassVar
from uuid import UUID

from domain.choices import CarerKind
from domain.event import Details, Event
from domain.fields import described
from domain.normal import normal_name, normal_number
from domain.refusal import Reason, conflict

CAPACITY_EXCEEDED = Reason(
    code="capacity_exceeded",
    zh="该帮扶人同时结对的儿童已达上限",
    en="The carer already looks after as many children as allowed at that time.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerRegistered(Details):
    """Who the carer is. A later registration replaces what the earlier one said."""

    TYPE: ClassVar[str] = "carer_registered"

    name: str = described("姓名", "Name", personal=True, max_length=50, normal=normal_name)
    staff_no: str | None = described(
        "工号", "Staff number", personal=True, max_length=32, default=None, normal=normal_number
    )
    phone: str | None = described("电话", "Telephone", personal=True, max_length=32, default=None)
    capacity: int | None = described(
        "最多结对人数", "Most children at once", minimum=1, maximum=1000, default=None
    )


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


EVENT_TYPES: tuple[type[Details], ...] = (CarerRegistered, PairingSlotChanged)

# The names of a carer, each with the UTC moment from which it was known, in the order of their recording.
Called = tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, kw_only=True)
class Carer:
    """One carer as its stream tells it. `slots` are the pairings that stand, by event id of their start."""

    carer_id: UUID
    version: int = 0
    org: str = ""
    registered: CarerRegistered | None = None
    slots: Mapping[UUID, PairingSlotChanged] = field(default_factory=dict)

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
    """Say how many are allowed, and by what: the carer's own registration, or the policy for the kind."""
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
    return reduce(evolve, events, Carer(carer_id=carer_id))


def names_of(events: Iterable[Event]) -> Called:
    """Give the names that a carer's stream tells, in order of version."""
    return tuple(
        (event.recorded_at, event.details.name)
        for event in events
        if isinstance(event.details, CarerRegistered) and event.recorded_at is not None
    )


def name_at(called: Called, moment: datetime) -> str | None:
    """Give the name that was known at a moment; before the first one, the first. None where there is none."""
    known = [name for since, name in called if since <= moment]
    return known[-1] if known else next((name for _, name in called), None)


def evolve(carer: Carer, event: Event) -> Carer:
    """Give the carer after one more event."""
    carer = replace(carer, version=event.originator_version, org=event.org)
    match event.details:
        case CarerRegistered():
            return replace(carer, registered=event.details)
        case PairingSlotChanged(released=True):
            gone = event.details.pairing
            return replace(carer, slots={k: v for k, v in carer.slots.items() if k != gone})
        case PairingSlotChanged():
            return replace(carer, slots={**carer.slots, event.details.pairing: event.details})
    return carer
