"""One carer's file as its stream tells it."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.choices import VettingResult
from domain.ledger.facts import Facts, view
from domain.streams.carer_files.leave import CarerBack, CarerOnLeave
from domain.streams.carer_files.opened import CarerFileOpened
from domain.streams.carer_files.trained import CarerTrained, TrainedAs
from domain.streams.carer_files.vetted import CarerVetted


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetting:
    """The last vetting."""

    result: VettingResult
    asked_by: str
    vetted_on: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A training."""

    day: date
    topic: str
    minutes: int
    trained_as: TrainedAs
    provider: str | None
    certificate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A leave, from when until before when."""

    leave: UUID
    since: date
    until: date | None
    deputy: UUID | None


@dataclass(frozen=True, kw_only=True)
class CarerFile(Facts):
    """Who is fit to care for children, has learned what, and is there."""

    @view(CarerFileOpened)
    def carer(self) -> UUID | None:
        """Whose file it is."""
        return next((said.carer for _, said in self.of(CarerFileOpened)), None)

    @view(CarerVetted)
    def vetting(self) -> Vetting | None:
        """How the carer was vetted last."""
        last = self.last(CarerVetted)
        if last is None:
            return None
        said = last.details
        return Vetting(result=said.result, asked_by=said.asked_by, vetted_on=last.day, valid_to=said.valid_to)

    @view(CarerTrained)
    def trainings(self) -> tuple[Training, ...]:
        """The trainings, in the order of their days."""
        return tuple(
            Training(
                day=fact.day,
                topic=said.topic,
                minutes=said.minutes,
                trained_as=said.trained_as,
                provider=said.provider,
                certificate=said.certificate,
            )
            for fact, said in self.of(CarerTrained)
        )

    @view(CarerOnLeave, CarerBack)
    def leaves(self) -> tuple[Leave, ...]:
        """The leaves, in the order of their days; whoever came back earlier than foreseen is back."""
        found: list[Leave] = []
        for fact in self.of_any(CarerOnLeave, CarerBack):
            if isinstance(fact.details, CarerOnLeave):
                said = fact.details
                found.append(Leave(leave=fact.event_id, since=fact.day, until=said.until, deputy=said.deputy))
            elif found and (found[-1].until is None or fact.day < found[-1].until):
                found[-1] = replace(found[-1], until=fact.day)
        return tuple(found)
