"""Who looks after a child at home, beside its legal guardians, as far as anybody said so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.child import Child
from domain.choices import GuardianKind
from domain.effects import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerAtHome:
    """Somebody who looks after the child at home from a day on; `event_id` is where that was said."""

    event_id: UUID
    name: str | None
    relation: str | None
    kind: GuardianKind | None
    start: date


def care_at_home(child: Child, /) -> tuple[CarerAtHome, ...] | None:
    """Return who looks after the child at home; None where nobody has said who does.

    That is its guardian as long as it is not said to be a legal one, for in law the parents stay that while
    they are away. An empty tuple would say that nobody does, which no entry can say yet.
    """
    return tuple(_designated(child)) or None


def _designated(child: Child) -> Iterator[CarerAtHome]:
    for fact in child.having(Effect.NAMES_GUARDIAN)[-1:]:
        said = fact.details
        if said.kind is not GuardianKind.LEGAL:
            yield CarerAtHome(
                event_id=fact.event_id,
                name=said.name,
                relation=said.relation,
                kind=said.kind,
                start=fact.day,
            )
