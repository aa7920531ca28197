"""Where a row of the form says something else than what is recorded of the child."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from application.intake.imports.census import Section
from application.intake.imports.roster_form import CLASS, DEPENDING, ENROLMENT, GRADE, ChildOnPaper, RosterRow
from domain.child import Child
from domain.effects import Effect
from domain.normal import normal_name


def differing_columns(
    row: RosterRow, said: ChildOnPaper, child: Child, *, school: str, names: Mapping[UUID, str]
) -> tuple[str, ...]:
    """Return the columns, in the order of the form, whose cells differ from what is recorded.

    Columns that the form leaves out are not compared. `names` are those of the child's carers.
    """
    on_paper = dict(_on_paper(said))
    recorded = dict(_recorded(child, on_paper, school=school, names=names))
    return tuple(c for c in row.cells if _normal(c, on_paper.get(c)) != _normal(c, recorded.get(c)))


def _on_paper(said: ChildOnPaper) -> Iterator[tuple[str, object]]:
    yield from _unit(said.unit)
    for entry in said.entries:
        yield from entry.by_column()


def _recorded(
    child: Child, on_paper: Mapping[str, object], *, school: str, names: Mapping[UUID, str]
) -> Iterator[tuple[str, object]]:
    yield from _unit(child.org.removeprefix(school).removeprefix("/"))
    yield from _by_column(ENROLMENT, child.profile, child.enrolment.day if child.enrolment else None)
    for section in DEPENDING:
        if section.action.has(Effect.STARTS_PAIRING):
            yield from _pairing(section, child, on_paper, names)
        else:
            yield from _latest(section, child)


def _latest(section: Section, child: Child) -> Iterator[tuple[str, object]]:
    """Go through what the latest entry of a section says."""
    for fact, details in reversed([*child.of(section.action.details)]):
        if section.is_of(details):
            yield from _by_column(section, details, fact.day)
            return


def _pairing(
    section: Section, child: Child, on_paper: Mapping[str, object], names: Mapping[UUID, str]
) -> Iterator[tuple[str, object]]:
    """Go through the pairing that the form means: as it says, or else the last one."""
    pairings = [
        {
            section.columns["carer"]: names.get(pairing.carer, ""),
            section.columns["kind"]: pairing.kind,
            section.day_column: pairing.start,
        }
        for pairing in child.pairings
    ]
    # A pairing that has ended since is still what the form says of its beginning.
    said = {column: on_paper.get(column) for column in section.titles}
    meant = said if said in pairings else pairings[-1] if pairings else {}
    yield from ((column, value) for column, value in meant.items() if column is not None)


def _by_column(section: Section, details: object, day: object) -> Iterator[tuple[str, object]]:
    for name, column in section.columns.items():
        yield column, getattr(details, name, None)
    if section.day_column is not None:
        yield section.day_column, day


def _unit(unit: str) -> Iterator[tuple[str, object]]:
    grade, _, group = unit.partition("/")
    yield GRADE, grade
    yield CLASS, group


def _normal(column: str, value: Any) -> Any:
    """Return what counts of a cell: of a number or a name its normal form."""
    return _NORMAL[column](value) if isinstance(value, str) and column in _NORMAL else value


def _normal_forms() -> Iterator[tuple[str, Callable[[str], str]]]:
    for section in (ENROLMENT, *DEPENDING):
        for field, _ in section.fields:
            normal = normal_name if field.base is UUID else field.spec.normal
            if normal is not None:
                yield section.columns[field.name], normal


_NORMAL = dict(_normal_forms())
