"""Where a row of the form says something else than what is recorded of the child."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from application.intake.imports.roster_form import (
    ADDRESS,
    BOARDING,
    BORN,
    CARER,
    CARER_KIND,
    CLASS,
    ENROLLED_ON,
    ETHNICITY,
    GRADE,
    GUARDIAN_COLUMNS,
    HEALTH,
    ID_NUMBER,
    NAME,
    NUMBER,
    PAIRED_ON,
    PARENT_COLUMNS,
    SEX,
    ChildOnPaper,
    PairingOnPaper,
    RosterRow,
)
from domain.child import Child
from domain.normal import normal_name, normal_number

_NAMES = (NAME, CARER, GUARDIAN_COLUMNS[0], *(columns[0] for columns in PARENT_COLUMNS.values()))
_NORMAL: Mapping[str, Callable[[str], str]] = {
    NUMBER: normal_number,
    ID_NUMBER: normal_number,
    **dict.fromkeys(_NAMES, normal_name),
}


def differing_columns(
    row: RosterRow, said: ChildOnPaper, child: Child, *, school: str, names: Mapping[UUID, str]
) -> tuple[str, ...]:
    """Give the columns, in the order of the form, whose cells differ from what is recorded.

    Columns that the form leaves out are not compared. `names` are those of the child's carers.
    """
    recorded = dict(_recorded(child, school=school, said=said.pairing, names=names))
    on_paper = dict(_on_paper(said))
    return tuple(c for c in row.cells if _normal(c, on_paper.get(c)) != _normal(c, recorded.get(c)))


def _normal(column: str, value: object) -> object:
    """Give what counts of a cell: of a number or a name its normal form."""
    return _NORMAL[column](value) if isinstance(value, str) and column in _NORMAL else value


def _on_paper(said: ChildOnPaper) -> Iterator[tuple[str, object]]:
    yield from _profile(said.profile)
    yield from _unit(said.unit)
    yield ENROLLED_ON, said.enrolled_on
    for parent in said.parents:
        yield from _parent(parent)
    yield from _guardian(said.guardian)
    if said.pairing is not None:
        yield from _pairing(said.pairing)


def _recorded(
    child: Child, *, school: str, said: PairingOnPaper | None, names: Mapping[UUID, str]
) -> Iterator[tuple[str, object]]:
    yield from _profile(child.profile)
    yield from _unit(child.org.removeprefix(school).removeprefix("/"))
    yield ENROLLED_ON, child.enrolment.day if child.enrolment else None
    for parent in child.parents.values():
        yield from _parent(parent)
    yield from _guardian(child.guardian)
    pairings = [
        PairingOnPaper(carer=names.get(p.carer, ""), kind=p.kind, day=p.start) for p in child.pairings
    ]
    # A pairing that has ended since is still what the form says of its beginning.
    if said in pairings:
        yield from _pairing(said)
    elif pairings:
        yield from _pairing(pairings[-1])


def _profile(profile: object) -> Iterator[tuple[str, object]]:
    names = {
        NUMBER: "student_no",
        NAME: "name",
        SEX: "sex",
        ETHNICITY: "ethnicity",
        BORN: "birth_date",
        ID_NUMBER: "id_number",
        BOARDING: "boarding",
        ADDRESS: "address",
        HEALTH: "health",
    }
    for column, name in names.items():
        yield column, getattr(profile, name, None)


def _unit(unit: str) -> Iterator[tuple[str, object]]:
    grade, _, group = unit.partition("/")
    yield GRADE, grade
    yield CLASS, group


def _parent(said: Any) -> Iterator[tuple[str, object]]:
    name, away, place, phone = PARENT_COLUMNS[said.parent]
    yield from ((name, said.name), (away, said.away), (place, said.place), (phone, said.phone))


def _guardian(said: Any) -> Iterator[tuple[str, object]]:
    for column, name in zip(GUARDIAN_COLUMNS, ("name", "relation", "phone", "address"), strict=True):
        yield column, getattr(said, name, None)


def _pairing(said: PairingOnPaper | None) -> Iterator[tuple[str, object]]:
    if said is not None:
        yield from ((CARER, said.carer), (CARER_KIND, said.kind), (PAIRED_ON, said.day))
