"""Papers that were made for this: each is read to the record, and of none is a cell or a child lost."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from application.access import SYSTEM
from application.children.listing import ChildFilter
from application.intake.imports.care_log import import_care_log
from application.intake.imports.care_log_entries import LogLines
from application.intake.imports.care_log_form import KIND as CARE_LOG
from application.intake.imports.care_log_reader import LogReader
from application.intake.imports.desk import DryRun
from application.intake.imports.paper import Unreadable
from application.intake.imports.roster import import_roster
from application.intake.imports.roster_cells import KIND as ROSTER
from application.intake.imports.roster_cells import RowReader
from application.intake.imports.roster_form import understood
from application.intake.imports.school import School
from application.intake.papers.finding import Table, tables_in
from application.intake.papers.table_rows import Place, TableRow, cell_at
from application.intake.papers.words import Role, words
from application.intake.sheets.cell import EMPTY, Cell
from application.intake.sheets.reading import read_sheets
from application.system import System
from domain.refusal import Refused
from tests.papers.logs import CHILDREN, LOGS
from tests.papers.reading import children_of, lines_of
from tests.papers.rosters import ROSTERS
from tests.papers.schools import SchoolPapers, schools
from tests.papers.writers import WRITERS, expected_of
from tests.support.systems import StandingClock, fresh_system

CASES = Path(__file__).parents[3] / "papers"
SCHOOL = "某县/某镇/某小学"
CANARY = Cell("金丝雀")
# What other cells of the row, the title or the sheet say too.
SAID_TWICE = {"性别", "出生日期", "建档日期", "年级", "结果", "类型", "父亲是否外出务工", "母亲是否外出务工"}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Return a system with the children of the logs, to which nothing else is written."""
    clock = StandingClock(datetime(2026, 11, 28, 4, tzinfo=UTC))
    with fresh_system(tmp_path_factory.mktemp("papers"), clock=clock) as system:
        for data in (WRITERS["xlsx"](CHILDREN), (CASES / "r00_control.xlsx").read_bytes()):
            import_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)
        yield system


@pytest.mark.parametrize(
    ("title", "how"), [(title, how) for title, made in ROSTERS.items() for how in made.formats.split()]
)
def test_a_list_of_children_is_read_to_the_record(title: str, how: str) -> None:
    made = ROSTERS[title]

    found = children_of(WRITERS[how](made.paper))

    refused = {name: said for name, said in found.items() if isinstance(said, str)}
    assert refused == {line[0]: line[1] for line in expected_of(made.refused)}
    assert set(found) - set(refused) == {line[0] for line in expected_of(made.means)}
    for name, sex, born, unit, *more in expected_of(made.means):
        said = found[name]
        assert said[:3] == (sex, born, unit)
        assert all(_is_said(part, said[3]) for part in more if part), (name, said[3])


@pytest.mark.parametrize(
    ("title", "how"), [(title, how) for title, made in LOGS.items() for how in made.formats.split()]
)
def test_a_record_of_care_is_read_to_the_record(system: System, title: str, how: str) -> None:
    made = LOGS[title]

    found = lines_of(WRITERS[how](made.paper), system, SCHOOL)

    taken = [line for line in found.values() if line.told is None]
    assert [(line.name, line.told) for line in found.values() if line.told] == [*expected_of(made.refused)]
    means = expected_of(made.means)
    assert [line[:3] for line in taken] == [line[:3] for line in means]
    for line, (*_, said) in zip(means, taken, strict=True):
        assert all(_is_said(part, said) for part in line[3:]), said


def _is_said(part: str, said: tuple[str, ...]) -> bool:
    """Return whether a part is among what is said; of words that are kept a piece is enough."""
    column, _, text = part.partition("=")
    kept = column in ("备注", "内容")
    return any(each == part or (kept and each.startswith(f"{column}=") and text in each) for each in said)


def papers() -> Iterator[tuple[str, bytes]]:
    """Go through every paper there is."""
    for title, made in {**ROSTERS, **LOGS}.items():
        yield title, WRITERS[made.formats.split()[0]](made.paper)
    for path in sorted(CASES.iterdir()):
        if path.is_file() and path.suffix != ".py":
            yield path.name, path.read_bytes()


def test_no_cell_under_a_heading_that_is_known_is_dropped_in_silence(system: System) -> None:
    """Whatever stands in another cell, what is recorded or told of its line is another."""
    looked_at = 0
    school = School(SCHOOL, registers=system.registers, desk=DryRun(system.registers), actor=SYSTEM)
    log = LogLines(school, registers=system.registers, words=words().sheets[CARE_LOG])
    for name, data in papers():
        for kind in (ROSTER, CARE_LOG):
            for table in _tables(data, kind):
                try:
                    outcome = _of_roster(table) if kind == ROSTER else _of_log(table, log)
                except Refused:
                    # The whole file is refused, and the columns are named.
                    continue
                for row in table.rows:
                    for place in table.places:
                        looked_at += _is_looked_at(row, place)
                        assert _counts(outcome, row, place), (name, table.sheet.line(row.row), place.said)
    assert looked_at > 2_000


Outcome = Callable[[TableRow], tuple[object, frozenset[str]]]


def _tables(data: bytes, kind: str) -> list[Table]:
    try:
        found, _ = tables_in(read_sheets(data), kind=kind, words=words())
    except Refused:
        return []
    return [table for _, _, there in found for table in there]


def _is_looked_at(row: TableRow, place: Place) -> bool:
    heading = place.heading
    passed = heading is None or heading.role in (Role.PASSED, Role.WHO)
    return not passed and not cell_at(row.cells, place.column).blank


def _counts(outcome: Outcome, row: TableRow, place: Place) -> bool:
    """Return whether it makes a difference what stands in a cell, or its column is named as not recorded."""
    if not _is_looked_at(row, place):
        return True
    assert place.heading is not None
    column, text = place.heading.column, cell_at(row.cells, place.column).text
    said, named = outcome(row)
    if column in named:
        return True
    others = [CANARY]
    if column not in SAID_TWICE and not words().says("empty", text):
        others.append(EMPTY)
    return all(outcome(_with(row, place.column, other))[0] != said for other in others)


def _with(row: TableRow, column: int, cell: Cell) -> TableRow:
    return replace(row, cells=[cell if n == column else each for n, each in enumerate(row.cells)])


def _of_roster(table: Table) -> Outcome:
    reader = RowReader(table=table, all_words=words(), filed=table.filed_on or Cell("2026-03-01"))

    def outcome(row: TableRow) -> tuple[object, frozenset[str]]:
        read = reader.row(row)
        try:
            child = understood(read)
        except Unreadable:
            # Refused as a whole: the row is given back with all of its cells.
            return object(), frozenset()
        told = frozenset(column for part in child.not_read for column in part.columns)
        return (child.entries, child.unit, child.not_read), told

    return outcome


def _of_log(table: Table, log: LogLines) -> Outcome:
    reader = LogReader(table, words())

    def outcome(row: TableRow) -> tuple[object, frozenset[str]]:
        try:
            line = reader.line(row, 1)
            return (
                log.new_event(line, event_id=uuid.UUID(int=1)),
                line["学籍号"],
                line["儿童姓名"],
            ), frozenset()
        except (Unreadable, Refused):
            return object(), frozenset()

    return outcome


def test_no_child_is_left_out_without_being_named() -> None:
    for title, made in ROSTERS.items():
        names = {line[0] for line in (*expected_of(made.means), *expected_of(made.refused))}
        for how in made.formats.split():
            assert set(children_of(WRITERS[how](made.paper))) == names, (title, how)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path, clock=StandingClock(datetime(2026, 11, 28, 4, tzinfo=UTC))) as system:
        yield system


@pytest.mark.parametrize("papers", [*schools()], ids=lambda each: each.org.rpartition("/")[2])
def test_a_whole_school_comes_in_with_the_figures_that_it_was_made_with(
    empty: System, papers: SchoolPapers
) -> None:
    registers = empty.registers

    roster = import_roster(papers.roster, org=papers.org, registers=registers, actor=SYSTEM)
    log = import_care_log(papers.log, org=papers.org, registers=registers, actor=SYSTEM)

    refused = Counter(each.reason.code for each in (*roster.refused, *log.refused))
    assert refused == papers.refused
    assert (roster.enrolled, len(roster.incomplete)) == (papers.children, papers.asked)
    events = Counter(type(event.details).TYPE for event in empty.log.after(0, limit=5_000))
    assert events["carer_registered"] == papers.carers
    assert events["pairing_started"] == papers.pairings
    assert {word: events[word] for word in papers.entries} == papers.entries
    listed = empty.children.page(ChildFilter(), actor=SYSTEM, org=papers.org).items
    assert len(listed) == papers.children

    again = import_care_log(papers.log, org=papers.org, registers=registers, actor=SYSTEM)

    assert again.recorded == 0
