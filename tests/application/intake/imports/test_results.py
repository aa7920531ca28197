"""What became of the lines of a paper is kept, and read again as of any batch: ids, codes and places."""

import io
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from openpyxl import Workbook

from application.access import SYSTEM
from application.intake.batch_lines import BatchLine
from application.intake.batches import Batch
from application.intake.imports import roster
from application.system import System
from domain.child import fold
from domain.refusal import Conflict
from tests.application.papers import COLUMNS, ROW, SCHOOL, form, log, take_log, take_roster, why

CANARY = "金丝雀"
UNPAIRED = {"结对帮扶人": "", "结对类型": "", "结对日期": ""}


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


def kept(system: System, import_id: UUID) -> tuple[Batch, list[BatchLine]]:
    batch = system.batches.find(import_id)
    return batch, list(system.batches.every_line(batch))


def told(lines: Sequence[BatchLine]) -> list[tuple[object, ...]]:
    return [(e.line, e.status, e.state, *(fault.reason.code for fault in e.faults)) for e in lines]


def child_of(system: System, number: str) -> UUID:
    (child,) = system.record.find(kind="student_no", word=number, scope="")
    return child


def workbook(sheets: dict[str, Sequence[dict[str, Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(list(COLUMNS))
        for row in rows:
            sheet.append([(ROW | row).get(column) for column in COLUMNS])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_what_became_of_each_row_of_a_roster_is_kept(system: System) -> None:
    take_roster(system, form({"监护人姓名": "", "与儿童关系": "", "监护人电话": "", "监护人住址": ""}))
    rows = (
        {"现居住地址": "西河村"},
        {"学籍号": "T2"},
        {"学籍号": "T3", "性别": "?"},
        {"学籍号": "T4", "结对日期": "?"},
    )
    done = take_roster(system, form(*rows, {"学籍号": "T1", "姓名": "别人家"}))
    again = take_roster(system, form(*rows, title=False))

    batch, lines = kept(system, done.import_id)
    assert (batch.source, batch.state, batch.lines, batch.undone_at) == ("roster", "complete", 5, None)
    assert told(lines) == [
        (3, 201, "recorded", "differs_from_recorded"),
        (4, 201, "recorded", "may_be_double"),
        (5, 422, "refused", "unknown_word"),
        (6, 201, "recorded", "bad_date", "may_be_double"),
        (7, 422, "refused", "number_taken"),
    ]
    assert "现居住地址" in lines[0].faults[0].reason.zh
    assert [line.child_id for line in lines] == [
        child_of(system, "T1"),
        child_of(system, "T2"),
        None,
        child_of(system, "T4"),
        None,
    ]
    first = system.log.stream(child_of(system, "T2"))[0]
    assert (lines[1].event_id, lines[1].version, lines[1].position) == (first.event_id, 1, first.position)
    assert told(kept(system, again.import_id)[1])[:2] == [
        (2, 200, "already_recorded", "differs_from_recorded"),
        (3, 200, "already_recorded"),
    ]


def test_rows_of_several_sheets_are_told_apart_without_the_names_of_the_sheets(system: System) -> None:
    first = [{"学籍号": "A"}, {"学籍号": "B"}]
    data = workbook({CANARY: first, "二班": [{"学籍号": "C"}, {"学籍号": "D", "性别": "?"}]})

    done = take_roster(system, data)

    _, lines = kept(system, done.import_id)
    assert [(e.line, e.sheet, e.sheet_row, e.state) for e in lines] == [
        (2, 1, 2, "recorded"),
        (3, 1, 3, "recorded"),
        (5, 2, 2, "recorded"),
        (6, 2, 3, "refused"),
    ]
    assert CANARY not in repr(system.database.all("SELECT * FROM batch_line"))


def test_what_became_of_each_line_of_a_log_is_kept(system: System) -> None:
    take_roster(system, form({}))
    again = {"日期": "2026/3/5"}
    bad = [{"类型": "打麻将"}, {"学籍号": "T9"}, {}, {"日期": "2026-13-01"}, {"学籍号": "", "儿童姓名": ""}]
    done = take_log(system, log({}, *bad))

    batch, lines = kept(system, done.import_id)
    assert (batch.source, batch.state, batch.lines) == ("care_log", "complete", 6)
    assert told(lines) == [
        (2, 201, "recorded"),
        (3, 422, "refused", "unknown_type"),
        (4, 404, "refused", "unknown_child"),
        (5, 200, "already_recorded"),
        (6, 422, "refused", "bad_date"),
        (7, 422, "refused", "missing"),
    ]
    visit = system.log.stream(child_of(system, "T1"))[-1]
    assert (lines[0].event_id, lines[0].child_id) == (visit.event_id, visit.originator_id)
    _, spelled = kept(system, take_log(system, log(again)).import_id)
    assert [(e.state, e.event_id, e.position) for e in spelled] == [
        ("already_recorded", visit.event_id, visit.position)
    ]


def test_what_is_kept_holds_nothing_that_stands_in_the_paper(system: System) -> None:
    take_roster(system, form({}))
    columns = ("日期", "时间", "学籍号", "类型", "记录人", "对象")
    take_log(system, log(*({column: CANARY} for column in columns)))
    take_roster(system, form({"学籍号": "T2", "性别": CANARY}, {"学籍号": "T3", "结对日期": CANARY}))

    assert CANARY not in repr(system.database.all("SELECT * FROM batch_line"))
    assert CANARY not in repr(system.database.all("SELECT * FROM batch"))


def test_an_import_that_is_gone_on_with_says_what_the_last_run_met(system: System) -> None:
    # Once: a workbook tells when it was written.
    data = form(*({"学籍号": f"T{n}"} | UNPAIRED for n in range(45)))

    def interrupt(done: int, _total: int) -> None:
        if done == 41:
            raise Interrupted

    with pytest.raises(Interrupted):
        take_roster(system, data, progress=interrupt)
    (cut,) = [row["batch_id"] for row in system.database.all("SELECT batch_id FROM batch")]
    before, lines = kept(system, cut)
    assert (before.state, before.lines, len(lines)) == ("cut", 45, 45)

    done = take_roster(system, data)

    after, lines = kept(system, done.import_id)
    assert (done.import_id, after.state, done.enrolled) == (cut, "complete", 45)
    assert after.counts == {"recorded": 45, "already_recorded": 0, "quarantined": 0, "refused": 0}
    assert {line.status for line in lines} == {201}


def test_of_a_log_that_was_interrupted_lines_typed_twice_are_told_from_those_recorded(system: System) -> None:
    take_roster(system, form({}))
    data = log({}, {"日期": "2026-03-06"}, {})
    paper = partial(take_log, system, data)

    def interrupt(done: int, _total: int) -> None:
        if done:
            raise Interrupted

    with pytest.raises(Interrupted):
        paper(progress=interrupt)
    done, later = paper(), paper()

    assert (done.recorded, done.already_recorded) == (2, 1)
    assert told(kept(system, done.import_id)[1]) == [
        (2, 201, "recorded"),
        (3, 201, "recorded"),
        (4, 200, "already_recorded"),
    ]
    assert (later.recorded, later.already_recorded) == (0, 3)


def test_an_import_whose_process_was_killed_is_gone_on_with(system: System) -> None:
    data = form({})
    killed = system.batches.begin_paper(
        source="roster", org=SCHOOL, file_sha256=sha256(data).hexdigest(), actor=SYSTEM
    )

    done = take_roster(system, data)
    again = take_roster(system, data)

    assert (done.import_id, kept(system, done.import_id)[0].state) == (killed.batch_id, "complete")
    assert (again.import_id == done.import_id, again.already_recorded) == (False, 1)


def test_of_two_imports_of_the_same_file_the_later_one_goes_on(system: System) -> None:
    data = form(*({"学籍号": f"T{n}"} for n in range(25)))
    later: list[Any] = []

    def meanwhile(done: int, _total: int) -> None:
        if not later:
            later.append(take_roster(system, data))

    with pytest.raises(Conflict) as refused:
        take_roster(system, data, progress=meanwhile)

    assert refused.value.reason.code == "batch_sent_again"
    assert later[0].enrolled + later[0].already_recorded == 25
    assert kept(system, later[0].import_id)[0].state == "complete"


def test_two_rows_of_one_number_see_each_other_however_it_is_spelled(system: System) -> None:
    moved, other = {"学籍号": "t1", "现居住地址": "西河村"}, {"学籍号": "T1", "姓名": "别人家"}
    done = take_roster(system, form({"学籍号": "Ｔ１"}, moved, other))

    assert (done.enrolled, done.differs) == (1, ())
    assert [each.reason.code for each in done.incomplete] == ["rows_disagree"]
    assert why(done) == [(5, "number_taken")]


def test_one_row_that_is_refused_by_the_store_takes_no_other_with_it(system: System) -> None:
    same = {"身份证号": "11010519491231002X"}
    rows = [{"学籍号": f"T{n}", "结对帮扶人": f"师{n}"} | (same if n in (2, 5) else {}) for n in range(8)]
    done = take_roster(system, form(*rows))

    assert (done.enrolled, why(done)) == (7, [(8, "number_taken")])
    assert len([e for e in kept(system, done.import_id)[1] if e.state == "recorded"]) == 7


def test_a_carer_fills_up_within_a_portion_as_row_by_row(system: System) -> None:
    rows = [{"学籍号": f"T{n}", "结对类型": "关爱监督员"} for n in range(12)]
    together = take_roster(system, form(*rows))

    children = [fold(i, system.log.stream(i)) for i in (child_of(system, f"T{n}") for n in range(12))]
    paired = sum(len(child.pairings) for child in children)
    assert (together.enrolled, paired + len(together.incomplete)) == (12, 12)


@pytest.mark.parametrize("size", [1, 3, 20])
def test_the_size_of_a_portion_changes_nothing(
    system: System, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "ROWS_AT_ONCE", size)

    done, again = take_roster(system), take_roster(system)

    assert (done.enrolled, done.already_recorded, len(done.refused)) == (54, 1, 2)
    assert (again.enrolled, again.already_recorded, again.differs) == (0, 55, ())


def test_a_child_whose_key_is_missing_holds_up_no_other(system: System) -> None:
    rows = [{"学籍号": f"T{n}"} | UNPAIRED for n in range(4)]
    take_roster(system, form(*rows[:3]))
    with system.keys_database.transaction() as tx:
        tx.run("DELETE FROM stream_key WHERE stream_id = :id", id=child_of(system, "T1"))

    done = take_roster(system, form(*rows))

    assert (done.enrolled, done.already_recorded, why(done)) == (1, 2, [(4, "keys_missing")])
    assert [e.status for e in kept(system, done.import_id)[1]] == [200, 503, 200, 201]


def test_an_import_is_of_the_operator_and_of_no_key_that_is_called_so(system: System) -> None:
    done = take_roster(system, form({}))

    batch = system.batches.find(done.import_id)

    assert (batch.actor, batch.principal) == (SYSTEM.name, None)
