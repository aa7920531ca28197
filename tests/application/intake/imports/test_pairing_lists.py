"""Lists of pairs: a line for a carer with several children, or for a child with several carers."""

import io
from collections.abc import Sequence

import pytest
from openpyxl import Workbook

from application.intake.imports.answers import Answer
from application.system import System
from domain.child import fold
from domain.refusal import Invalid
from tests.application.papers import COLUMNS, ROW, form, take_roster, why

UNPAIRED = {"结对帮扶人": "", "结对类型": "", "结对日期": ""}
CHILDREN = [
    UNPAIRED | {"学籍号": f"T{n}", "姓名": name, "班级": group, "出生日期": f"2015-0{n}-01"}
    for n, (name, group) in enumerate([("王小明", "1班"), ("李小红", "1班"), ("石小川", "2班")], start=1)
]
PAIRS = (
    ("结对教师", "结对学生", "结对日期"),
    ("卢小佑", "王小明、李小红", "2026-03-02"),
    ("孙小青", "石小川", "2026-03-02"),
)
EACH = (
    ("序号", "帮扶对象", "班级", "结对教师", "结对日期"),
    ("1", "王小明", "3年级1班", "卢小佑、孙小青", "2026-03-02"),
    ("2", "石小川", "3年级2班", "孙小青", "2026-03-02"),
)


def book(*sheets: Sequence[Sequence[object]]) -> bytes:
    made, out = Workbook(), io.BytesIO()
    made.remove(made.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = made.create_sheet(f"表{number + 1}")
        for row in rows:
            sheet.append(list(row))
    made.save(out)
    return out.getvalue()


def carers(system: System, number: str) -> list[str]:
    (child_id,) = system.record.find(kind="student_no", word=number, scope="")
    child = fold(child_id, system.log.stream(child_id))
    names = system.carers.names([p.carer for p in child.pairings], counties=child.counties)
    assert {(p.kind.zh, p.start.isoformat()) for p in child.pairings} <= {("帮扶教师", "2026-03-02")}
    return sorted(names[p.carer] for p in child.pairings)


@pytest.mark.parametrize("together", [True, False])
def test_a_line_may_pair_a_carer_with_several_children(system: System, *, together: bool) -> None:
    roster = [COLUMNS, *([(ROW | row)[column] for column in COLUMNS] for row in CHILDREN)]
    if together:
        done = take_roster(system, book(roster, PAIRS))
    else:
        take_roster(system, book(roster))
        done = take_roster(system, book(PAIRS))

    again = take_roster(system, book(PAIRS))

    assert (why(done), why(again), again.completed) == ([], [], 0)
    assert [carers(system, f"T{n}") for n in (1, 2, 3)] == [["卢小佑"], ["卢小佑"], ["孙小青"]]
    lines = list(system.batches.every_line(system.batches.find(again.import_id)))
    assert [(each.line, each.sheet_row) for each in lines] == [(2, None), (3, None), (4, 2)]


def test_a_line_may_pair_a_child_with_several_carers(system: System) -> None:
    take_roster(system, form(*CHILDREN))

    done = take_roster(system, book(EACH))

    assert (why(done), done.completed) == ([], 2)
    assert [carers(system, f"T{n}") for n in (1, 2, 3)] == [["卢小佑", "孙小青"], [], ["孙小青"]]


def test_a_child_that_nobody_knows_is_asked_about_and_the_others_are_paired(system: System) -> None:
    take_roster(system, form(*CHILDREN))
    pairs = [PAIRS[0], ("卢小佑", "王小明 罗小诺", "2026-03-02")]

    done = take_roster(system, book(pairs))

    (refused,) = done.refused
    assert (refused.line, "born_unknown" in [each.code for each in refused.reasons]) == (2, True)
    assert carers(system, "T1") == ["卢小佑"]


UNDATED = [row[:2] for row in PAIRS]


@pytest.mark.parametrize("together", [True, False])
def test_a_list_without_days_pairs_nobody_until_somebody_says_since_when(
    system: System, *, together: bool
) -> None:
    roster = [COLUMNS, *([(ROW | row)[column] for column in COLUMNS] for row in CHILDREN)]
    if not together:
        take_roster(system, book(roster))
    data = book(roster, UNDATED) if together else book(UNDATED)

    asked = take_roster(system, data)

    assert [each.reason.code for each in asked.incomplete] == ["pairing_undated"] * 3
    assert [carers(system, f"T{n}") for n in (1, 2, 3)] == [[], [], []]
    if not together:
        answer = Answer(line=3, column="结对日期", word="2026.3.2")
        done = take_roster(system, data, answers=[answer])
        assert [each.reason.code for each in done.incomplete] == ["pairing_undated"] * 2
        assert [carers(system, f"T{n}") for n in (1, 2, 3)] == [[], [], ["孙小青"]]


def test_the_day_of_the_list_is_that_of_its_pairs(system: System) -> None:
    take_roster(system, form(*CHILDREN))

    done = take_roster(system, book([("填表日期：2026年3月2日",), *UNDATED]))

    assert (why(done), done.incomplete, done.differs, done.completed) == ([], (), (), 3)
    assert carers(system, "T3") == ["孙小青"]


def test_a_list_with_numbers_needs_no_day_of_enrolment_for_children_who_are_known(system: System) -> None:
    take_roster(system, form(*CHILDREN))
    rows = [("学籍号", "姓名", "结对教师"), ("T1", "王小明", "卢小佑"), ("T9", "罗小诺", "卢小佑")]

    done = take_roster(system, book(rows))

    assert [each.reason.code for each in done.incomplete] == ["pairing_undated"]
    (refused,) = done.refused
    assert "born_unknown" in [each.code for each in refused.reasons]


def test_a_day_that_is_none_is_no_answer(system: System) -> None:
    take_roster(system, form(*CHILDREN))

    with pytest.raises(Invalid) as refused:
        take_roster(system, book(UNDATED), answers=[Answer(line=3, column="结对日期", word="春天")])

    assert (refused.value.reason.code, refused.value.reason.zh[:5]) == ("inexact_day", "结对日期：")
