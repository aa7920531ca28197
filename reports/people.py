"""The children whom reports and pages are about, as far as the reader may know them by now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from application.access import Actor
from application.children.finding import NameFound
from application.reports.lines import name_of, student_no_of
from application.visibility import Purpose, Relation, Sensitivity, visible
from domain.card import Card
from domain.case_no import case_no_of
from domain.child import Child
from reports.report import Asked

AT_ONCE = 500
_CALLED = dict.fromkeys(("name", "student_no"), Sensitivity.PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What a page calls a child; empty where it has no such thing, or the actor is not shown it."""

    child_id: UUID
    case_no: str
    name: str
    student_no: str
    org: str
    former_name: str = ""


def called(child: Child, *, actor: Actor) -> Called:
    """Return what a page that the actor looks at calls a child."""
    said = Called(
        child_id=child.child_id,
        case_no=case_no_of(child.child_id),
        name=name_of(child),
        student_no=student_no_of(child),
        org=child.org,
    )
    return _shown(said, actor=actor)


def called_so(found: NameFound, *, actor: Actor) -> Called:
    """Do the same for a child that was found by its name; with the former one where that answers."""
    said = Called(
        child_id=found.child_id,
        case_no=found.case_no,
        name=found.name,
        student_no=found.student_no or "",
        org=found.org,
        former_name=found.former_name or "",
    )
    return _shown(said, actor=actor)


def _shown(said: Called, *, actor: Actor) -> Called:
    """Return it without what the actor is not shown."""
    shown = visible(_CALLED, actor, Relation.WITHIN, Purpose.ANSWER)
    if "name" not in shown:
        said = replace(said, name="", former_name="")
    return said if "student_no" in shown else replace(said, student_no="")


def children_of(asked: Asked, ids: Collection[UUID]) -> Mapping[UUID, Card]:
    """Return those of some children that the reader may see, by id; who can't be read is left out."""
    wanted = list(dict.fromkeys(ids))
    found = (
        card
        for start in range(0, len(wanted), AT_ONCE)
        for _, card in asked.system.cards.of(
            wanted[start : start + AT_ONCE], unreadable=asked.reports.unreadable
        )
    )
    return {child.child_id: child for child in found if child.belongs_to(asked.actor.org)}


def name_in(children: Mapping[UUID, Card], child_id: UUID | None) -> str:
    """Return the name of a child; empty where it is not to be known."""
    child = children.get(child_id) if child_id is not None else None
    return (child.name or "") if child is not None else ""
