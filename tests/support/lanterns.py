"""A kind of stream that nobody will ever need: a lantern that is hung up, lit and looked after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_corrected import EVENT_TYPE as CORRECTION
from domain.ledger.event_type import EventType
from domain.ledger.event_voided import EVENT_TYPE as VOIDING
from domain.ledger.facts import Facts, view
from domain.ledger.kind import Checks, StreamKind
from domain.refusal import Fault, Reason, Text, at_odds

NOT_LIT = Reason(code="lantern_not_lit", zh="灯未点亮", en="The lantern is not lit.")
TAKEN_DOWN = Reason(code="lantern_taken_down", zh="灯已取下", en="The lantern hangs no more.")


class Colour(Choice):
    """What colour a lantern is."""

    RED = "red", "红", "red"
    WHITE = "white", "白", "white"


@dataclass(frozen=True, slots=True)
class Shines:
    """An effect: whether the lantern gives light from then on."""

    bright: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LanternHung(Details):
    """A lantern is hung up: what opens the stream."""

    TYPE: ClassVar[str] = "lantern_hung"

    colour: Colour = described("颜色", "Colour")
    place: str = described("地点", "Place", max_length=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanternLit(Details):
    """Somebody lights it."""

    TYPE: ClassVar[str] = "lantern_lit"

    wick: int = described("灯芯", "Wick (mm)", minimum=1, maximum=50)
    note: str | None = described("说明", "Note", default=None)
    keepers: tuple[UUID, ...] = described("看护人", "Keepers", max_length=3, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class LanternSnuffed(Details):
    """Somebody puts it out."""

    TYPE: ClassVar[str] = "lantern_snuffed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LanternNoted(Details):
    """What there was to say of a lighting, written down later."""

    TYPE: ClassVar[str] = "lantern_noted"

    target: UUID = described("记录", "Lighting (event id)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LanternSealed(Details):
    """A seal is put on it, for ever."""

    TYPE: ClassVar[str] = "lantern_sealed"


@dataclass(frozen=True, kw_only=True)
class Lantern(Facts):
    """One lantern as its stream tells it."""

    @view(LanternHung)
    def colour(self) -> Colour | None:
        """What colour it is."""
        return next((said.colour for _, said in self.of(LanternHung)), None)

    @view(Shines)
    def shining(self) -> bool:
        """Whether it gives light now."""
        effects = [fact.event_type.effect(Shines) for fact in self.having(Shines)]
        return bool(effects) and effects[-1] == Shines(bright=True)

    @view("lantern_sealed")
    def seals(self) -> int:
        """How many seals there are."""
        return len(list(self.of("lantern_sealed")))

    @view(colour, shining)
    def glow(self) -> Colour | None:
        """The colour of its light, if there is any."""
        return self.colour if self.shining else None

    @view("lantern_lit")
    def noted(self) -> tuple[UUID, ...]:
        """The lightings of which something was written down, at once or later."""
        return tuple(fact.event_id for fact, _ in self.of("lantern_lit") if fact.has_record)


def _lit(new_event: NewEvent, known: Lantern) -> Iterator[Fault]:
    assert isinstance(new_event.details, LanternNoted)
    if known.fact(new_event.details.target) is None:
        yield Fault(reason=NOT_LIT, pointer="/details/target")


def _admits(lantern: Lantern, new_event: NewEvent, *, corrected: bool) -> Iterator[Fault]:
    if lantern.seals and not corrected and new_event.occurred.day > date(2026, 12, 1):
        raise at_odds(TAKEN_DOWN, "/occurred_on")
    return iter(())


def _keepers(said: Any) -> tuple[UUID, ...]:
    return tuple(said.keepers)


KIND = StreamKind(
    name="lantern",
    plural="lanterns",
    label=Text(zh="灯笼", en="Lantern"),
    types=(
        EventType(details=LanternHung, label=Text(zh="挂灯", en="Hung"), settles=lambda _: "lantern"),
        EventType(
            details=LanternLit,
            label=Text(zh="点灯", en="Lit"),
            record="note",
            carers=_keepers,
            effects=(Shines(bright=True),),
        ),
        EventType(
            details=LanternSnuffed, label=Text(zh="熄灯", en="Put out"), effects=(Shines(bright=False),)
        ),
        EventType(details=LanternNoted, label=Text(zh="补记", en="Noted"), files="target", check=_lit),
        EventType(
            details=LanternSealed, label=Text(zh="封灯", en="Sealed"), correctable=False, voidable=False
        ),
        CORRECTION,
        VOIDING,
    ),
    opens=(LanternHung,),
    view=Lantern,
    checks=Checks(admits=_admits),
)
