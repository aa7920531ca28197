"""Who looks after a child at home, beside its legal guardians, as far as anybody said so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.child import Child
from domain.choices import GuardianKind
from domain.effects import Effect
from domain.ledger.fact import Fact
from domain.told import standing


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
    they are away, and whoever else was said to look after it. The tuple is empty where all of them ended.
    """
    arranged = child.having(Effect.ARRANGES_CARE)
    found = (*_designated(child), *_arranged(child, arranged))
    return found if found or arranged else None


def _arranged(child: Child, arranged: Sequence[Fact]) -> Iterator[CarerAtHome]:
    over = {fact.details.arrangement for fact in child.having(Effect.ENDS_ARRANGED_CARE)}
    for fact in arranged:
        if fact.event_id not in over:
            said = fact.details
            yield CarerAtHome(
                event_id=fact.event_id, name=said.name, relation=said.relation, kind=None, start=fact.day
            )


def _designated(child: Child) -> Iterator[CarerAtHome]:
    for fact, said in [*standing(child, Effect.NAMES_GUARDIAN)][-1:]:
        if said.kind is not GuardianKind.LEGAL:
            yield CarerAtHome(
                event_id=fact.event_id,
                name=said.name,
                relation=said.relation,
                kind=said.kind,
                start=fact.day,
            )
