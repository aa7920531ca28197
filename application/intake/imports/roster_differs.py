"""Where a row of the form says something else than what is recorded of the child."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from application.intake.imports.census import Section
from application.intake.imports.roster_cells import CLASS, DEPENDING, ENROLMENT, GRADE, RosterRow
from application.intake.imports.roster_form import ChildOnPaper
from application.intake.papers.units import group_of, parted, unit_of
from application.intake.papers.words import normal, words
from domain.child import Child
from domain.effects import Effect
from domain.fields import Choice
from domain.normal import undotted


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A column of which a row says something else than the file; None is nothing."""

    column: str
    recorded: Any
    on_paper: Any


def differences(
    row: RosterRow, said: ChildOnPaper, child: Child, *, school: str, names: Mapping[UUID, str]
) -> tuple[Difference, ...]:
    """Return the columns, in the order of the form, whose cells differ from what is recorded.

    Columns that the form leaves out are not compared. `names` are those of the child's carers.
    """
    on_paper = dict(_on_paper(said))
    recorded = dict(_recorded(child, on_paper, school=school, names=names))
    return tuple(
        Difference(column=c, recorded=recorded.get(c), on_paper=on_paper.get(c))
        for c in row.cells
        if _normal(c, on_paper.get(c)) != _normal(c, recorded.get(c))
    )


def said_by_column(row: ChildOnPaper) -> dict[str, object]:
    """Return what a row says, by column, without what it leaves out."""
    return {column: value for column, value in _on_paper(row) if value not in (None, "")}


def said_otherwise(row: Mapping[str, object], above: Mapping[str, object]) -> frozenset[str]:
    """Return the columns of which both say something, and not the same."""
    both = row.keys() & above.keys()
    return frozenset(
        column for column in both if _normal(column, row[column]) != _normal(column, above[column])
    )


def in_words(value: object) -> str:
    """Write what is recorded or said as the form has it."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case Choice():
            return value.zh
        case date():
            return value.isoformat()
        case _:
            return str(value)


def pairing_meant(
    child: Child, said: Mapping[str, object], names: Mapping[UUID, str], section: Section
) -> int:
    """Return the place of the pairing that the form means, -1 where there is none.

    That is the one it speaks of, or else that with the same carer which runs, or the last one.
    """
    carer, day = section.columns["carer"], section.day_column
    alike = [
        place
        for place, pairing in enumerate(child.pairings)
        if undotted(names.get(pairing.carer, "")) == undotted(str(said.get(carer) or ""))
    ]
    for place in alike:
        pairing = child.pairings[place]
        if (pairing.kind, pairing.start) == (said.get(section.columns["kind"]), said.get(day or "")):
            return place
    running = [place for place in alike if child.pairings[place].event_id not in child.ended_pairings]
    return running[-1] if running else len(child.pairings) - 1


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
    """Go through the pairing that the form means; one that has ended since is still what it says of it."""
    place = pairing_meant(child, on_paper, names, section)
    if place >= 0:
        pairing = child.pairings[place]
        yield section.columns["carer"], names.get(pairing.carer, "")
        yield section.columns["kind"], pairing.kind
        if section.day_column is not None:
            yield section.day_column, pairing.start


def _by_column(section: Section, details: object, day: object) -> Iterator[tuple[str, object]]:
    for name, column in section.columns.items():
        yield column, getattr(details, name, None)
    if section.day_column is not None:
        yield section.day_column, day


def _unit(unit: str) -> Iterator[tuple[str, object]]:
    grade, _, group = unit.partition("/")
    if not group and (both := parted(grade)):
        grade, group = both
    yield GRADE, grade
    yield CLASS, group


def _normal(column: str, value: Any) -> Any:
    """Return what counts of a cell: of a number or a name its normal form, of a class which it is."""
    if not isinstance(value, str):
        return value
    return _NORMAL[column](value) if column in _NORMAL else value


def _relation(said: str) -> str:
    """Return the word for a relation that stands for all that mean it: 奶奶 is 祖母."""
    word = normal(said)
    return words().sheets["care_log"].people.get(word, word)


def _normal_forms() -> Iterator[tuple[str, Callable[[str], object]]]:
    for section in (ENROLMENT, *DEPENDING):
        for field, _ in section.fields:
            form = undotted if field.base is UUID else field.spec.normal
            if field.name == "relation":
                yield section.columns[field.name], _relation
            elif form is not None:
                yield section.columns[field.name], form
    # 3年级 is 三年级.
    yield GRADE, lambda said: unit_of(said) or said
    yield CLASS, group_of


_NORMAL: Mapping[str, Callable[[str], object]] = dict(_normal_forms())
