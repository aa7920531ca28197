"""Rows that leave out when a child was born or its sex: completed by the file of the one child they can mean.

Names alone enrol nobody. A row that names a child of its class, or has its number, speaks of that child; any
other is given back with what it needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from application.intake.imports.paper import proposing
from application.intake.imports.roster_cells import (
    BORN,
    CARER,
    CLASS,
    ENROLMENT,
    GRADE,
    NAME,
    NUMBER,
    PAIRED_ON,
    SEX,
    RosterRow,
)
from application.intake.imports.school import School
from application.intake.imports.school_people import Namesakes, OnFile
from application.intake.papers.units import class_said, same_unit
from domain.normal import undotted
from domain.refusal import Reason, Refused

NOBODY_MEANT = Reason(
    code="born_unknown",
    zh="没有填写，本班也没有这样一名已建档的儿童；补上出生日期或身份证号即可建档",
    en="Not given, and no child of this class is known by this name. Add the date of birth or the identity "
    "number to enrol it.",
)
SEVERAL_MEANT = Reason(
    code=NOBODY_MEANT.code,
    zh="没有填写，而同名的已建档儿童不止一名；请补上出生日期、身份证号或学籍号",
    en="Not given, and more than one child that is known has this name. Add the date of birth, the identity "
    "number or the student number.",
)
PAIRING_UNDATED = Reason(
    code="pairing_undated",
    zh="没有写从哪天起结对，未登记结对；请加一列“结对日期”，或在表上写明填表日期",
    en="Since when they are paired is not said, so the pairing was not recorded. Add a column for the day, "
    "or write the day of the list above it.",
)
_TOLD = (SEX, BORN)


def completed(rows: Sequence[RosterRow], school: School) -> tuple[RosterRow, ...]:
    """Return the rows, with sex and birthday of the children whom incomplete ones mean."""
    wanting = [row for row in rows if row.cells.get(NAME) and any(not row.says(column) for column in _TOLD)]
    if not wanting:
        return tuple(rows)
    numbered = school.on_file_by_number([row.cells[NUMBER] for row in wanting if row.cells.get(NUMBER)])
    named = school.named([row.cells[NAME] for row in wanting])
    said = {id(row) for row in wanting}
    full: dict[str, list[RosterRow]] = {}
    for row in rows:
        if id(row) not in said and row.cells.get(NAME):
            full.setdefault(undotted(row.cells[NAME]), []).append(row)
    new: dict[int, RosterRow] = {}
    for row in wanting:
        meant = _meant(row, numbered, named[row.cells[NAME]])
        there = _in_file(row, full.get(undotted(row.cells[NAME]), ())) if not meant else None
        new[id(row)] = _completed(row, meant, school) if there is None else there
    return tuple(new.get(id(row), row) for row in rows)


def _in_file(row: RosterRow, rows: Sequence[RosterRow]) -> RosterRow | None:
    """Return a row as one of another sheet completes it, which alone may be of its child; None of none."""
    said = _class_of(row)
    there = [
        each
        for each in rows
        if (not said or not _class_of(each) or same_unit(said, _class_of(each)))
        and all(not row.says(c) or row.cells.get(c) == each.cells.get(c) for c in (*_TOLD, NUMBER))
    ]
    if len(there) != 1:
        return None
    day = ENROLMENT.day_column
    columns = (*_TOLD, NUMBER, GRADE, CLASS, *([day] if day else []))
    told = {c: there[0].cells.get(c, "") for c in columns if not row.says(c) and there[0].cells.get(c)}
    return _filled_in(row, told)


def _meant(
    row: RosterRow, numbered: Mapping[str, Sequence[OnFile]], named: Namesakes | Refused
) -> list[OnFile]:
    """Return the children whom a row may mean: by its number, or those of its class who have none."""
    number = row.cells.get(NUMBER)
    if number and numbered[number]:
        return [each for each in numbered[number] if _agrees(row, each)]
    if isinstance(named, Refused):
        return []
    ids = named.meant(_class_of(row), None)
    there = [each for each in named.children if each.child_id in ids and _agrees(row, each)]
    return [each for each in there if not number or (each.person and each.person.student_no is None)]


def _class_of(row: RosterRow) -> str:
    return class_said(row.cells.get(GRADE, ""), row.cells.get(CLASS, ""))


def _agrees(row: RosterRow, on_file: OnFile) -> bool:
    """Return whether a file says whatever the row says of who the child is."""
    person = on_file.person
    if person is None or undotted(person.name) != undotted(row.cells[NAME]):
        return False
    known = {SEX: person.sex.zh, BORN: person.birth_date.isoformat()}
    return all(not row.says(column) or row.cells.get(column) == text for column, text in known.items())


def _completed(row: RosterRow, meant: Sequence[OnFile], school: School) -> RosterRow:
    if len(meant) != 1 or (person := meant[0].person) is None:
        blank = [column for column in _TOLD if not row.says(column)]
        why = (
            SEVERAL_MEANT if meant else proposing(NOBODY_MEANT, school.near(row.cells[NAME], _class_of(row)))
        )
        return replace(row, faults={**row.faults, blank[-1]: why})
    known = {SEX: person.sex.zh, BORN: person.birth_date.isoformat()}
    if ENROLMENT.day_column is not None:
        known[ENROLMENT.day_column] = meant[0].moves[0].day.isoformat()
    added = {column: text for column, text in known.items() if not row.says(column)}
    return _filled_in(row, added)


def _filled_in(row: RosterRow, added: Mapping[str, str]) -> RosterRow:
    """Return a row with what is known of its child; the day of its file is none on which it was paired."""
    faults = dict(row.faults)
    if ENROLMENT.day_column in added and row.says(CARER) and PAIRED_ON not in row.cells:
        faults[PAIRED_ON] = PAIRING_UNDATED
        added = {**added, PAIRED_ON: ""}
    return replace(row, cells={**row.cells, **added}, faults=faults)
