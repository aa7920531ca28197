"""What a paper means to the importer, as short lines that a table of a test can say."""

from typing import NamedTuple

from application.access import SYSTEM
from application.intake.imports.care_log import plan_care_log
from application.intake.imports.care_log_cells import COLUMNS, PaperCells
from application.intake.imports.care_log_form import read_care_log
from application.intake.imports.census import EntryOnPaper
from application.intake.imports.paper import Unreadable
from application.intake.imports.roster_form import ChildOnPaper, RosterRow, read_roster, understood
from application.system import System
from domain.effects import Effect
from domain.fields import Choice

Child = tuple[str, str, str, tuple[str, ...]]


class Line(NamedTuple):
    """A line of a log: `said` is what its columns say, `told` why it is given back."""

    name: str
    day: str
    word: str
    told: str | None
    said: tuple[str, ...]


def children_of(data: bytes) -> dict[str, Child | str]:
    """Return what each row of a list says, by the child's name; of a refused one the code of the reason."""
    return {row.cells.get("姓名") or str(row.line): child_of(row) for row in read_roster(data).rows}


def child_of(row: RosterRow) -> Child | str:
    """Return sex, birthday, class, and whatever else is recorded or asked."""
    try:
        child = understood(row)
    except Unreadable as refused:
        return refused.reason.code
    said = child.enrolment.values
    return said["sex"].zh, said["birth_date"].isoformat(), child.unit, tuple(_parts(child))


def _parts(child: ChildOnPaper) -> list[str]:
    found = [f"{column}={_word(value)}" for entry in child.entries for column, value in entry.by_column()]
    found += [_pairing(e) for e in child.depending if e.section.action.has(Effect.STARTS_PAIRING)]
    return found + [f"问={part.reason.code}" for part in child.not_read]


def _pairing(entry: EntryOnPaper) -> str:
    return f"结对={entry.values['carer']}:{entry.values['kind'].zh}"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.zh if isinstance(value, Choice) else str(value)


def lines_of(data: bytes, system: System, school: str) -> dict[int, Line]:
    """Return what each line of a log says, by its number; `told` is why a refused one is given back."""
    form = read_care_log(data)
    done = plan_care_log(data, org=school, registers=system.registers, actor=SYSTEM)
    refused = {(each.sheet, each.line): each.reason.code for each in done.refused}
    found: dict[int, Line] = {}
    for line in form.readable:
        place = form.places[line.line]
        told = refused.get((None, place.row)) or refused.get((place.sheet, place.row))
        said = dict(zip(COLUMNS, line.cells, strict=True))
        found[line.line] = Line(said["儿童姓名"], said["日期"], said["类型"], told, _said(line))
    for each in form.refused:
        found[each.line] = Line("", "", "", each.reason.code, ())
    return found


def _said(line: PaperCells) -> tuple[str, ...]:
    said = [
        f"{column.removesuffix('(分钟)')}={text}" for column, text in zip(COLUMNS, line.cells, strict=True)
    ]
    return (*said, *(f"内容={heading}：{text}" for heading, text in line.remarks))
