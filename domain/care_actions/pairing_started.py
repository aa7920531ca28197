"""Pairing 结对: a carer takes on one child from a day on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known
from domain.choices import CarerKind
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.reasons import ALREADY_PAIRED
from domain.refusal import Fault, Text


class Domain(Choice):
    """A side of the child's life that a pairing looks after."""

    STUDY = "study", "学习", "study"
    LIFE = "life", "生活", "life"
    THOUGHT = "thought", "思想", "thought"
    HEALTH = "health", "身体", "health"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingStarted(Details):
    """Who is paired with the child, as what. The pairing runs from the day it occurred on."""

    TYPE: ClassVar[str] = "pairing_started"

    carer: UUID = described("结对帮扶人", "Carer", column="结对帮扶人")
    kind: CarerKind = described("结对类型", "Kind of carer", column="结对类型")
    programme: str | None = described("项目", "Programme", max_length=80, default=None)
    domains: tuple[Domain, ...] = described("帮扶方面", "Domains", max_length=4, default=())
    duties: str | None = described("职责", "Duties", personal=True, max_length=1000, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    details = cast("PairingStarted", new_event.details)
    for pairing in child.pairings:
        if pairing.carer == details.carer and (pairing.end is None or new_event.occurred.day < pairing.end):
            yield Fault(reason=ALREADY_PAIRED, pointer="/details/carer")


def _carers(details: PairingStarted) -> tuple[UUID, ...]:
    return (details.carer,)


ACTION = CareAction(
    effects=(Effect.STARTS_PAIRING,),
    details=PairingStarted,
    label=Text(zh="结对", en="Pairing started"),
    check=_check,
    carers=_carers,
    day_column="结对日期",
)
